"""Changes to a VC-JWT: header, payload and signature, and the alphabet they are written in.

Every function returns another token, or None when there is nothing to change.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from refolio.credential.jwk import EcPrivateKey
from tests.credential.acme import ACME, MALLORY
from tests.drills.places import Document, altered, of_another_type
from tests.drills.specimens import EC_KEYS, Specimen, key_id
from tests.drills.spellings import bytes_changed, escaped, members_reordered, name_doubled, number_respelled, spaced

_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # the order of the curve
ALGORITHMS: tuple[Any, ...] = (
    "none",
    "None",
    "NONE",
    "nOnE",
    "",
    "HS256",
    "HS512",
    "RS256",
    "PS256",
    "ES384",
    "ES512",
)
ALGORITHMS += ("EdDSA", "Ed25519", "ES256K", "es256", "ES256 ", ["ES256"], None, 256, {"": "ES256"})
MALLORYS_KEY = EC_KEYS[MALLORY.did].public.jwk
EXTRA: tuple[tuple[str, Any], ...] = (
    ("jwk", MALLORYS_KEY),
    ("jwk", {"kty": "oct", "k": "AAAA"}),
    ("jwk", "x"),
    ("jku", "https://evil.example/keys"),
    ("x5u", "https://evil.example/cert"),
    ("x5c", ["MIIB"]),
    ("x5t", "AAAA"),
    ("crit", ["exp"]),
    ("crit", []),
    ("crit", ["b64"]),
    ("b64", False),
    ("b64", True),
    ("zip", "DEF"),
    ("epk", MALLORYS_KEY),
    ("enc", "A128GCM"),
    ("note", "x"),
    ("iss", ACME.did),
    ("proof", {}),
)
KIDS: tuple[Any, ...] = ("#jwt", "jwt", "../../etc/passwd", "' OR 1=1 --", "https://evil.example/key", "", None, 1, [])
KIDS += (
    key_id(MALLORY.did),
    MALLORY.method,
    ACME.method,
    ACME.did,
    f"{ACME.did}#",
    [key_id(ACME.did)],
    f"{key_id(ACME.did)}#",
)
MEDIA = ("at+jwt", "webhook+jwt", "session", "vp+jwt", "JWS", "secevent+jwt", "vc+sd-jwt", "", "JOSE", 1, None)


def encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def parts(token: bytes) -> tuple[bytes, bytes, bytes]:
    header, payload, signature = token.split(b".")
    return header, payload, signature


def with_payload(token: bytes, payload: bytes) -> bytes:
    """The token with another payload under the old signature."""
    header, _, signature = parts(token)
    return b".".join((header, encode(payload), signature))


def header_of(token: bytes) -> Document:
    found: Document = json.loads(decode(parts(token)[0]))
    return found


def joined(header: bytes, payload: bytes, key: EcPrivateKey) -> bytes:
    signing_input = encode(header) + b"." + encode(payload)
    return signing_input + b"." + encode(key.sign(signing_input))


def key_of(specimen: Specimen) -> EcPrivateKey:
    return EC_KEYS[specimen.signer.did]


def header_changed(rng: Random, specimen: Specimen) -> bytes | None:
    """A header member changed, cut, added or retyped under the old signature (SEC-050 to 053, 057)."""
    header, (_, payload, signature) = header_of(specimen.raw), parts(specimen.raw)
    choice = rng.randrange(7)
    if choice == 0:
        header["alg"] = rng.choice(ALGORITHMS)
    elif choice == 1:
        header["kid"] = rng.choice(KIDS)
    elif choice == 2:
        header.update([rng.choice(EXTRA)])
    elif choice == 3:
        header[rng.choice(["typ", "cty"])] = rng.choice(MEDIA)
    elif choice == 4:
        del header[rng.choice(list(header))]
    elif choice == 5:
        name = rng.choice(list(header))
        header[name] = rng.choice([altered(rng, header[name]), of_another_type(rng, header[name])])
    else:
        return b".".join((encode(rng.choice([spaced, escaped, name_doubled])(rng, header)), payload, signature))
    return b".".join((encode(json.dumps(header).encode()), payload, signature))


def payload_respelled(rng: Random, specimen: Specimen) -> bytes:
    """The same claims in another spelling, or with a name doubled: other bytes than the signed ones (SEC-054)."""
    respell: Callable[[Random, Document], bytes]
    respell = rng.choice([spaced, escaped, members_reordered, name_doubled, number_respelled])
    return with_payload(specimen.raw, respell(rng, specimen.document))


def signature_changed(rng: Random, specimen: Specimen) -> bytes:
    """Bits flipped, zeros, halves swapped, another encoding of r and s, the group order added (SEC-050)."""
    header, payload, text = parts(specimen.raw)
    raw = decode(text)
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    options = [(int.from_bytes(raw) ^ (1 << rng.randrange(512))).to_bytes(64)] * 5
    options += [b"", bytes(64), raw[:32] + bytes(32), bytes(32) + raw[32:], raw[32:] + raw[:32], raw[:63], raw + b"\0"]
    options += [
        encode_dss_signature(r, s),
        b"\0" + raw[:32] + b"\0" + raw[32:],
        raw[::-1],
        raw[:32],
        b"\1" * 64,
        raw * 2,
    ]
    options += [
        _P256.to_bytes(32) + raw[32:],
        raw[:32] + _P256.to_bytes(32),
        (1).to_bytes(32) * 2,
        bytes(31) + b"\1" + raw[32:],
    ]
    if r + _P256 < 2**256:
        options.append((r + _P256).to_bytes(32) + raw[32:])
    return b".".join((header, payload, encode(rng.choice(options))))


def other_half(rng: Random, specimen: Specimen) -> bytes:
    """n − s instead of s: of ECDSA both are signatures over the same bytes, and no standard of JOSE forbids either."""
    header, payload, text = parts(specimen.raw)
    raw = decode(text)
    return b".".join((header, payload, encode(raw[:32] + (_P256 - int.from_bytes(raw[32:])).to_bytes(32))))


def loosely_encoded(rng: Random, specimen: Specimen) -> bytes:
    """Padding, the other alphabet, white space, spare bits, percent-encoding (SEC-055)."""
    found = list(parts(specimen.raw))
    which = rng.randrange(3)
    text = found[which]
    place = rng.randrange(len(text) + 1)
    inside = min(max(place, 1), len(text) - 1)  # white space around a whole token is allowed
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = text[:-1] + bytes([alphabet[alphabet.index(text[-1]) ^ rng.choice([1, 2, 3])]])
    options = [
        text + b"=" * rng.randrange(1, 4),
        text[:inside] + rng.choice([b"\n", b" ", b"\t", b"\r\n", b"\0"]) + text[inside:],
    ]
    options += [
        text.translate(bytes.maketrans(b"-_", b"+/")),
        spare,
        text + b"A",
        text[:-1],
        text[:place] + b"%" + text[place:],
    ]
    options += [
        base64.b64encode(decode(text)),
        text[:place] + b"!" + text[place:],
        b"u" + text,
        text.swapcase(),
        text + b"%3D",
    ]
    found[which] = rng.choice([option for option in options if option != text] or [text + b"="])
    return b".".join(found)


def segments(rng: Random, specimen: Specimen, donor: Specimen) -> bytes | None:
    """Parts doubled, dropped, swapped, exchanged with those of another token; the JSON serialisation (SEC-058)."""
    header, payload, signature = parts(specimen.raw)
    theirs = parts(donor.raw)
    both = {
        "payload": payload.decode(),
        "signatures": [{"protected": header.decode(), "signature": signature.decode()}],
    }
    flat = {"payload": payload.decode(), "protected": header.decode(), "signature": signature.decode()}
    options = [
        b".".join((theirs[0], payload, signature)) if theirs[0] != header else b"",
        b".".join((header, theirs[1], signature)),
        b".".join((header, payload, theirs[2])),
        b".".join((header, theirs[1], theirs[2][:-1])),
        b".".join((payload, header, signature)),
        b".".join((header, payload)),
        b".".join((header, payload, b"")),
        b".".join((header, b"", signature)),
        b".".join((header, payload, signature, signature)),
        b".".join((header, payload, signature, b"", b"")),
        b".".join((header, payload, signature)) + b".",
        b"." + specimen.raw,
        specimen.raw + b"~",
        specimen.raw + specimen.raw,
        specimen.raw + b" " + donor.raw,
        json.dumps(both).encode(),
        json.dumps(flat).encode(),
        json.dumps(specimen.raw.decode()).encode(),
        b"Bearer " + specimen.raw,
        specimen.raw.replace(b".", b","),
        b"\xef\xbb\xbf" + specimen.raw,
    ]
    return rng.choice(options) or None


def any_byte(rng: Random, specimen: Specimen) -> bytes:
    return bytes_changed(rng, specimen.raw)

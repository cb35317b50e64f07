"""Tokens made to deceive: by Acme itself over claims that contradict each other, by strangers, by nobody.

Every function returns a token, or None when there is nothing to forge.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from random import Random
from typing import Any

from tests.credential.acme import ACME, MALLORY
from tests.drills.places import copied, places
from tests.drills.specimens import EC_KEYS, Specimen, key_id
from tests.drills.spellings import name_doubled
from tests.drills.tokens import (
    ALGORITHMS,
    EXTRA,
    KIDS,
    MALLORYS_KEY,
    MEDIA,
    decode,
    encode,
    header_of,
    joined,
    key_of,
    parts,
)

# A jwk of the right type is compared with the key and never used; one of the wrong type is refused unread.
_FORBIDDEN = tuple(item for item in EXTRA if item[0] != "jwk" or isinstance(item[1], dict))
_STRANGE_KIDS = tuple(kid for kid in KIDS if kid not in ("#jwt", "jwt"))


def claim_conflict(rng: Random, specimen: Specimen) -> bytes | None:
    """Acme's own and sound signature over claims that contradict what they repeat (SEC-056)."""
    payload = copied(specimen.document)
    choice = rng.randrange(6)
    if choice == 0:
        payload["iss"] = rng.choice(
            [MALLORY.did, f"{payload['iss']}#", "", [payload["iss"]], None, 1, {"id": payload["iss"]}]
        )
    elif choice == 1:
        payload["jti"] = rng.choice(["urn:x:y", "", 1, [payload.get("id")], None])
    elif choice == 2:
        payload["sub"] = rng.choice(["did:key:zEvil", "", [], 1, None, payload["iss"]])
    elif choice == 3:
        payload["nbf"] = rng.choice(
            [payload["nbf"] + 1, payload["nbf"] - 1, 0, str(payload["nbf"]), None, True, 10**15]
        )
    elif choice == 4:
        payload["exp"] = rng.choice([payload["nbf"] - 1, 1, "never", None, False, 10**15, -(10**15), [1]])
    else:
        inner = {name: value for name, value in payload.items() if name not in ("iss", "sub", "jti", "nbf", "exp")}
        payload[rng.choice(["vc", "vp"])] = rng.choice([inner, {**inner, "name": "Forged"}, {}, None, "x"])
    header = json.dumps(header_of(specimen.raw)).encode()
    return joined(header, json.dumps(payload).encode(), key_of(specimen))


def forbidden_header(rng: Random, specimen: Specimen) -> bytes:
    """Acme's own and sound signature under a header that would change the meaning of the rest (SEC-050 to 053, 057)."""
    header = header_of(specimen.raw)
    choice = rng.randrange(4)
    if choice == 0:
        header.update([rng.choice(_FORBIDDEN)])
    elif choice == 1:
        header["alg"] = rng.choice(ALGORITHMS)
    elif choice == 2:
        header["typ"] = rng.choice(MEDIA)
    else:
        header["kid"] = rng.choice(_STRANGE_KIDS)
    spell = name_doubled if rng.random() < 0.1 else lambda _, members: json.dumps(members).encode()
    return joined(spell(rng, header), decode(parts(specimen.raw)[1]), key_of(specimen))


def unsigned(rng: Random, specimen: Specimen) -> bytes:
    """alg none in every spelling, with no signature, the old one, or one made of nothing (SEC-050)."""
    header = {**header_of(specimen.raw), "alg": rng.choice(ALGORITHMS[:4])}
    signature = rng.choice([b"", parts(specimen.raw)[2], encode(b"x"), encode(bytes(64))])
    return b".".join((encode(json.dumps(header).encode()), parts(specimen.raw)[1], signature))


def keyed_with_the_public_key(rng: Random, specimen: Specimen) -> bytes:
    """HMAC with the public key as its secret, which a verifier that believes alg would accept (SEC-051)."""
    public = key_of(specimen).public
    jwk = public.jwk
    x, y = decode(str(jwk["x"]).encode()), decode(str(jwk["y"]).encode())
    secrets = [
        json.dumps(jwk).encode(),
        x,
        x + y,
        b"\x04" + x + y,
        str(public.multikey).encode(),
        b"",
        public.thumbprint.encode(),
    ]
    name = rng.choice(["HS256", "HS384", "HS512"])
    header = encode(json.dumps({**header_of(specimen.raw), "alg": name}).encode())
    signing_input = header + b"." + parts(specimen.raw)[1]
    made = hmac.new(rng.choice(secrets), signing_input, getattr(hashlib, f"sha{name[2:]}")).digest()
    return signing_input + b"." + encode(made)


def by_a_stranger(rng: Random, specimen: Specimen) -> bytes:
    """Mallory's sound signature over Acme's badge, under either name, with or without the key inside it."""
    header, payload = header_of(specimen.raw), copied(specimen.document)
    header["kid"] = rng.choice(
        [
            header["kid"],
            key_id(MALLORY.did),
            f"{ACME.did}#mallory",
            f"did:jwk:{encode(json.dumps(MALLORYS_KEY).encode()).decode()}#0",
        ]
    )
    if rng.random() < 0.5:
        header["jwk"] = MALLORYS_KEY
    if rng.random() < 0.3:
        header.pop("kid")
    if rng.random() < 0.3:
        payload["iss"] = MALLORY.did
    return joined(json.dumps(header).encode(), json.dumps(payload).encode(), EC_KEYS[MALLORY.did])


def bad_proof_inside(rng: Random, specimen: Specimen) -> bytes:
    """Acme's own and sound token around a badge with a proof in it that does not hold (SEC-059)."""
    payload = copied(specimen.document)
    bare = {name: value for name, value in payload.items() if name not in ("iss", "sub", "jti", "nbf", "exp")}
    proof = ACME.proof(bare)
    other = ACME.proof({**bare, "name": "Another"})
    bad: list[Any] = [other, [proof, other], [], {}, None, "x", {**proof, "proofPurpose": "authentication"}, [[proof]]]
    bad += [{**proof, "proofValue": other["proofValue"]}, {**proof, "cryptosuite": "none"}, {**proof, "note": "x"}]
    payload["proof"] = rng.choice([*bad, MALLORY.proof({**bare, "name": "Another"})])
    return joined(json.dumps(header_of(specimen.raw)).encode(), json.dumps(payload).encode(), key_of(specimen))


def hidden_word(rng: Random, specimen: Specimen) -> bytes | None:
    """Acme's own signature over a payload with a word that nothing defines, or that holds no badge (SEC-015, 057)."""
    payload = copied(specimen.document)
    choice = rng.randrange(3)
    if choice == 0:
        del payload[rng.choice(["type", "@context", "issuer", "credentialSubject"])]
    elif choice == 1:
        place = rng.choice(
            [place for place in places(payload) if isinstance(place.value, dict) and "@value" not in place.value]
        )
        if "jsonSchema" in place.path:
            return None
        place.value[rng.choice(["note", "@foo", "__proto__", "grade"])] = "x"
    else:
        payload[rng.choice(["scope", "note", "azp", "events", "data", "cnonce"])] = "x"
    header = json.dumps(header_of(specimen.raw)).encode()
    return joined(header, json.dumps(payload).encode(), key_of(specimen))

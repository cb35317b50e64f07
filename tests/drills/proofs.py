"""Changes to a Data Integrity proof, and proofs made to deceive: the numbers are those of the catalogue of attacks.

Every function changes the secured document that it is given and says whether there was anything to change.
"""

from __future__ import annotations

import base64
from random import Random
from typing import Any

from refolio.credential import multibase
from refolio.errors import RefolioError
from tests.credential.acme import ACME, CREATED, JCS, MALLORY, RDFC
from tests.credential.edwards25519 import SMALL_ORDER, L
from tests.drills.places import Document, altered, copied, of_another_type

_SUITES = (RDFC, JCS, "eddsa-2022", "ecdsa-rdfc-2019", "bbs-2023", f"{RDFC} ", RDFC.upper(), "", "eddsa-rdfc-2019")
_TYPES = ("Ed25519Signature2020", "Ed25519Signature2018", "dataIntegrityProof", "JsonWebSignature2020", "Proof", "")
_PURPOSES = ("authentication", "keyAgreement", "capabilityInvocation", "assertionmethod", "AssertionMethod", "", "x")
_PURPOSES += ("https://w3id.org/security#assertionMethod", "sec:assertionMethod")
_MOMENTS = (
    "2026-09-18T12:30:16Z",
    "2099-01-01T00:00:00Z",
    "2026-09-18T12:30:15+00:00",
    "2026-09-18T12:30:15",
    "now",
    "",
)
_EXTRA: tuple[tuple[str, Any], ...] = (
    ("jws", "eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..c2ln"),
    ("publicKeyMultibase", ACME.key.public.multibase),
    ("publicKeyJwk", {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
    ("verificationMethods", [ACME.method]),
    ("controller", MALLORY.did),
    ("domain", "evil.example"),
    ("challenge", "1"),
    ("nonce", "x"),
    ("expires", "2099-01-01T00:00:00Z"),
    ("expires", "2026-09-19T00:00:00Z"),
    ("id", "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5"),
    ("previousProof", "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5"),
    ("proof", {}),
    ("@context", "https://w3id.org/security/data-integrity/v2"),
    ("@context", ["https://www.w3.org/ns/credentials/v2"]),
    ("capabilityChain", []),
    ("note", "x"),
    ("@foo", 1),
    ("@type", "DataIntegrityProof"),
    ("signatureValue", "c2ln"),
)


def _proofs(document: Document) -> list[Document]:
    proof = document["proof"]
    return proof if isinstance(proof, list) else [proof]


def member_changed(rng: Random, document: Document) -> bool:
    """One member of the proof changed, retyped, cut, swapped with another or renamed (SEC-028, 038)."""
    proof = rng.choice(_proofs(document))
    name = rng.choice(list(proof))
    choice = rng.randrange(5)
    if choice == 0:
        del proof[name]
    elif choice == 1:
        proof[name] = of_another_type(rng, proof[name])
    elif choice == 2 and isinstance(proof[name], str):
        proof[name] = altered(rng, proof[name])
    elif choice == 3:
        proof[rng.choice([f"@{name}", altered(rng, name), f"sec:{name}"])] = proof.pop(name)
    else:
        other = rng.choice(list(proof))
        if proof[name] == proof[other]:
            return False
        proof[name], proof[other] = proof[other], proof[name]
    return True


def purpose(rng: Random, document: Document) -> bool:
    """Made for something else (SEC-032)."""
    rng.choice(_proofs(document))["proofPurpose"] = rng.choice(
        [*_PURPOSES, ["assertionMethod", "authentication"], None]
    )
    return True


def moment(rng: Random, document: Document) -> bool:
    """Made or ending at another time (SEC-038)."""
    proof = rng.choice(_proofs(document))
    proof[rng.choice(["created", "created", "expires"])] = rng.choice([*_MOMENTS, [CREATED], 1_789_000_000, None])
    return True


def method(rng: Random, document: Document) -> bool:
    """Another key, or the same one named otherwise, embedded or relative (SEC-033, 035)."""
    proof = rng.choice(_proofs(document))
    id_ = proof["verificationMethod"]
    did, _, fragment = id_.partition("#")
    embedded = {"id": id_, "type": "Multikey", "controller": did, "publicKeyMultibase": MALLORY.key.public.multibase}
    others: list[Any] = [MALLORY.method, f"{did}#jwt", f"{did}#key-1", f"#{fragment}", did, fragment, f"{id_}#x", [id_]]
    others += [
        embedded,
        f"{did}#{MALLORY.key.public.multibase}",
        f"did:key:{fragment}#{fragment}",
        f"{did}?x#{fragment}",
    ]
    others += [f"did:key:{MALLORY.key.public.multibase}#{MALLORY.key.public.multibase}", {"id": id_}, id_.upper(), None]
    proof["verificationMethod"] = rng.choice(others)
    return True


def suite(rng: Random, document: Document) -> bool:
    """Another cryptosuite or type, known and unknown (SEC-037)."""
    proof = rng.choice(_proofs(document))
    name = rng.choice(["cryptosuite", "cryptosuite", "type"])
    was = proof.get(name)
    other = rng.choice([*(_SUITES if name == "cryptosuite" else _TYPES), [was], None, {"@value": was}])
    if other == was:
        return False
    proof[name] = other
    return True


def extra_member(rng: Random, document: Document) -> bool:
    """A member that some verifier might obey: a key, a second signature, a chain (SEC-031, 035, 039)."""
    proof = rng.choice(_proofs(document))
    name, value = rng.choice(_EXTRA)
    if proof.get(name) == value:
        return False
    proof[name] = copied(value)
    return True


def taken_away(rng: Random, document: Document) -> bool:
    """No proof, or nothing that is one (SEC-029)."""
    proof = document.pop("proof")
    nothing: list[Any] = [
        None,
        {},
        [],
        "",
        "x",
        0,
        True,
        [[]],
        [{}],
        [None],
        [[proof]],
        {"proof": proof},
        [proof, None],
    ]
    nothing += [{"type": "DataIntegrityProof"}, {"@id": "urn:x:y"}, [proof, {}], [proof, "x"], {"@value": "x"}, False]
    if rng.random() < 0.8:
        document["proof"] = rng.choice(nothing)
    else:
        document[rng.choice(["proofs", "Proof", "@proof", "sec:proof", "https://w3id.org/security#proof"])] = proof
    return True


def set_changed(rng: Random, document: Document, donor: Document) -> bool:
    """Another proof beside the good one or in its place: bogus, a stranger's, another badge's, doubled (SEC-030)."""
    mine = _proofs(document)
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    foreign = copied(rng.choice(_proofs(donor)))
    bogus = {**copied(rng.choice(mine)), "proofValue": multibase.encode(bytes([rng.randrange(1, 255)]) * 64)}
    strange = MALLORY.proof(unsigned, rng.choice([RDFC, JCS]))
    named = {**strange, "verificationMethod": ACME.method}
    unknown = {**copied(rng.choice(mine)), "cryptosuite": rng.choice(_SUITES[2:])}
    added = rng.choice([foreign, bogus, strange, named, unknown, copied(mine[0]), {}, None, "x"])
    document["proof"] = rng.choice(
        [[*mine, added], [added, *mine], [added], added, mine * 2, mine * 5, mine[::-1], mine[:1]]
    )
    return True


def value(rng: Random, document: Document) -> bool:
    """The bytes of the signature: a bit flipped, cut, longer, its halves swapped, nothing but zeros (SEC-040, 043)."""
    proof = rng.choice(_proofs(document))
    signature = _signature(proof)
    number, bit = int.from_bytes(signature), rng.randrange(512)
    options = [(number ^ (1 << bit)).to_bytes(64)] * 4
    options += [signature[:63], signature + b"\0", signature[32:] + signature[:32], bytes(64), signature[::-1], b""]
    options += [bytes(32) + signature[32:], signature[:32] + bytes(32), bytes(byte ^ 255 for byte in signature)]
    proof["proofValue"] = multibase.encode(rng.choice(options))
    return True


def malleable(rng: Random, document: Document) -> bool:
    """S + kL, L − S, the sign of R: what a careless verifier takes for the same signature (SEC-040)."""
    proof = rng.choice(_proofs(document))
    signature = _signature(proof)
    s = int.from_bytes(signature[32:], "little")
    others = [s + k * L for k in range(1, 16) if s + k * L < 2**256] + [L - s, 2**256 - 1 - s, s ^ (1 << 255)]
    if rng.random() < 0.1:
        proof["proofValue"] = multibase.encode(signature[:31] + bytes([signature[31] ^ 128]) + signature[32:])
    else:
        proof["proofValue"] = multibase.encode(signature[:32] + rng.choice(others).to_bytes(32, "little"))
    return True


def spelling(rng: Random, document: Document) -> bool:
    """The same bytes in another multibase, or in one that only a lenient reader takes (SEC-043)."""
    proof = rng.choice(_proofs(document))
    text, raw = proof["proofValue"], _signature(proof)
    standard, url = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")
    options: list[Any] = [
        text[1:],
        f"z{text}",
        f"Z{text[1:]}",
        f"{text} ",
        f" {text}",
        f"{text}\n",
        f"z1{text[1:]}",
        text.swapcase(),
    ]
    options += [
        f"u{url}",
        f"m{standard}",
        f"f{raw.hex()}",
        f"F{raw.hex().upper()}",
        url,
        raw.hex(),
        f"z0{text[1:]}",
        [text],
    ]
    options += [
        text[:40] + "\u200b" + text[40:],
        text.replace("1", "l", 1),
        f"z{'1' * 200}",
        "z",
        "",
        text + "1",
        {"@value": text},
    ]
    options = [option for option in options if option != text]
    proof["proofValue"] = rng.choice(options)
    return True


def weak_key(rng: Random, document: Document) -> bool:
    """A key of small order, for which R = A, S = 0 and the like are signatures over many texts (SEC-041)."""
    point = rng.choice(SMALL_ORDER)
    text = multibase.encode(b"\xed\x01" + point)
    proof = rng.choice(_proofs(document))
    proof["verificationMethod"] = f"did:key:{text}#{text}"
    r = rng.choice([point, (1).to_bytes(32, "little"), rng.choice(SMALL_ORDER)])
    proof["proofValue"] = multibase.encode(r + bytes(32))
    if rng.random() < 0.8:
        did = f"did:key:{text}"
        document["issuer"] = {**document["issuer"], "id": did} if isinstance(document["issuer"], dict) else did
    return True


def by_a_stranger(rng: Random, document: Document) -> bool:
    """A sound signature of Mallory's over Acme's badge, under Mallory's or Acme's name (SEC-033)."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    named = rng.choice([MALLORY.method, ACME.method, f"{ACME.did}#{MALLORY.key.public.multibase}"])
    if rng.random() < 0.3 and isinstance(unsigned["issuer"], dict):
        unsigned["issuer"]["name"] = "Mallory"
    made = MALLORY.proof(unsigned, rng.choice([RDFC, JCS]), verification_method=named)
    document.update(unsigned)
    document["proof"] = rng.choice([made, [made]])
    return True


def signed_for_something_else(rng: Random, document: Document) -> bool:
    """Acme's own and sound signature, which was not made to issue a credential or names no key (SEC-032, 035)."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    if rng.random() < 0.5:
        options = {"purpose": rng.choice(_PURPOSES)}
    else:
        named = (ACME.did, f"{ACME.did}#", f"{ACME.did}#key-1", "#key", f"{ACME.method}#x", f"{ACME.did}#jwt")
        options = {"verification_method": rng.choice(named)}
    try:
        document["proof"] = ACME.proof(unsigned, rng.choice([RDFC, JCS]), **options)
    except RefolioError:  # the signer will not sign that, so nobody has it to show
        return False
    return True


def _signature(proof: Document) -> bytes:
    return multibase.decode(proof["proofValue"], length=64)

"""Weak, foreign and misspelled keys, wherever a key can be named, put before examine() as whole files (area 1.3)."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest

from refolio.credential import multibase
from refolio.credential.report import Outcome
from tests.credential.acme import (
    ACME,
    RDFC,
    SAM,
    Document,
    Signer,
    examined,
    outcome,
    signed,
)
from tests.credential.completions import ACME_DID
from tests.credential.edwards25519 import BASE, NEUTRAL, SMALL_ORDER, TORSION, L, add, encode, times
from tests.credential.forging import BOTH, about, configuration, hashes, keys_with, misspelled, with_proof

FORGERY = multibase.encode(encode(NEUTRAL) + bytes(32))  # what OpenSSL may take for a signature of a small-order key
DIGITS = "2" * 200_000


# --- SEC-043, 044


def test_sec_043_a_key_spelled_otherwise() -> None:
    key = ACME.key.public.multibase
    for name, other in misspelled(key).items():
        assert outcome(examined(signed(), keys_with(other)))[:2] == ("failed", 3), name
    for name, other in misspelled(SAM.key.public.multibase).items():
        issuer = Signer(f"did:key:{other}", SAM.key)
        document = issuer.sign(about(signed(), SAM.did), verification_method=SAM.method)
        document["issuer"]["id"] = issuer.did
        assert examined(document).verdict is Outcome.FAILED, name


ENDLESS = {
    "signature": (with_proof(RDFC, proofValue=f"z{DIGITS}"), {}),
    "key in the document": (signed(), keys_with(f"z6Mk{DIGITS}")),
    "method": (with_proof(RDFC, verificationMethod=f"{ACME_DID}#z6Mk{DIGITS}"), {}),
    "did:key": ({**about(signed(), f"did:key:z6Mk{DIGITS}"), "proof": with_proof(RDFC)["proof"]}, {}),
    "both": (
        {
            **about(signed(), f"did:key:z6Mk{DIGITS}"),
            "proof": with_proof(RDFC, verificationMethod=f"did:key:z6Mk{DIGITS}#z6Mk{DIGITS}")["proof"],
        },
        {},
    ),
}


@pytest.mark.parametrize(("document", "found"), ENDLESS.values(), ids=ENDLESS)
def test_sec_044_endless_digits_cost_no_more_than_reading_them(document: Document, found: Document) -> None:
    """Decoding 200,000 digits of base 58 takes a second and more; to refuse them takes nothing."""
    took = []
    for _ in range(3):  # the fastest counts: a shared machine may stop for a while
        started = time.process_time()
        report = examined(document, found)
        took.append(time.process_time() - started)
    assert min(took) < 0.1
    assert report.verdict is Outcome.FAILED
    assert len(json.dumps(report.members())) < 500_000


# --- SEC-041, 042, 045: keys -----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_sec_041_a_forgery_for_a_key_of_small_order(raw: bytes, suite: str) -> None:
    """Fourteen spellings of eight points: whoever publishes one lets anybody sign in its name."""
    weak = multibase.encode(b"\xed\x01" + raw)
    assert outcome(examined(with_proof(suite, proofValue=FORGERY), keys_with(weak))) == ("failed", 3, "weak-key")
    did = f"did:key:{weak}"
    document = about(signed(), did)
    proof = {**configuration(document, suite, f"{did}#{weak}"), "proofValue": FORGERY}
    assert outcome(examined({**document, "proof": proof}))[:2] == ("failed", 3)


@BOTH
def test_sec_042_a_key_of_mixed_order_is_checked_without_the_cofactor(suite: str) -> None:
    """Signatures that hold only when multiplied by eight fail here as in WebCrypto; those that hold in full pass."""
    scalar, nonce = 12345678901234567890, 98765432109876543210
    mixed, r = encode(add(times(scalar, BASE), TORSION)), encode(times(nonce, BASE))
    key = multibase.encode(b"\xed\x01" + mixed)
    did = f"did:key:{key}"
    document = about(signed(), did)
    verdicts = {}
    for second in range(60):
        made = configuration(document, suite, f"{did}#{key}", created=f"2026-09-18T12:30:{second:02}Z")
        challenge = hashlib.sha512(r + mixed + hashes(document, made)).digest()
        k = int.from_bytes(challenge, "little") % L
        signature = r + ((nonce + k * scalar) % L).to_bytes(32, "little")
        report = examined({**document, "proof": {**made, "proofValue": multibase.encode(signature)}})
        verdicts[k % 8 == 0] = report.verdict
        assert report.verdict is (Outcome.PASSED if k % 8 == 0 else Outcome.FAILED)
        if len(verdicts) == 2:
            return
    raise AssertionError(verdicts)


WRONG_KEYS = {
    "31 bytes": b"\xed\x01" + bytes([9]) * 31,
    "33 bytes": b"\xed\x01" + bytes([9]) * 33,
    "longer varint": b"\xed\x81\x00" + ACME.key.public.raw,
    "varint without end": b"\xed" + ACME.key.public.raw,
    "other varint": b"\xed\x00" + ACME.key.public.raw,
    "X25519": b"\xec\x01" + ACME.key.public.raw,
    "Ed448": b"\x83\x24" + ACME.key.public.raw,
    "Ed25519 secret": b"\x80\x26" + ACME.key.public.raw,
    "P-256": b"\x80\x24\x02" + ACME.key.public.raw,
    "secp256k1": b"\xe7\x01\x02" + ACME.key.public.raw,
    "no code": ACME.key.public.raw,
    "code alone": b"\xed\x01",
}


@BOTH
@pytest.mark.parametrize("data", WRONG_KEYS.values(), ids=WRONG_KEYS)
def test_sec_045_keys_of_another_kind_or_length(data: bytes, suite: str) -> None:
    key = multibase.encode(data)
    assert examined(with_proof(suite), keys_with(key)).verdict is Outcome.FAILED
    issuer = Signer(f"did:key:{key}", ACME.key)
    document = issuer.sign(about(signed(), issuer.did), [suite], verification_method=f"{issuer.did}#{key}")
    report = examined(document)
    assert report.verdict is not Outcome.PASSED
    assert report.checks[4].result is not Outcome.PASSED


def test_sec_045_did_keys_of_the_vectors_that_are_not_ed25519(standards: Path) -> None:
    vectors = json.loads((standards / "vectors/did-key/vectors.json").read_text())
    others = [vector["did"] for vector in vectors if vector["key_type"] != "Ed25519"]
    assert len(others) >= 5
    for did in others:
        issuer = Signer(did, ACME.key)
        document = issuer.sign(about(signed(), did), verification_method=f"{did}#{did.removeprefix('did:key:')}")
        assert examined(document).verdict is not Outcome.PASSED, did

"""Signatures, keys and their spellings bent in every way the catalogue lists, put before examine() as whole files.

Catalogue area 1.3. Of the two suites both are tried wherever the attack depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.report import Outcome
from tests.credential.acme import (
    ACME,
    CREATED,
    JCS,
    NOW,
    RDFC,
    SAM,
    Document,
    Signer,
    examined,
    outcome,
    signed,
    tampered,
)
from tests.credential.completions import ACME_DID
from tests.credential.edwards25519 import NEUTRAL, L, encode
from tests.credential.forging import BOTH, dated, misspelled, with_proof

# --- SEC-037, 038: kinds and times -----------------------------------------------------------------------------------

KINDS = [
    {"cryptosuite": "EDDSA-RDFC-2022"},
    {"cryptosuite": "eddsa-rdfc-2022 "},
    {"cryptosuite": "\u200beddsa-rdfc-2022"},
    {"cryptosuite": "eddsa-rdfc-2022\n"},
    {"cryptosuite": ""},
    {"cryptosuite": None},
    {"cryptosuite": 2022},
    {"cryptosuite": ["eddsa-rdfc-2022", "eddsa-jcs-2022"]},
    {"cryptosuite": "ecdsa-rdfc-2019"},
    {"cryptosuite": "none"},
    {"cryptosuite": "__proto__"},
    {"type": "dataintegrityproof"},
    {"type": " DataIntegrityProof"},
    {"type": ["DataIntegrityProof"]},
    {"type": "Ed25519Signature2020"},
    {"type": "Ed25519Signature2020", "cryptosuite": None},
    {"type": "Ed25519Signature2018", "cryptosuite": None},
    {"type": "JsonWebSignature2020", "cryptosuite": None, "jws": "eyJhbGciOiJub25lIn0.."},
    {"type": None},
    {"type": {}},
]


@BOTH
@pytest.mark.parametrize("members", KINDS, ids=str)
def test_sec_037_a_proof_that_is_called_something_else_is_never_passed(members: Document, suite: str) -> None:
    report = examined(with_proof(suite, **members))
    assert report.verdict is not Outcome.PASSED
    assert report.checks[4].result is not Outcome.PASSED


def test_sec_037_each_suite_refuses_the_signature_of_the_other() -> None:
    for suite, other in ((RDFC, JCS), (JCS, RDFC)):
        document = signed(suites=[suite])
        for members in ({}, {"@context": document["@context"]}, {"@context": None}):
            assert examined(with_proof(suite, cryptosuite=other, **members)).verdict is Outcome.FAILED


@BOTH
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"created": "2026-11-23T12:01:01Z"}, ("failed", 5, "signed-in-the-future")),
        ({"created": "2036-01-01T00:00:00Z"}, ("failed", 5, "signed-in-the-future")),
        ({"created": "2026-11-23T12:01:00Z"}, ("passed", 6, "current")),
        ({"created": "1999-01-01T00:00:00Z"}, ("passed", 6, "current")),
        ({"created": None}, ("passed", 6, "current")),
        ({"expires": "2026-11-23T11:59:59Z"}, ("failed", 5, "signature-expired")),
        ({"expires": "1999-01-01T00:00:00Z"}, ("failed", 5, "signature-expired")),
        ({"expires": "2026-11-23T12:00:00Z"}, ("passed", 6, "current")),
    ],
    ids=str,
)
def test_sec_038_when_it_was_signed_and_until_when(
    members: Document, expected: tuple[str, int, str], suite: str
) -> None:
    """Signed long ago, or without a date, is no fault while the key is good; the future and an end that passed are."""
    assert outcome(examined(dated(suite, **members), now=NOW)) == expected


@BOTH
@pytest.mark.parametrize("member", ["created", "expires"])
@pytest.mark.parametrize(
    "value", ["2026-09-18T12:30:15", "2026-09-18", "yesterday", "", 1789689600, True, [CREATED], {"@value": CREATED}]
)
def test_sec_038_dates_that_are_none(value: Any, member: str, suite: str) -> None:
    assert outcome(examined(with_proof(suite, **{member: value})))[:2] == ("failed", 4)


# --- SEC-040, 043, 044: the value of the signature -------------------------------------------------------------------


def bent(signature: bytes) -> Iterator[tuple[str, bytes]]:
    """Other bytes that a careless verifier takes for the same signature, and some that hardly one does."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    for k in range(1, 16):
        if s + k * L < 2**256:
            yield f"S + {k}L", r + (s + k * L).to_bytes(32, "little")
    yield "-S", r + (L - s).to_bytes(32, "little")
    yield "sign of R", bytes([*r[:31], r[31] ^ 0x80]) + signature[32:]
    yield "neutral R", encode(NEUTRAL) + signature[32:]
    yield "nothing", bytes(64)
    yield "63 bytes", signature[:63]
    yield "65 bytes", signature + b"\0"
    yield "65 bytes, at the front", b"\0" + signature
    yield "twice", signature * 2
    yield "halves swapped", signature[32:] + r
    for bit in range(0, 512, 7):
        yield f"bit {bit}", bytes(byte ^ (1 << bit % 8 if n == bit // 8 else 0) for n, byte in enumerate(signature))


@BOTH
def test_sec_040_no_other_bytes_are_the_signature(suite: str) -> None:
    value = signed(suites=[suite])["proof"][0]["proofValue"]
    for name, other in bent(multibase.decode(value, length=64)):
        report = examined(with_proof(suite, proofValue=multibase.encode(other)))
        assert outcome(report)[:2] == ("failed", 4), name


@BOTH
def test_sec_043_a_signature_spelled_otherwise(suite: str) -> None:
    value = signed(suites=[suite])["proof"][0]["proofValue"]
    for name, other in misspelled(value).items():
        report = examined(with_proof(suite, proofValue=other))
        assert outcome(report)[:2] == ("failed", 4), name
    for odd in ([value], {"@value": value}, 7):
        assert outcome(examined(with_proof(suite, proofValue=odd)))[:2] == ("failed", 4)


# --- SEC-030, 033: whose proof ---------------------------------------------------------------------------------------


def test_sec_030_every_order_of_good_bad_unknown_and_strange_proofs() -> None:
    """One proof that is not good is enough, wherever it stands; one of a stranger takes the place of no other."""
    document = {name: value for name, value in signed().items() if name != "proof"}
    good, stranger, unknown = ACME.proof(document), SAM.proof(document), {**ACME.proof(document), "cryptosuite": "x"}
    forged = {**good, "proofValue": stranger["proofValue"]}
    strange_forgery = {**stranger, "proofValue": good["proofValue"]}
    failed, unsure = Outcome.FAILED, Outcome.INCONCLUSIVE
    for bad, verdict in ((forged, failed), (strange_forgery, failed), (unknown, unsure)):
        for proofs in ([good, bad], [bad, good], [good, bad, good], [bad, ACME.proof(document, JCS)]):
            assert examined({**document, "proof": proofs}).verdict is verdict
    for proofs in ([stranger], [stranger] * 2, [stranger, unknown], [unknown, forged], [good, forged, unknown]):
        assert examined({**document, "proof": proofs}).verdict is not Outcome.PASSED
    for proofs in ([good, stranger], [stranger, good]):
        report = examined({**document, "proof": proofs})
        assert SAM.did not in str(report.members()), "whoever signs beside the issuer is not told as the issuer"


def test_sec_033_mallorys_key_under_every_name_she_can_give_it() -> None:
    """Her did:key, Acme's DID with her key, her method with Acme's fragment: the issuer's own document decides."""
    key = PrivateKey.from_seed(bytes([7]) * 32)
    own, name = did_key(key.public), key.public.multibase
    forger = Signer(ACME_DID, key)
    for method in (
        f"{own}#{name}",
        f"{ACME_DID}#{name}",
        f"{own}#{ACME.key.public.multibase}",
        ACME.method,
        ACME_DID,
        own,
    ):
        report = examined(forger.sign({n: v for n, v in signed().items() if n != "proof"}, verification_method=method))
        assert report.verdict is Outcome.FAILED, method
        assert report.decisive.number in (3, 4)


def test_sec_036_a_did_that_begins_or_ends_like_acmes() -> None:
    for did in (f"{ACME_DID}.evil", f"{ACME_DID}:x", ACME_DID.removesuffix("e"), f"{ACME_DID}/", f"{ACME_DID}%00"):
        document = tampered(signed(), lambda content, did=did: content["issuer"].update(id=did))  # type: ignore[misc]
        assert examined(document, {did: ACME.did_document}).verdict is Outcome.FAILED, did

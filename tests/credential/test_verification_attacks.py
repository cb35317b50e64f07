"""Mallory's attempts, each with its number in the catalogue: who signed, with which key, for what, about whom."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.proof import eddsa_rdfc_2022
from refolio.credential.report import Outcome
from refolio.credential.verification import Unfetched, missing
from refolio.errors import ProofRefused
from tests.credential.acme import (
    ACME,
    CREATED,
    JCS,
    MALLORY,
    RDFC,
    SAM,
    Change,
    Document,
    Signer,
    as_bytes,
    examined,
    outcome,
    signed,
    tampered,
    unsigned,
)
from tests.credential.completions import ACME_DID

FORGED = Signer(ACME_DID, MALLORY.key)  # Mallory's key under Acme's name


def mallory_is_published() -> dict[str, Any]:
    return {MALLORY.did: MALLORY.did_document}


# --- proofs that are not there, or not what they seem ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (None, "proof-missing"),
        ([], "proof-missing"),
        ({}, "proof-malformed"),
        ([{}], "proof-malformed"),
        ("z3YLT4HQ2", "proof-malformed"),
        (["z3YLT4HQ2"], "proof-malformed"),
        ([None], "proof-malformed"),
        (True, "proof-malformed"),
    ],
)
def test_sec_029_no_proof(proof: Any, code: str) -> None:
    document = tampered(signed(), lambda content: content.update(proof=proof))
    assert outcome(examined(document))[::2] == ("failed", code)
    assert outcome(examined(unsigned())) == ("failed", 2, "proof-missing")


def test_sec_030_one_bad_proof_spoils_the_set_in_any_order() -> None:
    content = unsigned()
    good, other = ACME.proof(content), ACME.proof(content, JCS)
    bad = FORGED.proof(content, verification_method=ACME.method)
    for proofs in ([good, bad], [bad, good], [other, bad], [good, other, bad]):
        assert outcome(examined({**content, "proof": proofs})) == ("failed", 4, "signature")
    assert examined({**content, "proof": [good, other, good]}).verdict is Outcome.PASSED


def test_sec_030_a_strangers_good_proof_is_not_the_issuers() -> None:
    """Somebody may sign beside the issuer, never in its place, and is not shown as the issuer."""
    content = unsigned()
    for proofs in ([ACME.proof(content), MALLORY.proof(content)], [MALLORY.proof(content), ACME.proof(content)]):
        report = examined({**content, "proof": proofs}, mallory_is_published())
        assert outcome(report) == ("passed", 6, "current")
        assert report.checks[3].says == f"The key is published by {ACME_DID}."
        assert report.issuer_id == ACME_DID
        assert MALLORY.did not in str(report.members())
    alone = examined({**content, "proof": [MALLORY.proof(content)] * 2}, mallory_is_published())
    assert outcome(alone) == ("failed", 3, "stranger")


def test_sec_030_a_strangers_proof_counts_like_any_other() -> None:
    content = unsigned()
    forged = SAM.proof(content, verification_method=MALLORY.method)
    for proofs in ([ACME.proof(content), forged], [forged, ACME.proof(content)]):
        report = examined({**content, "proof": proofs}, mallory_is_published())
        assert outcome(report) == ("failed", 4, "signature")
        nobody = examined({**content, "proof": proofs})
        assert outcome(nobody) == ("inconclusive", 3, "not-fetched")


def test_sec_030_an_unknown_proof_beside_a_good_one_leaves_it_open() -> None:
    content = unsigned()
    unknown = {**ACME.proof(content), "cryptosuite": "ecdsa-sd-2023"}
    for proofs in ([ACME.proof(content), unknown], [unknown, ACME.proof(content)]):
        report = examined({**content, "proof": proofs})
        assert outcome(report) == ("inconclusive", 2, "unsupported-proof")
        assert report.checks[4].result is Outcome.PASSED


def test_sec_030_an_unknown_proof_does_not_cover_up_for_a_bad_one() -> None:
    content = unsigned()
    unknown = {**ACME.proof(content), "cryptosuite": "ecdsa-sd-2023"}
    forged = FORGED.proof(content, verification_method=ACME.method)
    assert outcome(examined({**content, "proof": [unknown, forged]})) == ("failed", 4, "signature")


def test_sec_030_more_proofs_than_anybody_needs() -> None:
    content = unsigned()
    assert outcome(examined({**content, "proof": [ACME.proof(content)] * 5})) == ("failed", 2, "too-many-proofs")


@pytest.mark.parametrize("previous", ["urn:uuid:1", ["urn:uuid:1"], "urn:uuid:0", []])
def test_sec_031_chains_end_without_a_verdict(previous: Any) -> None:
    content = unsigned()
    first = {**ACME.proof(content), "id": "urn:uuid:0"}
    chained = {**ACME.proof(content), "id": "urn:uuid:1", "previousProof": previous}
    for proofs in ([chained], [first, chained], [chained, {**chained, "id": "urn:uuid:2"}]):
        assert examined({**content, "proof": proofs}).verdict is not Outcome.PASSED


@pytest.mark.parametrize("purpose", ["authentication", "keyAgreement", "AssertionMethod", ["assertionMethod"], None])
def test_sec_032_a_signature_made_for_something_else(purpose: Any) -> None:
    content = unsigned()
    if purpose in ("authentication", "keyAgreement"):
        proof = ACME.proof(content, purpose=purpose)
    else:
        proof = {**ACME.proof(content), "proofPurpose": purpose}
    assert outcome(examined({**content, "proof": proof})) == ("failed", 2, "wrong-purpose")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"cryptosuite": "eddsa-rdfc-2019"}, ("inconclusive", 2, "unsupported-proof")),
        ({"cryptosuite": "eddsa-rdfc-2022 "}, ("inconclusive", 2, "unsupported-proof")),
        ({"cryptosuite": ["eddsa-rdfc-2022"]}, ("inconclusive", 2, "unsupported-proof")),
        ({"cryptosuite": {}}, ("inconclusive", 2, "unsupported-proof")),
        ({"type": "Ed25519Signature2020"}, ("failed", 4, "unsupported-proof")),
        ({"type": ["DataIntegrityProof"]}, ("inconclusive", 2, "unsupported-proof")),
        ({"cryptosuite": JCS}, ("failed", 4, "context")),
    ],
)
def test_sec_037_proofs_of_another_kind(members: Document, expected: tuple[str, int, str]) -> None:
    document = tampered(signed(suites=[RDFC]), lambda content: content["proof"][0].update(members))
    assert outcome(examined(document)) == expected


def test_sec_039_domain_and_challenge_are_part_of_what_was_signed() -> None:
    for members in ({"domain": "https://acme.example"}, {"challenge": "1"}, {"nonce": "n"}):
        document = tampered(signed(suites=[RDFC]), lambda content, m=members: content["proof"][0].update(m))  # type: ignore[misc]
        assert outcome(examined(document)) == ("failed", 4, "signature")


# --- whose key -----------------------------------------------------------------------------------------------------


def test_sec_033_mallory_signs_for_acme_with_her_own_key() -> None:
    assert outcome(examined(signed(by=MALLORY), mallory_is_published())) == ("failed", 3, "stranger")


def test_sec_033_mallory_signs_under_a_method_id_of_acmes() -> None:
    assert outcome(examined(signed(by=FORGED))) == ("failed", 3, "method-not-found")
    assert outcome(examined(signed(by=FORGED, verification_method=ACME.method))) == ("failed", 4, "signature")


def test_sec_033_mallory_renames_herself_after_signing() -> None:
    document = signed(lambda content: content["issuer"].update(id=MALLORY.did), by=MALLORY)
    renamed = tampered(document, lambda content: content["issuer"].update(id=ACME_DID))
    assert outcome(examined(renamed, mallory_is_published())) == ("failed", 3, "stranger")


def keys_with(change: Change) -> dict[str, Any]:
    keys = copy.deepcopy(ACME.did_document)
    change(keys)
    return {ACME_DID: keys}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda keys: keys["verificationMethod"][0].update(controller=MALLORY.did), "wrong-controller"),
        (lambda keys: keys["verificationMethod"][0].pop("controller"), "wrong-controller"),
        (lambda keys: keys.update(id=MALLORY.did), "wrong-document"),
        (lambda keys: keys.pop("id"), "wrong-document"),
        (lambda keys: keys.update(assertionMethod=[]), "not-for-purpose"),
        (lambda keys: keys.update(authentication=keys.pop("assertionMethod")), "not-for-purpose"),
        (lambda keys: keys.update(verificationMethod=[]), "method-not-found"),
        (lambda keys: keys["verificationMethod"].append(keys["verificationMethod"][0]), "duplicate-method"),
        (lambda keys: keys["verificationMethod"][0].update(type="JsonWebKey"), "method-type"),
    ],
)
def test_sec_032_034_and_100_key_documents_that_do_not_fit(change: Change, code: str) -> None:
    assert outcome(examined(signed(), keys_with(change))) == ("failed", 3, code)


def test_sec_035_a_key_brought_along_is_not_looked_at() -> None:
    own = {**MALLORY.did_document["verificationMethod"][0], "id": ACME.method, "controller": ACME_DID}
    attempts: dict[str, tuple[Change, str]] = {
        "method as an object": (lambda content: content["proof"][0].update(verificationMethod=own), "no-key-named"),
        "method in a list": (
            lambda content: content["proof"][0].update(verificationMethod=[ACME.method]),
            "no-key-named",
        ),
        "no method": (lambda content: content["proof"][0].pop("verificationMethod"), "no-key-named"),
        "key in the proof": (
            lambda content: content["proof"][0].update(publicKeyMultibase=MALLORY.key.public.multibase),
            "unknown-member",
        ),
        "key document in the credential": (
            lambda content: content["issuer"].update(verificationMethod=[own], assertionMethod=[ACME.method]),
            "undefined-term",
        ),
    }
    for name, (change, code) in attempts.items():
        document = tampered(signed(by=FORGED, suites=[RDFC], verification_method=ACME.method), change)
        assert outcome(examined(document))[::2] == ("failed", code), name


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ([ACME_DID], "not-a-url"),
        ({"id": [ACME_DID]}, "not-a-url"),
        ({"name": "Acme Textiles"}, "not-a-url"),
        (None, "not-a-url"),
        ("Acme", "not-a-url"),
        ("/issuers/acme", "not-a-url"),
        (f"{ACME_DID}#{ACME.key.public.multibase}", "stranger"),
        (f"{ACME_DID}.evil", "stranger"),
        (f"{ACME_DID}?x=1", "stranger"),
        (ACME_DID.upper(), "stranger"),
        (ACME_DID.replace("portfolio.example", "portfolio.example%3A443"), "stranger"),
        (f"{ACME_DID} ", "not-a-url"),
    ],
    ids=str,
)
def test_sec_036_issuers_that_are_nearly_acme(issuer: Any, code: str) -> None:
    document = tampered(signed(), lambda content: content.update(issuer=issuer))
    assert outcome(examined(document))[::2] == ("failed", code)
    if code == "stranger":  # nor is Acme's key taken for it when the look-alike signs properly
        document = ACME.sign(unsigned(lambda content: content.update(issuer=issuer)))
        assert outcome(examined(document))[::2] == ("failed", code)


def test_sec_041_a_key_anybody_can_sign_for() -> None:
    """The neutral point as a key: of such keys OpenSSL takes a signature of nothing but zeros for good."""
    weak = multibase.encode(b"\xed\x01" + bytes([1]) + bytes(31))
    keys = keys_with(lambda document: document["verificationMethod"][0].update(publicKeyMultibase=weak))
    assert outcome(examined(signed(), keys)) == ("failed", 3, "weak-key")


@pytest.mark.parametrize("issuer", ["did:example:acme", "did:webvh:x:acme.example"])
def test_issuers_of_other_kinds_cannot_be_checked(issuer: str) -> None:
    signer = Signer(issuer, MALLORY.key)
    document = signed(lambda content: content.update(issuer=issuer), by=signer)
    assert outcome(examined(document)) == ("inconclusive", 3, "unsupported-issuer")


@pytest.mark.parametrize("issuer", ["https://acme.example", "urn:uuid:1"])
def test_sec_033_a_key_that_only_the_signature_names_proves_no_issuer(issuer: str) -> None:
    """Mallory puts her own key behind the # of somebody's web address: unchanged, and by nobody knows whom."""
    signer = Signer(issuer, MALLORY.key)
    document = signed(lambda content: content.update(issuer=issuer), by=signer)
    report = examined(document)
    assert outcome(report) == ("inconclusive", 3, "key-not-confirmed")
    assert report.checks[4].result is Outcome.PASSED
    assert report.says.startswith("Unchanged, but nobody knows by whom.")
    changed = tampered(document, lambda content: content.update(name="Chief executive"))
    assert outcome(examined(changed)) == ("failed", 4, "signature")


def test_an_issuer_may_publish_its_keys_at_its_web_address() -> None:
    issuer = "https://acme.example/issuers/1"
    signer = Signer(issuer, ACME.key)
    content = {**unsigned(), "issuer": issuer}
    del content["credentialStatus"]
    raw = as_bytes(signer.sign(content))
    assert missing(raw, {}) == (issuer,)
    assert outcome(examined(raw, {issuer: signer.did_document})) == ("passed", 6, "no-status")
    for page in (b"<!doctype html>", as_bytes({"id": issuer, "name": "Acme"}), Unfetched("nobody answers.")):
        assert outcome(examined(raw, {issuer: page})) == ("inconclusive", 3, "key-not-confirmed")
    assert outcome(examined(raw, {issuer: {**MALLORY.did_document, "id": issuer}}))[:2] == ("failed", 3)


def test_sec_046_an_input_that_has_a_proof_is_not_signed_again() -> None:
    with pytest.raises(ProofRefused) as refused:
        eddsa_rdfc_2022.sign(signed(), ACME.key, verification_method=ACME.method, created=CREATED)
    assert refused.value.code == "already-signed"

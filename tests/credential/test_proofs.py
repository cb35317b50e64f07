"""Both cryptosuites: the vectors bit for bit, and every change refused. The numbers are those of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import multibase
from refolio.credential.keys import PrivateKey, decode_multikey, did_key
from refolio.credential.proof import SUITES, eddsa_jcs_2022, eddsa_rdfc_2022, proofs_of
from refolio.credential.reading import MAX_INTEGER, read
from refolio.errors import DocumentRefused, ProofRefused
from tests.credential.signing import ACME, BOTH, CREATED, METHOD, badge, signed


@BOTH
def test_what_we_sign_verifies(suite: Any) -> None:
    document = signed(suite)
    assert proofs_of(document) == [document["proof"]]
    suite.verify(document, document["proof"], ACME.public)
    suite.verify(badge(), document["proof"], ACME.public)  # the proof member itself is not covered
    assert signed(suite) == document, "the same input gives the same proof"


@BOTH
def test_the_proof_says_who_when_and_what_for(suite: Any) -> None:
    proof = dict(signed(suite)["proof"])
    value = proof.pop("proofValue")
    assert len(multibase.decode(value, length=64)) == 64
    if suite is eddsa_jcs_2022:
        assert proof.pop("@context") == badge()["@context"]
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": suite.CRYPTOSUITE,
        "created": CREATED,
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
    }


def test_a_proof_set_holds_proof_by_proof() -> None:
    """Both proofs are made over the same document, so each can be checked alone."""
    document = {**badge(), "proof": [signed(eddsa_rdfc_2022)["proof"], signed(eddsa_jcs_2022)["proof"]]}
    for proof in proofs_of(document):
        SUITES[str(proof["cryptosuite"])].verify(document, proof, ACME.public)
    assert list(SUITES) == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]


# --- SEC-049: the vectors ----------------------------------------------------------------------------------------


def vectors_of(standards: Path, *names: str) -> Iterator[dict[str, Any]]:
    for name in names:
        yield read((standards / name).read_bytes())


def test_sec_049_proof_values_of_the_vectors_are_reproduced(
    standards: Path, counted: Callable[[str, int], None]
) -> None:
    pair = json.loads((standards / "vectors/vc-di-eddsa/keyPair.json").read_text())
    key = PrivateKey.from_secret_multikey(pair["privateKeyMultibase"])
    for document in vectors_of(
        standards,
        "vectors/vc-di-eddsa/eddsa-rdfc-2022/signedDataInt.json",
        "vectors/vc-di-eddsa/eddsa-rdfc-2022/employ/signedDataInt.json",
        "vectors/vc-di-eddsa/eddsa-jcs-2022/signedJCS.json",
        "samples/micro-internship.eddsa-rdfc-2022.json",
        "samples/micro-internship.with-embedded-endorsement.json",
        "samples/reference-endorsement.eddsa-rdfc-2022.json",
        "samples/status-list.eddsa-rdfc-2022.json",
    ):
        [proof] = proofs_of(document)
        suite = SUITES[str(proof["cryptosuite"])]
        suite.verify(document, proof, key.public)
        again = suite.sign(
            {name: value for name, value in document.items() if name != "proof"},
            key,
            verification_method=str(proof["verificationMethod"]),
            created=str(proof["created"]),
        )
        assert again == proof
    counted("vc-di-eddsa, signatures", 3)


def test_sec_049_sets_and_chains_of_the_vectors(standards: Path, counted: Callable[[str, int], None]) -> None:
    folder = "vectors/vc-di-eddsa/proof-set-chain/"
    names = ("signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2")
    checked = 0
    for document in vectors_of(standards, *(f"{folder}{name}.json" for name in names)):
        for proof in proofs_of(document):
            key = decode_multikey(str(proof["verificationMethod"]).partition("#")[2])
            SUITES[str(proof["cryptosuite"])].verify(document, proof, key)
            checked += 1
    assert checked == 1 + 2 + 3 + 4
    counted("vc-di-eddsa, proofs in sets and chains", checked)


# --- SEC-046, 047: signing -----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("proof", [None, [], {}, {"type": "DataIntegrityProof"}], ids=str)
def test_sec_046_what_has_a_proof_is_not_signed(suite: Any, proof: object) -> None:
    with pytest.raises(ProofRefused) as caught:
        suite.sign({**badge(), "proof": proof}, ACME, verification_method=METHOD, created=CREATED)
    assert caught.value.code == "already-signed"


def test_sec_046_what_no_context_defines_is_not_signed() -> None:
    with pytest.raises(DocumentRefused) as caught:
        signed(eddsa_rdfc_2022, {**badge(), "grade": "A"})
    assert (caught.value.code, caught.value.path) == ("undefined-term", "/grade")


@BOTH
def test_nothing_is_signed_at_a_time_that_does_not_exist(suite: Any) -> None:
    for created in ("", "now", "2026-09-18", "2026-02-30T00:00:00Z"):
        with pytest.raises(ProofRefused) as caught:
            suite.sign(badge(), ACME, verification_method=METHOD, created=created)
        assert caught.value.code == "timestamp"


class FaultySigner(PrivateKey):
    """A signer in which one bit flips on the way."""

    __slots__ = ()

    def sign(self, message: bytes) -> bytes:
        good = super().sign(message)
        return good[:40] + bytes([good[40] ^ 1]) + good[41:]


@BOTH
def test_sec_047_a_fault_during_signing_is_never_published(suite: Any) -> None:
    with pytest.raises(ProofRefused) as caught:
        signed(suite, key=FaultySigner.from_seed(bytes([1]) * 32))
    assert caught.value.code == "signing-fault"


# --- properties --------------------------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters=[*map(chr, range(10)), *map(chr, range(11, 32)), "\x7f"]),
    max_size=20,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(TEXTS.filter(lambda name: name not in {"proof", "@context"}), VALUES, max_size=4), TEXTS)
def test_any_json_signed_with_jcs_verifies_after_a_round_trip_and_not_after_a_change(
    content: dict[str, Any], name: str
) -> None:
    document = read(json.dumps(signed(eddsa_jcs_2022, {"id": "urn:x:1", **content}), indent=1).encode())
    [proof] = proofs_of(document)
    eddsa_jcs_2022.verify(dict(reversed(document.items())), proof, ACME.public)
    if name != "proof" and name not in document:
        with pytest.raises(ProofRefused):
            eddsa_jcs_2022.verify({**document, name: 1}, proof, ACME.public)


@given(TEXTS, TEXTS, st.permutations(list(badge())))
def test_any_text_signed_with_rdfc_verifies_in_any_order_and_not_with_other_text(
    text: str, other: str, order: list[str]
) -> None:
    document = read(json.dumps(signed(eddsa_rdfc_2022, {**badge(), "description": text})).encode())
    [proof] = proofs_of(document)
    eddsa_rdfc_2022.verify({name: document[name] for name in [*order, "description"]}, proof, ACME.public)
    if other != text:
        with pytest.raises(ProofRefused):
            eddsa_rdfc_2022.verify({**document, "description": other}, proof, ACME.public)


def test_a_did_key_issuer_is_its_own_key() -> None:
    did = did_key(ACME.public)
    proof = eddsa_rdfc_2022.sign(
        badge(), ACME, verification_method=f"{did}#{ACME.public.multibase}", created=CREATED, purpose="authentication"
    )
    assert proof["proofPurpose"] == "authentication"
    eddsa_rdfc_2022.verify(badge(), proof, ACME.public)

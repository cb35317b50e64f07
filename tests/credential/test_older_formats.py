"""What is verified though we do not issue it: VC Data Model 1.1, Ed25519Signature2020, chains of several signers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.canonical import rdfc
from refolio.credential.keys import PrivateKey, decode_multikey
from refolio.credential.proof import data_integrity, ed25519_signature_2020, suite_of
from refolio.credential.proof.content import Content, rdfc_hashes
from refolio.credential.reading import read
from refolio.credential.report import Outcome
from refolio.errors import ProofRefused
from tests.credential.acme import ACME, MALLORY, RDFC, SAM, Document, as_bytes, examined, outcome, unsigned
from tests.credential.oracles import pyld_rdfc

V1, OB = "https://www.w3.org/2018/credentials/v1", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
ED = ed25519_signature_2020.CONTEXT


def test_sec_049_the_vector_of_ed25519signature2020(standards: Path, counted: Callable[[str, int], None]) -> None:
    folder = standards / "vectors/vc-di-eddsa"
    document = read((folder / "Ed25519Signature2020/signedEdSig.json").read_bytes())
    proof: Any = document["proof"]
    key = decode_multikey(proof["verificationMethod"].partition("#")[2])
    assert suite_of(proof) is ed25519_signature_2020
    ed25519_signature_2020.verify(document, proof, key)
    content = {name: value for name, value in document.items() if name != "proof"}
    assert rdfc(content).decode() == (folder / "Ed25519Signature2020/canonDocEdSig.txt").read_text()
    pair = json.loads((folder / "keyPair.json").read_text())
    secret = PrivateKey.from_secret_multikey(pair.get("secretKeyMultibase") or pair["privateKeyMultibase"])
    again = ed25519_signature_2020.sign(
        content, secret, verification_method=proof["verificationMethod"], created=proof["created"]
    )
    assert again == proof
    counted("vc-di-eddsa, signatures", 1)


def older(**members: Any) -> Document:
    """A badge of Data Model 1.1 as wallets still hold them."""
    document = unsigned()
    for name in ("validFrom", "credentialStatus"):
        document.pop(name)
    contexts = [V1, OB, ED]
    return {**document, "@context": contexts, "issuanceDate": "2026-09-18T00:00:00Z", **members}


def signed(content: Document) -> Document:
    proof = ed25519_signature_2020.sign(
        content, ACME.key, verification_method=ACME.method, created="2026-09-18T12:00:00Z"
    )
    return {**content, "proof": proof}


def test_a_badge_of_data_model_1_1() -> None:
    report = examined(signed(older()))
    assert outcome(report) == ("passed", 6, "no-status")
    assert report.checks[2].says == "It is signed with Ed25519Signature2020."
    assert report.checks[5].says == "It has been valid since 2026-09-18 and does not expire."


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"expirationDate": "2026-11-23T11:59:59Z"}, (5, "expired")),
        ({"issuanceDate": "2026-11-24T00:00:00Z"}, (5, "not-yet-valid")),
        ({"validUntil": "2026-11-23T11:59:59Z"}, (5, "expired")),
        ({"issuanceDate": "2026-09-18"}, (1, "timestamp")),
        ({"expirationDate": None}, (1, "timestamp")),
    ],
)
def test_sec_062_and_063_its_dates(members: Document, expected: tuple[int, str]) -> None:
    proof = signed(older())["proof"]
    document = signed(older(**members)) if expected[0] == 5 else {**older(**members), "proof": proof}
    assert outcome(examined(document)) == ("failed", *expected)


def test_a_date_of_the_other_data_model_does_not_do() -> None:
    missing = {name: value for name, value in older().items() if name != "issuanceDate"}
    assert outcome(examined({**missing, "proof": signed(older())["proof"]})) == ("failed", 1, "no-valid-from")
    mixed = {**unsigned(), "issuanceDate": "2026-09-18T00:00:00Z", "proof": ACME.proof(unsigned())}
    assert outcome(examined(mixed)) == ("failed", 1, "undefined-term")


@pytest.mark.parametrize(
    "change",
    [{"cryptosuite": RDFC}, {"jws": "eyJ..x"}, {"type": "Ed25519Signature2018"}, {"created": "yesterday"}],
)
def test_sec_037_an_older_proof_of_another_shape(change: Document) -> None:
    document = signed(older())
    document["proof"] |= change
    assert outcome(examined(document))[0] != "passed"
    if suite_of(document["proof"]):
        with pytest.raises(ProofRefused):
            ed25519_signature_2020.verify(document, document["proof"], ACME.key.public)


def test_both_kinds_of_proof_on_one_badge() -> None:
    """Data Model 1.1 does not define the newer proof, so its issuers add the context that does."""
    content = older()
    content["@context"] = [V1, OB, "https://w3id.org/security/data-integrity/v2", ED]
    both = {**content, "proof": [signed(content)["proof"], ACME.proof(content)]}
    assert outcome(examined(both)) == ("passed", 6, "no-status")
    undefined = {**older(), "proof": both["proof"]}
    assert outcome(examined(undefined))[0] == "failed"


def test_sec_031_a_chain_of_issuer_and_witness() -> None:
    """Sam signs first; Acme signs over his signature. Taking his away, or changing it, breaks hers."""
    content = unsigned()
    first = _with_id(content, SAM, "urn:uuid:first")
    second = _chained(content, first, ACME)
    document = {**content, "proof": [first, second]}
    assert outcome(examined(document)) == ("passed", 6, "current")
    assert outcome(examined({**content, "proof": [second]})) == ("failed", 4, "proof-chain")
    other = _with_id(content, MALLORY, "urn:uuid:first")
    swapped = examined({**content, "proof": [other, second]}, {MALLORY.did: MALLORY.did_document})
    assert outcome(swapped) == ("failed", 4, "signature")
    assert outcome(examined({**content, "proof": [first]})) == ("failed", 3, "stranger")


def _with_id(content: Document, signer: Any, id_: str, **members: Any) -> Document:
    configuration = data_integrity.configure(
        RDFC, verification_method=signer.method, created="2026-09-18T12:00:00Z", purpose="assertionMethod"
    )
    configuration |= {"id": id_, **members}
    covered = Content({})
    covered.members = content
    return {**configuration, "proofValue": multibase.encode(signer.key.sign(rdfc_hashes(configuration, covered)))}


def _chained(content: Document, first: Document, signer: Any) -> Document:
    return _with_id({**content, "proof": [first]}, signer, "urn:uuid:second", previousProof=first["id"])


def test_sec_049_chains_and_sets_of_the_vectors_stay_open_here(standards: Path) -> None:
    """Their signatures hold (test_proofs.py), but they use a context of examples, which defines every word there is."""
    folder = standards / "vectors/vc-di-eddsa/proof-set-chain"
    for name in ("signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"):
        document = read((folder / f"{name}.json").read_bytes())
        assert outcome(examined(as_bytes(document))) == ("inconclusive", 1, "unknown-context")


def test_sec_031_the_chains_of_the_data_integrity_suite(standards: Path, counted: Callable[[str, int], None]) -> None:
    """Their inline contexts are refused here (SEC-019); what a chain covers is checked with an oracle's form."""
    rdfc_of = pyld_rdfc(standards)
    files = sorted((standards / "vectors/data-integrity/eddsa-rdfc-2022").glob("*.json"))
    for file in files:
        document = read(file.read_bytes())
        assert examined(file.read_bytes()).verdict is Outcome.FAILED
        proofs: Any = document["proof"]
        holds = all(_holds(document, proof, rdfc_of) for proof in proofs)
        assert holds == ("Fail" not in file.name), file.name
    assert len(files) == 12
    counted("data-integrity, chains (contexts of their own: by an oracle's canonical form)", len(files))


def _holds(document: Document, proof: Document, rdfc_of: Callable[[Document], bytes]) -> bool:
    try:
        data_integrity.require_shape(proof, RDFC)
        content = data_integrity.covered(document, proof).members
    except ProofRefused:
        return False
    configuration = {"@context": document["@context"], **data_integrity.without_value(proof)}
    hashes = b"".join(hashlib.sha256(rdfc_of(dict(part))).digest() for part in (configuration, content))
    key = decode_multikey(proof["verificationMethod"].partition("#")[2])
    return key.verify(multibase.decode(proof["proofValue"], length=64), hashes)

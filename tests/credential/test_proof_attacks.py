"""Changed, forged, misshapen and chained proofs, each refused. The numbers are those of the catalogue."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.keys import PrivateKey, decode_multikey
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022, proofs_of
from refolio.credential.reading import read
from refolio.errors import DocumentRefused, ProofRefused
from tests.credential.signing import ACME, BOTH, CREATED, METHOD, badge, refusal, signed

# --- SEC-028: nothing can be changed -----------------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, step))
    else:
        yield path


def changed(document: dict[str, Any], path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> dict[str, Any]:
    copied = copy.deepcopy(document)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    change(place, path[-1])
    return copied


def _append(place: Any, step: Any) -> None:
    place[step] = f"{place[step]}x" if isinstance(place[step], str) else not place[step]


def _cut(place: Any, step: Any) -> None:
    place[step] = place[step][:-1] if isinstance(place[step], str) else None


def _remove(place: Any, step: Any) -> None:
    del place[step]


def _retype(place: Any, step: Any) -> None:
    place[step] = 7


def _add(place: Any, step: Any) -> None:
    place[step] = [place[step], "urn:x:other"]


# The sample names the company twice, as issuer and as creator. In RDF both places are one thing with one name, so the
# rdfc proof cannot tell in which of them it stood. The jcs proof can, which is one reason why our badges carry both.
SAID_TWICE = {
    ("issuer", "type", 0),
    ("issuer", "name"),
    ("credentialSubject", "achievement", "creator", "type", 0),
    ("credentialSubject", "achievement", "creator", "name"),
}


@BOTH
@pytest.mark.parametrize("change", [_append, _cut, _remove, _retype, _add])
def test_sec_028_every_leaf(suite: Any, change: Callable[[Any, Any], None], standards: Path) -> None:
    full = read((standards / "samples/micro-internship.unsigned.json").read_bytes())
    document = signed(suite, full)
    paths = list(leaves(document))
    assert len(paths) > 130
    accepted = set()
    for path in paths:
        mutant = changed(document, path, change)
        try:
            [proof] = proofs_of(mutant)
            suite.verify(mutant, proof, ACME.public)
        except (ProofRefused, DocumentRefused):
            continue
        accepted.add(path)
    assert accepted == (SAID_TWICE if (suite, change) == (eddsa_rdfc_2022, _remove) else set())


@BOTH
def test_sec_007_look_alike_text_is_other_text(suite: Any) -> None:
    document = badge()
    document["name"] = "Caf\u00e9 \u212b"
    document = signed(suite, document)
    for other in ("Cafe\u0301 \u212b", "Caf\u00e9 \u00c5", "Caf\u00e9\u200b \u212b", "Caf\u00e9 \u212b\U000e0041"):
        assert refusal(suite, {**document, "name": other}) == "signature"


@BOTH
def test_another_key_or_another_document(suite: Any) -> None:
    document = signed(suite)
    assert refusal(suite, document, key=PrivateKey.from_seed(bytes(32)).public) == "signature"
    assert refusal(suite, {**document, "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"}) == "signature"
    other = eddsa_jcs_2022 if suite is eddsa_rdfc_2022 else eddsa_rdfc_2022
    assert refusal(suite, document, signed(other)["proof"]) == "unsupported-proof"


# --- SEC-015, 017: what the signature does not cover is not let in -------------------------------------------------


@BOTH
def test_sec_015_members_that_no_context_defines(suite: Any) -> None:
    """rdfc would not cover it, so it is refused; jcs covers it, so it is a change."""
    document = signed(suite)
    expected = "undefined-term" if suite is eddsa_rdfc_2022 else "signature"
    assert refusal(suite, {**document, "grade": "A"}) == expected
    mutant = copy.deepcopy(document)
    mutant["credentialSubject"]["achievement"]["grade"] = "A"
    assert refusal(suite, mutant) == expected


@BOTH
@pytest.mark.parametrize(
    "appended",
    [
        "https://www.w3.org/ns/credentials/examples/v2",
        "https://www.w3.org/ns/credentials/undefined-terms/v2",
        "https://mallory.example/context",
        {"@vocab": "https://mallory.example/#"},
        {"name": "https://mallory.example/#name"},
    ],
    ids=str,
)
def test_sec_017_a_context_appended_after_signing(suite: Any, appended: object) -> None:
    """By the letter of eddsa-jcs-2022 the appended part is not covered; with rdfc only its meaning would be."""
    document = signed(suite)
    document["@context"] = [*document["@context"], appended]
    if suite is eddsa_jcs_2022:
        assert refusal(suite, document) == "context"
    elif not isinstance(appended, str) or "mallory" in appended:
        assert refusal(suite, document) in {"embedded-context", "unknown-context"}


def test_sec_017_the_context_in_a_jcs_proof_is_the_one_of_the_document() -> None:
    document = signed(eddsa_jcs_2022)
    context = document["@context"]
    for other in (context[:1], context[::-1], [*context, context[0]], context[0], [], None, "", {}, [context]):
        assert refusal(eddsa_jcs_2022, {**document, "@context": other}) == "context"
        assert refusal(eddsa_jcs_2022, document, {**document["proof"], "@context": other}) == "context"
    without = {name: value for name, value in document["proof"].items() if name != "@context"}
    assert refusal(eddsa_jcs_2022, document, without) == "context"
    del document["@context"]
    assert refusal(eddsa_jcs_2022, document) == "context"


def test_sec_019_an_rdfc_proof_brings_no_context_of_its_own() -> None:
    document = signed(eddsa_rdfc_2022)
    proof = {**document["proof"], "@context": document["@context"]}
    assert refusal(eddsa_rdfc_2022, document, proof) == "unknown-member"


def test_a_jcs_document_needs_no_context() -> None:
    document = signed(eddsa_jcs_2022, {"id": "urn:x:1", "a": [1, {"b": None}]})
    assert "@context" not in document["proof"]
    eddsa_jcs_2022.verify(document, document["proof"], ACME.public)
    assert refusal(eddsa_jcs_2022, {**document, "@context": None}) == "context"


# --- SEC-029 to 031: none, several, chained ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (None, "proof-missing"),
        ([], "proof-missing"),
        ({}, "proof-malformed"),
        ("z1", "proof-malformed"),
        (7, "proof-malformed"),
        (False, "proof-malformed"),
        ([{}], "proof-malformed"),
        ([None], "proof-malformed"),
        ([[{"type": "DataIntegrityProof"}]], "proof-malformed"),
        ([{"type": "DataIntegrityProof"}, "z1"], "proof-malformed"),
    ],
    ids=str,
)
def test_sec_029_documents_without_a_proof(proof: object, code: str) -> None:
    with pytest.raises(ProofRefused) as caught:
        proofs_of({**badge(), "proof": proof})  # type: ignore[dict-item]
    assert caught.value.code == code


def test_sec_029_a_stripped_proof() -> None:
    with pytest.raises(ProofRefused) as caught:
        proofs_of(badge())
    assert caught.value.code == "proof-missing"


@BOTH
def test_sec_030_one_bad_proof_of_a_set_is_found(suite: Any) -> None:
    good = signed(suite)["proof"]
    stranger = signed(suite, key=PrivateKey.from_seed(bytes(32)))["proof"]
    for proofs in ([good, stranger], [stranger, good]):
        document = {**badge(), "proof": proofs}
        held = []
        for proof in proofs_of(document):
            try:
                suite.verify(document, proof, ACME.public)
            except ProofRefused:
                held.append(False)
            else:
                held.append(True)
        assert sorted(held) == [False, True]


def chained(suite: Any, previous: object, *, first_id: str = "urn:x:1") -> dict[str, Any]:
    """A document with two good proofs, of which the second is then made to say that it builds on ``previous``."""
    first = {**signed(suite)["proof"], "id": first_id}
    return {**badge(), "proof": [first, {**signed(suite)["proof"], "id": "urn:x:2", "previousProof": previous}]}


@BOTH
@pytest.mark.parametrize("previous", ["urn:x:9", ["urn:x:1", "urn:x:9"], "urn:x:2", ["urn:x:2"], "", "urn:x:1 "])
def test_sec_031_a_chain_with_a_missing_link_or_a_loop(suite: Any, previous: object) -> None:
    document = chained(suite, previous)
    assert refusal(suite, document, document["proof"][1]) == "proof-chain"


@BOTH
def test_sec_031_a_circle_of_proofs_ends(suite: Any) -> None:
    document = chained(suite, "urn:x:1")
    document["proof"][0]["previousProof"] = "urn:x:2"
    for proof in document["proof"]:
        assert refusal(suite, document, proof) == "signature"


@BOTH
def test_sec_031_two_proofs_with_one_id(suite: Any) -> None:
    document = chained(suite, "urn:x:1")
    document["proof"].insert(0, {**document["proof"][0], "created": "2026-09-19T00:00:00Z"})
    assert refusal(suite, document, document["proof"][2]) == "proof-chain"


@BOTH
@pytest.mark.parametrize(
    "previous", [None, 7, [], {}, [7], ["urn:x:1", "urn:x:1"], ["urn:x:1", None], [["urn:x:1"]]], ids=str
)
def test_sec_031_a_previous_proof_that_is_no_id(suite: Any, previous: object) -> None:
    document = chained(suite, previous)
    assert refusal(suite, document, document["proof"][1]) == "proof-malformed"


def test_sec_031_a_later_proof_does_not_hold_once_the_earlier_one_is_changed(standards: Path) -> None:
    document: Any = read((standards / "vectors/vc-di-eddsa/proof-set-chain/signedProofChain1.json").read_bytes())
    last = document["proof"][-1]
    key = decode_multikey(last["verificationMethod"].partition("#")[2])
    eddsa_rdfc_2022.verify(document, last, key)
    document["proof"][0]["created"] = "2023-02-24T23:36:39Z"
    assert refusal(eddsa_rdfc_2022, document, last, key) == "signature"


# --- SEC-035 to 039: the shape of a proof --------------------------------------------------------------------------

REMOVED = "(member removed)"


@BOTH
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"publicKeyMultibase": ACME.public.multibase}, "unknown-member"),  # SEC-035
        ({"publicKeyJwk": {}}, "unknown-member"),
        ({"verificationMethod": {"id": METHOD, "publicKeyMultibase": ACME.public.multibase}}, "proof-malformed"),
        ({"verificationMethod": [METHOD]}, "proof-malformed"),
        ({"verificationMethod": REMOVED}, "proof-malformed"),
        ({"jws": "eyJ"}, "unknown-member"),
        ({"__proto__": {}}, "unknown-member"),
        ({"@id": "urn:x:1"}, "unknown-member"),
        ({"name": "Acme"}, "unknown-member"),
        ({"type": "Ed25519Signature2020"}, "unsupported-proof"),  # SEC-037
        ({"type": ["DataIntegrityProof"]}, "unsupported-proof"),
        ({"type": "dataIntegrityProof"}, "unsupported-proof"),
        ({"type": REMOVED}, "unsupported-proof"),
        ({"cryptosuite": "eddsa-2022"}, "unsupported-proof"),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, "unsupported-proof"),
        ({"cryptosuite": ["eddsa-rdfc-2022"]}, "unsupported-proof"),
        ({"cryptosuite": ["eddsa-jcs-2022"]}, "unsupported-proof"),
        ({"cryptosuite": "eddsa-rdfc-2022 "}, "unsupported-proof"),
        ({"cryptosuite": "Eddsa-jcs-2022"}, "unsupported-proof"),
        ({"cryptosuite": REMOVED}, "unsupported-proof"),
        ({"proofPurpose": ["assertionMethod"]}, "proof-malformed"),
        ({"proofPurpose": None}, "proof-malformed"),
        ({"proofPurpose": REMOVED}, "proof-malformed"),
        ({"proofValue": REMOVED}, "proof-malformed"),
        ({"proofValue": None}, "proof-malformed"),
        ({"proofValue": ["z1"]}, "proof-malformed"),
        ({"created": None}, "proof-malformed"),  # SEC-038
        ({"created": 1789689600}, "proof-malformed"),
        ({"created": [CREATED]}, "proof-malformed"),
        ({"created": "2026-09-18T00:00:00"}, "timestamp"),
        ({"created": "2026-02-30T00:00:00Z"}, "timestamp"),
        ({"expires": "never"}, "timestamp"),
        ({"expires": None}, "proof-malformed"),
        ({"id": None}, "proof-malformed"),
        ({"nonce": 7}, "proof-malformed"),
        ({"challenge": ["a"]}, "proof-malformed"),  # SEC-039
        ({"domain": None}, "proof-malformed"),
        ({"domain": ["a", 7]}, "proof-malformed"),
    ],
    ids=str,
)
def test_sec_035_037_038_039_proofs_of_another_shape(suite: Any, change: dict[str, object], code: str) -> None:
    document = signed(suite)
    proof = {name: value for name, value in {**document["proof"], **change}.items() if value != REMOVED}
    assert refusal(suite, document, proof) == code


@BOTH
def test_sec_038_the_time_of_signing_is_signed(suite: Any) -> None:
    document = signed(suite)
    for change in ({"created": "2026-09-18T00:00:01Z"}, {"expires": "2030-01-01T00:00:00Z"}):
        assert refusal(suite, document, {**document["proof"], **change}) == "signature"
    without = {name: value for name, value in document["proof"].items() if name != "created"}
    assert refusal(suite, document, without) == "signature"


@BOTH
def test_sec_039_domain_and_challenge_are_signed_when_present(suite: Any) -> None:
    document = signed(suite)
    for change in (
        {"domain": "verifier.example"},
        {"domain": ["a.example", "b.example"]},
        {"challenge": "1"},
        {"nonce": "1"},
    ):
        assert refusal(suite, document, {**document["proof"], **change}) == "signature"


def test_what_cannot_stand_in_a_proof_is_told_apart_from_what_cannot_stand_in_the_document() -> None:
    document = signed(eddsa_rdfc_2022)
    with pytest.raises(ProofRefused) as in_proof:
        eddsa_rdfc_2022.verify(document, {**document["proof"], "verificationMethod": "key-1"}, ACME.public)
    assert "/verificationMethod" in in_proof.value.says
    with pytest.raises(DocumentRefused) as in_document:
        eddsa_rdfc_2022.verify({**document, "id": "credential-1"}, document["proof"], ACME.public)
    assert in_document.value.path == "/id"


# --- SEC-040 to 044 on the proof value ----------------------------------------------------------------------------


@BOTH
def test_sec_040_malleable_and_misspelled_signatures(suite: Any) -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    document = signed(suite)
    value = document["proof"]["proofValue"]
    signature = multibase.decode(value, length=64)
    s = int.from_bytes(signature[32:], "little")
    forged = [signature[:32] + (s + k * order).to_bytes(32, "little") for k in range(1, 15)]
    forged += [signature[:32] + (order - s).to_bytes(32, "little"), bytes(64)]
    for other in forged:
        proof = {**document["proof"], "proofValue": multibase.encode(other)}
        assert refusal(suite, document, proof) == "signature"
    misspelled = [
        multibase.encode(signature[:63]),
        multibase.encode(signature + b"\0"),
        multibase.encode(b"\0" + signature),
        "",
        "z",
        value[1:],
        "z" + value,
        "z1" + value[1:],
        " " + value,
        value + "\n",
        value[:-1] + "0",
        "u" + value[1:],
        "f" + signature.hex(),
        "z" + "2" * 200_000,  # SEC-044
    ]
    for text in misspelled:
        assert refusal(suite, document, {**document["proof"], "proofValue": text}) == "proof-value"

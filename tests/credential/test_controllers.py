"""DID documents: the key must be the issuer's own and meant for issuing. The numbers are those of the catalogue."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.controllers import MAX_METHODS, did_document, did_key_document, find_method
from refolio.credential.keys import PrivateKey, PublicKey, did_key
from refolio.errors import DocumentRefused, KeyRefused
from tests.credential.edwards25519 import SMALL_ORDER

ACME = "did:web:portfolio.example:issuers:acme"
MALLORY = "did:web:portfolio.example:issuers:mallory"


def key(number: int) -> PublicKey:
    return PrivateKey.from_seed(bytes([number]) * 32).public


KEY = key(1)
METHOD = f"{ACME}#{KEY.multibase}"


def document() -> dict[str, Any]:
    return copy.deepcopy(did_document(ACME, [KEY]))


def code_of(controller: dict[str, Any], method_id: str = METHOD, purpose: str = "assertionMethod") -> str:
    with pytest.raises(KeyRefused) as caught:
        _ = find_method(controller, method_id, purpose=purpose).key
    assert caught.value.says
    return caught.value.code


def test_our_document_is_the_one_of_the_samples(standards: Path) -> None:
    sample = json.loads((standards / "samples/did-web-acme.json").read_text())
    published = find_method(sample, sample["assertionMethod"][0]).key
    ours = did_document(ACME, [published])
    assert ours == {name: value for name, value in sample.items() if name != "authentication"}


def test_the_key_is_found_with_whose_it_is() -> None:
    method = find_method(document(), METHOD)
    assert (method.id, method.controller, method.key) == (METHOD, ACME, KEY)
    assert method.expires is None
    assert method.revoked is None


def test_every_key_that_was_ever_used_stays_and_a_compromised_one_may_no_longer_issue() -> None:
    published = did_document(ACME, [key(1), key(2)], revoked={key(3): "2026-09-18T00:00:00Z"})
    for number in (1, 2):
        assert find_method(published, f"{ACME}#{key(number).multibase}").revoked is None
    compromised = f"{ACME}#{key(3).multibase}"
    assert compromised not in published["assertionMethod"]  # type: ignore[operator]
    assert find_method(published, compromised).revoked == "2026-09-18T00:00:00Z", "to judge what it signed before"
    published["authentication"] = [compromised]
    assert code_of(published, compromised) == "not-for-purpose"


def test_documents_that_nobody_could_use_are_not_written() -> None:
    for keys, revoked, code in (
        ([key(1), key(1)], {}, "duplicate-method"),
        ([key(1)], {key(1): "2026-09-18T00:00:00Z"}, "duplicate-method"),
        ([key(number) for number in range(MAX_METHODS + 1)], {}, "too-many-methods"),
    ):
        with pytest.raises(KeyRefused) as caught:
            did_document(ACME, keys, revoked=revoked)
        assert caught.value.code == code
    with pytest.raises(DocumentRefused):
        did_document(ACME, [], revoked={key(1): "yesterday"})


def test_the_largest_document_we_write_can_be_read() -> None:
    keys = [key(number) for number in range(MAX_METHODS)]
    assert find_method(did_document(ACME, keys), f"{ACME}#{keys[-1].multibase}").key == keys[-1]


# --- other people's documents -------------------------------------------------------------------------------------


def test_documents_in_use_are_read(standards: Path, counted: Callable[[str, int], None]) -> None:
    """One lists each key twice, one only embeds it, as an Ed25519VerificationKey2020."""
    for name in ("dcc-oidf-did.json", "dcc-legacy-did.json"):
        published = json.loads((standards / "vectors/did-web" / name).read_text())
        method = find_method(published, published["assertionMethod"][0]["id"])
        assert method.key.multibase == "z6MkjXe1vZvPRqFuc9nRBtZ3e1Y9XKDFSbjFAfzLfW2bD6cZ"
        assert code_of(published, method.id, "authentication") in {"not-for-purpose", "method-not-found"}
    counted("did-web", 2)


def test_keys_of_other_kinds_may_stand_beside_ours() -> None:
    published = document()
    published["verificationMethod"].append(
        {"id": f"{ACME}#jwt", "type": "JsonWebKey", "controller": ACME, "publicKeyJwk": {"kty": "EC"}}
    )
    published["assertionMethod"].append(f"{ACME}#jwt")
    assert find_method(published, METHOD).key == KEY
    assert code_of(published, f"{ACME}#jwt") == "method-type"


def test_an_https_controller_is_held_to_the_same_rules() -> None:
    url = "https://acme.example/issuer"
    published = did_document(url, [KEY])
    assert find_method(published, f"{url}#{KEY.multibase}").controller == url
    assert code_of(published, f"http://acme.example/issuer#{KEY.multibase}") == "method-id"


def test_sec_032_a_key_for_another_purpose() -> None:
    published = document()
    published["authentication"] = published.pop("assertionMethod")
    assert code_of(published) == "not-for-purpose"
    assert find_method(published, METHOD, purpose="authentication").key == KEY


def test_sec_032_a_key_that_is_only_embedded_for_another_purpose() -> None:
    published = document()
    published["authentication"] = published.pop("verificationMethod")
    assert code_of(published) == "method-not-found"  # the reference under assertionMethod does not reach it
    del published["assertionMethod"]
    assert code_of(published) == "method-not-found"


def test_sec_033_another_issuers_document_or_key() -> None:
    assert code_of(did_document(MALLORY, [KEY])) == "wrong-document"
    assert code_of(document(), f"{MALLORY}#{KEY.multibase}") == "wrong-document"
    assert code_of(document(), f"{ACME}#{key(2).multibase}") == "method-not-found"


@pytest.mark.parametrize("controller", [MALLORY, ACME + "x", ACME.upper(), [ACME], {"id": ACME}, None, "", 7])
def test_sec_034_a_method_that_somebody_else_controls(controller: object) -> None:
    published = document()
    published["verificationMethod"][0]["controller"] = controller
    assert code_of(published) == "wrong-controller"


def test_sec_034_a_method_without_controller() -> None:
    published = document()
    del published["verificationMethod"][0]["controller"]
    assert code_of(published) == "wrong-controller"


@pytest.mark.parametrize(
    "id_", [f"{ACME}.evil", ACME + "/", ACME.replace("acme", "Acme"), [ACME], {"id": ACME}, None, METHOD, ACME + "#"]
)
def test_sec_036_a_document_whose_id_is_nearly_right(id_: object) -> None:
    assert code_of({**document(), "id": id_}) == "wrong-document"


@pytest.mark.parametrize(
    "method_id",
    [
        "",
        "#",
        f"#{KEY.multibase}",
        KEY.multibase,
        ACME,
        f"{ACME}#",
        f"{ACME}#{KEY.multibase}#",
        f"{ACME}#{KEY.multibase}#x",
        f" {METHOD}",
        f"{METHOD}\n",
        f"{METHOD} ",
        METHOD.replace("did:", "DID:", 1),
        METHOD.replace("did:", "", 1),
        METHOD.replace("acme", "ácme"),
        f"javascript:x#{KEY.multibase}",
    ],
    ids=ascii,
)
def test_sec_036_what_is_no_absolute_method_id(method_id: str) -> None:
    assert code_of(document(), method_id) == "method-id"


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_sec_041_a_published_key_in_whose_name_anybody_can_sign(raw: bytes) -> None:
    published = document()
    published["verificationMethod"][0]["publicKeyMultibase"] = multibase.encode(b"\xed\x01" + raw)
    assert code_of(published) == "weak-key"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "JsonWebKey2020"}, "method-type"),
        ({"type": "multikey"}, "method-type"),
        ({"type": ["Multikey"]}, "method-type"),
        ({"type": None}, "method-type"),
        ({"publicKeyMultibase": None}, "malformed-method"),
        ({"publicKeyMultibase": [KEY.multibase]}, "malformed-method"),
        ({"publicKeyMultibase": "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"}, "key-type"),
        ({"publicKeyJwk": {"kty": "OKP"}}, "malformed-method"),
        ({"publicKeyBase58": "x"}, "malformed-method"),
        ({"secretKeyMultibase": "z3u2"}, "secret-published"),
        ({"privateKeyJwk": {}}, "secret-published"),
        ({"expires": "2026-09-18"}, "malformed-method"),
        ({"expires": None}, "malformed-method"),
        ({"revoked": 7}, "malformed-method"),
        ({"revoked": False}, "malformed-method"),
    ],
    ids=str,
)
def test_a_method_with_something_odd_in_it(change: dict[str, object], code: str) -> None:
    published = document()
    published["verificationMethod"][0].update(change)
    assert code_of(published) == code


def test_the_end_of_a_keys_use_is_reported() -> None:
    published = document()
    published["verificationMethod"][0] |= {"expires": "2027-01-01T00:00:00Z", "revoked": "2026-09-18T00:00:00.5+02:00"}
    method = find_method(published, METHOD)
    assert (method.expires, method.revoked) == ("2027-01-01T00:00:00Z", "2026-09-18T00:00:00.5+02:00")


# --- SEC-100: documents that two verifiers might read differently -------------------------------------------------


def other_definition() -> dict[str, Any]:
    return {**document()["verificationMethod"][0], "publicKeyMultibase": key(2).multibase}


@pytest.mark.parametrize("evil_first", [True, False])
def test_sec_100_one_id_with_two_keys(evil_first: bool) -> None:
    published = document()
    published["verificationMethod"].insert(0 if evil_first else 1, other_definition())
    assert code_of(published) == "duplicate-method"


@pytest.mark.parametrize("relationship", ["assertionMethod", "authentication", "keyAgreement", "capabilityDelegation"])
def test_sec_100_one_id_with_another_key_embedded_elsewhere(relationship: str) -> None:
    published = document()
    published[relationship] = [*published.get(relationship, []), other_definition()]
    assert code_of(published) == "duplicate-method"


def test_sec_100_one_definition_twice_in_one_array() -> None:
    published = document()
    published["verificationMethod"] *= 2
    assert code_of(published) == "duplicate-method"


@pytest.mark.parametrize("relative", [f"#{KEY.multibase}", KEY.multibase, "", "did:web", "/x#y"])
def test_sec_100_relative_ids(relative: str) -> None:
    published = document()
    published["verificationMethod"][0]["id"] = relative
    assert code_of(published) == "relative-id"
    published = document()
    published["assertionMethod"] = [relative]
    assert code_of(published) == "relative-id"
    published = document()
    published["authentication"] = [relative]
    assert code_of(published) == "relative-id"


@pytest.mark.parametrize("name", ["verificationMethod", "assertionMethod", "authentication"])
def test_sec_100_ten_thousand_methods(name: str) -> None:
    published = document()
    published[name] = [{"id": f"{ACME}#{n}", "type": "Multikey", "controller": ACME} for n in range(10_000)]
    assert code_of(published) == "too-many-methods"


@pytest.mark.parametrize("name", ["assertionMethod", "authentication"])
def test_sec_100_ten_thousand_references(name: str) -> None:
    assert code_of({**document(), name: [f"{ACME}#{n}" for n in range(10_000)]}) == "too-many-methods"


def test_sec_100_too_many_methods_spread_over_the_relationships() -> None:
    published = document()
    for relationship in ("authentication", "keyAgreement"):
        published[relationship] = [{"id": f"{ACME}#{relationship}{n}"} for n in range(MAX_METHODS // 2)]
    assert code_of(published) == "too-many-methods"


@pytest.mark.parametrize("name", ["verificationMethod", "assertionMethod", "keyAgreement"])
@pytest.mark.parametrize(
    "value", [None, METHOD, {}, 7, [None], [7], [[METHOD]], [{}], [{"id": 7}], [{"id": [METHOD]}]], ids=str
)
def test_sec_100_malformed_documents(name: str, value: object) -> None:
    assert code_of({**document(), name: value}) == "malformed-controller"


def test_strings_under_verification_method_are_no_keys() -> None:
    assert code_of({**document(), "verificationMethod": [METHOD]}) == "malformed-controller"


def test_an_empty_document_holds_no_key() -> None:
    assert code_of({}) == "wrong-document"
    assert code_of({"id": ACME}) == "method-not-found"


# --- did:key -----------------------------------------------------------------------------------------------------


def test_a_did_key_implies_its_document(standards: Path) -> None:
    vectors = json.loads((standards / "vectors/did-key/vectors.json").read_text())
    for vector in (vector for vector in vectors if vector["key_type"] == "Ed25519"):
        implied = did_key_document(vector["did"])
        for purpose in ("assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation"):
            method = find_method(implied, vector["verification_method"], purpose=purpose)
            assert method.key.raw.hex() == vector["public_key_hex"]
        assert code_of(implied, vector["verification_method"], "keyAgreement") == "not-for-purpose"


def test_the_fragment_of_a_did_key_is_the_key_itself() -> None:
    did = did_key(KEY)
    for fragment in (key(2).multibase, "key-1", KEY.multibase + "x"):
        assert code_of(did_key_document(did), f"{did}#{fragment}") == "method-not-found"
    with pytest.raises(KeyRefused):
        did_key_document(f"{did}#{KEY.multibase}")

"""The gate alone and the gate that writes statements are one: both refuse the same, with the same words."""

from __future__ import annotations

import copy
import gc
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential.canonical import jcs, jcs_defined, rdfc
from refolio.credential.walk import MAX_NODES, require_defined, walk
from refolio.errors import DocumentRefused
from tests.credential.badges import OB, VC, Document, achievement, badge, badges, evidence, proof, result, subject
from tests.credential.oracles import pyld_rdfc, pyoxigraph_rdfc
from tests.credential.refusals import PLACES, changed, code, full_badge, refusal
from tests.credential.test_canonical import mutants


def verdict(gate: Any, document: Any, **options: str) -> tuple[str, str, str, str] | None:
    try:
        gate(document, **options)
    except DocumentRefused as refused:
        return refused.code, refused.path, refused.says, refused.fix
    return None


def assert_both_say_the_same(document: Any) -> tuple[str, str, str, str] | None:
    said = verdict(walk, document)
    assert verdict(require_defined, document) == said
    return said


# --- one gate --------------------------------------------------------------------------------------------------------


def test_whatever_mutant_one_gate_refuses_the_other_refuses_with_the_same_words() -> None:
    seen = {said[0] if (said := assert_both_say_the_same(document)) else "accepted" for document in mutants(1500)}
    assert {"accepted", "undefined-term", "malformed-value", "said-twice", "undefined-type"} <= seen


ODD_VALUES: list[Any] = [
    *("", "x", "x\ty", "half \ud83d", "\uffff", "_:b", "https://e.example/ x", 'quotes " and \\'),
    *(None, True, 0, 2**53, 1.5, [], {}, [[]], ["a", "a"], [1, True, "1"], b"x", ("a",)),
    *({"id": "x"}, {"@value": "v"}, {"@value": "v", "name": "w"}, {"@id": "urn:x"}, {"type": []}, {"type": [{}]}),
    *([{"id": "urn:x"}, {"id": "urn:x"}], {"@context": [VC], "type": ["VerifiableCredential"], "name": "x"}),
]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("name", ["name", "id", "type", "@context", "description", "evidence", "proof", "issuer", "x"])
def test_every_odd_value_at_every_object_is_judged_alike(path: str, name: str) -> None:
    for value in ODD_VALUES:
        assert_both_say_the_same(changed(path, **{name: value}))


@pytest.mark.parametrize("name", badges())
def test_the_gate_returns_what_it_let_pass(name: str) -> None:
    document = badges()[name]
    assert require_defined(document) == document
    assert require_defined({**document, "proof": object()}, without="proof") == {
        member: value for member, value in document.items() if member != "proof"
    }


def test_a_member_is_left_out_of_the_document_itself_only_and_the_document_is_not_changed() -> None:
    document = {**full_badge(), "proof": proof(nonsense=1)}
    before = copy.deepcopy(document)
    assert code(document) == "undefined-term"
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    assert walk(document, without="proof") == walk(unsigned)
    assert rdfc(document, without="proof") == rdfc(unsigned)
    document["endorsement"][0]["proof"] = proof(nonsense=1)
    for gate in (walk, require_defined):
        said = verdict(gate, document, without="proof")
        assert said is not None
        assert said[:2] == ("undefined-term", "/endorsement/0/proof/nonsense")
    del document["endorsement"][0]["proof"]
    assert document == before


def test_sec_006_a_control_character_is_found_wherever_the_gate_laid_it_aside() -> None:
    for path in PLACES:
        name = "verificationMethod" if path == "/proof" else "name"
        if (said := assert_both_say_the_same(changed(path, **{name: "a\x07b"}))) and said[0] != "undefined-term":
            assert said[:2] in {("control-character", f"{path}/{name}"), ("malformed-value", f"{path}/{name}")}


# --- JCS of what passed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", badges())
def test_jcs_of_a_document_that_passed_is_jcs(name: str) -> None:
    document = badges()[name]
    assert jcs_defined(require_defined(document)) == jcs(document) == rfc8785.dumps(document)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_sec_003_whatever_a_json_literal_holds_its_jcs_is_right(value: Any) -> None:
    """Names of any script, also beyond U+FFFF, where code points and UTF-16 code units sort differently."""
    document = copy.deepcopy(badges()["JSON literal"])
    document["credentialSubject"]["jsonSchema"] = value
    with suppress(DocumentRefused):
        assert jcs_defined(require_defined(document)) == rfc8785.dumps(document)


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, {"a": 1e9}, {7: "x"}, {"a": b"x"}, ("a",), "\ud800"])
def test_sec_003_what_jcs_cannot_spell_passes_no_gate(value: Any) -> None:
    document = copy.deepcopy(badges()["JSON literal"])
    document["credentialSubject"]["jsonSchema"] = [value]
    assert assert_both_say_the_same(document) is not None


# --- said twice ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (badge(credentialSubject=subject(achievement=achievement(tag=["a", "b", "a"]))), "/tag/2"),
        (badge(credentialSubject=subject(achievement=achievement(tag=["a", {"@value": "a"}]))), "/tag/1"),
        (badge(evidence=[evidence(id="urn:e"), evidence("Talk"), evidence("Other", id="urn:e")]), "/evidence/2"),
        (badge(termsOfUse=[{"type": "https://e.example/T", "id": "urn:t"}] * 2), "/termsOfUse/1"),
        (badge(type=["VerifiableCredential", "OpenBadgeCredential", "VerifiableCredential"]), "/type/2"),
        (badge(evidence=[evidence(type=["Evidence", "Evidence"])]), "/evidence/0/type/1"),
        (badge(**{"@context": [VC, OB, OB]}), "/@context/2"),
        (badge(name=[True, True]), "/name/1"),
        (badge(name=[7, 7]), "/name/1"),
    ],
)
def test_sec_024_a_list_that_says_the_same_thing_twice_is_refused(document: Document, path: str) -> None:
    refused = refusal(document)
    assert refused.code == "said-twice"
    assert refused.path.endswith(path)
    assert_both_say_the_same(document)


def test_sec_024_what_only_looks_the_same_is_not_said_twice() -> None:
    assert walk(badge(name=[1, "1", True, "true", {"@value": "1", "@language": "en"}]))
    assert walk(badge(evidence=[evidence(), evidence()]))  # two blank nodes stay two statements
    assert walk(badge(credentialSubject=subject(result=[result("40"), result("40")])))
    document = copy.deepcopy(badges()["JSON literal"])
    document["credentialSubject"]["jsonSchema"] = {"enum": ["a", "a", {"id": "x"}, {"id": "x"}]}
    assert walk(document)


def test_sec_024_a_list_with_one_double_among_thousands_is_refused_at_once() -> None:
    tags = [f"{number}" for number in range(MAX_NODES - 100)]
    refused = refusal(badge(credentialSubject=subject(achievement=achievement(tag=[*tags, tags[-1]]))))
    assert refused.code == "said-twice"


# --- the same statement, made in two places --------------------------------------------------------------------------

ACME = {"id": "did:web:acme.example", "type": ["Profile"], "name": "Acme", "url": "https://acme.example"}
DOUBLED = {
    "issuer and creator are one": badge(
        issuer=ACME, credentialSubject=subject(achievement=achievement(creator=dict(ACME)))
    ),
    "an object inside itself": badge(issuer={**ACME, "parentOrg": dict(ACME)}),
    "an object inside itself, first": badge(issuer={"parentOrg": dict(ACME), **ACME}),
    "without types, inside itself": badge(
        credentialSubject=subject(
            achievement=achievement(criteria={"id": "https://portfolio.example/achievements/packaging"})
        )
    ),
    "two names of one type": badge(type=["VerifiableCredential", "OpenBadgeCredential", "AchievementCredential"]),
    "a word and its IRI": badge(
        **{"@context": [VC, OB, "https://www.w3.org/ns/credentials/examples/v2"]},
        type=["VerifiableCredential", "https://www.w3.org/2018/credentials#VerifiableCredential"],
    ),
}


@pytest.mark.parametrize("name", DOUBLED)
def test_sec_027_what_is_said_in_two_places_is_one_statement(name: str, standards: Path) -> None:
    document = DOUBLED[name]
    form = rdfc(document)
    lines = form.splitlines()
    assert len(set(lines)) == len(lines)
    assert form == pyld_rdfc(standards)(document) == pyoxigraph_rdfc(standards)(document)


# --- what is kept between documents ----------------------------------------------------------------------------------


def test_sec_021_strangers_cannot_fill_the_memory() -> None:
    """Plans are kept for words of the pinned tables alone, and not too many of them; values are never kept."""

    def document(number: int) -> Document:
        names = ["name", "description", "narrative", "genre", "audience"]
        order = [names[(number // 5**at) % 5] for at in range(5)]  # 5^5 orders, most with fewer than five names
        return badge(
            **{"@context": [VC, OB, "https://www.w3.org/ns/credentials/examples/v2"]},
            **{f"word{number}x{'y' * 2000}": "defined by @vocab"},
            evidence=[{"type": ["Evidence", f"https://e.example/{number}"], **dict.fromkeys(order, "z" * 2000)}],
            refreshService={"type": f"https://e.example/{number}", **dict.fromkeys(order, "z")},
        )

    for number in range(200):
        walk(document(number))
    gc.collect()
    tracemalloc.start()
    for number in range(200, 1500):
        walk(document(number))
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 4 * 1024 * 1024
    assert rdfc(json.loads(json.dumps(badge()))) == rdfc(badge())

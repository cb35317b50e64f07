"""The strict gate: what is signed is the whole document, or the document is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from refolio.credential.canonical import rdfc
from refolio.credential.walk import walk
from tests.credential.badges import OB, VC, Document, achievement, badge, badges, evidence, result, subject
from tests.credential.refusals import PLACES, changed, code, full_badge, refusal


def test_a_full_badge_is_accepted() -> None:
    assert walk(full_badge()).tails


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PLACES)
def test_sec_015_an_undefined_term_is_refused_at_every_object(path: str) -> None:
    for name in ("secretGrade", "__proto__", "constructor", "toString", "Name", "name ", ""):
        refused = refusal(changed(path, **{name: "A+"}))
        assert (refused.code, refused.path) == ("undefined-term", f"{path}/{name}")


@pytest.mark.parametrize("path", PLACES)
def test_sec_016_a_member_that_looks_like_a_keyword_is_refused_at_every_object(path: str) -> None:
    for name in ("@foo", "@", "@Context", "@language"):
        refused = refusal(changed(path, **{name: "A+"}))
        assert (refused.code, refused.path) == ("keyword", f"{path}/{name}")


def test_sec_015_an_undefined_term_hides_nowhere_in_a_wrong_type() -> None:
    """A misspelt type takes the terms of its object away; the refusal names the type, which is what to mend."""
    refused = refusal(badge(credentialSubject=subject(type=["AchievmentSubject"])))
    assert (refused.code, refused.path) == ("undefined-type", "/credentialSubject/type")


def test_sec_015_a_term_of_another_type_is_undefined_here() -> None:
    assert code(badge(criteria={"narrative": "x"})) == "undefined-term"
    assert code(badge(issuer={"id": "https://acme.example", "type": ["Profile"], "evidence": []})) == "undefined-term"


def test_sec_015_an_iri_as_a_member_name_is_no_defined_word() -> None:
    assert code(badge(**{"https://schema.org/name": "x"})) == "undefined-term"
    assert code(badge(**{"schema:name": "x"})) == "undefined-term"


@pytest.mark.parametrize(
    "keyword", ["@id", "@type", "@graph", "@included", "@reverse", "@nest", "@index", "@list", "@set"]
)
def test_sec_025_keywords_of_json_ld_are_refused(keyword: str) -> None:
    for value in ("https://acme.example/x", {"name": "x"}, [{"name": "x"}]):
        assert code(badge(**{keyword: value})) == "keyword"
        assert code(badge(evidence=[{keyword: value}])) == "keyword"


def test_sec_025_types_whose_contexts_contradict_each_other_are_refused() -> None:
    clr = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
    document = badge(**{"@context": [VC, clr, OB]})
    document["credentialSubject"]["type"] = ["AchievementSubject", "ClrSubject"]
    refused = refusal(document)
    assert (refused.code, refused.path) == ("protected-term", "/credentialSubject/type")


def test_sec_025_a_term_that_turns_its_statement_round_is_refused() -> None:
    document = {
        "@context": ["https://w3id.org/dcc/v1"],
        "id": "https://acme.example/programme",
        "awardedOnCompletionOf": {"id": "https://acme.example/degree"},
    }
    refused = refusal(document)
    assert (refused.code, refused.path) == ("reverse-term", "/awardedOnCompletionOf")


def test_a_type_may_be_a_term_or_an_absolute_iri() -> None:
    assert walk(badge(type=["VerifiableCredential", "OpenBadgeCredential", "https://example.org/#Extra"]))
    assert code(badge(type=["VerifiableCredential", "Extra"])) == "undefined-type"
    assert code(badge(type=["VerifiableCredential", "/Extra"])) == "undefined-type"
    assert code(badge(type=["VerifiableCredential", "_:extra"])) == "blank-node-id"
    assert code(badge(type=["VerifiableCredential", "id"])) == "undefined-type"
    assert code(badge(type=["VerifiableCredential", "@json"])) == "undefined-type"
    assert code(badge(type=["VerifiableCredential", {"id": "https://example.org/"}])) == "malformed-type"
    assert code(badge(type=[["VerifiableCredential"]])) == "malformed-type"
    assert code(badge(type=None)) == "null-member"


# --- identifiers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["x", "/x", "//acme.example/x", "#x", "?x", "", "../x", "acme.example", "1:x", ":x", "@id"]
)
def test_sec_023_relative_identifiers_are_refused(text: str) -> None:
    for document in (
        badge(id=text),
        badge(issuer=text),
        badge(issuer={"id": text, "type": ["Profile"]}),
        badge(credentialSubject=subject(achievement=achievement(criteria=text))),
        badge(evidence=[{"id": text, "type": ["Evidence"]}]),
        badge(termsOfUse={"id": text, "type": "https://example.org/#Terms"}),
    ):
        assert code(document) == "relative-iri"


@pytest.mark.parametrize(
    "text", ["https://a b", "https://a\u00a0b", "urn:<x>", 'urn:"', "urn:{x}", "urn:a\\b", "urn:", "urn:^"]
)
def test_sec_023_identifiers_that_are_no_iri_are_refused(text: str) -> None:
    assert code(badge(id=text)) == "malformed-iri"


def test_sec_023_blank_node_identifiers_of_the_author_are_refused() -> None:
    assert code(badge(id="_:b0")) == "blank-node-id"
    assert code(badge(issuer="_:b0")) == "blank-node-id"
    assert code(badge(evidence=[{"id": "_:c14n0"}])) == "blank-node-id"


def test_identifiers_of_any_scheme_and_script_are_kept_as_they_are() -> None:
    for text in (
        "did:web:a.example%3A8443:x",
        "urn:uuid:1",
        "https://zoë.example/é?q=ü#ß",
        "data:image/png;base64,AA==",
    ):
        assert f"<{text}>" in rdfc(badge(id=text)).decode()


def test_an_id_is_one_text() -> None:
    assert code(badge(id=["https://a.example"])) == "malformed-value"
    assert code(badge(id={"id": "https://a.example"})) == "malformed-value"
    assert code(badge(id=7)) == "malformed-value"
    assert code(badge(id=None)) == "null-member"
    assert code(badge(issuer=7)) == "malformed-value"


# --- values ----------------------------------------------------------------------------------------------------------


def test_sec_024_spellings_that_say_the_same_have_one_canonical_form() -> None:
    plain = rdfc(badge())
    assert rdfc(badge(name=["Micro-internship: packaging survey"])) == plain
    assert rdfc(badge(name={"@value": "Micro-internship: packaging survey"})) == plain
    assert rdfc(badge(type=["OpenBadgeCredential", "VerifiableCredential"])) == plain
    assert rdfc(dict(reversed(badge().items()))) == plain
    results = [result("40"), result("passed")]
    assert rdfc(badge(credentialSubject=subject(result=results))) == rdfc(
        badge(credentialSubject=subject(result=results[::-1]))
    )


def test_sec_024_where_order_has_a_meaning_it_is_signed() -> None:
    def graded(*grades: str) -> bytes:
        description = {"type": ["ResultDescription"], "name": "Grade", "allowedValue": list(grades)}
        return rdfc(badge(credentialSubject=subject(achievement=achievement(resultDescription=[description]))))

    assert graded("A", "B") != graded("B", "A")


def test_sec_024_null_says_nothing_and_is_refused_everywhere() -> None:
    assert refusal(badge(name=None)).path == "/name"
    assert refusal(badge(evidence=[evidence(), None])).path == "/evidence/1"
    assert refusal(badge(name={"@value": None})).path == "/name"
    assert {code(badge(name=None)), code(badge(issuer=None)), code(badge(evidence=[None]))} == {"null-member"}


def test_a_json_literal_keeps_null_but_is_not_null() -> None:
    def schema(value: Any) -> Document:
        document = copy.deepcopy(badges()["JSON literal"])
        document["credentialSubject"]["jsonSchema"] = value
        return document

    assert '"{\\"a\\":null}"^^' in rdfc(schema({"a": None})).decode()
    assert code(schema(None)) == "null-member"
    assert refusal(schema({"a": [1.5]})).path == "/credentialSubject/jsonSchema/a/0"
    assert code(schema({"a": "\x00"})) == "control-character"
    assert code(schema({"\x00": "a"})) == "control-character"
    assert code(schema([2**53])) == "big-integer"
    assert code(schema("\ud800")) == "lone-surrogate"


@pytest.mark.parametrize("value", [1.0, 0.5, 1e21, float("nan"), float("inf"), -0.0])
def test_sec_026_fractions_are_refused(value: float) -> None:
    assert code(badge(credentialSubject=subject(creditsEarned=value))) == "float"


def test_sec_026_whole_numbers_have_one_spelling() -> None:
    form = rdfc(badge(credentialSubject=subject(creditsEarned=2**53 - 1))).decode()
    assert '"9007199254740991"^^<https://www.w3.org/2001/XMLSchema#float>' in form
    assert code(badge(credentialSubject=subject(creditsEarned=2**53))) == "big-integer"
    assert code(badge(credentialSubject=subject(creditsEarned=-(2**53)))) == "big-integer"
    assert code(badge(name={"@value": 2**53})) == "big-integer"


def test_sec_026_datatypes_that_libraries_spell_differently_are_refused() -> None:
    for datatype in ("http://www.w3.org/2001/XMLSchema#double", "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"):
        for value in ("1", 1, True):
            assert code(badge(name={"@value": value, "@type": datatype})) == "malformed-value"


@pytest.mark.parametrize("number", [*range(10), *range(11, 32), 127])
def test_sec_006_control_characters_are_refused_in_every_text(number: int) -> None:
    odd = f"a{chr(number)}b"
    assert refusal(badge(name=odd)).path == "/name"
    assert code(badge(name=odd)) == "control-character"
    assert code(badge(name={"@value": odd, "@language": "en"})) == "control-character"
    assert code(badge(id=f"https://acme.example/{odd}")) == "control-character"
    assert code(badge(credentialSubject=subject(achievement=achievement(tag=["x", odd])))) == "control-character"
    assert code(badge(type=["VerifiableCredential", odd])) == "undefined-type"


def test_sec_005_what_is_no_character_is_refused() -> None:
    assert code(badge(name="half \ud83d")) == "lone-surrogate"
    assert code(badge(id="https://acme.example/\udc00")) == "lone-surrogate"
    assert code(badge(name="\uffff")) == code(badge(name="\ufffe")) == "noncharacter"


def test_sec_007_text_is_signed_as_it_stands_without_normalisation() -> None:
    forms = {rdfc(badge(name=text)) for text in ("Zoë", "Zoe\u0308", "Zoë\u200b", "Zoë\u202e", "Zoë ", "zoë", "Zoё")}
    assert len(forms) == 7


@pytest.mark.parametrize(
    "value",
    [
        {"@value": "x", "name": "y"},
        {"@value": "x", "id": "https://a.example"},
        {"@value": "x", "@index": "y"},
        {"@value": ["x"]},
        {"@value": {"a": "b"}},
        {"@value": "x", "@language": ""},
        {"@value": "x", "@language": "no good"},
        {"@value": "x", "@language": ["en"]},
        {"@value": "x", "@language": None},
        {"@value": 7, "@language": "en"},
        {"@value": "x", "@direction": "up"},
        {"@value": "x", "@type": "https://e.example/t", "@language": "en"},
    ],
)
def test_malformed_value_objects_are_refused(value: Document) -> None:
    assert code(badge(name=value)) == "malformed-value"


def test_a_datatype_is_defined_or_absolute() -> None:
    assert code(badge(name={"@value": "x", "@type": "nonsense"})) == "undefined-type"
    assert code(badge(name={"@value": "x", "@type": ["https://e.example/t"]})) == "malformed-type"
    assert code(badge(name={"@value": "x", "@type": "@json"})) == "undefined-type"


def test_arrays_in_arrays_are_refused() -> None:
    assert refusal(badge(evidence=[evidence(), [evidence()]])).path == "/evidence/1"
    assert code(badge(evidence=[[]])) == "nested-array"


def test_where_a_whole_object_belongs_nothing_less_will_do() -> None:
    for value in ("https://acme.example/proof", {"@value": "x"}, 7, True):
        assert code(badge(proof=value)) == "malformed-value"
    for value in ({}, {"id": "https://acme.example/proof"}):
        assert code(badge(proof=value)) == "empty-node"
    presentation = {"@context": [VC], "type": ["VerifiablePresentation"], "verifiableCredential": ["urn:uuid:1"]}
    assert code(presentation) == "malformed-value"


def test_a_document_that_says_nothing_is_refused() -> None:
    for document in ({"@context": [VC]}, {"@context": [VC], "id": "urn:x"}, {"@context": [VC], "type": []}):
        assert code(document) == "empty-node"


def test_python_values_that_json_does_not_have_are_refused() -> None:
    for value in (b"x", ("a",), {"a"}, object()):
        assert code(badge(name=value)) == "not-json"
    assert code({**badge(), 7: "x"}) == "not-json"


def test_the_path_is_a_json_pointer() -> None:
    assert refusal(badge(**{"a/b~c": "x"})).path == "/a~1b~0c"

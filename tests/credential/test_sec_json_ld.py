"""What a signature over statements does not cover, or covers otherwise than it reads: examine() lets none of it pass.

Catalogue area 1.2, through the public door, each attack on a badge that is genuine but for the one change.
"""

from __future__ import annotations

import copy
import json
import socket
import time
from typing import Any

import pytest

from refolio.credential.facts import read_facts
from refolio.credential.report import Outcome, VerificationReport
from tests.credential.acme import (
    JCS,
    RDFC,
    Change,
    Document,
    as_bytes,
    examined,
    fetched,
    outcome,
    published,
    signed,
    tampered,
)
from tests.credential.refusals import objects
from tests.credential.test_canonical import profile

GENUINE = {suite: signed(suites=[suite]) for suite in (RDFC, JCS)}
PLACES = [path for path, _ in objects(GENUINE[RDFC])]
BOTH = pytest.mark.parametrize("suite", [RDFC, JCS])


def with_members(suite: str, path: str, **members: Any) -> VerificationReport:
    """The report on a genuine badge that has more members in the object at ``path``."""
    document = copy.deepcopy(GENUINE[suite])
    dict(objects(document))[path].update(members)
    return examined(document)


def is_in_proof(path: str) -> bool:
    return path.startswith("/proof")


# --- SEC-015, 016, 025: words ----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("path", PLACES)
def test_sec_015_an_undefined_term_at_any_object_is_refused_and_told_of(path: str, suite: str) -> None:
    for name in ("secretGrade", "name ", "https://schema.org/grade", ""):
        report = with_members(suite, path, **{name: "summa cum laude"})
        expected = (4, "unknown-member") if is_in_proof(path) else (1, "undefined-term")
        assert (report.verdict, report.decisive.number, report.decisive.code) == (Outcome.FAILED, *expected), name
        assert "summa cum laude" not in json.dumps(report.members())


@BOTH
@pytest.mark.parametrize("path", PLACES)
def test_sec_016_a_member_shaped_like_a_keyword_at_any_object_is_refused(path: str, suite: str) -> None:
    for name in ("@foo", "@Context"):
        report = with_members(suite, path, **{name: "en"})
        expected = (4, "unknown-member") if is_in_proof(path) else (1, "keyword")
        assert (report.verdict, report.decisive.number, report.decisive.code) == (Outcome.FAILED, *expected), name


KEYWORDS = ("@graph", "@included", "@reverse", "@nest", "@index", "@id", "@type", "@list", "@set", "@value", "@vocab")


@BOTH
@pytest.mark.parametrize("keyword", KEYWORDS)
def test_sec_025_keywords_that_add_statements_or_hide_them_are_refused(keyword: str, suite: str) -> None:
    evil = {"id": "https://mallory.example/", "type": ["Profile"], "name": "Mallory"}
    for number, path in enumerate(place for place in PLACES if not is_in_proof(place)):
        value = (evil, [evil], "https://mallory.example/")[number % 3]
        assert outcome(with_members(suite, path, **{keyword: value}))[:2] == ("failed", 1), (path, value)


@BOTH
@pytest.mark.parametrize(
    "type_",
    [
        "Achievement",
        ["Profile", "Achievement"],
        ["Profile", "DataIntegrityProof"],
        ["Profile", "IdentityObject"],
        "Pro",
    ],
)
def test_sec_025_a_type_that_redefines_the_terms_of_an_object_changes_the_badge(type_: Any, suite: str) -> None:
    assert with_members(suite, "/issuer", type=type_).verdict is Outcome.FAILED


# --- SEC-017, 018, 019: contexts -------------------------------------------------------------------------------------

V2, OB = GENUINE[RDFC]["@context"]
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
APPENDED = {
    "known, in another place": "https://www.w3.org/2018/credentials/v1",
    "undefined terms": "https://www.w3.org/ns/credentials/undefined-terms/v2",
    "examples": "https://www.w3.org/ns/credentials/examples/v2",
    "unknown": "https://mallory.example/context",
    "the same again": OB,
    "inline": {"name": "https://mallory.example/#name"},
    "vocabulary": {"@vocab": "https://mallory.example/#"},
    "base": {"@base": "https://mallory.example/"},
    "empty": {},
    "null": None,
    "a list": [V2],
}


@BOTH
@pytest.mark.parametrize("appended", APPENDED.values(), ids=APPENDED)
@pytest.mark.parametrize("place", ["after", "before"])
def test_sec_017_a_context_more_is_never_passed(appended: Any, place: str, suite: str) -> None:
    """eddsa-jcs-2022 by its letter leaves an appended context unsigned, so the whole list is compared."""
    more = [V2, OB, appended] if place == "after" else [appended, V2, OB]
    report = examined({**GENUINE[suite], "@context": more})
    assert report.verdict is not Outcome.PASSED
    assert report.decisive.number == 1
    if not isinstance(appended, str):
        assert report.verdict is Outcome.FAILED


@pytest.mark.parametrize("appended", [EXTENSIONS, "https://w3id.org/security/data-integrity/v2"])
def test_sec_017_an_appended_context_that_is_known_must_be_signed_or_change_nothing(appended: str) -> None:
    """The longer list is known too: the proof over the JSON refuses it, that over RDF is unmoved."""
    more = [V2, OB, appended]
    assert outcome(examined({**GENUINE[JCS], "@context": more})) == ("failed", 4, "context")
    report = examined({**GENUINE[RDFC], "@context": more})
    assert report.verdict is Outcome.PASSED
    assert read_facts({**GENUINE[RDFC], "@context": more}) == read_facts(GENUINE[RDFC])
    for name in ("extensions", "cryptosuite", "grade"):
        evil = {**GENUINE[RDFC], "@context": more, "issuer": {**GENUINE[RDFC]["issuer"], name: "x"}}
        assert examined(evil).verdict is Outcome.FAILED


CHANGED_LISTS = {
    "the other way round": [OB, V2],
    "one removed": [V2],
    "the other removed": [OB],
    "none": [],
    "http": [V2.replace("https", "http"), OB],
    "case of the host": [V2.replace("www.w3.org", "WWW.w3.org"), OB],
    "case of the path": [V2, OB.replace("spec", "Spec")],
    "trailing slash": [f"{V2}/", OB],
    "fragment": [f"{V2}#", OB],
    "query": [V2, f"{OB}?"],
    "user": [V2.replace("https://", "https://mallory@"), OB],
    "port": [V2.replace("www.w3.org", "www.w3.org:443"), OB],
    "dot segments": [V2, OB.replace("/v3p0/", "/x/../v3p0/")],
    "encoded": [V2, OB.replace("v3p0", "v3p%30")],
    "white space": [f"{V2} ", OB],
    "another version": [V2, OB.replace("3.0.3", "3.0.0")],
    "VC 1.1": ["https://www.w3.org/2018/credentials/v1", OB],
    "twice": [V2, V2, OB],
}


@BOTH
@pytest.mark.parametrize("contexts", CHANGED_LISTS.values(), ids=CHANGED_LISTS)
def test_sec_018_a_context_list_spelled_otherwise_is_never_passed(contexts: list[str], suite: str) -> None:
    report = examined({**GENUINE[suite], "@context": contexts})
    assert report.verdict is not Outcome.PASSED
    assert report.checks[4].result is not Outcome.PASSED


@BOTH
@pytest.mark.parametrize("contexts", [OB, {"@vocab": "https://mallory.example/"}, None, "", 7, [[V2, OB]]], ids=str)
def test_sec_018_what_is_no_list_of_contexts_fails(contexts: Any, suite: str) -> None:
    assert outcome(examined({**GENUINE[suite], "@context": contexts}))[:2] == ("failed", 1)
    document = copy.deepcopy(GENUINE[suite])
    del document["@context"]
    assert outcome(examined(document))[:2] == ("failed", 1)


@BOTH
@pytest.mark.parametrize("path", [place for place in PLACES if place])
def test_sec_019_a_context_inside_any_object_is_refused(path: str, suite: str) -> None:
    for context in ([V2, OB, EXTENSIONS], {"name": "https://mallory.example/#name"}):
        report = with_members(suite, path, **{"@context": context})
        assert report.verdict is Outcome.FAILED, context
        assert report.decisive.number == (4 if is_in_proof(path) else 1)


# --- SEC-020, 021: nothing fetched, nothing remembered ---------------------------------------------------------------


def test_sec_020_no_context_is_ever_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    evil = [[V2, OB, "https://mallory.example/context"], ["https://mallory.example/context"], [V2]]
    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    for document in (GENUINE[RDFC], *({**GENUINE[RDFC], "@context": contexts} for contexts in evil)):
        asked = [name for names in fetched(as_bytes(document), published())[1] for name in names]
        assert not {name for name in asked if "context" in name or "w3.org" in name or "mallory" in name}
        examined(document)


@BOTH
def test_sec_021_an_evil_document_before_it_changes_no_verdict(suite: str) -> None:
    evil = [{**GENUINE[suite], "@context": [V2, OB, appended]} for appended in APPENDED.values()]
    evil += [{**GENUINE[suite], "@context": contexts} for contexts in CHANGED_LISTS.values()]
    before = examined(GENUINE[suite])
    for document in evil:
        examined(document)
        assert examined({**GENUINE[suite], "grade": "A"}).decisive.code == "undefined-term"
    assert examined(GENUINE[suite]) == before
    assert before.verdict is Outcome.PASSED


# --- SEC-022: work ---------------------------------------------------------------------------------------------------


def creators(number: int) -> Change:
    """Two creators without a name of their own, each with ``number`` equal identifiers: a graph of look-alikes."""

    def change(content: Document) -> None:
        alike = profile(*["1"] * number)
        content["credentialSubject"]["achievement"]["creator"] = [alike, copy.deepcopy(alike)]
        content["type"] = ["VerifiableCredential"]  # of a badge the data model allows one creator
        del content["evidence"]

    return change


@pytest.mark.parametrize("number", range(4, 21))
def test_sec_022_a_graph_that_takes_for_ever_is_stopped(number: int) -> None:
    document = tampered(GENUINE[RDFC], creators(number))
    started = time.process_time()
    report = examined(document)
    assert time.process_time() - started < 1
    assert report.verdict is Outcome.FAILED
    assert report.decisive.code in {"poison-graph", "signature"}


def test_sec_022_four_hundred_equal_objects_are_no_poison() -> None:
    alike = {"type": ["Evidence"], "name": "Report"}
    document = signed(lambda content: content.update(evidence=[dict(alike) for _ in range(400)]), suites=[RDFC])
    started = time.process_time()
    report = examined(document)
    assert time.process_time() - started < 1
    assert report.verdict is Outcome.PASSED

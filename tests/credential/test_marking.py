"""The mark of a test credential: nobody takes it away, and nobody who is not a test has it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from refolio.credential.document import compose
from refolio.credential.marking import SAYS, is_test, looks_marked, marked
from refolio.credential.policy import Policy
from refolio.credential.report import Outcome
from refolio.credential.verification import verify
from refolio.errors import NotVerified
from tests.credential.acme import (
    ACME,
    INDEX,
    JCS,
    NOW,
    RDFC,
    Document,
    as_bytes,
    examined,
    outcome,
    published,
    tampered,
)
from tests.credential.completions import ACME_DID, completion, issuance
from tests.credential.composed import badge_schema

ALLOWED = Policy(allow_test=True)


def specimen(**options: Any) -> Document:
    """Maya's credential as a test, signed by Acme's own key, so that only the mark tells."""
    return ACME.sign(compose(completion(), replace(issuance(), is_test=True)), **options)


def test_sec_178_a_test_never_passes_unless_it_is_asked_for() -> None:
    report = examined(specimen())
    assert outcome(report) == ("failed", 7, "test-issuer")
    assert (report.is_test, report.says) == (True, SAYS)
    known = Policy(known_issuers={ACME_DID: "Known to everybody."}, require_known_issuer=True)
    assert examined(specimen(), policy=known).verdict is Outcome.FAILED
    with pytest.raises(NotVerified, match=SAYS):
        verify(as_bytes(specimen()), published(), Policy(), NOW)
    report = examined(specimen(), policy=ALLOWED)
    assert (report.verdict, report.is_test) == (Outcome.PASSED, True)
    assert report.says == f"Unchanged and current. {SAYS}"
    assert verify(as_bytes(specimen()), published(), ALLOWED, NOW).facts.title.startswith("TEST – ")


def test_a_withdrawn_test_and_a_changed_one_say_so_too() -> None:
    withdrawn = published(INDEX)
    report = examined(specimen(), withdrawn)
    assert report.says.startswith(f"{SAYS} ")
    assert (report.withdrawn, report.verdict) == (True, Outcome.FAILED)
    assert examined(specimen(), withdrawn, policy=ALLOWED).verdict is Outcome.FAILED
    assert examined(specimen(), withdrawn, policy=ALLOWED).says.startswith(SAYS)
    report = examined(tampered(specimen(), lambda content: content.update(name="Real")), policy=ALLOWED)
    assert (report.verdict, report.is_test, report.says) == (
        Outcome.FAILED, False, "Changed after signing. Do not rely on it.",
    )  # fmt: skip


def _stripped(document: Document) -> Document:
    bare = copy.deepcopy(document)
    achievement = bare["credentialSubject"]["achievement"]
    achievement["achievementType"] = "Fieldwork"
    for holder in (bare, bare["issuer"], achievement, achievement["creator"]):
        holder["name"] = holder["name"].removeprefix("TEST – ")
    return bare


def test_sec_178_who_takes_the_mark_away_breaks_the_signature() -> None:
    assert outcome(examined(_stripped(specimen()))) == ("failed", 4, "signature")
    only_the_word = tampered(
        specimen(), lambda content: content["credentialSubject"]["achievement"].update(achievementType="Fieldwork")
    )
    assert outcome(examined(only_the_word)) == ("failed", 4, "signature")


SPELLINGS = {
    "list": lambda value: [value],
    "value object": lambda value: {"@value": value},
    "typed": lambda value: {"@value": value, "@type": "http://www.w3.org/2001/XMLSchema#string"},
    "list of value objects": lambda value: [{"@value": value}],
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_sec_024_no_other_spelling_of_the_same_statements_hides_the_mark(spelling: Any) -> None:
    """With the proof over statements alone, which a holder may keep while dropping the other."""

    def respell(content: Document) -> None:
        achievement = content["credentialSubject"]["achievement"]
        achievement["achievementType"] = spelling(achievement["achievementType"])
        content["issuer"]["name"] = spelling(content["issuer"]["name"])

    for wrap in (
        lambda content: None,
        lambda content: content.update(credentialSubject=[content["credentialSubject"]]),
    ):
        document = tampered(tampered(specimen(suites=[RDFC]), respell), wrap)
        assert is_test(document)
        assert examined(document).verdict is not Outcome.PASSED


@pytest.mark.parametrize("suite", [RDFC, JCS])
def test_a_test_with_one_proof_is_one_too(suite: str) -> None:
    assert examined(specimen(suites=[suite])).is_test


def test_a_presentation_of_a_test_does_not_pass() -> None:
    presentation = {
        "@context": specimen()["@context"],
        "type": ["VerifiablePresentation"],
        "holder": ACME_DID,
        "verifiableCredential": [specimen()],
    }
    report = examined(presentation)
    assert [part.report.is_test for part in report.parts] == [True]
    assert report.verdict is not Outcome.PASSED


@pytest.mark.parametrize(
    "name", ["Testament Press", "Test-Achats", "Tester", "Contest – Berlin", "TEST", "test", "Test Valley Council"]
)
def test_real_names_are_no_tests(name: str) -> None:
    """A consumers' organisation and a borough are called so."""
    assert not looks_marked(name)
    assert not is_test({"issuer": {"name": name}, "credentialSubject": {"achievement": {"name": f"TEST – {name}"}}})


@pytest.mark.parametrize(
    "name", ["TEST – Acme", "test – Acme", "Test: Acme", "TEST - Acme", "ＴＥＳＴ – Acme", "Test | A"]
)
def test_names_that_read_as_a_test(name: str) -> None:
    assert looks_marked(name)


def test_what_a_partner_writes_makes_no_test() -> None:
    """The one word is the composer's; whatever stands in the record changes nothing."""
    words = compose(completion(role="ext:Test", story="achievementType: ext:Test", term="TEST – 1"), issuance())
    assert not is_test(words)
    assert marked(marked("Acme")) == "TEST – Acme"


def test_a_test_is_a_badge_by_the_schema_of_1edtech(standards: Any) -> None:
    assert [error.message for error in badge_schema(standards).iter_errors(specimen())] == []

"""What may be shown of a credential: plain texts out of an allow-list, whatever stands in the document."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refolio.credential.facts import Deliverable, Facts, Role, SkillFact, read_facts
from tests.credential.acme import Document, tampered, unsigned
from tests.credential.test_verification_mutants import json_values, paths, put


def shown(value: Any) -> Iterator[Any]:
    """Every scalar that a page could show, through tuples and records."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from shown(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from shown(item)
    else:
        yield value


def assert_showable(facts: Facts) -> None:
    """Texts, dates and yes or no; links only to web pages; numbers that can be added up."""
    for scalar in shown(facts):
        assert scalar is None or type(scalar) in (str, bool, date), scalar
    links = [facts.issuer.url, facts.host.url, *(skill.url for skill in facts.skills)]
    links += [item.url for item in facts.deliverables]
    assert all(link is None or link.startswith(("https://", "http://")) for link in links)
    for hours in (facts.hours, facts.hours_required):
        assert hours is None or float(hours) >= 0
    assert facts.hours_basis in (None, "contracted", "logged", "estimated")
    assert facts.title


def changed(change: Any) -> Facts:
    facts = read_facts(tampered(unsigned(), change))
    assert_showable(facts)
    return facts


def test_everything_a_page_shows() -> None:
    facts = read_facts(unsigned())
    assert (facts.title, facts.intern, facts.role) == (
        "Market scan of recycled textiles",
        "Maya Okafor",
        "Market research micro-intern",
    )
    assert (facts.started, facts.ended, facts.signed_on) == (date(2026, 8, 24), date(2026, 9, 11), date(2026, 9, 18))
    assert (facts.hours, facts.hours_basis, facts.hours_required) == ("37.5", "logged", "40")
    assert (facts.mode, facts.engagement, facts.compensation) == ("remote", "project", "stipend")
    assert facts.issuer == Role("Acme Textiles", "did:web:portfolio.example:issuers:acme", "https://acme.example")
    assert facts.host == Role("Brightline Labs", "https://brightline.example", "https://brightline.example")
    assert facts.platform == Role("Northfield Careers")
    assert facts.tasks == ("Interview five buyers", "Map twelve competitors")
    esco = "http://data.europa.eu/esco/skill/0d2d1c5e-0000-4000-8000-000000000001"
    assert facts.skills == (
        SkillFact("market research", True, "exceeds", "ESCO", esco),
        SkillFact("spreadsheets", False),
    )
    assert facts.skills_seen == facts.skills[:1]
    assert facts.deliverables == (
        Deliverable("Market scan", "Report", "https://files.example/scan.pdf", "22 pages"),
        Deliverable("Talk to the product team", "Deliverable"),
    )
    assert (facts.feedback, facts.feedback_by) == ("Careful and quick.", "Sam Rivera, Head of Product")
    assert facts.credit == "2 ECTS credits by Northfield University"


def test_sec_119_neither_the_address_nor_its_hash_nor_the_salt_is_shown() -> None:
    texts = repr(read_facts(unsigned()))
    assert "@" not in texts
    assert "sha256$" not in texts
    assert "c2FsdC1" not in texts


# --- other people's badges -----------------------------------------------------------------------------------------


def test_every_fixture_can_be_read(standards: Path) -> None:
    """Signed or not, valid or not, 1.1 or 2.0: no exception, and nothing but texts and dates comes out."""
    read, named, skilled = 0, 0, 0
    for path in sorted((standards / "fixtures").rglob("*.json")):
        document = json.loads(path.read_bytes())
        if isinstance(document, dict):
            facts = read_facts(document)
            assert_showable(facts)
            read, named, skilled = read + 1, named + (facts.title != "Untitled"), skilled + bool(facts.skills)
    assert (read, named, skilled) >= (99, 94, 8)


def test_an_unknown_badge_claims_nothing_it_does_not_say() -> None:
    facts = read_facts({})
    assert_showable(facts)
    nothing: dict[str, Any] = {field.name: None for field in dataclasses.fields(Facts)}
    unnamed = {
        "credential_id": "",
        "title": "Untitled",
        "description": "",
        "issuer": Role("Unnamed"),
        "host": Role("Unnamed"),
    }
    assert facts == Facts(**nothing | unnamed | {"skills": (), "tasks": (), "deliverables": ()})


def test_alignments_of_a_foreign_badge_are_skills_nobody_observed() -> None:
    alignment = [{"targetName": "Ordering parts", "targetUrl": "https://esco.example/1", "targetFramework": "ESCO"}, {}]
    facts = read_facts({"credentialSubject": {"achievement": {"alignment": alignment}}})
    assert facts.skills == (SkillFact("Ordering parts", False, None, "ESCO", "https://esco.example/1"),)


def test_a_result_without_an_id_is_not_married_to_a_description_without_one() -> None:
    subject = {
        "achievement": {"resultDescription": [{"resultType": "ext:HoursCompleted"}]},
        "result": [{"value": "4000"}],
    }
    assert read_facts({"credentialSubject": subject}).hours is None


# --- what does not get through ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>",
        "https://acme.example@evil.example/",
        "https://acme.example\\@evil.example",
        "https://acme.example/ x",
        "https://acme.example/\u202egpj",
        "//evil.example",
        "ftp://files.example",
        "https:",
        "did:web:acme.example",
    ],
)
def test_sec_097_and_124_links_that_are_no_web_pages_are_dropped(link: str) -> None:
    def change(document: Document) -> None:
        document["issuer"]["url"] = link
        document["credentialSubject"]["source"]["url"] = link
        document["evidence"][0]["id"] = link
        document["credentialSubject"]["achievement"]["resultDescription"][3]["alignment"][0]["targetUrl"] = link

    facts = changed(change)
    assert (facts.issuer.url, facts.host.url, facts.deliverables[0].url, facts.skills[0].url) == (None,) * 4
    assert facts.deliverables[0].title == "Market scan"  # the words stay


@pytest.mark.parametrize("hours", ["4e9", "NaN", "Infinity", "-1", "1_000", "٤٠", "40 h", "1" * 5000, "", 40, True, {}])
def test_hours_that_are_no_hours_are_not_added_up(hours: Any) -> None:
    facts = changed(lambda document: document["credentialSubject"]["result"][1].update(value=hours))
    assert facts.hours is None


@pytest.mark.parametrize(
    "day", ["2026-W35-1", "20260824", "2026-02-30", "2026-13-01T00:00:00Z", "٢٠٢٦-08-24", "", 5, None]
)
def test_days_that_are_no_days(day: Any) -> None:
    assert changed(lambda document: document["credentialSubject"].update(activityStartDate=day)).started is None


def test_a_day_may_stand_alone_or_in_a_point_in_time() -> None:
    for day in ("2026-08-24", "2026-08-24T23:30:00-05:00"):
        facts = changed(lambda document, day=day: document["credentialSubject"].update(activityStartDate=day))
        assert facts.started == date(2026, 8, 24)


def test_sec_060_a_supervisors_word_cannot_be_borrowed() -> None:
    """A skill is seen only if the signed result says so; other words, also nearly the same, are nobody's."""
    for value in ("Seen", "seen by me", True, ["seen", "x"], {"id": "seen"}):
        facts = changed(lambda document, value=value: document["credentialSubject"]["result"][4].update(value=value))
        assert not facts.skills[1].seen


def test_words_outside_the_closed_lists_are_not_passed_on() -> None:
    def change(document: Document) -> None:
        document["credentialSubject"]["achievement"]["tag"] = ["Remote", "project!", ["stipend", "x"], 5, None]
        document["credentialSubject"]["result"][2]["value"] = "guessed"

    facts = changed(change)
    assert (facts.mode, facts.engagement, facts.compensation, facts.hours_basis) == (None,) * 4


_DOCUMENT = unsigned()


@settings(max_examples=300)
@given(st.sampled_from(list(paths(_DOCUMENT))), json_values)
def test_sec_006_any_value_anywhere_gives_facts_that_can_be_shown(path: tuple[str | int, ...], value: Any) -> None:
    before = copy.deepcopy(_DOCUMENT)
    assert_showable(read_facts(put(_DOCUMENT, path, value)))
    assert before == _DOCUMENT


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["credentialSubject", "issuer", "evidence", "id", "name"]), json_values))
def test_sec_006_any_document_gives_facts_that_can_be_shown(document: Document) -> None:
    assert_showable(read_facts(document))

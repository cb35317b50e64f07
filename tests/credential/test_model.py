"""Decoding a completion: what is wrong is named by member, in words, with the fix; nothing is dropped or guessed."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings

from refolio.credential.model import Completion, Intern, completion_from, completion_members
from refolio.errors import CompletionRefused, DocumentRefused, Fault
from tests.credential.completions import completion, members, sound_completions


def fault(**changes: Any) -> Fault:
    """The one fault of a completion with these members changed."""
    return fault_of({**members(), **changes})


def fault_of(given: Any) -> Fault:
    with pytest.raises(CompletionRefused) as refused:
        completion_from(given)
    (only,) = refused.value.faults
    assert only.reason.endswith(".")
    assert only.fix.endswith(".")
    assert only.field in str(refused.value)
    return only


def test_a_full_record_is_read() -> None:
    read = completion()
    assert (read.intern.name, read.started, read.hours.total) == ("Maya Okafor", date(2026, 8, 24), "37.50")
    assert [skill.name for skill in read.skills] == ["market research", "spreadsheets"]
    assert read.deliverables[1].kind == "Deliverable"


def test_optional_members_may_be_left_out_or_null() -> None:
    optional = ["feedback", "academic_credit", "host", "term", "story"]
    without = completion(deliverables=None, **dict.fromkeys(optional))
    assert without == completion_from({**members(deliverables=None), **dict.fromkeys(optional)})
    assert without.deliverables == ()


@settings(max_examples=40)
@given(sound_completions())
def test_a_completion_survives_its_own_members(given: Completion) -> None:
    assert completion_from(completion_members(given)) == given


def test_frozen_members_from_a_plugin_host_are_read() -> None:
    frozen = MappingProxyType({**members(), "intern": MappingProxyType(members()["intern"])})
    assert completion_from(frozen) == completion()


def test_a_completion_cannot_be_changed_or_given_by_position() -> None:
    with pytest.raises(AttributeError):
        completion().role = "CEO"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Intern("Maya", "maya@northfield.example")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hourz": 40}, "hourz"),
        ({"intern": {"name": "Maya", "email": "m@n.example", "phone": "1"}}, "intern.phone"),
        ({"skills": [{"name": "x", "observed": "seen", "stars": 5}]}, "skills[0].stars"),
        ({"@context": []}, "@context"),
        ({"__proto__": {}}, "__proto__"),  # SEC-013
        ({"Role": "x"}, "Role"),
    ],
)
def test_sec_013_unknown_members_are_refused_by_name(changes: dict[str, Any], field: str) -> None:
    assert fault(**changes) == Fault(field, "There is no member of this name.", "Remove it, or check its spelling.")


@pytest.mark.parametrize(
    "name", ["record", "issuer", "intern", "role", "project", "started", "hours", "mode", "skills"]
)
def test_required_members_are_asked_for(name: str) -> None:
    given = members()
    del given[name]
    assert fault_of(given) == Fault(name, "This member is required and missing.", "Add it.")


def test_required_members_inside_are_asked_for() -> None:
    assert fault(hours={"total": 4}).field == "hours.basis"
    assert fault(skills=[{"name": "x", "observed": "seen"}, {"name": "y"}]).field == "skills[1].observed"


@pytest.mark.parametrize(
    ("changes", "field", "reason", "fix"),
    [
        ({"role": 5}, "role", "This is a whole number.", "Send text."),
        ({"role": None}, "role", "This is nothing.", "Send text."),
        ({"role": ["x"]}, "role", "This is a list.", "Send text."),
        ({"project": "scan"}, "project", "This is text.", "Send an object."),
        ({"skills": "sql"}, "skills", "This is text.", "Send a list."),
        ({"feedback": "good"}, "feedback", "This is text.", "Send an object."),
        ({"story": 5}, "story", "This is a whole number.", "Send text."),
        (
            {"hours": {"total": 37.5, "basis": "logged"}},
            "hours.total",
            "This is a number with a fraction.",
            'Send a whole number or text such as "37.5".',
        ),
        (
            {"hours": {"total": True, "basis": "logged"}},
            "hours.total",
            "This is true or false.",
            "Send a whole number or text.",
        ),
    ],
)
def test_values_of_another_kind(changes: dict[str, Any], field: str, reason: str, fix: str) -> None:
    assert fault(**changes) == Fault(field, reason, fix)


@pytest.mark.parametrize(
    ("changes", "field", "first"),
    [
        ({"mode": "office"}, "mode", "remote"),
        ({"mode": None}, "mode", "remote"),
        ({"engagement": "internship"}, "engagement", "project"),
        ({"compensation": "paid"}, "compensation", "hourly-pay"),
        ({"hours": {"total": 4, "basis": "guessed"}}, "hours.basis", "contracted"),
        ({"skills": [{"name": "x", "observed": "yes"}]}, "skills[0].observed", "seen"),
        ({"skills": [{"name": "x", "observed": "seen", "level": "best"}]}, "skills[0].level", "developing"),
        (
            {"skills": [{"name": "x", "observed": "seen", "alignment": {"framework": "LinkedIn", "url": "https://x"}}]},
            "skills[0].alignment.framework",
            "ESCO",
        ),
    ],
)
def test_closed_lists_name_their_values(changes: dict[str, Any], field: str, first: str) -> None:
    assert fault(**changes).field == field
    assert fault(**changes).reason == "This is not one of the known values."
    assert fault(**changes).fix.startswith(f"Use one of: {first}")


@pytest.mark.parametrize(
    "value", ["24.08.2026", "2026-8-24", "2026-02-30", "2026-08-24T00:00:00Z", "2026-W35-1", "٢٠٢٦-٠٨-٢٤", "", 20260824]
)
def test_sec_063_dates_are_calendar_dates(value: Any) -> None:
    assert fault(started=value) == Fault(
        "started", "This is not a calendar date.", "Write it as YYYY-MM-DD, for example 2026-08-24."
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": "Acme Inc."}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"issuer": "-acme"}, "issuer"),
        ({"issuer": "acme\n"}, "issuer"),  # a line feed at the end is what Python's $ lets through
        ({"issuer": "../acme"}, "issuer"),
        ({"issuer": "a" * 49}, "issuer"),
        ({"project": members()["project"] | {"language": "English"}}, "project.language"),
        ({"project": members()["project"] | {"language": "en\n"}}, "project.language"),
    ],
)
def test_forms_are_shown_by_example(changes: dict[str, Any], field: str) -> None:
    example = {"issuer": "acme-textiles", "project.language": "en or pt-BR"}[field]
    assert fault(**changes) == Fault(field, "This is not in the expected form.", f"Write it like this: {example}.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": ""}, "role"),
        ({"skills": []}, "skills"),
        ({"project": members()["project"] | {"tasks": [""]}}, "project.tasks[0]"),
        ({"deliverables": [{"title": "x", "url": ""}]}, "deliverables[0].url"),
    ],
)
def test_empty_is_not_filled_in(changes: dict[str, Any], field: str) -> None:
    assert fault(**changes) == Fault(field, "This must not be empty.", "Fill it in.")


@pytest.mark.parametrize(
    ("changes", "field", "most"),
    [
        ({"role": "x" * 201}, "role", 200),
        ({"story": "x" * 4001}, "story", 4000),
        ({"skills": [{"name": f"s{n}", "observed": "seen"} for n in range(21)]}, "skills", 20),
        ({"deliverables": [{"title": "x"}] * 11}, "deliverables", 10),
        ({"intern": {"name": "Maya", "email": "m" * 255}}, "intern.email", 254),
        ({"hours": {"total": "1" * 11, "basis": "logged"}}, "hours.total", 10),
    ],
)
def test_too_long_says_how_long_it_may_be(changes: dict[str, Any], field: str, most: int) -> None:
    assert fault(**changes) == Fault(field, "This is too long.", f"Keep it to at most {most} characters or entries.")


def test_the_longest_values_are_read() -> None:
    assert completion(role="ä" * 200, story="x" * 4000).role == "ä" * 200


@pytest.mark.parametrize("given", [[], "x", None, 5, [members()]])
def test_only_an_object_is_a_completion(given: Any) -> None:
    assert fault_of(given).field == "completion"


def test_hours_are_whole_numbers_or_text() -> None:
    assert completion(hours={"total": 40, "basis": "logged"}).hours.total == 40
    assert completion(hours={"total": "37.5", "basis": "logged"}).hours.total == "37.5"


def test_a_refusal_is_also_a_refused_document() -> None:
    with pytest.raises(DocumentRefused) as refused:
        completion_from({})
    assert refused.value.code == "completion-refused"

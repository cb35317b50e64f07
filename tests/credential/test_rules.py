"""Completions that decode but cannot be true: each contradiction by its field, in a sentence for a careers officer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from refolio.credential.model import Completion, Framework
from refolio.credential.rules import FRAMEWORKS, faults, normal_number, require_sound
from refolio.errors import CompletionRefused, Fault
from tests.credential.completions import TODAY, completion, sound_completions

UUID = "0d2d1c5e-0000-4000-8000-000000000001"


def found(**changes: Any) -> list[Fault]:
    return faults(completion(**changes), TODAY)


def fault(**changes: Any) -> Fault:
    (only,) = found(**changes)
    assert only.reason.endswith(".")
    assert only.fix.endswith(".")
    return only


def hours(total: int | str, **others: Any) -> dict[str, Any]:
    return {"hours": {"total": total, "basis": "logged"}, **others}


def skill(**others: Any) -> dict[str, Any]:
    return {"name": "market research", "observed": "seen", **others}


@settings(max_examples=60)
@given(sound_completions())
def test_sound_completions_have_no_fault(given: Completion) -> None:
    assert faults(given, TODAY) == []
    require_sound(given, TODAY)


def test_every_fault_is_named_at_once_in_field_order() -> None:
    bad = completion(
        role="\t", ended="2026-08-01", hours={"total": "40 h", "basis": "logged"}, intern={"name": "M", "email": "m"}
    )
    assert [fault.field for fault in faults(bad, TODAY)] == ["role", "ended", "hours.total", "intern.email"]
    with pytest.raises(CompletionRefused) as refused:
        require_sound(bad, TODAY)
    assert refused.value.faults == tuple(faults(bad, TODAY))


# --- dates -------------------------------------------------------------------------------------------------------


def test_the_end_before_the_start() -> None:
    assert fault(started="2026-09-11", ended="2026-08-24") == Fault(
        "ended",
        "The end (2026-08-24) is before the start (2026-09-11).",
        "Swap the two dates, or correct the one that is wrong.",
    )


def test_the_end_in_the_future() -> None:
    """Today is meant in UTC; in Auckland it is tomorrow already."""
    tomorrow, later = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    assert fault(ended=later.isoformat()).reason == f"The end ({later}) is in the future."
    assert found(ended=tomorrow.isoformat()) == []


def test_a_whole_year_is_the_longest() -> None:
    assert found(started="2025-09-11", ended="2026-09-11") == []
    assert (
        fault(started="2025-09-10", ended="2026-09-11").reason == "From 2025-09-10 to 2026-09-11 is more than a year."
    )


def test_the_wrong_century() -> None:
    assert fault(started="1926-08-24", ended="1926-09-11") == Fault(
        "started", "1926-08-24 is too long ago to be right.", "Check the year."
    )
    assert faults(completion(started="0001-01-01", ended="9999-12-31"), date.max)


# --- hours -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [1, 40, "40", "37.5", "37.50", "0.25", "228", "040"])
def test_hours_that_are_accepted(total: int | str) -> None:
    assert found(**hours(total)) == []


@pytest.mark.parametrize(
    "total",
    ["40 h", "", " 40", "40\n", "1e2", "٤٠", "37,5", "40.", ".5", "0x28", "4_0", "+4", "NaN", "37.3", "10000", 10**15],
)
def test_hours_that_are_no_hours(total: int | str) -> None:
    assert fault(**hours(total)) == Fault(
        "hours.total", f"“{total}” is not a number of hours.", "Write 42 or 37.5: quarter hours, no unit."
    )


@pytest.mark.parametrize("total", [-3, "-3", "-0.5", "-x"])
def test_fewer_hours_than_none(total: int | str) -> None:
    assert fault(**hours(total)).reason == f"{total} hours is less than nothing."


@pytest.mark.parametrize("total", [0, "0", "0.00", "000"])
def test_no_hours(total: int | str) -> None:
    assert fault(**hours(total)).reason == "No hours were worked."


def test_forty_hours_do_not_fit_into_one_day() -> None:
    one_day = {"started": "2026-08-24", "ended": "2026-08-24"}
    assert fault(**hours("40.0", **one_day)) == Fault(
        "hours.total",
        "40 hours do not fit into 1 day (2026-08-24 to 2026-08-24); at most 12 hours a day are accepted.",
        "Correct the hours or the dates.",
    )
    assert found(**hours(12, **one_day)) == []
    assert fault(**hours("12.25", **one_day)).field == "hours.total"
    assert "2 days" in fault(**hours(25, started="2026-08-24", ended="2026-08-25")).reason


def test_required_hours_have_the_same_form() -> None:
    for required in (0, -1, "40 h"):
        assert fault(hours={"total": 40, "basis": "logged", "required": required}).field == "hours.required"


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("37.50", "37.5"),
        ("40.0", "40"),
        (100, "100"),
        ("100", "100"),
        ("007", "7"),
        ("0.25", "0.25"),
        ("1000.00", "1000"),
        (0, "0"),
    ],
)
def test_one_number_has_one_spelling(value: int | str, normal: str) -> None:
    assert normal_number(value) == normal


# --- kinds of work -----------------------------------------------------------------------------------------------


def test_academic_credit_as_compensation_must_be_stated() -> None:
    assert fault(compensation="academic-credit", academic_credit=None) == Fault(
        "academic_credit",
        "The compensation is academic credit, but no credit is stated.",
        "Add academic_credit with system, amount and given_by, or choose another compensation.",
    )
    assert found(compensation="academic-credit") == []


@pytest.mark.parametrize("amount", ["2", "2.5", 30, "0.25"])
def test_amounts_of_credit(amount: int | str) -> None:
    assert found(academic_credit={"system": "ECTS", "amount": amount, "given_by": "Northfield"}) == []


@pytest.mark.parametrize("amount", ["0", 0, "-1", "two", "2 ECTS", "1000", "2.555", ""])
def test_what_is_no_amount_of_credit(amount: int | str) -> None:
    refused = fault(academic_credit={"system": "ECTS", "amount": amount, "given_by": "Northfield"})
    assert refused == Fault("academic_credit.amount", f"“{amount}” is not an amount of credit.", "Write 2 or 2.5.")


@pytest.mark.parametrize("compensation", ["hourly-pay", "fixed-fee"])
def test_volunteering_is_not_paid(compensation: str) -> None:
    refused = fault(engagement="volunteering", compensation=compensation)
    assert (refused.field, refused.reason) == ("compensation", f"Volunteering is not paid by {compensation}.")


def test_nobody_sees_a_skill_in_a_simulation() -> None:
    assert fault(engagement="simulation", skills=[skill()]).field == "skills"
    assert found(engagement="simulation", skills=[skill(observed="self-reported")]) == []


@pytest.mark.parametrize("kind", ["Feedback", "delivery", " DELIVERY "])
def test_sec_060_a_deliverable_cannot_pass_for_feedback_or_for_a_platform(kind: str) -> None:
    refused = fault(deliverables=[{"title": "Google", "kind": kind}])
    assert (refused.field, refused.reason) == ("deliverables[0].kind", f"“{kind}” is not a kind of deliverable.")


# --- skills ------------------------------------------------------------------------------------------------------


def test_a_skill_is_listed_once() -> None:
    refused = fault(skills=[skill(), skill(name=" Market Research")])
    assert (refused.field, refused.fix) == ("skills[1].name", "List it once.")


@pytest.mark.parametrize("name", ["remote", "Project", "UNPAID", "micro-internship"])
def test_words_for_the_kind_of_work_are_no_skills(name: str) -> None:
    assert fault(skills=[skill(name=name)]).field == "skills[0].name"
    assert found(skills=[skill(name=f"{name} planning")]) == []


def test_only_a_seen_skill_has_a_level() -> None:
    refused = fault(skills=[skill(observed="self-reported", level="exceeds")])
    assert (refused.field, refused.reason) == (
        "skills[0].level",
        "Only a skill seen by the supervisor can have a level.",
    )


FORMS = {
    Framework.ESCO: [
        f"http://data.europa.eu/esco/skill/{UUID}",
        f"http://data.europa.eu/esco/occupation/{UUID}",
        "http://data.europa.eu/esco/skill/S1.2.3",
    ],
    Framework.ONET: [
        "https://www.onetonline.org/find/descriptor/result/4.A.1.a.1",
        "https://www.onetonline.org/find/descriptor/result/2.B",
    ],
    Framework.ONET_SOC: ["https://www.onetonline.org/link/summary/13-1161.00"],
    Framework.RSD: [f"https://osmt.example/api/skills/{UUID}", f"https://osmt.example:8443/skills/{UUID}"],
    Framework.CREDENTIAL_REGISTRY: [
        f"https://credentialengineregistry.org/resources/ce-{UUID}",
        f"https://sandbox.credentialengineregistry.org/resources/ce-{UUID}",
    ],
    Framework.CASE: [
        f"https://case.example/ims/case/v1p0/CFItems/{UUID}",
        f"https://case.example/ims/case/v1p1/CFItems/{UUID}",
        f"https://case.example/uri/{UUID}",
    ],
}


def aligned(framework: Framework, url: str) -> dict[str, Any]:
    return {"skills": [skill(alignment={"framework": framework.value, "url": url})]}


@pytest.mark.parametrize("framework", Framework)
def test_every_form_of_a_framework_is_accepted(framework: Framework) -> None:
    for url in [*FORMS[framework], FRAMEWORKS[framework].example]:
        assert found(**aligned(framework, url)) == [], url


@pytest.mark.parametrize("framework", Framework)
def test_other_forms_of_a_framework_are_refused_with_an_example(framework: Framework) -> None:
    others = [url for other, urls in FORMS.items() if other is not framework for url in urls]
    own = FRAMEWORKS[framework].example
    bent = [
        f"{own}\n",
        f"{own}/",
        f"{own}?x=1",
        f" {own}",
        own.upper(),
        own.replace("://", "://evil@"),
        f"{own}<x>",
        "nonsense",
    ]
    swapped = own.replace("https:", "http:") if own.startswith("https:") else own.replace("http:", "https:")
    for url in [*others, *bent, swapped, "javascript:alert(1)"]:
        assert fault(**aligned(framework, url)) == Fault(
            "skills[0].alignment.url",
            f"This is not the form of a link in {framework.value}.",
            f"Use a link like {own}.",
        )

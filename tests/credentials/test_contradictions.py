"""Well-formed completions that cannot be true: refused in a sentence that a careers officer understands."""

from __future__ import annotations

import pytest

from tests.world import Members, World, maya, plain

SKILL = {"name": "market research", "observed": "seen"}


def linked(framework: str, url: str) -> Members:
    return maya(skills=[{**SKILL, "alignment": {"framework": framework, "url": url}}])


REFUSED: dict[str, tuple[Members, str, str]] = {
    "end before start": (
        maya(started="2026-09-11", ended="2026-08-24"),
        "ended",
        "The end (2026-08-24) is before the start (2026-09-11).",
    ),
    "end in two days": (maya(ended="2026-11-25"), "ended", "The end (2026-11-25) is in the future."),
    "another century": (maya(started="1926-08-24", ended="1926-09-11"), "started", "too long ago to be right"),
    "wrong year": (maya(started="2024-08-24"), "ended", "is more than a year"),
    "a day that does not exist": (maya(ended="2026-02-30"), "ended", "not a calendar date"),
    "forty hours in one day": (
        plain(started="2026-08-24", ended="2026-08-24"),
        "hours.total",
        "40 hours do not fit into 1 day (2026-08-24 to 2026-08-24); at most 12 hours a day are accepted.",
    ),
    "negative hours": (plain(hours={"total": -4, "basis": "logged"}), "hours.total", "-4 hours is less than nothing."),
    "no hours": (plain(hours={"total": "0.00", "basis": "logged"}), "hours.total", "No hours were worked."),
    "hours with a unit": (plain(hours={"total": "40 h", "basis": "logged"}), "hours.total", "not a number of hours"),
    "hours in Arabic digits": (plain(hours={"total": "٤٠", "basis": "logged"}), "hours.total", "not a number of hours"),
    "ESCO link of another form": (
        linked("ESCO", "https://esco.ec.europa.eu/en/classification/skills?uri=123"),
        "skills[0].alignment.url",
        "This is not the form of a link in ESCO.",
    ),
    "a link of another framework": (
        linked("O*NET", "http://data.europa.eu/esco/skill/0d2d1c5e-0000-4000-8000-000000000001"),
        "skills[0].alignment.url",
        "This is not the form of a link in O*NET.",
    ),
    "a framework nobody knows": (
        linked("Acme Skills", "https://acme.example/1"),
        "skills[0].alignment.framework",
        "known",
    ),
    "a skill listed twice": (
        maya(skills=[SKILL, {**SKILL, "name": "Market Research"}]),
        "skills[1].name",
        "listed twice",
    ),
    "a level nobody saw": (
        maya(skills=[{**SKILL, "observed": "self-reported", "level": "exceeds"}]),
        "skills[0].level",
        "Only a skill seen by the supervisor can have a level.",
    ),
    "a simulation that was seen": (
        plain(engagement="simulation"),
        "skills",
        "A simulation has no supervisor who could have seen a skill.",
    ),
    "credit without credit": (
        plain(compensation="academic-credit"),
        "academic_credit",
        "The compensation is academic credit, but no credit is stated.",
    ),
    "paid volunteering": (
        plain(engagement="volunteering", compensation="hourly-pay"),
        "compensation",
        "Volunteering is not paid by hourly-pay.",
    ),
    "a mode nobody knows": (plain(mode="metaverse"), "mode", "not one of the known values"),
    "two e-mail addresses": (
        plain(intern={"name": "Maya", "email": "maya@a.example,oscar@b.example"}),
        "intern.email",
        "is not an e-mail address",
    ),
    "a link that runs code": (
        plain(deliverables=[{"title": "Report", "url": "javascript:alert(document.domain)"}]),
        "deliverables[0].url",
        "This is not a web address.",
    ),
    "a name that reads backwards": (
        plain(intern={"name": "Maya \u202erofakO", "email": "maya@northfield.example"}),
        "intern.name",
        "direction-changing characters",
    ),
    "two lines in a title": (plain(role="Intern\nCEO"), "role", "single line"),
}


@pytest.mark.parametrize(("body", "field", "says"), REFUSED.values(), ids=REFUSED)
async def test_a_contradiction_is_refused_in_a_sentence(
    body: Members, field: str, says: str, sqlite_world: World
) -> None:
    before = await sqlite_world.rows()
    answer = await sqlite_world.post(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "completion-refused")
    (fault,) = answer.json()["faults"]
    assert fault["field"] == field
    assert says in fault["reason"]
    assert fault["fix"].endswith((".", "!"))
    assert await sqlite_world.rows() == before


async def test_all_contradictions_are_named_at_once(sqlite_world: World) -> None:
    answer = await sqlite_world.post(plain(ended="2026-12-24", role=" ", hours={"total": "lots", "basis": "logged"}))
    assert {fault["field"] for fault in answer.json()["faults"]} == {"ended", "role", "hours.total"}
    assert all(fault["reason"] in answer.json()["detail"] for fault in answer.json()["faults"])


async def test_work_that_ends_today_can_be_signed_today(sqlite_world: World) -> None:
    assert (await sqlite_world.post(plain(ended="2026-11-23"))).status_code == 201

"""A careers system's placements: two CSV layouts and a webhook, read into completions by the names its people know."""

from __future__ import annotations

from typing import Any

import pytest

from refolio.csv_import import read_records
from refolio.plugin import ConfigRefused, RecordRefused
from refolio.plugin_rules import samples_beside
from refolio_placement_records import PlacementRecords

CONFIG, SAMPLES = samples_beside(PlacementRecords)
RECORDS: dict[str, Any] = {sample.name: dict(sample.record) for sample in SAMPLES}
WEEKLY, TOTAL, WEBHOOK = RECORDS["a weekly row"], RECORDS["a row with total hours"], RECORDS["a webhook"]


@pytest.fixture
def plugin() -> PlacementRecords:
    return PlacementRecords.from_config(CONFIG)


def refused(plugin: PlacementRecords, record: dict[str, Any]) -> list[str]:
    with pytest.raises(RecordRefused) as caught:
        plugin.read(record)
    return [str(fault) for fault in caught.value.faults]


def test_a_weekly_row(plugin: PlacementRecords) -> None:
    completion = plugin.read(WEEKLY)
    assert (completion.record, completion.issuer, completion.intern.name) == (
        "PL-2026-0417",
        "acme-textiles",
        "Maya Okafor",
    )
    assert (str(completion.started), str(completion.ended)) == ("2026-10-05", "2026-10-30")
    assert (completion.hours.total, completion.hours.basis) == ("70", "contracted")
    assert (completion.mode, completion.engagement, completion.compensation) == ("hybrid", "placement", "hourly-pay")
    assert [(skill.name, skill.observed) for skill in completion.skills] == [
        ("test planning", "seen"),
        ("technical writing", "seen"),
    ]
    assert completion.feedback
    assert completion.feedback.author == "Sam Rivera"
    assert plugin.review(completion) == []


def test_a_row_with_total_hours(plugin: PlacementRecords) -> None:
    american = PlacementRecords.from_config({**CONFIG, "dates": "month/day/year"})
    assert str(american.read({**TOTAL, "End Date": "05/28/2026"}).started) == "2026-05-10"
    completion = plugin.read({**TOTAL, "Skill 4": ""})
    assert str(completion.started) == "2026-10-05"
    assert (completion.hours.total, completion.hours.basis) == ("60", "logged")
    assert [skill.name for skill in completion.skills] == ["wayfinding", "map drawing", "print preparation"]


def test_a_webhook(plugin: PlacementRecords) -> None:
    completion = plugin.read(WEBHOOK)
    assert (completion.hours.total, completion.hours.basis) == ("76.5", "logged")
    assert [(skill.name, skill.level) for skill in completion.skills] == [
        ("data cleaning", "exceeds"),
        ("charting", None),
    ]
    assert completion.project.tasks[1] == "Chart waiting times by month"


def test_without_supervision_skills_are_self_reported_and_it_objects(plugin: PlacementRecords) -> None:
    completion = plugin.read({**WEEKLY, "Supervisor comment": ""})
    assert {skill.observed for skill in completion.skills} == {"self-reported"}
    assert [one.member for one in plugin.review(completion)] == ["supervisor"]
    webhook = {**WEBHOOK, "data": {**WEBHOOK["data"], "supervisor": None}}
    assert plugin.read(webhook).skills[0].level is None, "nobody saw it, so nobody rated it"


def test_hours_that_nobody_confirmed_are_estimated_and_it_objects(plugin: PlacementRecords) -> None:
    for name in ("a row whose hours nobody approved", "a webhook with planned hours only"):
        completion = plugin.read(RECORDS[name])
        assert completion.hours.basis == "estimated"
        assert [one.member for one in plugin.review(completion)] == ["hours"]


def test_everything_wrong_is_told_at_once_by_the_headings(plugin: PlacementRecords) -> None:
    row = {**WEEKLY, "Surname": "", "Start": "10/13/2026", "Hours/week": "17,5", "Pay": "lots", "Employer": "Acme"}
    assert [one.partition(":")[0] for one in refused(plugin, row)] == [
        "Surname",
        "Employer",
        "Start",
        "Hours/week",
        "Pay",
    ]
    assert any("Write 17.5 instead." in one for one in refused(plugin, row))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Hours/week": "60", "Weeks": "30"}, "Hours/week: "),
        ({"Student email": "maya at northfield"}, "Student email: "),
        ({"Weeks": "=COUNT(A1:A9)"}, "Weeks: This is a formula."),
        ({"End": "31/11/2026"}, "End: There is no such day in the calendar."),
        ({"Placement title": "x" * 300}, "Placement title: This is too long."),
    ],
)
def test_what_cannot_be_signed_is_blamed_on_its_heading(
    change: dict[str, str], says: str, plugin: PlacementRecords
) -> None:
    assert any(one.startswith(says) for one in refused(plugin, {**WEEKLY, **change}))


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({}, "dates"),
        ({"dates": "day/month/year"}, "issuers"),
        ({**CONFIG, "dates": "dd/mm/yy"}, "dates"),
        ({**CONFIG, "issuers": "Acme Textiles"}, "issuers"),
        ({**CONFIG, "issuers": "Acme Textiles = acme; ACME textiles = other"}, "issuers"),
        ({**CONFIG, "issuers": "Acme = Not A Short Name"}, "issuers"),
        ({**CONFIG, "engagement": "fun"}, "engagement"),
        ({**CONFIG, "colour": "red"}, "colour"),
    ],
)
def test_a_config_of_no_use_is_refused_by_its_key(config: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigRefused) as caught:
        PlacementRecords.from_config(config)
    assert caught.value.key == key


def test_a_csv_export_reaches_it_row_by_row(plugin: PlacementRecords) -> None:
    quoted = ";".join(f'"{value}"' for value in WEEKLY.values())
    export = "\ufeff" + ";".join(WEEKLY) + "\r\n" + quoted + "\r\n" + "only;three;cells\r\n"
    found = read_records(export.encode())
    assert found.separator == "semicolon"
    (row,) = found.rows
    assert plugin.read(row.record) == plugin.read(WEEKLY)
    assert [str(fault) for fault in found.faults] == [
        "line 3: This line has 3 cells, the heading has 23. Put quotation marks around texts that hold "
        "a semicolon or a line break."
    ]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "The file is empty."),
        (b"a,a\n1,2\n", "line 1, a: Two columns have this heading."),
        ("a,b\nü,2\n".encode("latin-1"), "A letter here is not UTF-8"),
        (b"PK\x03\x04", "This is a workbook"),
    ],
)
def test_a_file_in_doubt_gives_no_record(raw: bytes, says: str) -> None:
    found = read_records(raw)
    assert found.rows == []
    assert says in str(found.faults[0])

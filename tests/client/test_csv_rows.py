"""The rows of a careers office's file: nothing ambiguous is guessed, every fault of every row is named at once."""

from __future__ import annotations

from datetime import date

import pytest

from refolio.csv_import import read_completions
from tests.client.careers_office import EXAMPLE, GOOD, TODAY, only_fault, read, table


def test_empty_rows_are_passed_over_and_counted() -> None:
    second = table({**GOOD, "record": "NF-2", "issuer": "beta"}).partition("\n")[2]
    text = table(GOOD) + "\n,,,,,,,,,,,,,,,,\n   \n" + second
    found = read_completions(text, today=TODAY)
    assert not found.faults
    assert [row.line for row in found.rows] == [2, 6]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-08-24", date(2026, 8, 24)),
        ("24 Aug 2026", date(2026, 8, 24)),
        ("24-Aug-2026", date(2026, 8, 24)),
        ("4 august 2026", date(2026, 8, 4)),
        ("1 SEP 2026", date(2026, 9, 1)),
        ("1 Sept 2026", date(2026, 9, 1)),
        (" 2026-08-24\u00a0", date(2026, 8, 24)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert read({**GOOD, "started": text}).rows[0].completion.started == day


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("24/08/2026", "2026-08-24 for 24 August 2026."),
        ("08/24/2026", "2026-08-24 for 24 August 2026."),
        ("24.08.2026", "2026-08-24 for 24 August 2026."),
        ("03/04/2026", "2026-04-03 for 3 April 2026, or 2026-03-04 for 4 March 2026."),
        ("04-04-2026", "2026-04-04 for 4 April 2026."),
        ("24/08/26", "2026-08-24."),
        ("2026-8-4", "2026-08-24."),
        ("2026-02-30", "Correct the date."),
        ("46258", "2026-08-24."),
        ("24 Agosto 2026", "2026-08-24."),
        ("2026-08-24T00:00:00", "2026-08-24."),
        ("٢٠٢٦-٠٨-٢٤", "2026-08-24."),
        ("99/99/2026", "2026-08-24."),
        ("00/00/2026", "2026-08-24."),
        ("August", "2026-08-24."),
    ],
)
def test_sec_150_a_date_is_never_guessed(text: str, fix: str) -> None:
    line, column, says = only_fault(read({**GOOD, "started": text}))
    assert (line, column) == (2, "started")
    assert says.endswith(fix)


@pytest.mark.parametrize(("text", "hours"), [("42", 42), ("37.5", "37.5"), ("7.25", "7.25"), ("040", 40)])
def test_hours(text: str, hours: object) -> None:
    assert read({**GOOD, "hours": text}).rows[0].completion.hours.total == hours


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("42 h", "Write only 42."),
        ("37.5hrs.", "Write only 37.5."),
        ("37,5", "Write 37.5 instead."),
        ("4 2", "no unit."),
        ("1:30", "no unit."),
        ("1e2", "no unit."),
        ("forty", "no unit."),
        ("forty hours a week for three weeks", "no unit."),
        ("-5", "positive number."),
        ("0", "Give the hours worked."),
        ("37.3", "no unit."),
        ("٤٢", "no unit."),
    ],
)
def test_hours_that_cannot_be_read(text: str, fix: str) -> None:
    line, column, says = only_fault(read({**GOOD, "hours": text}))
    assert (line, column) == (2, "hours")
    assert says.endswith(fix)


@pytest.mark.parametrize("text", ["On-site", "on site", "ON_SITE"])
def test_words_are_read_in_any_spelling(text: str) -> None:
    assert read({**GOOD, "mode": text}).rows[0].completion.mode == "on-site"


@pytest.mark.parametrize(
    ("column", "text", "says"),
    [
        ("mode", "from home", "Use one of: remote, hybrid, on-site."),
        ("issuer", "Acme Textiles", "Write it like this: acme-textiles."),
        ("intern_email", "maya at northfield", "maya@example.org."),
        ("role", "", "Fill it in."),
        ("role", "=HYPERLINK(A1)", "not its formulas."),
        ("role", "@SUM(A1)", "not its formulas."),
        ("hours", "#REF!", "export the sheet again."),
        ("intern_name", "Zo\ufffd", "save as CSV UTF-8."),
        ("intern_name", "Ma\u202eya", "without them."),
        ("project_title", "Two\nlines", "Remove the line break."),
        ("intern_name", "x" * 201, "at most 200 characters"),
        ("tasks", "; ;", "Fill it in."),
        ("tasks", ";".join("abcdefghijklmnopqrstu"), "at most 20"),
        ("ended", "2027-01-01", "when the work is finished."),
        ("skills_seen", "", "seen or self-reported."),
        ("skills_seen", "remote", "longer name"),
        ("skills_seen", ";".join("abcdefghijklmnopqrstu"), "at most 20"),
    ],
)
def test_a_broken_cell_is_named_with_its_fix(column: str, text: str, says: str) -> None:
    found = read({**GOOD, column: text})
    assert only_fault(found)[:2] == (2, column)
    assert says in only_fault(found)[2]
    assert found.faults[0].value == text.strip()


@pytest.mark.parametrize(
    ("extra", "column"),
    [
        ({"skill_levels": "research = proficient"}, "skill_levels"),
        ({"skill_levels": "market research = brilliant"}, "skill_levels"),
        ({"skill_levels": "market research"}, "skill_levels"),
        ({"skill_levels": "market research = proficient; market research = exceeds"}, "skill_levels"),
        ({"skills_self_reported": "Excel", "skill_levels": "Excel = proficient"}, "skill_levels"),
        ({"skills_self_reported": "Market Research"}, "skills_self_reported"),
        ({"skill_links": "market research = https://skills.example/1"}, "skill_links"),
        ({"deliverables": "Report = files.acme.example"}, "deliverables"),
        ({"deliverables": "= https://files.acme.example/"}, "deliverables"),
        ({"feedback_by": "Sam Rivera"}, "feedback"),
        ({"host_url": "https://acme.example"}, "host"),
        ({"host": "Acme", "host_url": "acme.example"}, "host_url"),
        ({"credit_system": "ECTS", "credit_amount": "2"}, "credit_by"),
        ({"credit_system": "ECTS", "credit_amount": "two", "credit_by": "Northfield"}, "credit_amount"),
        ({"compensation": "academic-credit"}, "credit_system"),
        ({"engagement": "volunteering", "compensation": "hourly pay"}, "compensation"),
        ({"engagement": "simulation"}, "skills_seen"),
        ({"language": "English!"}, "language"),
        ({"hours_required": "0"}, "hours_required"),
    ],
)
def test_a_contradiction_is_reported_at_its_column(extra: dict[str, str], column: str) -> None:
    assert only_fault(read({**GOOD, **extra}))[:2] == (2, column)


def test_every_fault_of_every_row_is_reported_and_good_rows_proceed() -> None:
    bad = {
        **GOOD,
        "record": "NF-2",
        "role": "",
        "started": "24/08/2026",
        "hours": "42 h",
        "mode": "?",
        "skills_seen": "remote",
    }
    found = read(
        GOOD, bad, {**GOOD, "record": "NF-3", "ended": "2026-08-01"}, {**GOOD, "record": "NF-4", "issuer": "beta"}
    )
    assert [row.completion.record for row in found.rows] == ["NF-1", "NF-4"]
    assert [(fault.line, fault.column) for fault in found.faults] == [
        (3, "role"),
        (3, "started"),
        (3, "hours"),
        (3, "mode"),
        (3, "skills_seen"),
        (4, "ended"),
    ]


def test_a_fault_is_one_line_that_names_place_value_reason_and_fix() -> None:
    (fault,) = read({**GOOD, "hours": "42 h"}).faults
    assert str(fault) == "line 2, hours: “42 h” There is more than the number in this cell. Write only 42."


@pytest.mark.parametrize("cells", ["NF-2,acme-textiles", ",".join([*GOOD.values(), "one too many"])])
def test_a_row_of_another_length_was_cut_somewhere(cells: str) -> None:
    line, column, says = only_fault(read_completions(",".join(GOOD) + "\n" + cells + "\n", today=TODAY))
    assert (line, column) == (2, "")
    assert "quotation marks" in says


def test_empty_cells_beyond_the_heading_do_not_matter() -> None:
    text = table(GOOD).replace('market research"\n', 'market research",,,\n')
    assert len(read_completions(text, today=TODAY).rows) == 1


def test_sec_150_a_stray_carriage_return_never_cuts_a_cell() -> None:
    text = ",".join(GOOD) + "\n" + ",".join(GOOD.values()) + "\rand typography\n"
    assert only_fault(read_completions(text, today=TODAY))[0] == 2


def test_a_quotation_mark_that_is_never_closed() -> None:
    text = table(GOOD, {**GOOD, "record": "NF-2"}).replace('"NF-2"', '"NF-2')
    found = read_completions(text, today=TODAY)
    assert [row.completion.record for row in found.rows] == ["NF-1"]
    assert [fault.line for fault in found.faults] == [3]
    assert "do not match" in found.faults[0].reason


def test_a_quotation_mark_in_the_wrong_place_spoils_its_row_only() -> None:
    text = table(GOOD, {**GOOD, "record": "NF-2"}, {**GOOD, "record": "NF-3", "issuer": "beta"}).replace(
        "NF-2", '"NF"-2'
    )
    found = read_completions(text, today=TODAY)
    assert [row.completion.record for row in found.rows] == ["NF-1", "NF-3"]
    assert [fault.line for fault in found.faults] == [3]


def test_sec_152_the_same_record_twice() -> None:
    found = read(GOOD, {**GOOD, "project_title": "Another"})
    assert len(found.rows) == 1
    assert str(found.faults[0]).startswith("line 3, record: “NF-1” This record is already on line 2.")


def test_sec_152_the_same_work_under_two_records() -> None:
    found = read(GOOD, {**GOOD, "record": "NF-2", "intern_email": "MAYA@northfield.example"})
    assert len(found.rows) == 1
    assert "Line 2 has the same intern, project and dates." in str(found.faults[0])


def test_sec_152_two_issuers_may_use_the_same_record_id() -> None:
    assert len(read(GOOD, {**GOOD, "issuer": "brightline-studio"}).rows) == 2


def test_sec_152_the_same_file_twice_gives_equal_completions() -> None:
    first, second = (read_completions(EXAMPLE, today=TODAY) for _ in range(2))
    assert [row.completion for row in first.rows] == [row.completion for row in second.rows]

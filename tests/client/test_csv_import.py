"""A careers office's file as a whole: its encoding, its separator and its heading are never guessed in silence."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential.model import Alignment, Level, Observed
from refolio.csv_import import DEFAULT_COLUMNS, read_completions
from refolio.csv_import.columns import COLUMNS
from tests.client.careers_office import EXAMPLE, GOOD, TODAY, only_fault, read, table


def test_the_example_has_twelve_good_rows_and_two_broken_ones() -> None:
    found = read_completions(EXAMPLE, today=TODAY)
    assert len(found.rows) == 12
    assert [(fault.line, fault.column) for fault in found.faults] == [(15, "End date"), (16, "Hours"), (16, "Mode")]
    assert found.unused == ()


def test_the_example_shows_maya_at_four_organisations() -> None:
    completions = [row.completion for row in read_completions(EXAMPLE, today=TODAY).rows]
    issuers = Counter(one.issuer for one in completions if one.intern.name == "Maya Okafor")
    assert sum(issuers.values()) >= 5
    assert len(issuers) == 4
    assert {one.project.field for one in completions} == {"Marketing", "Design", "Data analysis", "Web development"}
    assert all(one.intern.email.endswith(".example") for one in completions)


def test_lines_are_those_of_the_file_even_after_a_cell_of_two_lines() -> None:
    rows = read_completions(EXAMPLE, today=TODAY).rows
    lines = EXAMPLE.read_text(encoding="utf-8").split("\n")
    assert all(lines[row.line - 1].startswith(row.completion.record + ",") for row in rows)


def test_a_good_row_becomes_a_completion() -> None:
    extra = {
        "skills_self_reported": "Excel",
        "skill_levels": "Market Research = proficient",
        "skill_links": "Excel=https://www.onetonline.org/find/descriptor/result/4.A.2.a.4",
        "deliverables": "Report; Slides = https://files.acme.example/slides.pdf",
        "feedback": "Good.\nVery good.",
        "credit_system": "ECTS",
        "credit_amount": "2",
        "credit_by": "Northfield University",
        "hours_required": "37.5",
    }
    (row,) = read({**GOOD, **extra}).rows
    one = row.completion
    assert (row.line, one.record, one.started, one.hours.total) == (2, "NF-1", date(2026, 8, 24), 40)
    assert [(s.name, s.observed, s.level) for s in one.skills] == [
        ("market research", Observed.SEEN, Level.PROFICIENT),
        ("Excel", Observed.SELF_REPORTED, None),
    ]
    assert isinstance(one.skills[1].alignment, Alignment)
    assert [item.url for item in one.deliverables] == [None, "https://files.acme.example/slides.pdf"]
    assert one.feedback is not None
    assert one.feedback.text == "Good.\nVery good."
    assert one.project.tasks == ("Compare suppliers", "Present findings")


@pytest.mark.parametrize(("separator", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_sec_150_the_forms_spreadsheet_programs_write(separator: str, name: str, newline: str, mark: bytes) -> None:
    text = table({**GOOD, "feedback": "Line one,\nline; two."}, separator=separator).replace("\n", newline)
    found = read_completions(mark + text.encode(), today=TODAY)
    assert found.separator == name
    feedback = found.rows[0].completion.feedback
    assert feedback is not None
    assert feedback.text == "Line one,\nline; two."


@pytest.mark.parametrize("quote", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_sec_150_quoted_newlines_are_part_of_the_cell(quote: int) -> None:
    out = io.StringIO()
    values = {**GOOD, "feedback": 'She said "yes",\nthen did it.'}
    writer = csv.writer(out, quoting=quote, lineterminator="\r\n")  # type: ignore[arg-type]
    writer.writerows([list(values), list(values.values())])
    (row,) = read_completions(out.getvalue().encode(), today=TODAY).rows
    assert row.completion.feedback is not None
    assert row.completion.feedback.text == 'She said "yes",\nthen did it.'


@pytest.mark.parametrize(
    ("raw", "says", "line"),
    [
        (table(GOOD).encode("utf-16"), "UTF-16", 1),
        (table(GOOD).encode("utf-16-le"), "UTF-16", 1),
        (table(GOOD).encode("utf-16-be"), "UTF-16", 1),
        (table({**GOOD, "intern_name": "Zoë"}).encode("cp1252"), "not UTF-8", 2),
        (table({**GOOD, "intern_name": "Zoë"}).replace("\n", "\r\n").encode("mac-roman"), "not UTF-8", 2),
        (b"\xed\xa0\x80,b\n", "not UTF-8", 1),
        (table(GOOD).replace("Maya", "Ma\0ya").encode(), "no text at all", 1),
        (b"PK\x03\x04 workbook", "workbook", 1),
        (b"", "empty", 1),
        (b"\xef\xbb\xbf", "empty", 1),
        (b"\n\n\n", "empty", 1),
        (b"a" * (10 * 1024 * 1024 + 1), "larger than 10 MB", 1),
    ],
)
def test_sec_150_a_file_that_cannot_be_read_says_why(raw: bytes, says: str, line: int) -> None:
    found = read_completions(raw, today=TODAY)
    assert says in only_fault(found)[2]
    assert found.faults[0].line == line


def test_sec_150_a_million_columns() -> None:
    assert "columns" in only_fault(read_completions("x," * 1_000_000 + "\n", today=TODAY))[2]


def test_sec_150_too_many_rows_are_said_to_be_left_out() -> None:
    row = ",".join(["x"] * len(GOOD)) + "\n"
    found = read_completions(",".join(GOOD) + "\n" + row * 5001, today=TODAY)
    assert found.faults[-1].line == 5002
    assert "first 5,000 rows" in found.faults[-1].reason


def test_sec_150_a_cell_of_a_megabyte() -> None:
    found = read_completions(table({**GOOD, "feedback": "x" * 1_000_000}, {**GOOD, "record": "NF-2"}), today=TODAY)
    assert [fault.line for fault in found.faults] == [2]


def test_a_path_a_text_and_bytes(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(table(GOOD), encoding="utf-8")
    for source in (file, str(file), table(GOOD), table(GOOD).encode()):
        assert len(read_completions(source, today=TODAY).rows) == 1
    with pytest.raises(FileNotFoundError):
        read_completions("nowhere.csv")


@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda name: name.replace("_", " "), lambda name: f" {name}: "]
)
def test_headings_are_compared_without_capitals_and_punctuation(change: object) -> None:
    assert callable(change)
    assert len(read({change(name): value for name, value in GOOD.items()}).rows) == 1


def test_every_heading_means_one_column() -> None:
    headings = [heading for column in COLUMNS.values() for heading in (column.name, *column.headings)]
    assert len(DEFAULT_COLUMNS) == len(headings)


def test_a_missing_column_is_named_with_what_it_may_be_called() -> None:
    found = read({name: value for name, value in GOOD.items() if name not in ("started", "mode")})
    assert [(fault.line, fault.column) for fault in found.faults] == [(1, "started"), (1, "mode")]
    assert "“start date”" in found.faults[0].fix


def test_one_of_the_skill_columns_is_needed() -> None:
    assert only_fault(read({k: v for k, v in GOOD.items() if k != "skills_seen"}))[1] == "skills_seen"


def test_a_column_that_occurs_twice() -> None:
    assert "“hours” and “Hours worked”" in only_fault(read({**GOOD, "Hours worked": "41"}))[2]


def test_an_unknown_column_is_not_used_and_said() -> None:
    found = read({**GOOD, "GPA": "3.9", "Phone": "1"})
    assert found.unused == ("GPA", "Phone")
    assert len(found.rows) == 1


def test_a_misspelt_column_is_not_passed_over() -> None:
    assert "“hours_required”" in only_fault(read({**GOOD, "hours_requird": "40"}))[2]


def test_headings_of_ones_own() -> None:
    german = {"Vorname Name" if name == "intern_name" else name: value for name, value in GOOD.items()}
    found = read_completions(table(german), {**DEFAULT_COLUMNS, "Vorname Name": "intern_name"}, today=TODAY)
    assert found.rows[0].completion.intern.name == "Maya Okafor"
    with pytest.raises(ValueError, match="no column shoe_size"):
        read_completions(table(GOOD), {"Shoe": "shoe_size"})


PIECES = [b'"', b"\n", b",", b";", b"\xff", b"\0", b"\r", b"=", b""]


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 3), st.sampled_from(PIECES)), min_size=1, max_size=6))
def test_sec_150_no_mangled_file_raises(changes: list[tuple[int, int, bytes]]) -> None:
    mangled = bytearray(EXAMPLE.read_bytes()[:4000])
    for place, length, piece in changes:
        mangled[place : place + length] = piece
    found = read_completions(bytes(mangled), today=TODAY)
    assert all(fault.reason and fault.fix and fault.line >= 1 for fault in found.faults)


@given(st.sampled_from(sorted(COLUMNS)), st.text(max_size=60))
def test_sec_150_no_cell_raises(column: str, text: str) -> None:
    found = read({**GOOD, column: text.replace("\0", "")})
    assert len(found.rows) + bool(found.faults) == 1

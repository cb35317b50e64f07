"""Every row of the catalogue's areas 1.1 to 1.7, 1.11 and 1.14 has a test with its number, or a reason why not.

A test carries a row's number in its name (``test_sec_033_…``, ``test_sec_038_and_064_…``) or as ``SEC-033`` in its
docstring or its module's. The reasons stand in docs/threat-model.md, in the table "Rows not tested, and why".
"""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.architecture.committed import REPOSITORY

ROWS = (*range(1, 111), *range(155, 187), *range(221, 233))
NOT_TESTED = "Rows not tested, and why"
IN_PART = "Rows tested in part"

_NAME = re.compile(r"sec((?:_(?:and_|sec_)?\d{3}(?!\d))+)")
_DOCSTRING = re.compile(r"SEC-(\d{3})(?!\d)")
_TABLE_ROW = re.compile(r"\| SEC-(\d{3}) \|(.*)\|")


def numbers_in_name(name: str) -> set[int]:
    """The row numbers that the name of a test carries."""
    return {int(number) for chain in _NAME.findall(name) for number in re.findall(r"\d{3}", chain)}


def numbers_in_docstring(docstring: str | None) -> set[int]:
    """The row numbers that a docstring carries."""
    return {int(number) for number in _DOCSTRING.findall(docstring or "")}


def rows_in(source: str) -> dict[int, set[str]]:
    """Row number → names of the tests in this source that carry it."""
    module = ast.parse(source)
    tests = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    of_module = numbers_in_docstring(ast.get_docstring(module)) if tests else set()
    tested: dict[int, set[str]] = {}
    for test in tests:
        for number in numbers_in_name(test.name) | numbers_in_docstring(ast.get_docstring(test)) | of_module:
            tested.setdefault(number, set()).add(test.name)
    return tested


@cache
def carried() -> dict[int, set[str]]:
    """Row number → tests of the whole repository that carry it."""
    found: dict[int, set[str]] = {}
    for file in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        if file.name != "test_attack_catalogue.py":
            for number, names in rows_in(file.read_text("utf-8")).items():
                found.setdefault(number, set()).update(f"{file.relative_to(REPOSITORY)}::{name}" for name in names)
    return found


@cache
def table(title: str) -> dict[int, str]:
    """Row number → the other cells, of the table under this heading of the threat model."""
    text = (REPOSITORY / "docs" / "threat-model.md").read_text("utf-8")
    assert f"## {title}\n" in text, f"the threat model has no heading “{title}”"
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [(int(number), cells) for number, cells in _TABLE_ROW.findall(section)]
    assert len(rows) == len(dict(rows)), f"a row stands twice under “{title}”"
    return dict(rows)


def test_every_row_is_tested_or_excused_and_none_is_both() -> None:
    with_test, excused = set(carried()), set(table(NOT_TESTED))
    print(f"\n{len(ROWS)} rows: {len(with_test & set(ROWS))} tested, {len(excused)} not tested with a reason.")  # noqa: T201
    assert sorted(set(ROWS) - with_test - excused) == [], "neither tested nor excused"
    assert sorted(with_test & excused) == [], "tested, and still excused"
    assert excused <= set(ROWS), "excused, but no row of these areas"


def test_a_row_said_to_be_tested_in_part_is_tested() -> None:
    assert set(table(IN_PART)) <= set(carried()) & set(ROWS)


@pytest.mark.parametrize("title", [NOT_TESTED, IN_PART])
def test_every_excuse_says_what_and_why(title: str) -> None:
    for number, cells in table(title).items():
        what, why = (cell.strip() for cell in cells.split("|"))
        assert len(what) > 10, number
        assert len(why) > 30, number


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("test_sec_033_mallory", {33}),
        ("test_sec_038_and_064_the_time", {38, 64}),
        ("test_sec_035_037_038_039_proofs", {35, 37, 38, 39}),
        ("test_sec_004_sec_022_the_worst", {4, 22}),
        ("test_sec_014_1000_requests", {14}),
        ("test_second_033", set()),
        ("test_033", set()),
    ],
)
def test_how_a_name_carries_a_number(name: str, numbers: set[int]) -> None:
    assert numbers_in_name(name) == numbers


def test_a_helper_or_a_comment_carries_nothing() -> None:
    source = '"""SEC-001."""\n# SEC-002\ndef sec_003(): ...\ndef test_x():\n    """SEC-004, not SEC-0055."""\n'
    assert rows_in(source) == {1: {"test_x"}, 4: {"test_x"}}
    assert rows_in('"""SEC-001."""\ndef helper(): ...\n') == {}

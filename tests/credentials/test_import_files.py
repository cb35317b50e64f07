"""Files as offices really save them, and files as Mallory makes them: nothing is guessed, nothing calculated."""

from __future__ import annotations

import pytest

from refolio.csv_import.cells import inert
from tests.credentials.console import press, read_sheet, row, sheet, upload
from tests.credentials.test_import import said
from tests.world import World
from verify.credentials.tables import Credential

GOOD = sheet(row(1))
HEADING, BODY = GOOD.split(b"\r\n", 1)


def quoted_newline() -> bytes:
    return sheet(row(1, tasks="Compare\nPresent", project_description='She said "good",\r\nand left.'))


READ = {
    "as it is": (GOOD, "UTF-8", "comma"),
    "with a byte order mark": (b"\xef\xbb\xbf" + GOOD, "UTF-8 with a byte order mark", "comma"),
    "semicolons": (sheet(row(1), separator=";"), "UTF-8", "semicolon"),
    "tabs": (sheet(row(1), separator="\t"), "UTF-8", "tab"),
    "line breaks in a cell": (quoted_newline(), "UTF-8", "comma"),
    "old Mac": (GOOD.replace(b"\r\n", b"\r"), "UTF-8", "comma"),
    "headings in words": (
        GOOD.replace(b"intern_name", b"Student Name").replace(b"started", b"Start-Date"),
        "UTF-8",
        "comma",
    ),
}
NOT_READ = {
    "UTF-16": (GOOD.decode().encode("utf-16"), "UTF-16"),
    "an older Windows form": (GOOD.replace(b"Maya", "Zoë".encode("cp1252")), "not UTF-8"),
    "NUL": (GOOD.replace(b"Maya", b"Ma\x00ya"), "no text at all"),
    "a workbook": (b"PK\x03\x04" + GOOD, "workbook"),
    "nothing": (b"\n", "empty"),
    "a million columns": (b",".join([HEADING, b"x," * 1_000_000]) + b"\r\n" + BODY, "columns"),
    "a missing column": (sheet({k: v for k, v in row(1).items() if k != "hours"}), "The column “hours” is missing."),
    "a column twice": (HEADING + b",Student\r\n" + BODY.rstrip() + b",Maya\r\n", "mean the same"),
    "an open quotation mark": (GOOD + b'"NF-2,acme', "quotation marks"),
    "a formula": (sheet(row(1, intern_name='=HYPERLINK("https://evil.example")')), "This is a formula."),
    "a lost letter": (sheet(row(1, intern_name="Zo\ufffd")), "A letter was lost"),
    "a shifted row": (GOOD.rstrip() + b",too,many\r\n", "cells, the heading has"),
    "a date to guess": (sheet(row(1, started="3/4/2026")), "It is not clear which number is the day"),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
async def test_sec_150_how_a_file_was_read_is_shown_before_anything_is_issued(sqlite_world: World, case: str) -> None:
    content, encoding, separator = READ[case]
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await upload(ann, "acme", content)
        page = said((await ann.get(answer.headers["location"])).text)
        assert "1 row can be issued." in page
        assert f"Encoding {encoding} Separator {separator} Columns" in page
        await press(ann, answer.headers["location"], "start")
        await sqlite_world.app.state.imports.settled()
    assert await Credential.count() == 1


@pytest.mark.parametrize("case", NOT_READ)
async def test_sec_150_nothing_is_guessed(sqlite_world: World, case: str) -> None:
    content, why = NOT_READ[case]
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await upload(ann, "acme", content)
        assert answer.status_code == 303
        page = said((await ann.get(answer.headers["location"])).text)
    assert why in page
    assert "can be issued. " not in page.replace("Nothing in this file can be issued. ", "").replace(
        "1 row can be issued. ", ""
    )


async def test_sec_150_rows_beyond_the_limit_are_named_and_not_read(sqlite_world: World) -> None:
    lines = BODY.decode().strip()
    content = HEADING + b"\r\n" + "".join(lines.replace("NF-1", f"NF-{n}") + "\r\n" for n in range(5100)).encode()
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await upload(ann, "acme", content)
        page = said((await ann.get(f"{answer.headers['location']}?after=4990")).text)
    assert "Only the first 5,000 rows are read." in page


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", '"=1', "\u00a0=1", "＝1+1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_sec_129_no_cell_of_a_result_can_be_calculated(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Maya", "2026-08-24", "a=b", "NF-1", "m@x.example", "3 - 1"])
def test_a_harmless_cell_is_left_as_it_is(cell: str) -> None:
    assert inert(cell) == cell


async def test_sec_129_the_file_of_results_holds_no_formula_of_anybody(sqlite_world: World) -> None:
    rows = [row(number, record=f"{cell.strip()}{number}", mode=cell) for number, cell in enumerate(FORMULAS)]
    content = sheet(*rows, row(99, record="+NF-99"))
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        address = (await upload(ann, "acme", content)).headers["location"]
        await press(ann, address, "start")
        await sqlite_world.app.state.imports.settled()
        results = (await ann.get(f"{address}/results.csv")).content
    assert results.startswith(b"\xef\xbb\xbf")
    cells = [cell for one in read_sheet(results) for cell in one.values()]
    assert "'+NF-99" in cells
    assert not [cell for cell in cells if cell.lstrip(' "\u00a0').startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    for line in results.decode("utf-8-sig").splitlines():
        assert line.startswith('"') or not line.startswith(("=", "+", "-", "@"))

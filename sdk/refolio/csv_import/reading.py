"""The file as a whole: its encoding, its separator, its heading, and one report for everything wrong in it.

Good rows come out whatever the others look like; a file whose encoding or heading is in doubt gives no row at all.
"""

from __future__ import annotations

import csv
import difflib
import io
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from refolio.credential.model import Completion
from refolio.csv_import.columns import COLUMNS, DEFAULT_COLUMNS, normal_heading
from refolio.csv_import.rows import Problem, read_row

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 200
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
SAVE_AS = "In the spreadsheet program choose “Save as” and the type “CSV UTF-8”."


@dataclass(frozen=True, slots=True)
class Row:
    """A good row: the line in the file where it begins, counted from 1, and the Completion in it."""

    line: int
    completion: Completion


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong: where, what stands there, why and what to do.

    ``line`` counts physical lines of the file from 1; ``column`` is the heading in the file, "" for the whole line.
    """

    line: int
    column: str
    value: str
    reason: str
    fix: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        value = " ".join(self.value.split())
        shown = f" “{value[:57]}…”" if len(value) > 60 else f" “{value}”" if value else ""
        return f"{place}:{shown} {self.reason} {self.fix}".rstrip()


@dataclass(frozen=True, slots=True)
class Import:
    """What a file holds, and how it was read.

    ``separator`` is its name in words; ``unused`` are headings that mean nothing here; ``columns`` are pairs of a
    heading and the column it stands for, in the file's order; ``marked`` says that it begins with a byte order mark.
    """

    rows: list[Row] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    separator: str = ""
    unused: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    marked: bool = False


def read_completions(
    path_or_text: Path | str | bytes, mapping: Mapping[str, str] = DEFAULT_COLUMNS, *, today: date | None = None
) -> Import:
    """Read a CSV export: the good rows, and every fault of every other row.

    A str with a line break, or bytes, is the CSV itself; any other str is a path. UTF-8 with or without byte order
    mark; comma, semicolon or tab, told from the heading. ``mapping`` names the column for each heading, which are
    compared without capitals and punctuation; add your own to DEFAULT_COLUMNS. Work that ends after ``today`` (by
    default the present day in UTC) is a fault. Two rows with one record, or with the same intern, project, issuer and
    dates, are never both taken.

    Raises OSError when the file cannot be read, ValueError when ``mapping`` names a column that does not exist.
    """
    headings = {normal_heading(heading): column for heading, column in mapping.items()}
    if strangers := set(headings.values()) - set(COLUMNS):
        raise ValueError(f"There is no column {', '.join(sorted(strangers))}; there are {', '.join(COLUMNS)}.")
    today = today or datetime.now(UTC).date()  # noqa: TID251 - only a default; tests and the service give the day
    raw = raw_of(path_or_text)
    if refusal := unreadable(raw):
        return Import(faults=[refusal])
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    if "\n" not in text:  # lines end with a carriage return alone; elsewhere it is a stray, and a fault of its row
        text = text.replace("\r", "\n")
    separator = separator_of(text, headings)
    lines = Lines(text, separator)
    heading = next(iter(lines), None)
    if heading is None:
        return Import(faults=[*lines.faults, RowFault(1, "", "", "The file is empty.", "Export it again.")])
    columns, unused, faults = _columns(*heading, headings)
    recognised = tuple((text, column) for text, column in zip(heading[1], columns, strict=False) if column)
    found = Import([], faults, SEPARATORS[separator], unused, recognised, raw.startswith(BOM_UTF8))
    return found if faults else _read_rows(found, lines, columns, separator, today)


def raw_of(path_or_text: Path | str | bytes) -> bytes:
    if isinstance(path_or_text, bytes):
        return path_or_text
    if isinstance(path_or_text, str) and ("\n" in path_or_text or "\r" in path_or_text):
        return path_or_text.encode(errors="surrogatepass")
    with Path(path_or_text).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def unreadable(raw: bytes) -> RowFault | None:
    """Why these bytes are not a text to be read, if so. Encodings are never guessed (SEC-150)."""
    if len(raw) > MAX_BYTES:
        return RowFault(1, "", "", f"The file is larger than {MAX_BYTES // 1024**2} MB.", "Import it in parts.")
    if raw.startswith(b"PK\x03\x04"):
        return RowFault(1, "", "", "This is a workbook, not a CSV file.", SAVE_AS)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        return RowFault(1, "", "", "The file is saved as UTF-16 (“Unicode text”) or is no text at all.", SAVE_AS)
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
        return RowFault(
            line, "", "", "A letter here is not UTF-8; the file is in an older Windows or Mac form.", SAVE_AS
        )
    return None


def separator_of(text: str, headings: Mapping[str, str]) -> str:
    """The separator that makes most sense of the heading line."""
    line = text.lstrip("\n").partition("\n")[0][:65_536]

    def sense(separator: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=separator), [])
        return sum(normal_heading(cell) in headings for cell in cells), len(cells)

    try:
        return max(SEPARATORS, key=sense)
    except csv.Error:
        return ","


class Lines:
    """The records of the file, each with the physical line it begins on; what cannot be read becomes a fault."""

    def __init__(self, text: str, separator: str) -> None:
        self._reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator, strict=True)
        self.faults: list[RowFault] = []

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = [cell.strip() for cell in next(self._reader)]
            except StopIteration:
                return
            except csv.Error:
                reason = "The quotation marks around a cell do not match, or the cell is far too long or broken."
                fix = "Put quotation marks around the whole cell, and double each one inside it."
                self.faults.append(RowFault(line, "", "", reason, fix))
                continue
            if any(cells):
                yield line, cells


def _columns(
    line: int, heading: list[str], headings: Mapping[str, str]
) -> tuple[list[str | None], tuple[str, ...], list[RowFault]]:
    """The column of each cell (None: unused), the headings that mean nothing, and what is wrong with the heading."""
    if len(heading) > MAX_COLUMNS:
        fix = f"Keep at most {MAX_COLUMNS}."
        return [], (), [RowFault(line, "", "", f"There are {len(heading):,} columns.", fix)]
    columns = [headings.get(normal_heading(text)) for text in heading]
    faults = []
    for column, number in Counter(filter(None, columns)).items():
        if number > 1:
            twins = " and ".join(f"“{text}”" for text, meant in zip(heading, columns, strict=True) if meant == column)
            faults.append(RowFault(line, column, "", f"{twins} mean the same.", "Keep one of these columns."))
    unused = tuple(text for text, column in zip(heading, columns, strict=True) if column is None and text)
    absent = [name for name in COLUMNS if name not in columns]
    for name in absent:
        near = difflib.get_close_matches(normal_heading(name), [normal_heading(text) for text in unused], 1, 0.8)
        if near:
            text = next(text for text in unused if normal_heading(text) == near[0])
            faults.append(RowFault(line, text, "", "There is no such column.", f"Rename it if it means “{name}”."))
        elif COLUMNS[name].required:
            also = ", ".join(f"“{heading}”" for heading in COLUMNS[name].headings)
            fix = f"Add it; it may also be called {also}." if also else "Add it."
            faults.append(RowFault(line, name, "", f"The column “{name}” is missing.", fix))
    if not {"skills_seen", "skills_self_reported"} - set(absent):
        fix = "Add it, or “skills_self_reported”."
        faults.append(RowFault(line, "skills_seen", "", "The column “skills_seen” is missing.", fix))
    return columns, unused, faults


def _read_rows(found: Import, lines: Lines, columns: Sequence[str | None], separator: str, today: date) -> Import:
    heading_of = {column: text for text, column in found.columns}
    taken: dict[tuple[str, ...], int] = {}
    for number, (line, cells) in enumerate(lines, 1):
        if number > MAX_ROWS:
            reason, fix = f"Only the first {MAX_ROWS:,} rows are read.", "Import the others in a file of their own."
            found.faults.append(RowFault(line, "", "", reason, fix))
            break
        if problem := misplaced(cells, columns, SEPARATORS[separator]):
            found.faults.append(RowFault(line, "", "", problem.reason, problem.fix))
            continue
        values = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
        read = read_row(values, today)
        problems = read if isinstance(read, list) else _repeated(read, line, taken)
        for column, reason, fix in problems:
            found.faults.append(RowFault(line, heading_of.get(column, column), values.get(column, ""), reason, fix))
        if isinstance(read, Completion) and not problems:
            found.rows.append(Row(line, read))
    found.faults.extend(lines.faults)
    found.faults.sort(key=lambda fault: fault.line)
    return found


def misplaced(cells: Sequence[str], columns: Sequence[str | None], separator: str) -> Problem | None:
    """Cells that stand under no heading mean that a text was cut at a separator; nobody can tell which."""
    if len(cells) < len(columns) or any(cells[len(columns) :]):
        reason = f"This line has {len(cells)} cells, the heading has {len(columns)}."
        return Problem("", reason, f"Put quotation marks around texts that hold a {separator} or a line break.")
    return None


def _repeated(completion: Completion, line: int, taken: dict[tuple[str, ...], int]) -> list[Problem]:
    """Never issue twice in silence (SEC-152): the same record, or the same work under another record."""
    record = ("record", completion.issuer, completion.record)
    work = (
        *("work", completion.issuer, completion.intern.email.casefold(), completion.project.title.casefold()),
        *(str(completion.started), str(completion.ended)),
    )
    if earlier := taken.get(record):
        return [Problem("record", f"This record is already on line {earlier}.", "Keep one of the two lines.")]
    if earlier := taken.get(work):
        reason = f"Line {earlier} has the same intern, project and dates."
        return [Problem("project_title", reason, "Keep one of the two lines, or correct what differs.")]
    taken[record] = taken[work] = line
    return []

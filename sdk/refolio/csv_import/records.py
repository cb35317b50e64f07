"""A CSV export in somebody else's layout, as records for a plugin: each row by the headings of the file itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from refolio.csv_import.reading import (
    MAX_COLUMNS,
    MAX_ROWS,
    SEPARATORS,
    Lines,
    RowFault,
    misplaced,
    raw_of,
    separator_of,
    unreadable,
)


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row: the line in the file where it begins, counted from 1, and its cells by heading, trimmed."""

    line: int
    record: dict[str, str]


@dataclass(frozen=True, slots=True)
class Records:
    """What a file holds: the rows that are whole, what is wrong with the others, and the separator in words."""

    rows: list[RecordRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    separator: str = ""


def read_records(path_or_text: Path | str | bytes) -> Records:
    """Read a CSV export as strictly as ``read_completions`` does, but leave it to a plugin what the cells mean.

    A str with a line break, or bytes, is the CSV itself; any other str is a path. A column without a heading must be
    empty. Raises OSError when the file cannot be read.
    """
    raw = raw_of(path_or_text)
    if refusal := unreadable(raw):
        return Records(faults=[refusal])
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    separator = separator_of(text, {})
    lines = Lines(text, separator)
    line, heading = next(iter(lines), (1, []))
    found = Records([], _of_heading(line, heading), SEPARATORS[separator])
    if found.faults:
        return found
    columns = [text or None for text in heading]
    for number, (line, cells) in enumerate(lines, 1):
        if number > MAX_ROWS:
            reason, fix = f"Only the first {MAX_ROWS:,} rows are read.", "Import the others in a file of their own."
            found.faults.append(RowFault(line, "", "", reason, fix))
            break
        if problem := misplaced(cells, columns, found.separator):
            found.faults.append(RowFault(line, "", "", problem.reason, problem.fix))
            continue
        named = dict(zip(heading, cells, strict=False))
        found.rows.append(RecordRow(line, {name: cell for name, cell in named.items() if name}))
    found.faults.extend(lines.faults)
    found.faults.sort(key=lambda fault: fault.line)
    return found


def _of_heading(line: int, heading: list[str]) -> list[RowFault]:
    if not heading:
        return [RowFault(line, "", "", "The file is empty.", "Export it again.")]
    if len(heading) > MAX_COLUMNS:
        return [RowFault(line, "", "", f"There are {len(heading):,} columns.", f"Keep at most {MAX_COLUMNS}.")]
    twice = [name for name, times in Counter(filter(None, heading)).items() if times > 1]
    return [RowFault(line, name, "", "Two columns have this heading.", "Keep one of them.") for name in twice]

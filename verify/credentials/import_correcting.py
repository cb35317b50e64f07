"""The rows of a file that could not be issued, as a file of their own: to be corrected there and uploaded again.

Of what an upload holds this is all that is kept as it was typed, and for a week only: it names people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import msgspec

from refolio.csv_import import Import
from refolio.csv_import.cells import inert
from refolio.csv_import.reading import SEPARATORS
from verify.credentials import import_reporting
from verify.credentials.tables import ImportJob
from verify.database import tx
from verify.http.refusals import Refused
from verify.runtime import Runtime

KEPT = timedelta(days=7)
WRONG = "what is wrong"  # a heading that means nothing to an import
_SEPARATORS = {name: separator for separator, name in SEPARATORS.items()}


class Broken(msgspec.Struct, frozen=True):
    """The heading of the file, and the cells of its broken rows, each with its line."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def broken_rows(found: Import, lines: Collection[int]) -> str | None:
    """What to keep of the rows on these lines, as JSON; None where no row could be read."""
    rows = tuple((line, found.cells[line]) for line in sorted(lines) if line in found.cells)
    return msgspec.json.encode(Broken(found.heading, rows)).decode() if rows else None


async def broken_csv(slug: str, job_id: str) -> bytes:
    """The broken rows under their own heading, after a column that says what is wrong; UTF-8 with a byte order mark,
    in the separator of the file.

    No cell can be taken for a formula (SEC-129), and an import takes each for what stood there before. Raises Refused
    where there is no such import, and where its rows are forgotten.
    """
    job = await ImportJob.select().where(ImportJob.id == job_id, ImportJob.issuer == slug).first()
    if job is None or job["broken"] is None:
        raise Refused("not-found", "There is nothing at this address.")
    broken = msgspec.json.decode(job["broken"], type=Broken)
    separator = _SEPARATORS[msgspec.json.decode(job["reading"])["separator"]]
    wrong = await _wrong(slug, job_id)
    text = io.StringIO(newline="")
    text.write(import_reporting.BYTE_ORDER_MARK)
    sheet = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    sheet.writerow([WRONG, *_told(broken.heading, broken.heading)])
    for line, cells in broken.rows:  # with all their cells, so that one too many is one too many there too
        sheet.writerow([inert(wrong.get(line, "")), *_told(cells, broken.heading)])
    return text.getvalue().encode()


def _told(cells: tuple[str, ...], heading: tuple[str, ...]) -> list[str]:
    """The cells but for what an earlier file of this kind said to be wrong."""
    said = heading.index(WRONG) if WRONG in heading else None
    return [inert(cell) for place, cell in enumerate(cells) if place != said]


async def _wrong(slug: str, job_id: str) -> dict[int, str]:
    """What is wrong in each line, in a sentence for each fault."""
    rows = await import_reporting.rows(slug, job_id, states=import_reporting.PROBLEMS, most=import_reporting.ALL)
    return {
        row.line: " ".join(f"{fault.column}: {fault.reason} {fault.fix}".lstrip(": ") for fault in row.faults)
        for row in rows
    }


async def forget(runtime: Runtime) -> None:
    """Forget files that were checked and not started for a week, and the rows to correct of all others."""
    old = ImportJob.created_at < runtime.now() - KEPT
    changes: dict[Any, Any] = {ImportJob.broken: None}
    async with tx():
        await ImportJob.delete().where(ImportJob.state == "checked", old)
        await ImportJob.update(changes).where(ImportJob.broken.is_not_null(), old)

"""What an import is, how far it has come, and what became of each row: for pages, and as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from piccolo.query.functions.aggregate import Count

from refolio.csv_import.cells import inert
from refolio.csv_import.reading import MAX_ROWS
from verify.credentials import links
from verify.credentials.tables import Credential, ImportJob, ImportRow
from verify.http.refusals import Refused
from verify.runtime import Runtime

PAGE = 100
RECENT = 20
DONE = frozenset({"issued", "known", "refused"})
SHOWN = ImportJob.all_columns(exclude=[ImportJob.broken])  # that one may be as large as the file
PROBLEMS = ("bad", "refused")
ALL = 2 * MAX_ROWS
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheet programs take UTF-8 for something else
_RESULTS = {
    "issued": "issued",
    "known": "issued before",
    "refused": "not issued",
    "bad": "not issued",
    "waiting": "waiting",
}


@dataclass(frozen=True, slots=True)
class CellFault:
    """One thing wrong in a row: the column, what stands there, why it cannot be taken, what to do."""

    column: str
    value: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of a row. ``code`` is that of its credential, or of the earlier one that stands in its way."""

    line: int
    state: str
    record: str | None
    faults: tuple[CellFault, ...]
    credential: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import as its page shows it. ``counts`` are rows by state; ``columns`` pairs of heading and column."""

    id: str
    state: str
    file: str
    encoding: str
    separator: str
    columns: tuple[tuple[str, str], ...]
    unused: tuple[str, ...]
    why: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int]
    correctable: bool  # the broken rows can be had as a file

    def count(self, *states: str) -> int:
        """How many rows are in one of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def not_issued(self) -> int:
        """Rows that did not become credentials and will not."""
        return self.count(*PROBLEMS, *(("waiting",) if self.state == "stopped" else ()))

    @property
    def good(self) -> int:
        """Rows that can be, or were, issued."""
        return self.count("waiting", *DONE)

    @property
    def done(self) -> int:
        """Good rows of which it is known what became of them."""
        return self.count(*DONE)


async def report(slug: str, job_id: str) -> ImportReport:
    """The import of this issuer with this id. Raises Refused when there is none."""
    jobs = await ImportJob.select(*SHOWN).where(ImportJob.id == job_id, ImportJob.issuer == slug)
    if not jobs:
        raise Refused("not-found", "There is nothing at this address.")
    return (await _reports(jobs))[0]


async def recent(slug: str) -> list[ImportReport]:
    """The newest imports of an issuer, newest first."""
    jobs = (
        await ImportJob.select(*SHOWN)
        .where(ImportJob.issuer == slug)
        .order_by(ImportJob.created_at, ascending=False)
        .limit(RECENT)
    )
    return await _reports(jobs)


async def rows(
    slug: str, job_id: str, *, states: Sequence[str] = (), after: int = 0, most: int = PAGE
) -> list[RowReport]:
    """Up to ``most`` rows of an import in the order of their lines: those in ``states``, below the line ``after``."""
    if not await ImportJob.exists().where(ImportJob.id == job_id, ImportJob.issuer == slug):
        raise Refused("not-found", "There is nothing at this address.")
    query = ImportRow.select().where(ImportRow.job == job_id, ImportRow.line > after)
    if states:
        query = query.where(ImportRow.state.is_in(list(states)))
    found = await query.order_by(ImportRow.line).limit(most)
    ids = [row["credential"] for row in found if row["credential"]]
    codes: dict[str, str | None] = {}
    for start in range(0, len(ids), PAGE):
        some = Credential.id.is_in(ids[start : start + PAGE])
        codes |= {row["id"]: row["code"] for row in await Credential.select(Credential.id, Credential.code).where(some)}
    return [
        RowReport(
            row["line"],
            row["state"],
            row["record"],
            tuple(msgspec.json.decode(row["faults"], type=list[CellFault])) if row["faults"] else (),
            row["credential"],
            codes.get(row["credential"]),
        )
        for row in found
    ]


async def results_csv(runtime: Runtime, slug: str, job_id: str) -> bytes:
    """What became of every row, one line for each or for each fault of it; UTF-8 with a byte order mark.

    Every cell is quoted, and none can be taken for a formula by a spreadsheet program (SEC-129).
    """
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL)
    sheet.writerow(["line", "record", "result", "column", "value", "reason", "fix", "verdict page"])
    stopped = (await report(slug, job_id)).state == "stopped"
    for row in await rows(slug, job_id, most=ALL):
        result = _RESULTS["refused" if stopped and row.state == "waiting" else row.state]
        link = links.verdict(runtime, row.code) if row.code else ""
        for fault in row.faults or (CellFault("", "", "", ""),):
            cells = (row.record or "", result, fault.column, fault.value, fault.reason, fault.fix, link)
            sheet.writerow([str(row.line), *map(inert, cells)])
    return text.getvalue().encode()


async def _reports(jobs: Sequence[Mapping[str, Any]]) -> list[ImportReport]:
    counts: dict[str, dict[str, int]] = {job["id"]: {} for job in jobs}
    if counts:
        grouped = (
            await ImportRow.select(ImportRow.job, ImportRow.state, Count())
            .where(ImportRow.job.is_in(list(counts)))
            .group_by(ImportRow.job, ImportRow.state)
        )
        for row in grouped:
            counts[row["job"]][row["state"]] = row["count"]
    kept = ImportJob.id.is_in([*counts, ""]) & ImportJob.broken.is_not_null()
    correctable = {row["id"] for row in await ImportJob.select(ImportJob.id).where(kept)}
    return [_report(job, counts[job["id"]], job["id"] in correctable) for job in jobs]


def _encoding(reading: Mapping[str, Any]) -> str:
    if not reading["separator"]:
        return "not known"
    return "UTF-8 with a byte order mark" if reading["marked"] else "UTF-8"


def _report(job: Mapping[str, Any], counts: Mapping[str, int], correctable: bool) -> ImportReport:
    reading = msgspec.json.decode(job["reading"])
    return ImportReport(
        id=job["id"],
        state=job["state"],
        file=job["file"],
        encoding=_encoding(reading),
        separator=reading["separator"],
        columns=tuple((heading, column) for heading, column in reading["columns"]),
        unused=tuple(reading["unused"]),
        why=job["why"],
        created_at=job["created_at"],
        started_at=job["started_at"],
        finished_at=job["finished_at"],
        counts=counts,
        correctable=correctable,
    )

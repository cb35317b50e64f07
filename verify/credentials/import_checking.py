"""The dry run of an import: read an uploaded file, keep its good rows, and name everything wrong with the others.

Nothing is issued here. Whatever can be known before issuing is said before issuing: also that a row names another
issuer, was issued before, or was issued before with other facts.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from refolio.credential.canonical import jcs
from refolio.credential.model import Completion, completion_members
from refolio.csv_import import Import, RowFault, read_completions
from verify.credentials.deduplicating import RECORD_TAKEN, current_from
from verify.credentials.import_correcting import broken_rows, forget
from verify.credentials.reserving import Request, natural_key_of
from verify.credentials.tables import AnsweredRequest, Credential, ImportJob, ImportRow
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.platforms.admitting import CONSOLE
from verify.runtime import Runtime
from verify.trail.recording import record

MOST_AT_ONCE = 4  # files being read in one process; each may take 10 MB and a second
CHUNK = 200  # rows in one statement; databases limit the number of values
LONGEST_LABEL = 100

WORK_TAKEN = "The same intern, project and dates were issued before under another record."
_reading = asyncio.Semaphore(MOST_AT_ONCE)


@dataclass(slots=True)
class _Line:
    """A line of the file on its way into the table."""

    line: int
    state: str
    completion: Completion | None = None
    faults: list[Mapping[str, str]] = field(default_factory=list)
    credential: str | None = None
    record: str | None = None


def request_of(slug: str, completion: Completion, *, by: str | None) -> Request:
    """The request to issue a row. Its key is made of its content: the same row again is the same request (SEC-152)."""
    body = msgspec.json.encode(completion_members(completion))
    key = f"{slug}:row:{hashlib.sha256(jcs(msgspec.json.decode(body))).hexdigest()}"
    return Request(CONSOLE, key, body, completion, sole_record=True, by=by)


async def check(runtime: Runtime, actor: Actor, slug: str, name: str, raw: bytes) -> str:
    """Read the file ``raw`` and return the id of a job that waits to be started. ``name`` is a label and never a path.

    Raises Refused for an actor who may not import for this issuer, for one that holds its own key or is closed, and
    when too many files are being read (SEC-149).
    """
    if not can(actor, Action.IMPORT, slug) or actor.person is None:
        raise Refused("not-found", "There is nothing at this address.")
    if await publishing.holds_key(slug):
        raise Refused("other-custody", "The issuer holds its own key; this service cannot sign for it.")
    if await publishing.is_closed(slug):
        raise Refused("issuer-closed", f"The issuer {slug!r} is closed.")
    if _reading.locked():
        raise Refused("unavailable", "Other files are being read at this moment.")
    async with _reading:
        found = await asyncio.to_thread(read_completions, raw, today=runtime.now().date())
    lines = _lines(found, slug)
    await _look_up(slug, [line for line in lines if line.state == "waiting"])
    job = ImportJob(
        id=runtime.new_id(),
        issuer=slug,
        person=actor.person,
        state="checked",
        file=label(name),
        reading=msgspec.json.encode(
            {
                "marked": found.marked,
                "separator": found.separator,
                "columns": found.columns,
                "unused": found.unused,
            }
        ).decode(),
        broken=broken_rows(found, {line.line for line in lines if line.state == "bad"}),
        created_at=runtime.now(),
    )
    rows = [_row(job.id, line) for line in lines]
    await forget(runtime)
    async with tx():
        await job.save()
        for start in range(0, len(rows), CHUNK):
            await ImportRow.insert(*rows[start : start + CHUNK])
    return str(job.id)


async def start(runtime: Runtime, actor: Actor, slug: str, job_id: str) -> None:
    """Let the workers issue the good rows of a checked job; a second start changes nothing.

    Raises Refused for an actor who may not, and for a job that is not there.
    """
    if not can(actor, Action.IMPORT, slug) or actor.person is None:
        raise Refused("not-found", "There is nothing at this address.")
    own = (ImportJob.id == job_id) & (ImportJob.issuer == slug)
    async with tx():
        started = (
            await ImportJob.update(
                {
                    ImportJob.state: "running",
                    ImportJob.started_at: runtime.now(),
                    ImportJob.leased_until: runtime.now(),
                    ImportJob.person: actor.person,
                }
            )
            .where(own, ImportJob.state == "checked")
            .returning(ImportJob.id)
        )
        if started:
            rows = await ImportRow.count().where(ImportRow.job == job_id, ImportRow.state == "waiting")
            await record(runtime, actor.name, "import-started", slug, about=job_id, detail={"rows": rows})
    if not started and not await ImportJob.exists().where(own):
        raise Refused("not-found", "There is no import with this id.")


async def discard(actor: Actor, slug: str, job_id: str) -> None:
    """Forget a checked file that shall not be issued. Raises Refused when it is not there, or was started."""
    if not can(actor, Action.IMPORT, slug):
        raise Refused("not-found", "There is nothing at this address.")
    own = (ImportJob.id == job_id) & (ImportJob.issuer == slug) & (ImportJob.state == "checked")
    async with tx():
        gone = await ImportJob.delete().where(own).returning(ImportJob.id)
    if not gone:
        raise Refused("not-found", "There is no import with this id that waits to be started.")


def label(name: str) -> str:
    """What an uploaded file is called on pages: its name without folders, in printable letters (SEC-148)."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:LONGEST_LABEL] or "file without a name"


def _lines(found: Import, slug: str) -> list[_Line]:
    """One entry for each line that says something: with faults, or with a completion for this issuer."""
    lines: dict[int, _Line] = {}
    for fault in found.faults:
        lines.setdefault(fault.line, _Line(fault.line, "bad")).faults.append(_members(fault))
    place = next((n for n, text in enumerate(found.heading) if (text, "record") in found.columns), 0)
    for number, cells in found.cells.items():
        if number in lines and place < len(cells):
            lines[number].record = cells[place][:LONGEST_LABEL] or None
    issuer_heading = next((heading for heading, column in found.columns if column == "issuer"), "issuer")
    for row in found.rows:
        line = lines.setdefault(row.line, _Line(row.line, "waiting", row.completion))
        if row.completion.issuer != slug:  # nothing is said of whether there is such an issuer (SEC-153)
            line.state, line.completion = "bad", None
            reason = "This is not the short name of your organisation."
            fix = f"Write {slug}. Rows of another organisation are imported in its own console."
            line.faults.append(_members(RowFault(row.line, issuer_heading, row.completion.issuer, reason, fix)))
    return [lines[number] for number in sorted(lines)]


def _members(fault: RowFault) -> dict[str, str]:
    return {
        "column": fault.column,
        "value": " ".join(fault.value.split())[:200],
        "reason": fault.reason,
        "fix": fault.fix,
    }


async def _look_up(slug: str, lines: Sequence[_Line]) -> None:
    """Mark the lines that were issued before: the same row, the same record with other facts, or the same work."""
    by_key = {request_of(slug, line.completion, by=None).idempotency_key: line for line in lines if line.completion}
    for some in _chunks(by_key):
        answered = await AnsweredRequest.select(AnsweredRequest.idempotency_key, AnsweredRequest.credential).where(
            AnsweredRequest.platform == CONSOLE, AnsweredRequest.idempotency_key.is_in(some)
        )
        for row in answered:
            line = by_key[row["idempotency_key"]]
            line.state, line.credential = "known", row["credential"]
    by_record: dict[str, list[_Line]] = defaultdict(list)
    by_work: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        if line.completion and line.state == "waiting":
            by_record[line.completion.record].append(line)
            by_work[natural_key_of(line.completion, slug)].append(line)
    for some in _chunks(by_record):
        found = Credential.select(Credential.id, Credential.record, Credential.completion)
        rows = await found.where(*current_from(slug, CONSOLE, some))
        for row in rows:
            for line in by_record[row["record"]]:
                if line.completion and _says(row["completion"], line.completion):  # as it was corrected since
                    line.state, line.credential = "known", row["id"]
        for row in rows:
            _refuse(by_record[row["record"]], row["id"], RECORD_TAKEN.reason)
    for some in _chunks(by_work):
        rows = await Credential.select(Credential.id, Credential.natural_key).where(
            Credential.issuer == slug, Credential.natural_key.is_in(some)
        )
        for row in rows:
            _refuse(by_work[row["natural_key"]], row["id"], WORK_TAKEN)


def _says(completion_json: str, completion: Completion) -> bool:
    """Does the stored completion hold the very facts of this one?"""
    try:
        return msgspec.json.decode(completion_json, type=Completion) == completion
    except msgspec.DecodeError:  # a spoilt row (SEC-205)
        return False


def _refuse(lines: Iterable[_Line], credential: str, reason: str) -> None:
    for line in lines:
        if line.state == "waiting":
            line.state, line.credential = "bad", credential
            assert line.completion
            line.faults.append(
                {"column": "record", "value": line.completion.record, "reason": reason, "fix": RECORD_TAKEN.fix}
            )


def _row(job_id: str, line: _Line) -> ImportRow:
    members = completion_members(line.completion) if line.completion else None
    waits = members is not None and line.state == "waiting"
    return ImportRow(
        job=job_id,
        line=line.line,
        state=line.state,
        record=line.completion.record if line.completion else line.record,
        completion=msgspec.json.encode(members).decode() if waits else None,
        faults=msgspec.json.encode(line.faults).decode() if line.faults else None,
        credential=line.credential,
    )


def _chunks(keys: Iterable[str]) -> Iterable[list[str]]:
    together = list(keys)
    return (together[start : start + CHUNK] for start in range(0, len(together), CHUNK))

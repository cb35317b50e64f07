"""The worker that issues the rows of started imports: any number of them, in any number of processes.

A worker leases a job for a moment, issues some rows, notes what became of them, and lets go. Each row is a request of
its own with a key made of its content, so a row that was issued just before a crash is met again and not issued twice
(SEC-151).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from refolio.credential.model import Completion
from refolio.errors import CompletionRefused, Fault
from verify.background import until_over
from verify.credentials import issuing
from verify.credentials.deduplicating import RECORD_TAKEN, current_from
from verify.credentials.import_checking import WORK_TAKEN, request_of
from verify.credentials.import_correcting import forget
from verify.credentials.reserving import natural_key_of
from verify.credentials.tables import Credential, ImportJob, ImportRow
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers.members import roles_of
from verify.platforms.admitting import CONSOLE
from verify.runtime import KeyServiceDown, Runtime
from verify.trail.recording import record

LEASE = timedelta(seconds=20)  # far longer than some rows take; after a crash it is how long the others wait
ROWS_AT_ONCE = 20
LOOKS_EVERY = 5.0  # seconds, for jobs that were started, or left behind, by other processes
AT_HAND = ImportJob.all_columns(exclude=[ImportJob.broken])  # that one may be as large as the file
FORGETS_EVERY = timedelta(hours=1)
MOST_ATTEMPTS = 3
BROKEN = Fault("", "It could not be issued because of a fault on our side.", "Import the file again later.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a row; state ``waiting`` is one to be tried again."""

    state: str
    credential: str | None = None
    faults: tuple[Fault, ...] = ()


class ImportWorker:
    """Issues rows until it is ended. ``ring()`` tells it of a started job, ``settled()`` runs all there are."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._bell = asyncio.Event()
        self._pass = asyncio.Lock()
        self._forgot: datetime | None = None

    def ring(self) -> None:
        """There may be something to do."""
        self._bell.set()

    def working(self) -> AbstractAsyncContextManager[None]:
        """A worker for the time of the block. It ends after the row that it has in hand."""
        return until_over(self._run_all, self._bell, LOOKS_EVERY, "Imports")

    async def settled(self) -> None:
        """Issue rows until no job is left that this worker can take, after whatever it has in hand already.

        What is too old is forgotten first.
        """
        await self._run_all(asyncio.Event())

    async def _run_all(self, over: asyncio.Event) -> None:
        async with self._pass:
            await self._forget()
            while not over.is_set() and (job := await self._take()):
                await self._run(job, over)

    async def _forget(self) -> None:
        now = self._runtime.now()
        if self._forgot is None or now - self._forgot >= FORGETS_EVERY:
            await forget(self._runtime)
            self._forgot = now

    async def _take(self) -> Mapping[str, Any] | None:
        """Lease the job that has waited longest; None when there is none, or others were faster."""
        now = self._runtime.now()
        due = (
            await ImportJob.select(*AT_HAND)
            .where(ImportJob.state == "running", ImportJob.leased_until <= now)
            .order_by(ImportJob.leased_until)
            .limit(5)
        )
        for job in due:
            async with tx():
                taken = (
                    await ImportJob.update({ImportJob.leased_until: now + LEASE})
                    .where(
                        ImportJob.id == job["id"],
                        ImportJob.state == "running",
                        ImportJob.leased_until == job["leased_until"],
                    )
                    .returning(ImportJob.id)
                )
            if taken:
                return job
        return None

    async def _run(self, job: Mapping[str, Any], over: asyncio.Event) -> None:
        actor = Actor(person=job["person"], roles=await roles_of(job["person"]))
        if not can(actor, Action.IMPORT, job["issuer"]):
            await self._end(job, "stopped", "Whoever started it may no longer issue for this organisation.")
            return
        rows = (
            await ImportRow.select()
            .where(ImportRow.job == job["id"], ImportRow.state == "waiting")
            .order_by(ImportRow.line)
            .limit(ROWS_AT_ONCE)
        )
        if not rows:
            await self._end(job, "finished", None)
            return
        outcomes: dict[int, _Outcome] = {}
        for row in rows:
            if over.is_set():
                break
            outcomes[row["id"]] = await self._issue(actor, job, row)
        async with tx():
            for row_id, outcome in outcomes.items():
                await ImportRow.update(_noted(outcome)).where(ImportRow.id == row_id, ImportRow.state == "waiting")
            await ImportJob.update({ImportJob.leased_until: self._runtime.now()}).where(ImportJob.id == job["id"])

    async def _issue(self, actor: Actor, job: Mapping[str, Any], row: Mapping[str, Any]) -> _Outcome:
        completion = msgspec.json.decode(row["completion"], type=Completion)
        request = request_of(job["issuer"], completion, by=actor.name)
        try:
            credential = await issuing.issue(self._runtime, actor, request)
            return _Outcome(await _issued_since(credential, job["started_at"]), credential)
        except CompletionRefused as error:
            return _Outcome("refused", None, error.faults)
        except Refused as error:
            if error.kind == "duplicate-completion":
                return await _overtaken(job["issuer"], completion)
            if error.kind != "unavailable":
                return _Outcome("refused", None, error.faults or (Fault("", error.detail, ""),))
        except KeyServiceDown:
            raise  # it is no row's fault: the job goes on when its lease has ended
        except Exception:
            log.exception("Line %d of the import %s could not be issued", row["line"], job["id"])
        if row["attempts"] + 1 < MOST_ATTEMPTS:
            return _Outcome("waiting")
        return _Outcome("refused", None, (BROKEN,))

    async def _end(self, job: Mapping[str, Any], state: str, why: str | None) -> None:
        async with tx():
            ended = (
                await ImportJob.update(
                    {ImportJob.state: state, ImportJob.why: why, ImportJob.finished_at: self._runtime.now()}
                )
                .where(ImportJob.id == job["id"], ImportJob.state == "running")
                .returning(ImportJob.id)
            )
            if ended:
                await ImportRow.update({ImportRow.completion: None}).where(ImportRow.job == job["id"])
                act = f"import-{state}"
                await record(self._runtime, "service", act, job["issuer"], about=job["id"])


def _noted(outcome: _Outcome) -> dict[Any, Any]:
    if outcome.state == "waiting":
        return {ImportRow.attempts: ImportRow.attempts + 1}
    faults = [
        {"column": fault.field, "value": "", "reason": fault.reason, "fix": fault.fix} for fault in outcome.faults
    ]
    return {
        ImportRow.state: outcome.state,
        ImportRow.credential: outcome.credential,
        ImportRow.faults: msgspec.json.encode(faults).decode() if faults else None,
        ImportRow.completion: None,  # the credential has it; of a row that was not issued nothing is kept
    }


async def _overtaken(slug: str, completion: Completion) -> _Outcome:
    """What was refused because of another credential that was not there yet when the file was checked."""
    same_record = current_from(slug, CONSOLE, [completion.record])
    if other := await Credential.select(Credential.id).where(*same_record).first():
        return _Outcome("refused", other["id"], (RECORD_TAKEN,))
    same_work = (Credential.issuer == slug) & (Credential.natural_key == natural_key_of(completion, slug))
    other = await Credential.select(Credential.id).where(same_work).first()
    return _Outcome("refused", other["id"] if other else None, (RECORD_TAKEN._replace(reason=WORK_TAKEN),))


async def _issued_since(credential_id: str, started_at: datetime) -> str:
    """``issued`` for a credential of this job, also one from just before a crash; ``known`` for an earlier one."""
    row = await Credential.select(Credential.reserved_at).where(Credential.id == credential_id).first()
    assert row, "issued a moment ago"
    return "issued" if row["reserved_at"] >= started_at.replace(microsecond=0) else "known"

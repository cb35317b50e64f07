"""Let plugins announce what became of their records: after the commit, again after a temporary fault, for three days.

Built like the worker of mails (verify/outside/mail_delivery.py): any number of them, each announcement by one. The
same event may be announced twice, after a crash for one; its id is the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from refolio.credential import timestamps
from refolio.credential.reading import JSON
from verify.background import until_over
from verify.credentials import answering, finding
from verify.credentials.reserving import Request
from verify.credentials.tables import AnsweredRequest
from verify.database import tx
from verify.http.access import Mode
from verify.http.refusals import Refused
from verify.issuers import twins
from verify.platforms.plugins.containing import PluginFault
from verify.platforms.plugins.hosting import PluginHost
from verify.records.tables import Announcement
from verify.runtime import Runtime

ISSUED = "credential.issued"
LEASE = timedelta(minutes=3)  # longer than issuing, and than an announcement, can last
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=3)
USELESS_AFTER = timedelta(days=3)
FORGOTTEN_AFTER = timedelta(days=30)
LOOKS_EVERY = 10.0  # seconds
AT_ONCE = 20

log = logging.getLogger(__name__)


class Announcer:
    """Announces until it is cancelled. ``settled()`` waits until nothing that is due is left."""

    def __init__(self, runtime: Runtime, host: PluginHost) -> None:
        self._runtime, self._host = runtime, host
        self._bell = asyncio.Event()
        self._pass = asyncio.Lock()

    async def promise(self, plugin: str, request: Request) -> str:
        """Write down, before it is issued, that it is to be announced; return the id of that."""
        named = f"{plugin}\n{request.platform}\n{request.kept_key}\n{ISSUED}"
        promised, now = hashlib.sha256(named.encode()).hexdigest(), self._runtime.now()
        row = Announcement(
            id=promised,
            plugin=plugin,
            platform=request.platform,
            idempotency_key=request.kept_key,
            state="waiting",
            created_at=now,
            due_at=now + LEASE,
        )
        async with tx():
            await Announcement.insert(row).on_conflict(action="DO NOTHING")
        return promised

    async def release(self, promised: str) -> None:
        """It is issued: announce it, also if that was given up when the same record was sent before."""
        now = self._runtime.now()
        async with tx():
            await Announcement.update(
                {Announcement.state: "waiting", Announcement.created_at: now, Announcement.due_at: now}
            ).where(Announcement.id == promised)
        self._bell.set()

    async def forget(self, promised: str) -> None:
        """Nothing was issued."""
        async with tx():
            await Announcement.delete().where(Announcement.id == promised, Announcement.attempts == 0)

    def working(self) -> AbstractAsyncContextManager[None]:
        """A worker for the time of the block. It ends after the announcement that it has in hand."""
        return until_over(self._announce_due, self._bell, LOOKS_EVERY, "Announcements")

    async def settled(self) -> None:
        """Announce what is due now, after whatever this worker has in hand already."""
        await self._announce_due(asyncio.Event())

    async def _announce_due(self, over: asyncio.Event) -> None:
        failed: set[str] = set()  # plugins that wait for the next look, lest one that hangs keeps the others back
        async with self._pass:
            while not over.is_set() and (rows := await self._due(failed)):
                for row in rows:
                    if over.is_set():
                        break
                    if row["plugin"] not in failed and await self._take(row) and not await self._announce(row):
                        failed.add(row["plugin"])

    async def _due(self, failed: Collection[str]) -> list[dict[str, Any]]:
        due = (Announcement.state == "waiting") & (Announcement.due_at <= self._runtime.now())
        return (
            await Announcement.select()
            .where(due, Announcement.plugin.not_in([*failed, ""]))
            .order_by(Announcement.due_at)
            .limit(AT_ONCE)
        )

    async def _take(self, row: dict[str, Any]) -> bool:
        """Lease it by moving its time on; False when another worker was faster."""
        async with tx():
            taken = (
                await Announcement.update(
                    {Announcement.due_at: self._runtime.now() + LEASE, Announcement.attempts: row["attempts"] + 1}
                )
                .where(Announcement.id == row["id"], Announcement.due_at == row["due_at"])
                .returning(Announcement.id)
            )
        return bool(taken)

    async def _announce(self, row: dict[str, Any]) -> bool:
        """False when it has to be tried again."""
        event = await self._event(row)
        if event is None:
            async with tx():
                await Announcement.delete().where(Announcement.id == row["id"])
            return True
        hosted = self._host.named(row["plugin"])
        try:
            why = await self._host.announce(hosted, event) if hosted else "The plugin is off."
        except (PluginFault, Refused) as fault:  # it broke, or too much is asked of plugins at this moment
            why = str(fault)
        if why is None:
            async with tx():
                await Announcement.delete().where(Announcement.id == row["id"])
        else:
            await self._put_back(row, why)
        return why is None

    async def _event(self, row: dict[str, Any]) -> dict[str, JSON] | None:
        """What is to be announced; None when nothing was issued."""
        answered = (
            await AnsweredRequest.select(AnsweredRequest.credential)
            .where(
                AnsweredRequest.platform == row["platform"],
                AnsweredRequest.idempotency_key == row["idempotency_key"],
            )
            .first()
        )
        stored = await finding.by_id(answered["credential"]) if answered else None
        if stored is None:
            return None
        return {
            "id": f"evt_{row['id'][:32]}",
            "type": ISSUED,
            "created_at": timestamps.format(stored.issued_at),
            "mode": Mode.TEST if twins.is_twin(stored.issuer) else Mode.LIVE,
            "issuer": await twins.wire_name(stored.issuer),
            "data": await answering.members_of(self._runtime, stored),  # type: ignore[dict-item]
        }

    async def _put_back(self, row: dict[str, Any], fault: str) -> None:
        now = self._runtime.now()
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row["attempts"], 16))
        jitter = timedelta(seconds=self._runtime.random_below(int(pause.total_seconds()) // 2 + 1))
        dead = now - row["created_at"] > USELESS_AFTER
        log.warning("The plugin %s announced nothing%s: %s", row["plugin"], " for three days" if dead else "", fault)
        async with tx():
            await Announcement.update(
                {
                    Announcement.state: "dead" if dead else "waiting",
                    Announcement.due_at: now + pause + jitter,
                    Announcement.fault: fault[:200],
                }
            ).where(Announcement.id == row["id"])
            forgotten = Announcement.created_at <= now - FORGOTTEN_AFTER
            await Announcement.delete().where(Announcement.state == "dead", forgotten)

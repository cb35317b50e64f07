"""The worker that sends what is in the outbox: any number of them, in any number of processes, each mail by one."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from verify.background import until_over
from verify.database import tx
from verify.outside.mail import bell, composed
from verify.outside.mail_transport import NotSent, Transport, transport_for
from verify.outside.tables import OutgoingMail
from verify.runtime import Runtime

LEASE = timedelta(minutes=3)  # longer than a conversation with a mail server can last
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=3)
MOST_ATTEMPTS = 32  # which takes three days
FORGOTTEN_AFTER = timedelta(days=30)
LOOKS_EVERY = 10.0  # seconds, for mails of other processes and for second attempts
AT_ONCE = 20

log = logging.getLogger(__name__)


class MailWorker:
    """Sends mails until it is cancelled. ``settled()`` waits until nothing that is due is left."""

    def __init__(self, runtime: Runtime, transport: Transport | None = None) -> None:
        self._runtime = runtime
        self._transport = transport or transport_for(runtime)
        self._bell = bell()
        self._pass = asyncio.Lock()

    def working(self) -> AbstractAsyncContextManager[None]:
        """A worker for the time of the block. It ends after the mail that it has in hand."""
        return until_over(self._send_due, self._bell, LOOKS_EVERY, "Mail")

    async def settled(self) -> None:
        """Send what is due now, after whatever this worker is sending already."""
        await self._send_due(asyncio.Event())

    async def _send_due(self, over: asyncio.Event) -> None:
        async with self._pass:
            while not over.is_set() and (mails := await self._due()):
                for mail in mails:
                    if over.is_set():
                        break
                    if await self._take(mail):
                        await self._send(mail)

    async def _due(self) -> list[dict[str, Any]]:
        return (
            await OutgoingMail.select()
            .where(OutgoingMail.state == "waiting", OutgoingMail.due_at <= self._runtime.now())
            .order_by(OutgoingMail.due_at)
            .limit(AT_ONCE)
        )

    async def _take(self, mail: dict[str, Any]) -> bool:
        """Lease the mail by moving its time on; False when another worker was faster, or it came to nothing."""
        now = self._runtime.now()
        if now >= mail["useless_at"]:
            await self._bury(mail, mail["fault"] or "It was not sent in time.")
            return False
        async with tx():
            taken = (
                await OutgoingMail.update(
                    {OutgoingMail.due_at: now + LEASE, OutgoingMail.attempts: OutgoingMail.attempts + 1}
                )
                .where(OutgoingMail.id == mail["id"], OutgoingMail.due_at == mail["due_at"])
                .returning(OutgoingMail.id)
            )
        return bool(taken)

    async def _send(self, mail: dict[str, Any]) -> None:
        message = composed(
            self._runtime, mail["id"], mail["address"], mail["subject"], mail["body"], mail["created_at"]
        )
        try:
            await asyncio.to_thread(self._transport.send, message, mail["id"])
        except NotSent as error:
            if error.for_good or mail["attempts"] + 1 >= MOST_ATTEMPTS:
                await self._bury(mail, str(error))
            else:
                await self._put_back(mail, str(error))
            return
        async with tx():
            await OutgoingMail.delete().where(OutgoingMail.id == mail["id"])

    async def _put_back(self, mail: dict[str, Any], fault: str) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail["attempts"], 16))
        seconds = int(pause.total_seconds())
        jitter = timedelta(seconds=self._runtime.random_below(seconds // 2 + 1))
        log.warning("A mail was not sent and will be tried again: %s", fault)
        async with tx():
            await OutgoingMail.update(
                {OutgoingMail.due_at: self._runtime.now() + pause + jitter, OutgoingMail.fault: fault}
            ).where(OutgoingMail.id == mail["id"])

    async def _bury(self, mail: dict[str, Any], fault: str) -> None:
        """Give it up. The text stays while the operator can have it sent again (mail_retrying.py)."""
        log.error("A mail was given up after %d attempts: %s", mail["attempts"], fault)
        now = self._runtime.now()
        text = mail["body"] if now < mail["useless_at"] else ""
        async with tx():
            await OutgoingMail.update(
                {OutgoingMail.state: "dead", OutgoingMail.body: text, OutgoingMail.fault: fault}
            ).where(OutgoingMail.id == mail["id"])
            await OutgoingMail.delete().where(
                OutgoingMail.state == "dead", OutgoingMail.created_at <= now - FORGOTTEN_AFTER
            )

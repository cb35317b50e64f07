"""The worker that sends events to webhooks: any number of them, in any number of processes, each attempt by one.

At least once: a worker that dies between sending and noting it leaves the delivery to another one, which sends it again
under the same ``webhook-id``. No order is promised, because what failed is tried again later (SEC-184).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from piccolo.columns.combination import WhereRaw

from verify.background import until_over
from verify.database import tx
from verify.outside.posting import Posted, Poster
from verify.platforms import delivery_outcomes, event_reading, signing_webhooks, webhook_secrets
from verify.platforms.announcing import bell
from verify.platforms.tables import Delivery, Event, Webhook
from verify.platforms.webhook_addresses import is_for_tests
from verify.runtime import Runtime

LEASE = timedelta(minutes=2)  # far longer than an attempt can last
LOOKS_EVERY = 5.0  # seconds, for events of other processes and for second attempts
AT_ONCE = 64
# So that a receiver that is slow, or far behind, holds up nobody else, and nobody can fill all hands with such ones.
AT_ONCE_FOR_ONE = 4
AT_ONCE_FOR_FAILING = 1
AT_ONCE_FOR_PLATFORM = 8
CLEANS_EVERY = timedelta(hours=1)
# Asked of each webhook, which takes one look into an index: however many deliveries wait, none is read for this.
HAS_DUE = """EXISTS (SELECT 1 FROM delivery WHERE delivery.webhook = webhook.id AND delivery.state = 'waiting'
AND delivery.due_at <= {} AND (delivery.leased_until IS NULL OR delivery.leased_until <= {}))"""

log = logging.getLogger(__name__)


class WebhookWorker:
    """Sends until it is ended. ``settled()`` waits until nothing that is due is left."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._poster = Poster(runtime.network, loopback=is_for_tests(runtime))
        self._bell = bell()
        self._starting = asyncio.Lock()
        self._busy: Counter[str] = Counter()  # attempts under way, by webhook and by platform
        self._tasks: set[asyncio.Task[None]] = set()
        self._cleans_at = runtime.now()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker for the time of the block. It ends when the attempts that are under way have ended."""
        try:
            async with until_over(self._look, self._bell, LOOKS_EVERY, "Webhooks"):
                yield
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks)

    async def settled(self) -> None:
        """Send all that is due now, also what this worker has in hand already, and wait for it."""
        while True:
            await self._start_due()
            if not self._tasks:
                return
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def clean(self) -> None:
        """Forget what is older than ninety days, and secrets whose time is over."""
        await webhook_secrets.forget_ended(self._runtime)
        while await event_reading.forget_old(self._runtime):
            pass

    async def _look(self, over: asyncio.Event) -> None:
        await self._start_due()
        if self._runtime.now() >= self._cleans_at:
            self._cleans_at = self._runtime.now() + CLEANS_EVERY
            await self.clean()

    async def _start_due(self) -> None:
        """Begin as many attempts as there are hands for, in turn for each webhook."""
        async with self._starting:
            now = self._runtime.now()
            hooks = await Webhook.select().where(WhereRaw(HAS_DUE, now, now))
            # Those come first that are served least just now.
            for hook in sorted(hooks, key=lambda hook: (self._busy[hook["platform"]], self._busy[hook["id"]])):
                if (free := self._free(hook)) <= 0:
                    continue
                rows = (
                    await Delivery.select()
                    .where(_is_due(now) & (Delivery.webhook == hook["id"]))
                    .order_by(Delivery.due_at)
                    .limit(free)
                )
                for row in rows:
                    if await self._take(row, now):
                        self._start(row | {"leased_until": now + LEASE, "tries": row["tries"] + 1}, hook["platform"])

    def _free(self, hook: Mapping[str, Any]) -> int:
        """How many more attempts at this webhook may begin."""
        most = AT_ONCE_FOR_FAILING if hook["failing_since"] else AT_ONCE_FOR_ONE
        return min(
            most - self._busy[hook["id"]],
            AT_ONCE_FOR_PLATFORM - self._busy[hook["platform"]],
            AT_ONCE - len(self._tasks),
        )

    async def _take(self, row: Mapping[str, Any], now: datetime) -> bool:
        """Lease it; False when another worker was faster."""
        free = (
            Delivery.leased_until.is_null()
            if row["leased_until"] is None
            else Delivery.leased_until == row["leased_until"]
        )
        async with tx():
            taken = (
                await Delivery.update({Delivery.leased_until: now + LEASE, Delivery.tries: Delivery.tries + 1})
                .where(Delivery.id == row["id"], Delivery.state == "waiting", Delivery.due_at == row["due_at"], free)
                .returning(Delivery.id)
            )
        return bool(taken)

    def _start(self, row: Mapping[str, Any], platform: str) -> None:
        task = asyncio.create_task(self._deliver(row))
        self._busy.update((row["webhook"], platform))
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._busy.subtract((row["webhook"], platform))
            self._tasks.discard(task)
            self._bell.set()

        task.add_done_callback(ended)

    async def _deliver(self, row: Mapping[str, Any]) -> None:
        """One attempt and what follows from it. What goes wrong on our side leaves the delivery leased until later."""
        try:
            hook = await Webhook.select().where(Webhook.id == row["webhook"]).first()
            event = await Event.select().where(Event.id == row["event"]).first()
            if hook is None or event is None or hook["state"] != "on":
                await delivery_outcomes.give_up(self._runtime, row)
                return
            at, began = self._runtime.now(), monotonic()
            posted = await self._post(hook, event, at)
            milliseconds = round(1000 * (monotonic() - began))
            await delivery_outcomes.note(self._runtime, row, event, posted, at, milliseconds)
        except Exception as error:
            log.error("An event could not be delivered: %s", type(error).__name__, exc_info=error)

    async def _post(self, hook: Mapping[str, Any], event: Mapping[str, Any], at: datetime) -> Posted:
        secrets = await webhook_secrets.to_sign_with(self._runtime, hook["id"])
        body = event["body"].encode()
        headers = signing_webhooks.headers(event["id"], int(at.timestamp()), body, secrets)
        return await self._poster.post(hook["url"], headers, body)


def _is_due(now: datetime) -> Any:
    free = Delivery.leased_until.is_null() | (Delivery.leased_until <= now)
    return (Delivery.state == "waiting") & (Delivery.due_at <= now) & free

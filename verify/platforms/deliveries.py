"""What became of the deliveries of a webhook, and another try for those that a receiver lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from verify.database import after_commit, tx
from verify.http.cursors import Number, cursor, place_in
from verify.http.refusals import Refused
from verify.people.limiting import spend
from verify.platforms import event_reading, webhooks
from verify.platforms.announcing import TEST, Happening, announce, new_delivery, ring
from verify.platforms.owning import Owner
from verify.platforms.tables import Attempt, Delivery, Webhook
from verify.runtime import Runtime

STATES = ("waiting", "delivered", "dead")
MOST_ATTEMPTS_SHOWN = 10
MOST_ANSWERS_SHOWN = 3  # so that a page of a hundred deliveries stays below a megabyte
MOST_TESTS = 60  # of a webhook, in an hour


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt. ``answer`` is what the receiver said, a stranger's text of at most 500 characters.

    Of the three newest attempts; None of earlier ones.
    """

    at: datetime
    milliseconds: int
    status: int | None
    fault: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery with its last ten attempts, the newest first. ``due_at`` is when it is tried next, if it waits."""

    id: int
    event: str
    type: str
    state: str
    fault: str | None
    created_at: datetime
    due_at: datetime | None
    attempts: Sequence[Tried]


async def of_webhook(
    runtime: Runtime, owner: Owner, webhook: str, *, state: str | None, after: str | None, limit: int
) -> tuple[list[Sent], str | None]:
    """A page of deliveries, the newest first, and the cursor of the one after it.

    Raises Refused: 404 for a webhook that is not the owner's, 400 for a cursor of another list.
    """
    await webhooks.one(runtime, owner, webhook)
    bound = f"deliveries {webhook} {state}"
    where: Any = Delivery.webhook == webhook
    if state is not None:
        where &= Delivery.state == state
    if after is not None:
        where &= Delivery.id < place_in(after, bound, Number)
    rows = (
        await Delivery.select(*Delivery.all_columns(), Delivery.event.type.as_alias("type"))
        .where(where)
        .order_by(Delivery.id, ascending=False)
        .limit(limit + 1)
    )
    shown = rows[:limit]
    tried = await _attempts([row["id"] for row in shown])
    sent = [
        Sent(
            id=row["id"],
            event=row["event"],
            type=row["type"],
            state=row["state"],
            fault=row["fault"],
            created_at=row["created_at"],
            due_at=row["due_at"] if row["state"] == "waiting" else None,
            attempts=tried.get(row["id"], []),
        )
        for row in shown
    ]
    return sent, cursor(bound, shown[-1]["id"]) if len(rows) > limit else None


async def replay(runtime: Runtime, owner: Owner, event_id: str, webhook: str | None) -> list[str]:
    """Send an event again, under its own id: to one webhook, or to each that it goes to; return their ids.

    Raises Refused: 404 for an event or a webhook that is not the owner's, 409 when none of them is on.
    """
    await event_reading.one(owner, event_id)
    hooks = (
        [await webhooks.one(runtime, owner, webhook)] if webhook is not None else await webhooks.all_of(runtime, owner)
    )
    sent_to = {row["webhook"] for row in await Delivery.select(Delivery.webhook).where(Delivery.event == event_id)}
    chosen = [hook.id for hook in hooks if hook.on and (webhook is not None or hook.id in sent_to)]
    async with tx():
        replayed = [hook for hook in sorted(chosen) if await _replay(runtime, event_id, hook)]
        if not replayed:
            raise Refused("webhook-off", "No webhook that this event goes to is switched on.")
        after_commit(ring)
    return replayed


async def send_test(runtime: Runtime, owner: Owner, webhook: str) -> str:
    """Write a ``webhook.test`` for this webhook alone and return its id; it is tried once.

    Raises Refused: 404, 409 for one that is off, 429 after sixty in an hour.
    """
    hook = await webhooks.one(runtime, owner, webhook)
    if not hook.on:
        raise Refused("webhook-off", "It is switched off. Switch it on first.")
    async with tx():
        if not await spend(runtime, f"webhook-test {webhook}", MOST_TESTS, timedelta(hours=1)):
            raise Refused("too-many-requests", f"{MOST_TESTS} tests an hour are enough.")
        told = Happening(TEST, owner.platform, None, {"webhook": webhook}, owner.mode, only=webhook)
        (event_id,) = await announce(runtime, [told])
    return event_id


async def _replay(runtime: Runtime, event_id: str, webhook: str) -> bool:
    """False when it is off by now. It is locked, so that it is not switched off between this look and the delivery."""
    on = (
        await Webhook.update({Webhook.failing_since: Webhook.failing_since})
        .where(Webhook.id == webhook, Webhook.state == "on")
        .returning(Webhook.id)
    )
    if not on:
        return False
    now = runtime.now()
    changes: dict[Any, Any] = {
        Delivery.state: "waiting",
        Delivery.tries: 0,
        Delivery.due_at: now,
        Delivery.fault: None,
        Delivery.ended_at: None,
    }
    which = (Delivery.event == event_id) & (Delivery.webhook == webhook)
    # One that waits for its next try is tried now; one that is in somebody's hands at this moment is left to them.
    resting = Delivery.leased_until.is_null() | (Delivery.leased_until <= now)
    if not await Delivery.update(changes).where(which & resting).returning(Delivery.id):
        row = new_delivery(runtime, event_id, webhook)
        await Delivery.insert(row).on_conflict(target=(Delivery.event, Delivery.webhook), action="DO NOTHING")
    return True


async def _attempts(deliveries: Sequence[int]) -> dict[int, list[Tried]]:
    if not deliveries:
        return {}
    rows = await Attempt.select().where(Attempt.delivery.is_in(list(deliveries))).order_by(Attempt.id, ascending=False)
    found: dict[int, list[Tried]] = {}
    for row in rows:
        before = found.setdefault(row["delivery"], [])
        answer = row["answer"] if len(before) < MOST_ANSWERS_SHOWN else None
        if len(before) < MOST_ATTEMPTS_SHOWN:
            before.append(Tried(row["at"], row["milliseconds"], row["status"], row["fault"], answer))
    return found

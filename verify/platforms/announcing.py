"""Write down what a platform is told, in the transaction of the act itself: neither comes without the other (SEC-186).

An event is written once and never changed. For each webhook that is to have it, a delivery is written beside it, which
the worker of delivering.py takes up after the commit.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from weakref import WeakSet

import msgspec

from refolio.credential import timestamps
from verify.database import after_commit
from verify.platforms.admitting import CONSOLE
from verify.platforms.tables import Delivery, Event, EventHead, Mandate, Webhook
from verify.runtime import Runtime

LIVE, IN_TEST = "live", "test"

ISSUED = "credential.issued"
REPLACED = "credential.replaced"
WITHDRAWN = "credential.withdrawn"
REPLIED = "credential.replied"
REPLY_TAKEN_BACK = "credential.reply_taken_back"
GRANT_ALLOWED, GRANT_REFUSED, GRANT_TAKEN_BACK = "grant.allowed", "grant.refused", "grant.taken_back"
REFERENCE_WRITTEN, REFERENCE_DECLINED = "reference.written", "reference.declined"
REFERENCE_WITHDRAWN = "reference.withdrawn"
TEST = "webhook.test"
GRANTS = (GRANT_ALLOWED, GRANT_REFUSED, GRANT_TAKEN_BACK)
REFERENCES = (REFERENCE_WRITTEN, REFERENCE_DECLINED, REFERENCE_WITHDRAWN)
# those that a webhook may ask for
TYPES = (ISSUED, REPLACED, WITHDRAWN, REPLIED, REPLY_TAKEN_BACK, *GRANTS, *REFERENCES)

# One for each worker and each waiting reader of this process; other processes look into the table now and then.
_bells: WeakSet[asyncio.Event] = WeakSet()


@dataclass(frozen=True, slots=True)
class Happening:
    """What is to be told to whom. ``data`` holds ids, states and times: no names, addresses or sentences (SEC-185).

    ``issuer`` is the short name on the wire, for a twin that of its issuer; then ``mode`` is ``test``.
    """

    type: str
    platform: str
    issuer: str | None
    data: Mapping[str, object]
    mode: str = LIVE
    only: str | None = None  # the one webhook that it is for


async def announce(runtime: Runtime, happenings: Iterable[Happening]) -> list[str]:
    """Write the events down and return their ids. Call once in ``tx()``, after the act and before its trail entry.

    Locks the counter of each platform until the commit, in the order of their names: so events become visible in the
    order of their positions, and a reader who goes on from the last one misses none.
    """
    told = sorted((one for one in happenings if one.platform != CONSOLE), key=lambda one: one.platform)
    ids: list[str] = []
    for platform, group in groupby(told, key=lambda one: one.platform):
        own = list(group)
        last = await _count(platform, len(own))
        rows = [_row(runtime, one, last - len(own) + number) for number, one in enumerate(own, 1)]
        await Event.insert(*rows)
        await _address(runtime, platform, list(zip(own, (row.id for row in rows), strict=True)))
        ids += [row.id for row in rows]
    if ids:
        after_commit(ring)
    return ids


async def skip_ahead(by: int = 1_000_000) -> None:
    """Leave a gap in all positions, for a database that was restored from a backup. Call inside ``tx()``.

    A reader who has seen later events than the backup knows of goes on behind them.
    """
    await EventHead.update({EventHead.position: EventHead.position + by}).where(EventHead.position >= 0)


def bell() -> asyncio.Event:
    """An event that is set whenever this process has written something down and kept it."""
    made = asyncio.Event()
    _bells.add(made)
    return made


def ring() -> None:
    """There may be something to send, or to read."""
    for one in _bells:
        one.set()


def _row(runtime: Runtime, one: Happening, position: int) -> Event:
    now = runtime.now()
    event_id = "evt_" + random_name(runtime)
    members = {
        "id": event_id,
        "type": one.type,
        "timestamp": timestamps.format(now),
        "mode": one.mode,
        "issuer": one.issuer,
        "data": one.data,
    }
    return Event(
        id=event_id,
        platform=one.platform,
        position=position,
        mode=one.mode,
        type=one.type,
        issuer=one.issuer,
        body=msgspec.json.encode(members).decode(),
        created_at=now,
    )


def random_name(runtime: Runtime) -> str:
    """128 random bits as 26 lower-case letters and digits."""
    return base64.b32encode(runtime.random_bytes(16)).decode().rstrip("=").lower()


async def _count(platform: str, more: int) -> int:
    """The position of the last of so many new events."""
    for _ in range(2):
        head = (
            await EventHead.update({EventHead.position: EventHead.position + more})
            .where(EventHead.platform == platform)
            .returning(EventHead.position)
        )
        if head:
            return int(head[0]["position"])
        await EventHead.insert(EventHead(platform=platform, position=0)).on_conflict(action="DO NOTHING")
    raise AssertionError("the row was inserted a moment ago")


async def _address(runtime: Runtime, platform: str, events: Sequence[tuple[Happening, str]]) -> None:
    """Write a delivery for each webhook that wants an event, of an issuer that the platform still delivers for."""
    hooks = await Webhook.select().where(Webhook.platform == platform, Webhook.state == "on")
    if not hooks:
        return
    issuers = await mandated(platform)
    rows = [
        new_delivery(runtime, event_id, hook["id"])
        for one, event_id in events
        if one.issuer is None or one.issuer in issuers
        for hook in hooks
        if wants(hook, one)
    ]
    if rows:
        await Delivery.insert(*rows)


async def mandated(platform: str) -> frozenset[str]:
    """The issuers that a platform may deliver for now, and so be told of."""
    rows = await Mandate.select(Mandate.issuer).where(Mandate.platform == platform, Mandate.ended_at.is_null())
    return frozenset(row["issuer"] for row in rows)


def wants(hook: Mapping[str, Any], one: Happening) -> bool:
    """Is this for the webhook (a row)?"""
    if one.only is not None:
        return bool(hook["id"] == one.only)
    types, issuers = (msgspec.json.decode(hook[name]) if hook[name] else None for name in ("types", "issuers"))
    return (
        hook["mode"] == one.mode and (types is None or one.type in types) and (issuers is None or one.issuer in issuers)
    )


def new_delivery(runtime: Runtime, event_id: str, webhook: str) -> Delivery:
    """A delivery that may be tried at once."""
    now = runtime.now()
    return Delivery(event=event_id, webhook=webhook, state="waiting", due_at=now, created_at=now)

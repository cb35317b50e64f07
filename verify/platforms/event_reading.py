"""The events of a platform, for whoever asks instead of being told: one by one, in their order, or as they come."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from piccolo.columns.combination import And

from verify.database import tx
from verify.http.cursors import Number, cursor, place_in
from verify.http.refusals import Refused
from verify.platforms.announcing import bell
from verify.platforms.owning import Owner
from verify.platforms.tables import Event, EventHead
from verify.runtime import Runtime

KEPT = timedelta(days=90)
MOST_AT_ONCE = 100
LONGEST_WAIT = 25  # seconds
MOST_WAITING = 10  # of one platform, in this process
LATEST = "latest"
_LOOKS_EVERY = 2.0  # seconds, for events of other processes
_FORGOTTEN_AT_ONCE = 500

waiting: Counter[str] = Counter()  # requests that wait just now, by platform


@dataclass(frozen=True, slots=True)
class Events:
    """``bodies`` are JSON as it was written; ``place`` is the cursor behind them, ``more`` says that others follow."""

    bodies: list[str]
    place: str
    more: bool


async def one(owner: Owner, event_id: str) -> str:
    """The JSON of an event. Raises Refused (404) for one that is not the owner's to see."""
    row = await Event.select(Event.body).where(_visible(owner) & (Event.id == event_id)).first()
    if row is None:
        raise Refused("not-found", "Your platform has no event with this id.")
    return str(row["body"])


async def events(owner: Owner, after: str | None, limit: int, wait: int = 0) -> Events:
    """Those behind the cursor ``after`` (from the oldest without one, from now on with ``latest``), oldest first.

    With nothing to give, it waits for up to ``wait`` seconds. Raises Refused: 400 for a cursor of another list, 429
    when ten requests of the platform wait already.
    """
    bound = f"events {owner.platform} {owner.mode}"
    place = 0 if after is None else await _head(owner) if after == LATEST else place_in(after, bound, Number)
    found = await _page(owner, place, limit)
    if not found and wait:
        if waiting[owner.platform] >= MOST_WAITING:
            raise Refused("too-many-waiting", f"{MOST_WAITING} requests of your platform wait for events already.")
        waiting[owner.platform] += 1
        try:
            found = await _wait(owner, place, limit, wait)
        finally:
            waiting[owner.platform] -= 1
    last = found[min(limit, len(found)) - 1][0] if found else place
    return Events([body for _, body in found[:limit]], cursor(bound, last), len(found) > limit)


async def _wait(owner: Owner, place: int, limit: int, wait: int) -> list[tuple[int, str]]:
    rung, found = bell(), list[tuple[int, str]]()
    with suppress(TimeoutError):
        async with asyncio.timeout(wait):
            seen = place
            while not found:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOKS_EVERY):
                        await rung.wait()
                rung.clear()
                if (head := await _head(owner)) > seen:
                    seen, found = head, await _page(owner, place, limit)
    return found


async def _page(owner: Owner, place: int, limit: int) -> list[tuple[int, str]]:
    """One more than asked for, if there is one."""
    rows = (
        await Event.select(Event.position, Event.body)
        .where(_visible(owner) & (Event.position > place))
        .order_by(Event.position)
        .limit(limit + 1)
    )
    return [(row["position"], row["body"]) for row in rows]


async def _head(owner: Owner) -> int:
    row = await EventHead.select(EventHead.position).where(EventHead.platform == owner.platform).first()
    return int(row["position"]) if row else 0


def _visible(owner: Owner) -> And:
    of_issuers = Event.issuer.is_in(sorted(owner.issuers) or [""]) | Event.issuer.is_null()
    return And(And(Event.platform == owner.platform, Event.mode == owner.mode), of_issuers)


async def forget_old(runtime: Runtime) -> int:
    """Remove what is older than ninety days, with its deliveries; return how many events that were, at most 500."""
    old = await Event.select(Event.id).where(Event.created_at < runtime.now() - KEPT).limit(_FORGOTTEN_AT_ONCE)
    if old:
        async with tx():
            await Event.delete().where(Event.id.is_in([row["id"] for row in old]))
    return len(old)

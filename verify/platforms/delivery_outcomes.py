"""What follows from an attempt: done, tried again later, given up, and when a receiver is no more, switched off."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from verify.database import tx
from verify.http.access import Role
from verify.issuers.tables import Membership
from verify.outside.posting import Posted
from verify.people.notifying import tell
from verify.platforms.announcing import TEST
from verify.platforms.tables import Attempt, Delivery, Platform, Webhook
from verify.platforms.webhooks import SWITCHED_OFF, stop_waiting
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record
from verify.web.filters import one_line

# After each failure; ten attempts in a little more than three days, as Standard Webhooks 1.0 suggests.
PAUSES = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
LONGEST_PAUSE = timedelta(hours=24)  # that a receiver can ask for (Retry-After)
FAILING_FOR = timedelta(days=3)  # without one success, and an event given up at its end: then nobody is there
GONE, FAILING = "gone", "failing"

log = logging.getLogger(__name__)

SUBJECT = "A webhook of {platform} was switched off"
BODY = """Hello,

events are sent to this address no more:
{url}

{why}

What happened in the meantime is kept for 90 days. When the address works again, switch the webhook on and replay what \
was not delivered:
{page}
"""
WHY = {
    GONE: "It answered 410 Gone, which means that it wants none.",
    FAILING: "It has not taken a single one for three days, and an event was given up after ten attempts.",
}


async def note(
    runtime: Runtime, row: Mapping[str, Any], event: Mapping[str, Any], posted: Posted, at: datetime, milliseconds: int
) -> None:
    """Keep what came of an attempt at the delivery ``row``, as it was leased; nothing if the lease went to another."""
    async with tx():
        # The webhook before its deliveries, in this order everywhere, so that nobody waits in a circle.
        await Webhook.update({Webhook.failing_since: Webhook.failing_since}).where(Webhook.id == row["webhook"])
        if not await _settle(runtime, row, event, posted):
            return
        attempt = Attempt(
            delivery=row["id"],
            at=at,
            milliseconds=milliseconds,
            status=posted.status,
            fault=posted.fault,
            answer=posted.answer,
        )
        await attempt.save()
        if posted.fault is None:
            await Webhook.update({Webhook.failing_since: None}).where(
                Webhook.id == row["webhook"], Webhook.failing_since.is_not_null()
            )
            return
        if event["type"] != TEST:
            await Webhook.update({Webhook.failing_since: at}).where(
                Webhook.id == row["webhook"], Webhook.failing_since.is_null()
            )
        if posted.status == 410:
            await _switch_off(runtime, row["webhook"], GONE)
        elif _is_last(row, event) and await _is_failing(row["webhook"], at):
            await _switch_off(runtime, row["webhook"], FAILING)


async def give_up(runtime: Runtime, row: Mapping[str, Any]) -> None:
    """Its webhook is off or gone: nothing is sent."""
    async with tx():
        await Delivery.update(_ended(runtime, "dead", SWITCHED_OFF)).where(_is_ours(row))


async def _settle(runtime: Runtime, row: Mapping[str, Any], event: Mapping[str, Any], posted: Posted) -> bool:
    """The next state of the delivery; False when it is in other hands by now."""
    if posted.fault is None:
        changes = _ended(runtime, "delivered", None)
    elif _is_last(row, event) or posted.status == 410:
        changes = _ended(runtime, "dead", posted.fault)
    else:
        pause = PAUSES[row["tries"] - 1]
        asked = timedelta(seconds=posted.retry_after or 0)
        jitter = timedelta(seconds=runtime.random_below(int(pause.total_seconds()) // 10 + 1))
        due = runtime.now() + max(pause, min(asked, LONGEST_PAUSE)) + jitter
        changes = {Delivery.due_at: due, Delivery.fault: posted.fault, Delivery.leased_until: None}
    settled = await Delivery.update(changes).where(_is_ours(row)).returning(Delivery.id)
    return bool(settled)


def _ended(runtime: Runtime, state: str, fault: str | None) -> dict[Any, Any]:
    return {
        Delivery.state: state,
        Delivery.fault: fault,
        Delivery.leased_until: None,
        Delivery.ended_at: runtime.now(),
    }


def _is_ours(row: Mapping[str, Any]) -> Any:
    return (Delivery.id == row["id"]) & (Delivery.state == "waiting") & (Delivery.leased_until == row["leased_until"])


def _is_last(row: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return bool(event["type"] == TEST or row["tries"] > len(PAUSES))


async def _is_failing(webhook: str, at: datetime) -> bool:
    hook = await Webhook.select(Webhook.failing_since).where(Webhook.id == webhook).first()
    since: datetime | None = hook["failing_since"] if hook else None
    return since is not None and bool(at - since >= FAILING_FOR)


async def _switch_off(runtime: Runtime, webhook: str, why: str) -> None:
    """Once, inside the caller's transaction; the people of the platform are told."""
    off = (
        await Webhook.update({Webhook.state: "off", Webhook.why_off: why, Webhook.off_at: runtime.now()})
        .where(Webhook.id == webhook, Webhook.state == "on")
        .returning(Webhook.platform, Webhook.url)
    )
    if not off:
        return
    await stop_waiting(runtime, webhook)
    slug = off[0]["platform"]
    platform = await Platform.select(Platform.name, Platform.organisation).where(Platform.slug == slug).first()
    assert platform, "a webhook has one"
    body = BODY.format(
        url=_without_query(off[0]["url"]),
        why=WHY[why],
        page=f"{runtime.settings.public_url}/console/{platform['organisation']}/webhooks",
    )
    people = await _admins_of(platform["organisation"])
    if not people:
        log.warning("The webhook %s of %s was switched off (%s), and nobody could be told", webhook, slug, why)
    await tell(runtime, people, SUBJECT.format(platform=one_line(platform["name"], 80)), body)
    await record(runtime, "service", f"webhook-{why}", SERVICE, about=webhook, rows=[(Webhook, webhook)])


async def _admins_of(organisation: str | None) -> list[str]:
    """Those who look after the organisation's platform; nobody where it belongs to none."""
    rows = await Membership.select(Membership.person).where(
        Membership.issuer == organisation,
        Membership.role == Role.ADMIN.value,
        Membership.ended_at.is_null(),
    )
    return [row["person"] for row in rows]


def _without_query(url: str) -> str:
    """What stands behind the path may be a secret of the receiver's; mails are read by many."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"

"""The webhooks of a platform: made, changed, given new secrets, switched off and on, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from verify.database import UniqueViolation, tx
from verify.http.idempotency import kept_key
from verify.http.refusals import Refused
from verify.platforms import webhook_secrets
from verify.platforms.admitting import hold_platform
from verify.platforms.announcing import IN_TEST, random_name
from verify.platforms.owning import Owner
from verify.platforms.tables import Delivery, Webhook
from verify.platforms.webhook_addresses import require_address
from verify.platforms.webhook_wishes import CHANGES, NEW, Wishes, wishes_from
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

MOST = 10  # of a platform, in one mode
NOT_THERE = "Your platform has no webhook with this id."
SWITCHED_OFF = "The webhook was switched off before it could be delivered."


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as its owner sees it. ``why_off``: ``gone`` (410), ``failing``, or None when the owner did it.

    ``until`` is when the earlier one of two secrets ends.
    """

    id: str
    url: str
    description: str | None
    types: list[str] | None
    issuers: list[str] | None
    on: bool
    why_off: str | None
    off_at: datetime | None
    created_at: datetime
    failing_since: datetime | None
    until: datetime | None


async def add(runtime: Runtime, owner: Owner, key: str, body: bytes, members: Mapping[str, object]) -> tuple[Hook, str]:
    """Register a webhook and return it with its secret, which is shown this once; the same request gives the same.

    Raises Refused: 422 for an address that nothing is sent to (webhook_addresses.py) and other faults, 409 when there
    are ten, or the Idempotency-Key was used for something else.
    """
    wishes = wishes_from(members, NEW, owner.issuers)
    kept = kept_key(key, is_test=owner.mode == IN_TEST)
    if made := await _made_before(runtime, owner, kept, body):
        return made
    await require_address(runtime, wishes.url)
    hook = Webhook(
        id="whk_" + random_name(runtime),
        platform=owner.platform,
        mode=owner.mode,
        url=wishes.url,
        description=wishes.description,
        types=_kept(wishes.types),
        issuers=_kept(owner.narrowed(wishes.issuers)),
        state="on",
        created_at=runtime.now(),
    )
    drawn = await webhook_secrets.draw(runtime, owner.platform)
    try:
        async with tx():
            await hold_platform(owner.platform)
            if await _count(owner) >= MOST:
                raise Refused("webhook-limit", f"A platform has at most {MOST} webhooks.")
            await hook.save()
            rows = await webhook_secrets.keep(runtime, drawn, hook.id, kept, body)
            await _record(runtime, owner, "webhook-added", hook.id, rows)
    except (UniqueViolation, Refused):  # the same request came twice at once, perhaps for the last place
        if made := await _made_before(runtime, owner, kept, body):
            return made
        raise
    return await one(runtime, owner, hook.id), drawn.text


async def change(runtime: Runtime, owner: Owner, webhook: str, members: Mapping[str, object]) -> Hook:
    """Change what ``members`` name. Raises Refused as ``add``, and 404 for what is not the owner's.

    Switched on, it is as if it had never failed; switched off, what waits for it is not delivered.
    """
    await one(runtime, owner, webhook)
    wishes = wishes_from(members, CHANGES, owner.issuers)
    if "url" in wishes.given:
        await require_address(runtime, wishes.url)
    changes = _changes(runtime, owner, wishes)
    if changes:
        async with tx():
            changed = (
                await Webhook.update(changes)
                .where(Webhook.id == webhook, Webhook.state != "removed")
                .returning(Webhook.id)
            )
            if changed:
                if "enabled" in wishes.given and not wishes.enabled:
                    await stop_waiting(runtime, webhook)
                await _record(runtime, owner, "webhook-changed", webhook)
    return await one(runtime, owner, webhook)


async def roll(
    runtime: Runtime, owner: Owner, webhook: str, key: str, body: bytes, overlap: timedelta
) -> tuple[Hook, str]:
    """Make a new secret and return it, this once; the one of now goes on signing beside it for ``overlap``."""
    await one(runtime, owner, webhook)
    kept = kept_key(key, is_test=owner.mode == IN_TEST)
    if made := await _made_before(runtime, owner, kept, body):
        if made[0].id != webhook:
            raise Refused("idempotency-key-reused", webhook_secrets.FOR_ANOTHER)
        return made
    drawn = await webhook_secrets.draw(runtime, owner.platform)
    try:
        async with tx():
            await _hold(webhook)
            rows = await webhook_secrets.take_over(runtime, drawn, webhook, kept, body, overlap)
            await _record(runtime, owner, "webhook-secret-rolled", webhook, rows)
    except UniqueViolation:
        return await roll(runtime, owner, webhook, key, body, overlap)
    return await one(runtime, owner, webhook), drawn.text


async def remove(runtime: Runtime, owner: Owner, webhook: str) -> None:
    """Take it away for good: nothing is sent there any more, and its secrets are emptied. Again changes nothing.

    Raises Refused (404) for what never was the owner's.
    """
    row = await Webhook.select().where(Webhook.id == webhook).first()
    if row is None or not owner.sees(row):
        raise Refused("not-found", NOT_THERE)
    async with tx():
        removed = (
            await Webhook.update({Webhook.state: "removed", Webhook.off_at: runtime.now()})
            .where(Webhook.id == webhook, Webhook.state != "removed")
            .returning(Webhook.id)
        )
        if removed:
            await stop_waiting(runtime, webhook)
            emptied = await webhook_secrets.forget_all(runtime, webhook)
            await _record(runtime, owner, "webhook-removed", webhook, emptied)


async def all_of(runtime: Runtime, owner: Owner) -> list[Hook]:
    """Every webhook of the owner, the oldest first."""
    rows = (
        await Webhook.select()
        .where(Webhook.platform == owner.platform, Webhook.mode == owner.mode, Webhook.state != "removed")
        .order_by(Webhook.created_at)
        .order_by(Webhook.id)
    )
    return [await _hook(runtime, row) for row in rows if owner.sees(row)]


async def one(runtime: Runtime, owner: Owner, webhook: str) -> Hook:
    """One of them. Raises Refused (404) for anybody else's, which looks like none."""
    row = await Webhook.select().where(Webhook.id == webhook, Webhook.state != "removed").first()
    if row is None or not owner.sees(row):
        raise Refused("not-found", NOT_THERE)
    return await _hook(runtime, row)


async def stop_waiting(runtime: Runtime, webhook: str) -> None:
    """Give up what waits for a webhook that is off, inside the caller's transaction. It can be replayed later."""
    await Delivery.update(
        {Delivery.state: "dead", Delivery.fault: SWITCHED_OFF, Delivery.ended_at: runtime.now()}
    ).where(Delivery.webhook == webhook, Delivery.state == "waiting")


def _changes(runtime: Runtime, owner: Owner, wishes: Wishes) -> dict[Any, Any]:
    kept: dict[str, dict[Any, Any]] = {
        "url": {Webhook.url: wishes.url},
        "description": {Webhook.description: wishes.description},
        "types": {Webhook.types: _kept(wishes.types)},
        "issuers": {Webhook.issuers: _kept(owner.narrowed(wishes.issuers))},
        "enabled": {
            Webhook.state: "on" if wishes.enabled else "off",
            Webhook.why_off: None,
            Webhook.off_at: None if wishes.enabled else runtime.now(),
            Webhook.failing_since: None,
        },
    }
    return {column: value for name in sorted(wishes.given) for column, value in kept[name].items()}


async def _made_before(runtime: Runtime, owner: Owner, key: str, body: bytes) -> tuple[Hook, str] | None:
    """What this Idempotency-Key led to. Raises Refused (409) where that was for another request, or another's eyes."""
    made = await webhook_secrets.made_by(runtime, owner.platform, key, body)
    if made is None:
        return None
    row = await Webhook.select().where(Webhook.id == made[0]).first()
    if row is None or not owner.sees(row):
        raise Refused("idempotency-key-reused", webhook_secrets.FOR_ANOTHER)
    return await _hook(runtime, row), made[1]


async def _hook(runtime: Runtime, row: Mapping[str, Any]) -> Hook:
    secrets = await webhook_secrets.in_force(runtime, row["id"])
    return Hook(
        id=row["id"],
        url=row["url"],
        description=row["description"],
        types=msgspec.json.decode(row["types"]) if row["types"] else None,
        issuers=msgspec.json.decode(row["issuers"]) if row["issuers"] else None,
        on=row["state"] == "on",
        why_off=row["why_off"],
        off_at=row["off_at"],
        created_at=row["created_at"],
        failing_since=row["failing_since"],
        until=next((secret["ends_at"] for secret in secrets if secret["ends_at"]), None),
    )


def _kept(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else msgspec.json.encode(words).decode()


async def _count(owner: Owner) -> int:
    count: int = await Webhook.count().where(
        Webhook.platform == owner.platform, Webhook.mode == owner.mode, Webhook.state != "removed"
    )
    return count


async def _hold(webhook: str) -> None:
    """Keep others from changing it until this transaction ends. Raises Refused (404) when it is gone by now."""
    held = (
        await Webhook.update({Webhook.failing_since: Webhook.failing_since})
        .where(Webhook.id == webhook, Webhook.state != "removed")
        .returning(Webhook.id)
    )
    if not held:
        raise Refused("not-found", NOT_THERE)


async def _record(runtime: Runtime, owner: Owner, act: str, webhook: str, rows: Any = ()) -> None:
    await record(runtime, owner.by, act, SERVICE, about=webhook, rows=[(Webhook, webhook), *rows])

"""The secrets that deliveries are signed with: shown once, kept wrapped, two at a time while one takes over."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from verify.database import tx
from verify.http.refusals import Refused
from verify.issuers.rewrapping import Place
from verify.outside.key_custody import DESTROYED, open_secret, rewrapped_secret, seal_secret
from verify.outside.key_service import asked
from verify.platforms.tables import WebhookSecret
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, Rows, record

PREFIX = "whsec_"
BYTES = 32  # Standard Webhooks asks for 24 to 64
PURPOSE = "webhook"
LONGEST_OVERLAP = timedelta(days=7)
USUAL_OVERLAP = timedelta(days=1)
FOR_ANOTHER = "This Idempotency-Key was used before, for something else."


@dataclass(frozen=True, slots=True)
class Drawn:
    """A secret that no row holds yet. ``text`` is as it is shown."""

    id: str
    platform: str
    text: str
    wrapped: bytes


async def draw(runtime: Runtime, platform: str) -> Drawn:
    """Draw and wrap a secret; before the transaction that keeps it, because a key service may have to be asked.

    Raises KeyServiceDown.
    """
    secret, secret_id = runtime.random_bytes(BYTES), runtime.new_id()
    wrapped = await asked(runtime, seal_secret, secret, platform, secret_id, PURPOSE)
    return Drawn(secret_id, platform, _as_text(secret), wrapped)


async def keep(runtime: Runtime, drawn: Drawn, webhook: str, idempotency_key: str, body: bytes) -> Rows:
    """Keep a drawn secret inside the caller's transaction; returns the row written."""
    row = WebhookSecret(
        id=drawn.id,
        webhook=webhook,
        platform=drawn.platform,
        wrapped=drawn.wrapped,
        idempotency_key=idempotency_key,
        body_sha256=hashlib.sha256(body).hexdigest(),
        created_at=runtime.now(),
    )
    await row.save()
    return [(WebhookSecret, drawn.id)]


async def made_by(runtime: Runtime, platform: str, idempotency_key: str, body: bytes) -> tuple[str, str] | None:
    """The webhook and the secret that an earlier request with this key led to.

    Raises Refused (409) when that was another request, or the secret has ended since.
    """
    row = (
        await WebhookSecret.select()
        .where(WebhookSecret.platform == platform, WebhookSecret.idempotency_key == idempotency_key)
        .first()
    )
    if row is None:
        return None
    if row["body_sha256"] != hashlib.sha256(body).hexdigest() or bytes(row["wrapped"]) == DESTROYED:
        raise Refused("idempotency-key-reused", FOR_ANOTHER)
    return str(row["webhook"]), _as_text(await _opened(runtime, row))


async def take_over(runtime: Runtime, drawn: Drawn, webhook: str, key: str, body: bytes, overlap: timedelta) -> Rows:
    """Keep the next secret; the one of now signs beside it for ``overlap``, one from before that ends at once.

    Inside the caller's transaction, as ``keep``.
    """
    now = runtime.now()
    before = await WebhookSecret.select().where(WebhookSecret.webhook == webhook, WebhookSecret.wrapped != DESTROYED)
    rows: list[tuple[Any, object]] = []
    for row in before:
        if row["ends_at"] is None and overlap:
            changes: dict[Any, Any] = {WebhookSecret.ends_at: now + overlap}
        else:
            changes = {WebhookSecret.ends_at: now, WebhookSecret.wrapped: DESTROYED}
        await WebhookSecret.update(changes).where(WebhookSecret.id == row["id"])
        rows.append((WebhookSecret, row["id"]))
    return [*rows, *await keep(runtime, drawn, webhook, key, body)]


async def forget_all(runtime: Runtime, webhook: str) -> Rows:
    """Empty the secrets of a webhook inside the caller's transaction; returns the rows written."""
    gone = (
        await WebhookSecret.update({WebhookSecret.wrapped: DESTROYED, WebhookSecret.ends_at: runtime.now()})
        .where(WebhookSecret.webhook == webhook, WebhookSecret.wrapped != DESTROYED)
        .returning(WebhookSecret.id)
    )
    return [(WebhookSecret, row["id"]) for row in gone]


async def forget_ended(runtime: Runtime) -> None:
    """Empty those whose overlap is over."""
    now = runtime.now()
    async with tx():
        gone = (
            await WebhookSecret.update({WebhookSecret.wrapped: DESTROYED})
            .where(WebhookSecret.ends_at <= now, WebhookSecret.wrapped != DESTROYED)
            .returning(WebhookSecret.id)
        )
        if gone:
            rows = [(WebhookSecret, row["id"]) for row in gone]
            await record(runtime, "service", "webhook-secret-ended", SERVICE, rows=rows)


async def in_force(runtime: Runtime, webhook: str) -> list[dict[str, Any]]:
    """The rows of the secrets that sign now, the newest first: one, or two while one takes over."""
    rows = await WebhookSecret.select().where(
        WebhookSecret.webhook == webhook,
        WebhookSecret.wrapped != DESTROYED,
        WebhookSecret.ends_at.is_null() | (WebhookSecret.ends_at > runtime.now()),
    )
    return sorted(rows, key=lambda row: row["ends_at"] is not None)


async def to_sign_with(runtime: Runtime, webhook: str) -> list[bytes]:
    """The secrets themselves, the newest first. Raises KeyUnreadable, KeyServiceDown."""
    return [await _opened(runtime, row) for row in await in_force(runtime, webhook)]


async def places() -> Sequence[Place]:
    """Where secrets lie wrapped, to be moved under another key-encryption key."""
    rows = await WebhookSecret.select(WebhookSecret.id, WebhookSecret.platform).order_by(WebhookSecret.id)
    return [
        Place(
            WebhookSecret, WebhookSecret.id, WebhookSecret.wrapped, row["id"], row["platform"], PURPOSE, SERVICE,
            rewrapped_secret,
        )
        for row in rows
    ]  # fmt: skip


async def _opened(runtime: Runtime, row: dict[str, Any]) -> bytes:
    return await asked(runtime, open_secret, bytes(row["wrapped"]), row["platform"], row["id"], PURPOSE)


def _as_text(secret: bytes) -> str:
    return PREFIX + base64.b64encode(secret).decode()

"""Webhooks: ``parse`` for whoever receives one, and ``client.webhooks`` to keep them, both kinds.

event = webhooks.parse(body, headers, "whsec_…")     # raises WebhookRefused: answer 400 and forget it
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from uuid import uuid4

import msgspec

from refolio.client.idempotency import require_key
from refolio.client.pages import walk, walk_async
from refolio.client.receiving import parse as parse
from refolio.client.receiving import sign as sign
from refolio.client.requests import JSON, JSON_BODY, AsyncSend, Request, Send, body_of, get, read
from refolio.errors import RequestRefused

PATH = "/api/v1/webhooks"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address to which events are sent. ``types`` and ``issuers`` narrow which, None for all.

    ``secret`` is there in the answers to ``add`` and ``roll`` only. Not ``enabled``, ``disabled_because`` says whether
    it did so itself: ``gone`` (410) or ``failing`` (three days without a success). ``old_secret_until`` is when the
    earlier one of two secrets ends. Times are aware, in UTC.
    """

    id: str
    url: str
    enabled: bool
    created_at: datetime
    description: str | None = None
    types: Sequence[str] | None = None
    issuers: Sequence[str] | None = None
    disabled_because: str | None = None
    failing_since: datetime | None = None
    old_secret_until: datetime | None = None
    secret: str | None = None

    def __repr__(self) -> str:
        """Without the secret, which has no place in logs."""
        return f"Webhook(id={self.id!r}, url={self.url!r}, enabled={self.enabled})"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to deliver. ``answer`` is how the receiver's answer began, at most 500 characters."""

    at: datetime
    milliseconds: int
    status: int | None = None
    fault: str | None = None
    answer: str | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one webhook. ``state``: ``waiting``, ``delivered``, or ``dead`` when it was given up."""

    event: str
    type: str
    state: str
    created_at: datetime
    fault: str | None = None
    next_attempt_at: datetime | None = None
    attempts: Sequence[Attempt] = ()


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the ``webhook.test`` that is on its way."""

    event: str


def add_request(
    url: str,
    types: Sequence[str] | None,
    issuers: Sequence[str] | None,
    description: str | None,
    idempotency_key: str | None,
) -> Request:
    """Register an address. Repeatable, because the key makes it once."""
    wanted = {"url": url, "types": types, "issuers": issuers, "description": description}
    body = {name: value for name, value in wanted.items() if value is not None}
    return Request("POST", PATH, _keyed(idempotency_key), body_of(body), repeatable=True)


def get_request(webhook: str | Webhook) -> Request:
    """Ask for one webhook."""
    return get(_path(webhook))


def change_request(webhook: str | Webhook, changes: dict[str, object]) -> Request:
    """Change what is named. Repeatable: the same again changes nothing."""
    return Request("PATCH", _path(webhook), JSON_BODY, body_of(changes), repeatable=True)


def remove_request(webhook: str | Webhook) -> Request:
    """Remove it for good. Repeatable: again changes nothing."""
    return Request("DELETE", _path(webhook), JSON, repeatable=True)


def roll_request(webhook: str | Webhook, overlap: int, idempotency_key: str | None) -> Request:
    """Ask for a new secret. Repeatable, because the key makes it once."""
    body = body_of({"overlap": overlap})
    return Request("POST", f"{_path(webhook)}/roll", _keyed(idempotency_key), body, repeatable=True)


def test_request(webhook: str | Webhook) -> Request:
    """Ask for a ``webhook.test``."""
    return Request("POST", f"{_path(webhook)}/test", JSON, repeatable=True)


def _keyed(idempotency_key: str | None) -> dict[str, str]:
    return {**JSON_BODY, "Idempotency-Key": require_key(idempotency_key or f"webhook-{uuid4()}")}


def _path(webhook: str | Webhook) -> str:
    name = webhook.id if isinstance(webhook, Webhook) else webhook
    if not _ID.fullmatch(name):
        raise RequestRefused(f"“{name[:80]}” is not the id of a webhook: one begins with whk_.")
    return f"{PATH}/{name}"


class Webhooks:
    """``client.webhooks``: where your events are sent."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def add(
        self,
        url: str,
        *,
        types: Sequence[str] | None = None,
        issuers: Sequence[str] | None = None,
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> Webhook:
        """Register an address, https and public. Keep its ``secret``, which is shown this once.

        Raises RequestRefused naming the member; Conflict when there are ten.
        """
        return read(self._send(add_request(url, types, issuers, description, idempotency_key)), Webhook)

    def list(self) -> Iterator[Webhook]:
        """All of them, the oldest first."""
        return walk(self._send, PATH, Webhook)

    def get(self, webhook: str | Webhook) -> Webhook:
        """One of them. Raises NotFound."""
        return read(self._send(get_request(webhook)), Webhook)

    def change(self, webhook: str | Webhook, **changes: object) -> Webhook:
        """Change ``url``, ``types``, ``issuers``, ``description`` (None takes the last three away) or ``enabled``.

        Raises RequestRefused naming the member.
        """
        return read(self._send(change_request(webhook, changes)), Webhook)

    def remove(self, webhook: str | Webhook) -> None:
        """Send nothing there any more, for good; again changes nothing. Raises NotFound."""
        self._send(remove_request(webhook))

    def roll(self, webhook: str | Webhook, *, overlap: int = 86400, idempotency_key: str | None = None) -> Webhook:
        """A new ``secret``, shown this once; the one before signs beside it for ``overlap`` seconds, at most a week."""
        return read(self._send(roll_request(webhook, overlap, idempotency_key)), Webhook)

    def test(self, webhook: str | Webhook) -> Tested:
        """Send it a ``webhook.test``. Raises Conflict when it is switched off."""
        return read(self._send(test_request(webhook)), Tested)

    def deliveries(self, webhook: str | Webhook, *, state: str | None = None) -> Iterator[Delivery]:
        """What became of its deliveries, the newest first; only those ``waiting``, ``delivered`` or ``dead`` if asked.

        ``client.events.replay(delivery.event)`` sends one again.
        """
        return walk(self._send, f"{_path(webhook)}/deliveries", Delivery, state=state)


class AsyncWebhooks:
    """``client.webhooks`` of an AsyncClient; what it does and raises is written at ``Webhooks``."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def add(
        self,
        url: str,
        *,
        types: Sequence[str] | None = None,
        issuers: Sequence[str] | None = None,
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> Webhook:
        """Register an address, https and public. Keep its ``secret``, which is shown this once."""
        return read(await self._send(add_request(url, types, issuers, description, idempotency_key)), Webhook)

    def list(self) -> AsyncIterator[Webhook]:
        """All of them, the oldest first."""
        return walk_async(self._send, PATH, Webhook)

    async def get(self, webhook: str | Webhook) -> Webhook:
        """One of them."""
        return read(await self._send(get_request(webhook)), Webhook)

    async def change(self, webhook: str | Webhook, **changes: object) -> Webhook:
        """Change ``url``, ``types``, ``issuers``, ``description`` or ``enabled``."""
        return read(await self._send(change_request(webhook, changes)), Webhook)

    async def remove(self, webhook: str | Webhook) -> None:
        """Send nothing there any more, for good."""
        await self._send(remove_request(webhook))

    async def roll(
        self, webhook: str | Webhook, *, overlap: int = 86400, idempotency_key: str | None = None
    ) -> Webhook:
        """A new ``secret``, shown this once; the one before signs beside it for ``overlap`` seconds."""
        return read(await self._send(roll_request(webhook, overlap, idempotency_key)), Webhook)

    async def test(self, webhook: str | Webhook) -> Tested:
        """Send it a ``webhook.test``."""
        return read(await self._send(test_request(webhook)), Tested)

    def deliveries(self, webhook: str | Webhook, *, state: str | None = None) -> AsyncIterator[Delivery]:
        """What became of its deliveries, the newest first."""
        return walk_async(self._send, f"{_path(webhook)}/deliveries", Delivery, state=state)

"""What happened to what you delivered. First what is asked and read, then ``client.events``, both kinds."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from refolio.client.issued import IssuedCredential
from refolio.client.pages import PAGE, onwards
from refolio.client.requests import JSON, JSON_BODY, AsyncSend, Request, Send, body_of, get, read
from refolio.errors import RequestRefused

PATH = "/api/v1/events"
WAIT = 15  # seconds that the service may hold an answer back: less than a client waits for one
LATEST = "latest"
BREATH = 1.0  # seconds between two questions, where the service does not hold its answers back
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. ``timestamp`` is when, aware, in UTC; ``mode`` is ``live`` or ``test``.

    ``type`` is ``credential.issued``, ``credential.replaced``, ``credential.withdrawn``, ``credential.replied``,
    ``credential.reply_taken_back``, ``reference.written``, ``reference.declined``, ``reference.withdrawn``, one of
    ``grant.…``, ``webhook.test``, or one that came later: pass over those that you do not know. ``data`` is thin: ids,
    states and links, never what a person has written.
    """

    id: str
    type: str
    timestamp: datetime
    mode: str = "live"
    issuer: str | None = None
    data: Mapping[str, object] = {}

    @property
    def credential(self) -> IssuedCredential | None:
        """The credential that it is about, as it was then, without ``reason`` and portfolio; None for other events.

        Ask ``client.credentials.get(event.credential)`` for all of it, as it is now.
        """
        if not self.type.startswith("credential."):
            return None
        try:
            return msgspec.convert(self.data, IssuedCredential)
        except msgspec.ValidationError:  # of a type that came later, and tells something else
            return None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """What there was behind a cursor, oldest first, and the ``cursor`` to go on from, always.

    ``next`` is the same where more is there already, else None.
    """

    items: Sequence[Event]
    cursor: str
    next: str | None = None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is on its way again, and to which webhooks (ids)."""

    event: str
    webhooks: Sequence[str]


def wait_request(after: str | None, seconds: int, limit: int | None = None) -> Request:
    """Ask for what comes behind a cursor, and to hold the answer back until there is something."""
    return get(PATH, after=after, wait=seconds or None, limit=limit)


def get_request(event: str | Event) -> Request:
    """Ask for one event."""
    return get(f"{PATH}/{id_of(event)}")


def replay_request(event: str | Event, webhook: str | None) -> Request:
    """Ask to send an event again. Repeatable: a receiver takes the same id once."""
    body = body_of({"webhook": webhook}) if webhook else b""
    return Request("POST", f"{PATH}/{id_of(event)}/replay", JSON_BODY if body else JSON, body, repeatable=True)


def id_of(event: str | Event) -> str:
    """The id of an event given by its id or as itself. RequestRefused otherwise."""
    name = event.id if isinstance(event, Event) else event
    if not _ID.fullmatch(name):
        raise RequestRefused(f"“{name[:80]}” is not the id of an event: one begins with evt_.")
    return name


def breath(page: EventPage, took: float) -> float:
    """Seconds to leave a service alone that says at once that there is nothing, after ``took`` seconds."""
    return 0.0 if page.items else max(0.0, BREATH - took)


class Events:
    """``client.events``: kept for ninety days."""

    def __init__(self, send: Send, sleep: Callable[[float], None]) -> None:
        self._send, self._sleep = send, sleep

    def list(self, *, after: str | None = None) -> Iterator[Event]:
        """Every event behind a cursor of yours (without one: all that are kept), the oldest first."""
        seen: set[str] = set()
        while True:
            page = read(self._send(wait_request(after, 0, PAGE)), EventPage)
            yield from page.items
            if page.next is None:
                return
            after = onwards(page.next, seen)

    def get(self, event: str | Event) -> Event:
        """One event. Raises NotFound for one that is not yours, or is no longer kept."""
        return read(self._send(get_request(event)), Event)

    def wait(self, after: str | None = None, *, seconds: int = WAIT) -> EventPage:
        """What comes behind the cursor, as soon as there is something; after ``seconds`` (0 to 25) none.

        Start with ``after="latest"`` for what is to come, keep ``cursor``, and go on from it. Give the client a longer
        ``timeout`` than ``seconds``.
        """
        return read(self._send(wait_request(after, seconds)), EventPage)

    def follow(self, after: str = LATEST) -> Iterator[Event]:
        """Each event as it comes, for as long as you ask; from a cursor, or from now on.

        Raises Unavailable when the service cannot be reached for longer than the client tries.
        """
        while True:
            began = time.monotonic()
            page = self.wait(after)
            took = time.monotonic() - began
            yield from page.items
            after = page.cursor
            self._sleep(breath(page, took))

    def replay(self, event: str | Event, *, webhook: str | None = None) -> Replayed:
        """Send an event again, under its own id: to one webhook (its id), or to all that it goes to.

        Raises Conflict when none of these is switched on.
        """
        return read(self._send(replay_request(event, webhook)), Replayed)


class AsyncEvents:
    """``client.events`` of an AsyncClient; what it does and raises is written at ``Events``."""

    def __init__(self, send: AsyncSend, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._send, self._sleep = send, sleep

    async def list(self, *, after: str | None = None) -> AsyncIterator[Event]:
        """Every event behind a cursor of yours (without one: all that are kept), the oldest first."""
        seen: set[str] = set()
        while True:
            page = read(await self._send(wait_request(after, 0, PAGE)), EventPage)
            for event in page.items:
                yield event
            if page.next is None:
                return
            after = onwards(page.next, seen)

    async def get(self, event: str | Event) -> Event:
        """One event."""
        return read(await self._send(get_request(event)), Event)

    async def wait(self, after: str | None = None, *, seconds: int = WAIT) -> EventPage:
        """What comes behind the cursor, as soon as there is something; after ``seconds`` (0 to 25) none."""
        return read(await self._send(wait_request(after, seconds)), EventPage)

    async def follow(self, after: str = LATEST) -> AsyncIterator[Event]:
        """Each event as it comes, for as long as you ask; from a cursor, or from now on."""
        while True:
            began = time.monotonic()
            page = await self.wait(after)
            took = time.monotonic() - began
            for event in page.items:
                yield event
            after = page.cursor
            await self._sleep(breath(page, took))

    async def replay(self, event: str | Event, *, webhook: str | None = None) -> Replayed:
        """Send an event again, under its own id: to one webhook, or to all that it goes to."""
        return read(await self._send(replay_request(event, webhook)), Replayed)

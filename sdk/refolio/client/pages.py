"""Lists of the service, page by page: walk them as if they were one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar

import msgspec

from refolio.client.requests import AsyncSend, Send, get, read
from refolio.errors import ServiceError

Item = TypeVar("Item")
PAGE = 100  # the most that the service gives at once


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """One page of a list, and the cursor of the one after it."""

    items: list[Item]
    next: str | None = None


def walk(send: Send, path: str, item: type[Item], **filters: object) -> Iterator[Item]:
    """Every item of the list at ``path``, one page asked for at a time.

    Raises ServiceError in the middle of it when a page cannot be had; nothing is skipped in silence.
    """
    after: str | None = None
    seen: set[str] = set()
    while True:
        answer = send(get(path, **filters, limit=PAGE, after=after))
        page = read(answer, Page[item])  # type: ignore[valid-type]
        yield from page.items
        if page.next is None:
            return
        after = onwards(page.next, seen)


async def walk_async(send: AsyncSend, path: str, item: type[Item], **filters: object) -> AsyncIterator[Item]:
    """As ``walk``, for ``async for``."""
    after: str | None = None
    seen: set[str] = set()
    while True:
        answer = await send(get(path, **filters, limit=PAGE, after=after))
        page = read(answer, Page[item])  # type: ignore[valid-type]
        for one in page.items:
            yield one
        if page.next is None:
            return
        after = onwards(page.next, seen)


def onwards(cursor: str, seen: set[str]) -> str:
    """Return the cursor and note it. Raises ServiceError for one that was there before: such a list never ends."""
    if cursor in seen:
        raise ServiceError("The service's list goes in circles. Check that the address is that of a Refolio service.")
    seen.add(cursor)
    return cursor

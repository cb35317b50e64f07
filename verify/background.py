"""Work that a process does beside answering requests, for as long as it runs: now and then, or whenever a bell rings.

What goes wrong is logged and tried again at the next look: a database that is away for a moment must not end it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

log = logging.getLogger(__name__)


@asynccontextmanager
async def on_schedule(look: Callable[[], Awaitable[object]], every: float, what: str) -> AsyncIterator[None]:
    """Look at once and then ``every`` so many seconds, until the block ends, which breaks a look off.

    ``what`` begins the sentence that tells the log of a fault.
    """
    task = asyncio.create_task(_repeat(look, every, what))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(look: Callable[[], Awaitable[object]], every: float, what: str) -> None:
    while True:
        await _tried(look(), what)
        await asyncio.sleep(every)


@asynccontextmanager
async def until_over(
    look: Callable[[asyncio.Event], Awaitable[object]], bell: asyncio.Event, every: float, what: str
) -> AsyncIterator[None]:
    """Look whenever ``bell`` rings, and at least ``every`` so many seconds, until the block ends.

    That sets the event that ``look`` is given and waits for it: a look ends early, with what it has in hand.
    """
    over = asyncio.Event()
    task = asyncio.create_task(_attend(look, bell, every, what, over))
    try:
        yield
    finally:
        over.set()
        bell.set()
        await task


async def _attend(
    look: Callable[[asyncio.Event], Awaitable[object]],
    bell: asyncio.Event,
    every: float,
    what: str,
    over: asyncio.Event,
) -> None:
    while not over.is_set():
        await _tried(look(over), what)
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await bell.wait()
        bell.clear()


async def _tried(work: Awaitable[object], what: str) -> None:
    try:
        await work
    except Exception as error:
        log.error("%s could not be looked after: %s", what, type(error).__name__, exc_info=error)

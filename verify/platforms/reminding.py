"""Remind, once, the people who have not answered a platform; by one process or another, now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from verify.platforms.granting import remind
from verify.runtime import Runtime

PAUSE = 3600.0  # seconds between two looks at who is late

log = logging.getLogger(__name__)


@asynccontextmanager
async def on_schedule(runtime: Runtime) -> AsyncIterator[None]:
    """Remind whoever is late, for as long as the block lasts."""
    task = asyncio.create_task(_work(runtime))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _work(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(PAUSE)
        try:
            await remind(runtime)
        except Exception:  # a database that is away for a moment must not end the schedule
            log.exception("The people who have not answered could not be reminded")

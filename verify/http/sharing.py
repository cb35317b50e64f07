"""One piece of work for all who want the same at the same time: a flood on one page costs one page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def shared(under_way: dict[str, asyncio.Task[T]], key: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what ``make`` returns, from the call under way for ``key`` if there is one. Nothing is kept.

    A caller that goes away does not stop the work, because others may be waiting for it.
    """
    task = under_way.get(key)
    if task is None:
        task = under_way[key] = asyncio.create_task(make())
        task.add_done_callback(lambda _: under_way.pop(key, None))
    return await asyncio.shield(task)

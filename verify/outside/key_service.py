"""Ask a key management service, without anybody having to wait for it who does not need it.

Its calls block, and what they ask may be far away, slow or gone. So they run in threads, few at a time, and not for
long; never inside a transaction, where others wait for the rows. A thread that hangs keeps its place until it ends,
and does not keep the process from ending.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from verify.database import TransactionMisused, in_transaction
from verify.runtime import KeyEncryptionKey, KeyServiceDown, Runtime

SECONDS = 5.0
AT_ONCE = 8

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def asked(
    runtime: Runtime, act: Callable[Concatenate[Runtime, Given], Answer], *given: Given.args, **named: Given.kwargs
) -> Answer:
    """``act(runtime, …)`` of key_custody, in a thread where a key service may be asked.

    Raises what ``act`` raises, KeyServiceDown after five seconds, TransactionMisused inside ``tx()``.
    """
    if in_transaction():
        raise TransactionMisused("Keys are wrapped and opened before the transaction, because a key service may wait.")
    if all(isinstance(kek, KeyEncryptionKey) for kek in (runtime.kek, *runtime.previous_keks)):
        return act(runtime, *given, **named)
    return await _in_thread(lambda: act(runtime, *given, **named))


async def _in_thread(call: Callable[[], Answer]) -> Answer:
    loop = asyncio.get_running_loop()
    places = _places.setdefault(loop, asyncio.Semaphore(AT_ONCE))
    try:
        async with asyncio.timeout(SECONDS):
            await places.acquire()
            answer: asyncio.Future[Answer] = loop.create_future()
            Thread(target=_work, args=(loop, places, call, answer), daemon=True, name="key-service").start()
            return await answer
    except TimeoutError:
        raise KeyServiceDown(f"The key service did not answer within {SECONDS:g} seconds.") from None


def _work(
    loop: asyncio.AbstractEventLoop,
    places: asyncio.Semaphore,
    call: Callable[[], Answer],
    answer: asyncio.Future[Answer],
) -> None:
    end: Callable[[Any], None] = answer.set_result
    result: object
    try:
        result = call()
    except BaseException as error:
        end, result = answer.set_exception, error

    def finish() -> None:
        places.release()
        if not answer.done():  # nobody waits for it any more
            end(result)

    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(finish)

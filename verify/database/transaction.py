"""``async with tx():`` — everything in the block is kept, or nothing is.

* One task, one transaction. A task started inside the block inherits the context of its parent (PEP 567) and would run
  its queries in the parent's transaction, or after it on a connection that serves somebody else by then. It gets
  ``TransactionMisused`` instead. Start tasks after the block.
* No transaction inside a transaction: an inner failure could not be undone on its own.
* After a failed statement the transaction can only end: PostgreSQL enforces that, so SQLite must behave alike. To go on
  in spite of a duplicate, catch ``UniqueViolation`` outside the block, or use ``on_conflict``.
* However the block is left (return, error, cancellation, more cancellations on the way out), its connection and the
  lock are given back, and its rows are all kept or all gone. If the cancellation met the COMMIT, either may be true.
* No network and no plugin inside: others wait (SQLite has one writer).

SQLite transactions are serializable. PostgreSQL runs READ COMMITTED: two transactions that read before they write may
both see the old row. Let the statement that writes do the reading (``UPDATE … RETURNING``), or a unique index decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from verify.database.binding import bound_engine, find_engine
from verify.database.errors import TransactionFailed, TransactionMisused, unique_violation

_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)


@asynccontextmanager
async def tx() -> AsyncIterator[None]:
    """Keep all rows written in the block, or none if it is left by an error or a cancellation.

    Runs on the engine given to ``bind()``. Raises ``TransactionMisused`` inside another transaction,
    ``TransactionFailed`` when the block ends normally although one of its statements had failed.
    """
    engine = bound_engine()
    if engine.transaction_exists():
        raise TransactionMisused(
            "tx() was entered inside another transaction. Let one operation own the transaction and call the other "
            "before or after it; start tasks outside of it."
        )
    calls: list[Callable[[], None]] = []
    mark = _after_commit.set(calls)
    try:
        async with engine.transaction():
            yield
    finally:
        _after_commit.reset(mark)
    for call in calls:
        call()


def in_transaction() -> bool:
    """Whether this task is inside ``tx()``. False also where no engine was bound."""
    engine = find_engine()
    return engine is not None and bool(engine.transaction_exists())


def after_commit(call: Callable[[], None]) -> None:
    """Call ``call`` once when the transaction around this has been kept, never when it has not.

    It must neither fail nor wait: it is for telling a worker that there is something to do. Raises
    ``TransactionMisused`` outside of ``tx()``.
    """
    calls = _after_commit.get()
    if calls is None:
        raise TransactionMisused("after_commit() was called outside of tx().")
    if call not in calls:
        calls.append(call)


class OwnedTransaction:
    """What Piccolo's transaction classes lack: an owner, and an end that always comes.

    Mixed into the class of each driver, which says how to lease a connection, begin, commit and roll back.
    """

    engine: Any
    context: Any
    _parent: Any
    _connection: Any = None
    _owner: asyncio.Task[Any] | None = None
    _undo: AsyncExitStack
    failure: BaseException | None = None

    def lease(self) -> AbstractAsyncContextManager[Any]:
        raise NotImplementedError

    async def begin(self) -> None:
        raise NotImplementedError

    async def commit(self) -> None:
        raise NotImplementedError

    async def rollback(self) -> None:
        """Undo what is not committed; harmless when nothing was begun."""
        raise NotImplementedError

    @property
    def connection(self) -> Any:
        """The connection for the next statement; Piccolo asks for it before each one. The owner alone gets it."""
        if self._connection is None or asyncio.current_task() is not self._owner:
            raise TransactionMisused(
                "This task was started inside a transaction of another task and must not use its connection. "
                "Start tasks after the block."
            )
        if self.failure is not None:
            raise TransactionFailed(
                "An earlier statement of this transaction failed, so it can only end. Let the error leave the block."
            ) from self.failure
        return self._connection

    async def __aenter__(self) -> Any:
        if self._parent is not None:  # Piccolo's migrations nest on purpose and count on this
            return self._parent
        async with AsyncExitStack() as undo:
            self._connection = await undo.enter_async_context(self.lease())
            undo.push_async_callback(self.rollback)
            await self.begin()
            self._undo = undo.pop_all()
        self._owner = asyncio.current_task()
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if self._parent is not None:
            return False
        try:
            async with self._undo:
                if error is None:
                    if self.failure is not None:
                        raise TransactionFailed(
                            "A statement of this transaction failed and the error was caught inside the block; "
                            "nothing was kept. Catch it outside."
                        ) from self.failure
                    await self.commit()
        finally:
            self._connection = self._owner = None
            self.engine.current_transaction.reset(self.context)
        return False


@contextmanager
def statement_errors(transaction: object) -> Generator[None]:
    """Around one statement: remember in its transaction that it failed, and raise duplicates as ``UniqueViolation``."""
    try:
        yield
    except (TransactionMisused, TransactionFailed):
        raise
    except BaseException as error:
        duplicate = unique_violation(error)
        if isinstance(transaction, OwnedTransaction):
            transaction.failure = duplicate or error
        if duplicate is None:
            raise
        raise duplicate from None  # the driver's words hold the values of the row, which are nobody's business in a log

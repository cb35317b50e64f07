"""SQLite for one machine: many readers, one writer at a time, no "database is locked" between tasks of one process.

Piccolo's own engine opens a connection and a thread for every query, without WAL, and begins transactions in a way that
fails as soon as two of them read before they write. This one keeps connections open and overrides, and depends on,
these methods of ``SQLiteEngine`` (Piccolo 1.38; tests/database/test_sqlite.py fails when they are no longer called):
``get_connection``, ``_run_in_new_connection``, ``_run_in_existing_connection``, ``transaction``.

* All writes of a process wait for one lock in the order they came, then use the one writer connection. SQLite's own
  waiting is unfair: it is left to the rare case that another process writes to the same file.
* Reads outside of a transaction never wait for writes: WAL gives each its snapshot.
* ``synchronous=FULL``: a committed transaction survives power loss. That is one fsync a commit, so write in batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.querystring import QueryString

from verify.database.transaction import OwnedTransaction, statement_errors

BUSY_TIMEOUT = 10.0  # seconds to wait for a writer in another process
PATIENCE = 10.0  # seconds that close() waits for running queries and transactions

Rows = list[dict[str, Any]]


class PooledSQLiteTransaction(OwnedTransaction, SQLiteTransaction):
    """A transaction on the writer, begun IMMEDIATE."""

    engine: PooledSQLiteEngine

    def lease(self) -> AbstractAsyncContextManager[aiosqlite.Connection]:
        return self.engine.lease(write=True)

    async def begin(self) -> None:
        # IMMEDIATE takes the write lock now: a transaction that reads first could not upgrade later without failing.
        await self._connection.execute_fetchall("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        await self._connection.execute_fetchall("COMMIT")

    async def rollback(self) -> None:
        await self._connection.rollback()  # does nothing when no transaction is open


class PooledSQLiteEngine(SQLiteEngine):
    """An engine for the file at ``path``; made without touching it. See the module for how it reads and writes.

    ``open()`` gives the running event loop its pool; ``close()`` closes it. In a loop without a pool (``piccolo`` on
    the command line) each query connects for itself: slower, and it waits for other writers in SQLite's unfair way.
    """

    def __init__(self, path: str | Path, *, readers: int = 4) -> None:
        self._readers = readers
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()
        super().__init__(path=str(Path(path).absolute()), timeout=BUSY_TIMEOUT)

    async def open(self) -> None:
        """Connect the pool of the running event loop; harmless when done already. Raises if the file cannot be used."""
        loop = asyncio.get_running_loop()
        if loop not in self._pools:
            async with AsyncExitStack() as opened:
                connections = []
                for number in range(1 + self._readers):
                    connections.append(await self.get_connection(read_only=number > 0))
                    opened.push_async_callback(connections[-1].close)
                writer, *readers = connections
                self._pools[loop] = _Pool(writer, readers, opened.pop_all())

    async def close(self) -> None:
        """Wait for running queries and transactions of this event loop, then close its connections."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    async def get_connection(self, *, read_only: bool = False) -> aiosqlite.Connection:
        """A new connection with our settings; the caller closes it."""
        _make_folder(self.path)
        connecting = aiosqlite.connect(**self.connection_kwargs)
        connecting._thread.daemon = True  # a connection that was never closed must not keep the process from ending
        connection = await connecting
        try:
            connection.row_factory = dict_factory  # type: ignore[assignment]  # a function, as sqlite3 wants it
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            await connection.execute_fetchall("PRAGMA synchronous = FULL")
            await connection.execute_fetchall("PRAGMA foreign_keys = ON")
            await connection.execute_fetchall(f"PRAGMA query_only = {int(read_only)}")
        except BaseException:
            await connection.close()
            raise
        return connection

    @asynccontextmanager
    async def lease(self, *, write: bool) -> AsyncIterator[aiosqlite.Connection]:
        """A connection for the time of the block: the writer, which nobody else has, or one of the readers."""
        pool = self._pools.get(asyncio.get_running_loop())
        if pool is not None:
            async with pool.writer() if write else pool.reader() as connection:
                yield connection
        else:
            connection = await self.get_connection()
            try:
                yield connection
            finally:
                await connection.close()

    async def _run_in_new_connection(
        self, query: str, args: Sequence[Any] | None = None, query_type: str = "generic", table: Any = None
    ) -> Rows:
        # A statement we do not know goes to the writer: it can do everything, a reader refuses to write.
        async with self.lease(write=query.lstrip()[:6].upper() != "SELECT") as connection:
            return await _fetch(connection, query, args)

    async def _run_in_existing_connection(
        self,
        connection: Any,
        query: str,
        args: Sequence[Any] | None = None,
        query_type: str = "generic",
        table: Any = None,
    ) -> Rows:
        return await _fetch(connection, query, args)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Rows:
        with statement_errors(self.current_transaction.get()):
            return cast(Rows, await super().run_querystring(querystring, in_pool))

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Rows:
        with statement_errors(self.current_transaction.get()):
            return cast(Rows, await super().run_ddl(ddl, in_pool))

    def transaction(
        self, transaction_type: TransactionType = TransactionType.immediate, allow_nested: bool = True
    ) -> PooledSQLiteTransaction:
        """Always IMMEDIATE, whatever is asked for. Features use ``tx()``."""
        return PooledSQLiteTransaction(self, TransactionType.immediate, allow_nested)


class _Pool:
    """The connections of one event loop: locks of asyncio belong to a loop.

    Leaving ``writer()`` and ``reader()`` never waits, so nothing can come between a task and giving back what it holds.
    A statement that was cancelled may still run in the thread of its connection: the next one queues up behind it.
    """

    def __init__(
        self, writer: aiosqlite.Connection, readers: list[aiosqlite.Connection], connections: AsyncExitStack
    ) -> None:
        self._writer = writer
        self._lock = asyncio.Lock()
        self._idle = readers
        self._size = len(readers)
        self._turns = asyncio.Semaphore(self._size)  # first come, first served, which asyncio.Queue is not
        self._connections = connections

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._lock:
            yield self._writer

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._turns:
            connection = self._idle.pop()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    async def close(self) -> None:
        async with self._connections:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE), self._lock:
                    for _ in range(self._size):
                        await self._turns.acquire()


async def _fetch(connection: aiosqlite.Connection, query: str, args: Sequence[Any] | None) -> Rows:
    return list(await connection.execute_fetchall(query, args or ()))  # type: ignore[arg-type]  # dict_factory makes dicts


def _make_folder(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)

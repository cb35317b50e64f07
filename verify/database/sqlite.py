"""SQLite for one machine: many readers, one writer, nobody ever sees "database is locked".

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
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.querystring import QueryString

from verify.database.transaction import OwnedTransaction, statement_errors, to_the_end

BUSY_TIMEOUT = 10.0  # seconds to wait for a writer in another process
PATIENCE = 10.0  # seconds that close() waits for running queries and transactions

Rows = list[dict[str, Any]]


class PooledSQLiteTransaction(OwnedTransaction, SQLiteTransaction):
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

    ``open()`` gives the running event loop its pool, connected as needed; ``close()`` closes it. In a loop without a
    pool (``piccolo`` on the command line) each query connects for itself: slower, same guarantees between processes.
    """

    def __init__(self, path: str | Path, *, readers: int = 4) -> None:
        self._readers = readers
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()
        super().__init__(path=str(Path(path).absolute()), timeout=BUSY_TIMEOUT)

    async def open(self) -> None:
        """Keep connections open for the running event loop, until ``close()``. Harmless when done already."""
        self._pools.setdefault(asyncio.get_running_loop(), _Pool(self, self._readers))

    async def close(self) -> None:
        """Wait for running queries and transactions of this event loop, then close its connections."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await to_the_end(pool.close())

    async def get_connection(self, *, read_only: bool = False) -> aiosqlite.Connection:
        """A new connection with our settings; the caller closes it."""
        _make_folder(self.path)
        connecting = aiosqlite.connect(**self.connection_kwargs)
        connecting._thread.daemon = True  # a connection that was never closed must not keep the process from ending
        connection = await connecting
        try:
            connection.row_factory = dict_factory  # type: ignore[assignment]  # a function, as sqlite3 wants it
            await _to_wal(connection)
            await connection.execute_fetchall("PRAGMA synchronous = FULL")
            await connection.execute_fetchall("PRAGMA foreign_keys = ON")
            await connection.execute_fetchall(f"PRAGMA query_only = {int(read_only)}")
        except BaseException:
            await to_the_end(connection.close())
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
            connection = await to_the_end(self.get_connection())
            try:
                yield connection
            finally:
                await to_the_end(connection.close())

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
    """The connections of one event loop: locks and threads of asyncio and aiosqlite belong to a loop."""

    def __init__(self, engine: PooledSQLiteEngine, readers: int) -> None:
        self._engine = engine
        self._open: list[aiosqlite.Connection] = []
        self._lock = asyncio.Lock()
        self._writer: aiosqlite.Connection | None = None
        self._slots = asyncio.Semaphore(readers)  # first come, first served, which asyncio.Queue is not
        self._idle: list[aiosqlite.Connection] = []
        self._readers = readers

    # Leaving these blocks never waits, so nothing can come between a task and giving back what it holds. A statement
    # that was cancelled may still run in the thread of its connection: the next user's statement queues up behind it.

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._lock:
            if self._writer is None:
                self._writer = await self._connect(read_only=False)
            yield self._writer

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._slots:
            connection = self._idle.pop() if self._idle else await self._connect(read_only=True)
            try:
                yield connection
            finally:
                self._idle.append(connection)

    async def _connect(self, *, read_only: bool) -> aiosqlite.Connection:
        async def connect() -> aiosqlite.Connection:
            connection = await self._engine.get_connection(read_only=read_only)
            self._open.append(connection)
            return connection

        return await to_the_end(connect())

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._lock.acquire()
                for _ in range(self._readers):
                    await self._slots.acquire()
        for connection in self._open:
            await connection.close()


async def _fetch(connection: aiosqlite.Connection, query: str, args: Sequence[Any] | None) -> Rows:
    return list(await connection.execute_fetchall(query, args or ()))  # type: ignore[arg-type]  # dict_factory makes dicts


async def _to_wal(connection: aiosqlite.Connection) -> None:
    await connection.execute_fetchall("PRAGMA journal_mode = WAL")


def _make_folder(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)

"""PostgreSQL: Piccolo's engine with a pool per event loop, and transactions that always give their connection back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from verify.database.errors import TransactionFailed
from verify.database.transaction import OwnedTransaction, statement_errors

PATIENCE = 10.0  # seconds that a rollback, giving back a connection, or close() may take before connections are cut

log = logging.getLogger(__name__)


class PooledPostgresTransaction(OwnedTransaction, PostgresTransaction):
    """A transaction on one connection of the pool, which is given back or cut."""

    engine: PooledPostgresEngine

    def lease(self) -> AbstractAsyncContextManager[Any]:
        return self.engine.lease()

    async def begin(self) -> None:
        await self._connection.execute("BEGIN")

    async def commit(self) -> None:
        # PostgreSQL answers COMMIT of a broken transaction with ROLLBACK and no error.
        if await self._connection.execute("COMMIT") != "COMMIT":
            raise TransactionFailed("PostgreSQL rolled the transaction back because one of its statements had failed.")

    async def rollback(self) -> None:
        try:
            if self._connection.is_in_transaction():
                await self._connection.execute("ROLLBACK", timeout=PATIENCE)
        except Exception as error:
            # A connection in this state is cut when it is given back, whereupon the server rolls back by itself. The
            # caller shall see the error that made the block fail, not this one.
            log.warning("A rollback failed: %s: %s", type(error).__name__, error)


class PooledPostgresEngine(PostgresEngine):
    """An engine for the server at ``dsn`` (``postgresql://…``); made without connecting.

    ``open()`` gives the running event loop its pool; ``close()`` closes it. In a loop without a pool (``piccolo`` on
    the command line) each query connects for itself.
    """

    def __init__(self, dsn: str, *, min_size: int = 1, max_size: int = 10) -> None:
        self._sizes = {"min_size": min_size, "max_size": max_size}  # asyncpg's default minimum is 10: pass both
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()
        super().__init__(config={"dsn": dsn}, extensions=())

    async def check_version(self) -> None:
        """Piccolo would connect while the engine is being made, for a warning about PostgreSQL older than 10."""

    @property
    def pool(self) -> Any:
        """The pool of the running event loop, or None; Piccolo asks for it before each query."""
        try:
            return self._pools.get(asyncio.get_running_loop())
        except RuntimeError:
            return None

    @pool.setter
    def pool(self, pool: Any) -> None:
        if pool is not None:
            self._pools[asyncio.get_running_loop()] = pool

    async def open(self) -> None:
        """Connect the pool of the running event loop. Raises at once when the server cannot be reached."""
        if self.pool is None:
            await self.start_connection_pool(**self._sizes)

    async def close(self) -> None:
        """Wait for running queries and transactions of this event loop, then close its connections."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            try:
                async with asyncio.timeout(PATIENCE):
                    await pool.close()
            except TimeoutError:
                log.warning("Connections were still in use %.0f seconds after close(); they were cut.", PATIENCE)

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Any]:
        """A connection for the time of the block, given back whatever state it is in."""
        pool = self.pool
        connection = await (pool.acquire() if pool is not None else self.get_new_connection())
        try:
            yield connection
        finally:
            await _give_back(pool, connection)

    async def _run_in_new_connection(self, query: str, args: Sequence[Any] | None = None) -> Any:
        async with self.lease() as connection:  # Piccolo's own leaves the connection open after some errors
            return await connection.fetch(query, *(args or ()))

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        with statement_errors(self.current_transaction.get()):
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        with statement_errors(self.current_transaction.get()):
            return await super().run_ddl(ddl, in_pool)

    def transaction(self, allow_nested: bool = True) -> PooledPostgresTransaction:
        """Features use ``tx()``."""
        return PooledPostgresTransaction(self, allow_nested)


async def _give_back(pool: Any, connection: Any) -> None:
    try:
        await (pool.release(connection, timeout=PATIENCE) if pool is not None else connection.close(timeout=PATIENCE))
    except Exception as error:  # asyncpg has cut it, and the pool connects anew when it needs to
        log.warning("A connection could not be given back: %s: %s", type(error).__name__, error)

"""PostgreSQL's own ways to fail: whatever happens to a connection, the pool gets it back or makes a new one."""

# ruff: noqa: PT012 - what is expected to be raised here leaves a block of several statements

from __future__ import annotations

import asyncio
import os
import signal
from contextvars import Context

import asyncpg
import pytest

from tests.database.notes.tables import Note
from verify.database import Engine, tx
from verify.database.postgres import PooledPostgresTransaction

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ROUNDS = 30  # more than the pool has connections
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Boom(Exception):
    pass


async def write(body: str) -> None:
    await Note.insert(Note(author="maya", body=body))


async def bodies() -> list[str]:
    return await Note.select(Note.body).order_by(Note.body).output(as_list=True)


async def test_piccolo_still_calls_what_we_override(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an upgrade of Piccolo goes round our methods, it connects by itself; the open pool is enough for all."""

    async def connect(**settings: object) -> None:
        raise AssertionError("Piccolo opened a connection beside the pool")

    monkeypatch.setattr(asyncpg, "connect", connect)
    await asyncio.gather(*[Note.select() for _ in range(ROUNDS)])
    await write("one")
    await Note.raw("SELECT 1")
    await engine.run_ddl("CREATE INDEX note_body ON note (body)")
    async with tx():
        await write("two")
        transaction = engine.current_transaction.get()
        assert isinstance(transaction, PooledPostgresTransaction)
    async with engine.transaction() as transaction:
        assert isinstance(transaction, PooledPostgresTransaction)
    assert await bodies() == ["one", "two"]


async def test_sec_198_a_connection_lost_inside_is_replaced(engine: Engine) -> None:
    for _ in range(ROUNDS):
        with pytest.raises(LOST):  # the next statement or the commit notices
            async with tx():
                await write("lost")
                pid = (await Note.raw("SELECT pg_backend_pid() AS pid"))[0]["pid"]
                await asyncio.create_task(cut(engine, pid), context=Context())
                await write("lost too")
    assert await bodies() == []
    await write("kept")


async def test_a_rollback_that_fails_gives_the_connection_back(engine: Engine) -> None:
    for _ in range(ROUNDS):
        with pytest.raises(Boom):
            async with tx():
                await write("lost")
                connection = engine.current_transaction.get().connection  # type: ignore[union-attr]
                busy = asyncio.create_task(connection.fetch("SELECT pg_sleep(30)"))
                await asyncio.sleep(0)
                raise Boom
        await asyncio.wait([busy])
        assert busy.exception() is not None
        assert not engine.transaction_exists()
    assert await bodies() == []
    async with asyncio.timeout(5):
        await engine.close()


async def test_sec_198_a_server_that_stops_answering_does_not_hold_the_connection(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "host=/" not in database_url:
        pytest.skip("the processes of this server are not ours to stop")
    monkeypatch.setattr("verify.database.postgres.PATIENCE", 0.2)
    stopped = []
    try:
        for _ in range(11):  # one more than the pool has connections
            with pytest.raises(Boom):
                async with tx():
                    await write("lost")
                    stopped.append((await Note.raw("SELECT pg_backend_pid() AS pid"))[0]["pid"])
                    os.kill(stopped[-1], signal.SIGSTOP)
                    raise Boom
        await write("kept")
        assert await bodies() == ["kept"]
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


async def cut(engine: Engine, pid: int) -> None:
    await engine.run_ddl(f"SELECT pg_terminate_backend({pid})")

"""That Piccolo really uses our SQLite engine, and with the settings we promise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiosqlite
import pytest

from tests.database.notes.tables import Counter, Note
from verify.database import Engine, tx
from verify.database.sqlite import PooledSQLiteEngine

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PROMISED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}  # 2 is FULL


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[aiosqlite.Connection]:
    """Every connection that anybody opens from now on."""
    connections: list[aiosqlite.Connection] = []
    connect = aiosqlite.connect

    def counted(*arguments: object, **settings: object) -> aiosqlite.Connection:
        connection = connect(*arguments, **settings)  # type: ignore[arg-type]
        connections.append(connection)
        return connection

    monkeypatch.setattr(aiosqlite, "connect", counted)
    return connections


async def settings_of(connection: aiosqlite.Connection) -> dict[str, object]:
    return {name: next(iter((await rows(connection, f"PRAGMA {name}"))[0].values())) for name in PROMISED}


async def rows(connection: aiosqlite.Connection, sql: str) -> list[dict[str, object]]:
    return [dict(row) for row in await connection.execute_fetchall(sql)]


async def test_piccolo_still_calls_what_we_override(engine: Engine, connected: list[aiosqlite.Connection]) -> None:
    """If an upgrade of Piccolo goes round our methods, it opens connections of its own; the open pool needs none."""
    for number in range(20):
        await asyncio.gather(*[Note.select().first() for _ in range(10)])
        await Note.insert(Note(author="maya", body=str(number)))
        await Note.update({Note.body: "changed"}).where(Note.body == str(number))
        await Note.objects().get_or_create(Note.author == f"sam {number}")
        await Note.raw("SELECT 1")
        await Note.exists()
        await Counter(name=str(number)).save()
        async with tx():
            await Note.select()
            await Note.delete().where(Note.author == f"sam {number}")
        async with engine.transaction():
            await Note.count()
        await engine.run_ddl("CREATE INDEX IF NOT EXISTS note_author ON note (author)")
    assert connected == []
    assert await Note.count() == 20


async def test_a_statement_in_a_transaction_is_one_statement(engine: Engine) -> None:
    """Piccolo's own code sets pragmas before each of them, in four trips to the thread of the connection."""
    statements: list[str] = []
    async with tx():
        transaction = engine.current_transaction.get()
        assert transaction is not None
        await transaction.connection.set_trace_callback(statements.append)
        await Note.select(Note.id)
        await Note.count()
    assert [statement.partition(" ")[0] for statement in statements] == ["SELECT", "SELECT", "COMMIT"]


async def test_every_connection_keeps_the_promises(engine: Engine, connected: list[aiosqlite.Connection]) -> None:
    await engine.close()
    await engine.open()
    assert len(connected) == 5
    for connection in connected:
        assert await settings_of(connection) == PROMISED
    assert isinstance(engine, PooledSQLiteEngine)
    alone = await engine.get_connection()
    assert await settings_of(alone) == PROMISED
    await alone.close()


async def test_readers_cannot_write(engine: Engine) -> None:
    assert isinstance(engine, PooledSQLiteEngine)
    async with engine.lease(write=False) as reader:
        with pytest.raises(aiosqlite.OperationalError, match="readonly"):
            await reader.execute_fetchall("DELETE FROM note")


@pytest.mark.parametrize(
    "statement",
    [
        "WITH new (body) AS (SELECT 'x') INSERT INTO note (author, body) SELECT 'maya', body FROM new",
        "  insert into note (author, body) values ('maya', 'x') returning id",
        "/* SELECT */ INSERT INTO note (author, body) VALUES ('maya', 'x')",
        "REPLACE INTO note (author, body) VALUES ('maya', 'x')",
    ],
)
async def test_any_kind_of_writing_reaches_the_writer(engine: Engine, statement: str) -> None:
    await Note.raw(statement)
    assert await Note.raw("\n  select count(*) AS n FROM note") == [{"n": 1}]


async def test_a_transaction_of_piccolo_itself_is_immediate_and_queues_up_too(engine: Engine) -> None:
    """Its migrations and ``atomic`` ask for DEFERRED, which fails when two of them read before they write."""
    await Counter.insert(Counter(name="shared"))

    async def count() -> None:
        async with engine.transaction():
            (row,) = await Counter.select(Counter.next_value)
            await Counter.update({Counter.next_value: row["next_value"] + 1}, force=True)

    await asyncio.gather(*[count() for _ in range(64)])
    assert await Counter.select(Counter.next_value).output(as_list=True) == [64]


async def test_everybody_gets_a_turn(engine: Engine) -> None:
    """Tasks that ask again at once must not push ahead of those who wait."""
    turns = dict.fromkeys(range(64), 0)

    async def reader(number: int) -> None:
        while sum(turns.values()) < 64 * 5:
            await Note.count()
            turns[number] += 1

    await asyncio.gather(*[reader(number) for number in turns])
    assert min(turns.values()) >= 4


async def test_closing_leaves_one_file_and_no_thread_behind(
    engine: Engine, connected: list[aiosqlite.Connection], tmp_path: Path
) -> None:
    await engine.close()
    await engine.open()
    await asyncio.gather(*[Note.select() for _ in range(20)], Note.insert(Note(author="maya", body="")))
    await engine.close()
    await engine.close()
    for connection in connected:
        connection._thread.join(timeout=10)
        assert not connection._thread.is_alive()
    assert names_in(tmp_path) == ["refolio.db"]


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_sec_197_the_write_ahead_log_does_not_grow_for_ever(engine: Engine, tmp_path: Path) -> None:
    largest = 0
    for _ in range(100):
        await asyncio.gather(Note.insert(Note(author="maya", body="x" * 200_000)), *[Note.count() for _ in range(4)])
        largest = max(largest, size_of(tmp_path / "refolio.db-wal"))
    assert 0 < largest < 6_000_000  # 20 MB were written


def size_of(path: Path) -> int:
    return path.stat().st_size

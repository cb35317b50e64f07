"""Another process that uses the same database: ``python -m tests.database.child COMMAND URL [ARGUMENT …]``."""

from __future__ import annotations

import asyncio
import sys

from tests.database.notes.piccolo_app import APP_CONFIG
from tests.database.notes.tables import Counter, Note
from verify.database import Engine, bind, engine_from_url, migrate_forwards, tx


async def migrate(engine: Engine) -> None:
    await migrate_forwards(engine, app="tests.database.notes.piccolo_app")


async def count(engine: Engine, tasks: str, rounds: str) -> None:
    """Read, count and write, from many tasks at once; wait for the parent before the start."""
    await engine.open()
    say("ready")
    sys.stdin.readline()

    async def work() -> None:
        for _ in range(int(rounds)):
            async with tx():
                assert await Counter.exists().where(Counter.name == "shared")
                await Counter.update({Counter.next_value: Counter.next_value + 1}).where(Counter.name == "shared")
                await Note.insert(Note(author="maya", body="counted"))

    await asyncio.gather(*[work() for _ in range(int(tasks))])
    await engine.close()


async def die(engine: Engine) -> None:
    """Keep two notes, write one more in a transaction that never ends, and wait to be killed."""
    await engine.open()
    await Note.insert(Note(author="maya", body="alone"))
    async with tx():
        await Note.insert(Note(author="maya", body="in a transaction"))
    async with tx():
        await Note.insert(Note(author="maya", body="lost"))
        await Note.update({Note.body: "changed"}).where(Note.body == "alone")
        say("ready")
        await asyncio.Event().wait()


async def forget(engine: Engine) -> None:
    """End without closing anything, in the middle of a transaction."""
    await engine.open()
    await Note.select()
    transaction = engine.transaction()
    await transaction.__aenter__()
    await Note.insert(Note(author="maya", body="lost"))
    say("done")


async def locked_out(engine: Engine) -> None:
    """Fail to begin a transaction, because the parent holds the write lock, and end without closing."""
    engine.connection_kwargs["timeout"] = 0.1  # type: ignore[union-attr]
    await engine.open()
    try:
        async with tx():
            raise AssertionError("the parent should hold the lock")
    except Exception as error:
        say(str(error))


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    command, url, *arguments = sys.argv[1:]
    its_engine = engine_from_url(url)
    bind(its_engine, APP_CONFIG.table_classes)
    commands = {work.__name__: work for work in (migrate, count, die, forget, locked_out)}
    asyncio.run(commands[command](its_engine, *arguments))

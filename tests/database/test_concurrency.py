"""Many at once: nobody fails, nothing is lost, no number is handed out twice."""

from __future__ import annotations

import asyncio

from tests.database.notes.tables import Counter, Note, Slot
from verify.database import Engine, UniqueViolation, tx

MANY = 64


async def test_sec_087_a_number_is_never_handed_out_twice(engine: Engine) -> None:
    await Counter.insert(Counter(name="list"))

    async def take() -> None:
        async with tx():
            rows = (
                await Counter.update({Counter.next_value: Counter.next_value + 1})
                .where(Counter.name == "list")
                .returning(Counter.next_value)
            )
            await Slot.insert(Slot(list_name="list", position=rows[0]["next_value"]))

    for _ in range(5):
        await asyncio.gather(*[take() for _ in range(MANY)])
    positions = await Slot.select(Slot.position).order_by(Slot.position).output(as_list=True)
    assert positions == list(range(1, 5 * MANY + 1))


async def test_sec_087_a_careless_allocation_is_stopped_by_the_unique_index(engine: Engine) -> None:
    async def take() -> None:
        async with tx():
            taken = await Slot.select(Slot.position).order_by(Slot.position).output(as_list=True)
            await Slot.insert(Slot(list_name="list", position=len(taken)))

    outcomes = await asyncio.gather(*[take() for _ in range(MANY)], return_exceptions=True)
    failures = [outcome for outcome in outcomes if outcome is not None]
    assert all(isinstance(failure, UniqueViolation) for failure in failures)
    if engine.engine_type == "sqlite":  # serializable: reading first is safe
        assert failures == []
    assert await Slot.count() == MANY - len(failures)


async def test_sec_197_64_writers_and_8_readers_without_one_error(engine: Engine) -> None:
    rounds = 5
    await Note.insert(*[Note(id=number, author="maya", body="") for number in range(1, MANY + 1)])
    done = asyncio.Event()

    async def writer(number: int) -> None:
        for _ in range(rounds):
            async with tx():
                row = await Note.select(Note.body).where(Note.id == number).first()
                assert row is not None
                await Note.update({Note.body: row["body"] + "x"}).where(Note.id == number)

    async def reader() -> int:
        reads = 0
        while not done.is_set():
            assert await Note.count() == MANY
            reads += 1
        return reads

    readers = [asyncio.create_task(reader()) for _ in range(8)]
    await asyncio.gather(*[writer(number) for number in range(1, MANY + 1)])
    done.set()
    assert min(await asyncio.gather(*readers)) > 0
    assert [len(row["body"]) for row in await Note.select(Note.body)] == [rounds] * MANY


async def test_reads_do_not_wait_for_a_transaction(engine: Engine) -> None:
    gate, inside = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with tx():
            await Note.insert(Note(author="maya", body="held"))
            inside.set()
            await gate.wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    async with asyncio.timeout(10):
        assert await asyncio.gather(*[Note.count() for _ in range(MANY)]) == [0] * MANY
    gate.set()
    await holder
    assert await Note.count() == 1


async def test_close_waits_for_what_is_running(engine: Engine) -> None:
    gate, inside = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with tx():
            await Note.insert(Note(author="maya", body="held"))
            inside.set()
            await gate.wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0)
    assert not closing.done()
    gate.set()
    await asyncio.gather(holder, closing)
    assert await Note.count() == 1


async def test_each_event_loop_has_its_own_connections(engine: Engine) -> None:
    """A test client runs the application in a loop of its own, beside that of the test."""

    async def work() -> None:
        async with tx():
            await Note.insert(Note(author="maya", body="one"))
        assert await Note.count() > 0

    async def application() -> None:
        await engine.open()
        await asyncio.gather(*[work() for _ in range(MANY)])
        await engine.close()

    await asyncio.gather(asyncio.to_thread(asyncio.run, application()), *[work() for _ in range(MANY)])
    await work()
    assert await Note.count() == 2 * MANY + 1

"""What ``tx()`` promises, on both engines."""

# ruff: noqa: PT012 - what is expected to be raised here leaves a block of several statements

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.database.notes.tables import Counter, Note, Slot
from verify.database import Engine, TransactionFailed, TransactionMisused, UniqueViolation, after_commit, tx

ROUNDS = 30  # more than any pool has connections


async def bodies() -> list[str]:
    return await Note.select(Note.body).order_by(Note.body).output(as_list=True)


async def write(body: str) -> None:
    await Note.insert(Note(author="maya", body=body))


async def write_both() -> None:
    async with tx():
        await write("one")
        await write("two")


class Boom(Exception):
    pass


async def test_all_is_kept(engine: Engine) -> None:
    await write_both()
    assert await bodies() == ["one", "two"]


async def test_nothing_is_kept_after_an_error_and_the_error_arrives(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(ROUNDS):
        with pytest.raises(Boom):
            async with tx():
                await write("one")
                raise Boom
    assert await bodies() == []
    await write_both()
    assert not caplog.records


async def test_the_block_reads_what_it_wrote_and_others_do_not_until_it_is_kept(engine: Engine) -> None:
    wrote, looked = asyncio.Event(), asyncio.Event()

    async def writer() -> None:
        async with tx():
            await write("one")
            assert await bodies() == ["one"]
            wrote.set()
            await looked.wait()

    task = asyncio.create_task(writer())
    await wrote.wait()
    assert await bodies() == []
    looked.set()
    await task
    assert await bodies() == ["one"]


async def test_a_transaction_inside_a_transaction_is_refused(engine: Engine) -> None:
    async with tx():
        await write("one")
        with pytest.raises(TransactionMisused, match="inside another"):
            await write_both()
    assert await bodies() == ["one"]


async def test_without_a_pool_everything_works_too(engine: Engine) -> None:
    await engine.close()
    await write_both()
    with pytest.raises(Boom):
        async with tx():
            await write("lost")
            raise Boom
    assert await bodies() == ["one", "two"]


def test_tx_without_an_engine_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.database.binding._bound", None)
    with pytest.raises(RuntimeError, match="bind"):
        asyncio.run(write_both())


# --- cancellation


async def test_cancelled_at_any_moment_it_keeps_both_rows_or_none_and_blocks_nobody(engine: Engine) -> None:
    outcomes = []
    for steps in range(0, 100_000, 7):
        task = asyncio.create_task(write_both())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        outcomes.append(await bodies())
        await Note.delete(force=True)
        if not task.cancelled():
            break
    assert outcomes[0] == []
    assert outcomes[-1] == ["one", "two"]
    assert all(outcome in ([], ["one", "two"]) for outcome in outcomes)


async def test_cancelled_again_and_again_it_still_ends_properly(engine: Engine) -> None:
    """As anyio does it: the task is cancelled each time it waits, until it is gone."""
    for steps in (1, 5, 20, 50):
        task = asyncio.create_task(write_both())
        for _ in range(steps):
            await asyncio.sleep(0)
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        assert await bodies() in ([], ["one", "two"])
        await Note.delete(force=True)
    await write_both()


async def test_cancelled_while_waiting_for_its_turn_it_leaves_the_queue(engine: Engine) -> None:
    gate, inside = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with tx():
            await write("held")
            inside.set()
            await gate.wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    others = [asyncio.create_task(write_both()) for _ in range(20)]
    await asyncio.sleep(0)
    for other in others:
        other.cancel()
    if engine.engine_type == "sqlite":  # nobody can have had a turn: they leave while the lock is held
        await asyncio.wait(others)
    gate.set()
    await asyncio.gather(holder, *others, return_exceptions=True)
    assert (await bodies()).count("held") == 1
    await write_both()


async def test_a_cancelled_single_statement_blocks_nobody(engine: Engine) -> None:
    for steps in range(20):
        tasks = [asyncio.create_task(work()) for work in (bodies, lambda: write("one"))]
        for _ in range(steps % 5):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    async with asyncio.timeout(10):
        await asyncio.gather(*[bodies() for _ in range(ROUNDS)])
        await write_both()


# --- tasks


async def test_sec_203_a_task_started_inside_can_never_use_the_transaction(engine: Engine) -> None:
    after = asyncio.Event()

    async def late() -> None:
        await after.wait()
        await write("late")

    async with tx():
        await write("one")
        early, later = asyncio.create_task(write("early")), asyncio.create_task(late())
        with pytest.raises(TransactionMisused, match="Start tasks after the block"):
            await early
        await write("two")

    holding = asyncio.create_task(asyncio.sleep(0))
    await holding
    after.set()
    with pytest.raises(TransactionMisused, match="Start tasks after the block"):
        await later
    assert await bodies() == ["one", "two"]


async def test_sec_203_a_task_started_inside_cannot_open_its_own_transaction(engine: Engine) -> None:
    async with tx():
        child = asyncio.create_task(write_both())
    with pytest.raises(TransactionMisused):
        await child
    assert await bodies() == []


async def test_a_task_started_outside_is_not_part_of_it(engine: Engine) -> None:
    outside = asyncio.Event()
    inside = asyncio.Event()

    async def other() -> None:
        await inside.wait()
        outside.set()
        await write("kept")

    task = asyncio.create_task(other())
    with pytest.raises(Boom):
        async with tx():
            await write("lost")
            inside.set()
            await outside.wait()
            raise Boom
    await task
    assert await bodies() == ["kept"]


# --- failed statements


async def test_sec_199_after_a_failed_statement_the_transaction_can_only_end(engine: Engine) -> None:
    await Counter.insert(Counter(name="taken"))
    with pytest.raises(TransactionFailed) as failure:
        async with tx():
            await write("one")
            with pytest.raises(UniqueViolation):
                await Counter.insert(Counter(name="taken"))
            await write("two")
    assert isinstance(failure.value.__cause__, UniqueViolation)
    assert await bodies() == []


async def test_sec_199_an_error_swallowed_inside_never_looks_like_success(engine: Engine) -> None:
    await Counter.insert(Counter(name="taken"))
    for _ in range(ROUNDS):
        with pytest.raises(TransactionFailed, match="nothing was kept"):
            async with tx():
                await write("one")
                with pytest.raises(UniqueViolation):
                    await Counter.insert(Counter(name="taken"))
    assert await bodies() == []


async def test_a_duplicate_caught_outside_is_the_way(engine: Engine) -> None:
    await Counter.insert(Counter(name="taken"))
    for _ in range(ROUNDS):
        try:
            async with tx():
                await write("lost")
                await Counter.insert(Counter(name="taken"))
        except UniqueViolation:
            await write("found")
    assert await bodies() == ["found"] * ROUNDS


async def test_on_conflict_asks_instead_of_failing(engine: Engine) -> None:
    async with tx():
        for _ in range(2):
            await Slot.insert(Slot(list_name="a", position=1)).on_conflict(
                target=(Slot.list_name, Slot.position), action="DO NOTHING"
            )
    assert await Slot.count() == 1


async def test_what_waits_for_the_commit_is_called_once_after_it_and_never_without(engine: Engine) -> None:
    called: list[int] = []

    def call() -> None:
        called.append(1)

    async with tx():
        after_commit(call)
        after_commit(call)
        assert called == []
    assert called == [1]
    with suppress(LookupError):
        async with tx():
            after_commit(call)
            raise LookupError
    assert called == [1]
    with pytest.raises(TransactionMisused):
        after_commit(call)

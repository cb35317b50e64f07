"""Whoever edits the database behind our back is found: every covered column, every entry, every row cut off."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random  # noqa: TID251 - which cell it is does not matter, that it can be repeated does
from typing import Any

from piccolo.columns import Column, ForeignKey, Serial
from piccolo.table import Table

from tests.access.things import things_of
from tests.credentials.replacements import CORRECTION, replaced
from tests.forms import send
from tests.world import NORTHFIELD_KEY, NOW, World, another, maya, stage
from verify.audit.beginning import begin
from verify.audit.checking import audit, key_of, rows_of
from verify.audit.coverage import CHAIN, covered, not_covered, tables
from verify.database import tx
from verify.database.binding import bound_engine
from verify.http.access import OPERATOR
from verify.issuers.rotating import rotate
from verify.issuers.tables import Issuer
from verify.trail.recording import record
from verify.trail.tables import TrailEntry, TrailHead, TrailKey

SEED = 1


async def lived_in(world: World) -> None:
    """A service in which something happened: issued, withdrawn, published."""
    first, _, third = [await world.issued(another()) for _ in range(3)]
    await world.issued(another(issuer="brightline"))
    await world.withdraw(first["uuid"])
    await world.report(await world.document(third["uuid"]))


async def fully_lived_in(world: World) -> None:
    """One thing at least of everything that the audit covers: also corrected, replied to, imported, rotated, held."""
    await lived_in(world)
    await things_of(world, "acme")
    corrected = await world.issued(maya())
    assert (await replaced(world, corrected["uuid"], CORRECTION)).status_code == 200
    await world.withdraw(corrected["uuid"])
    async with world.signed_in("maya@northfield.example") as her:
        page = f"/account/credentials/{corrected['uuid']}/reply"
        assert (await send(her, page, text="I was there.")).status_code == 303
    await rotate(world.runtime, OPERATOR, "acme")


def forged(column: Column) -> Any:
    """A value where there was none."""
    kinds: dict[type, Any] = {datetime: NOW, bool: True, int: 7, bytes: b"x"}
    return kinds.get(column.value_type, "x")


def flipped(value: Any, dice: Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1_000 + dice.randrange(1_000)  # a number that nobody has yet
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytearray(value) or bytearray(b"\0")
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        return bytes(raw)
    if not value:
        return "x"
    place = dice.randrange(len(value))
    return value[:place] + ("x" if value[place] != "x" else "y") + value[place + 1 :]


async def test_sec_205_a_flip_of_one_cell_of_any_covered_column_is_found(sqlite_world: World) -> None:
    """In every column a random cell with a value and a random empty one, where there are; and none is left out."""
    await fully_lived_in(sqlite_world)
    await without_triggers()
    assert (await audit(sqlite_world.runtime)).mismatches == ()
    dice, flips, missed = Random(SEED), Counter[str](), []
    for table in tables():
        rows = [row async for row in rows_of(table)]
        for name in covered(table):
            column, place = table._meta.get_column_by_name(name), f"{table._meta.tablename}.{name}"
            for candidates in (
                [row for row in rows if row[name] is not None],
                [row for row in rows if row[name] is None],
            ):
                if candidates:
                    row = dice.choice(candidates)
                    value = forged(column) if row[name] is None else flipped(row[name], dice)
                    flips[place] += 1
                    if not await found_when_changed(sqlite_world, table, row, name, value):
                        missed.append(place)
    every = {f"{table._meta.tablename}.{name}" for table in tables() for name in covered(table)}
    print(f"\n{flips.total()} cells of {len(flips)} columns flipped, {flips.total() - len(missed)} found.")  # noqa: T201
    assert missed == []
    assert every - set(flips) == set()
    assert (await audit(sqlite_world.runtime)).mismatches == ()


async def test_sec_205_the_same_on_every_database(world: World) -> None:
    """All but the columns that refer to other rows, which PostgreSQL does not let anybody point to nowhere."""
    await lived_in(world)
    await without_triggers()
    dice, missed = Random(SEED), []
    for table in tables():
        rows = [row async for row in rows_of(table)]
        for name in covered(table):
            column = table._meta.get_column_by_name(name)
            filled = [row for row in rows if row[name] is not None]
            if not filled or isinstance(column, ForeignKey | Serial) or column._meta.primary_key:
                continue
            row, key = dice.choice(filled), table._meta.primary_key
            await table.update({column: flipped(row[name], dice)}).where(key == row[key._meta.name])
            if not (await audit(world.runtime)).mismatches:
                missed.append(f"{table._meta.tablename}.{name}")
            await table.update({column: row[name]}).where(key == row[key._meta.name])
    assert missed == []


async def found_when_changed(world: World, table: type[Table], row: dict[str, Any], name: str, value: Any) -> bool:
    column, key = table._meta.get_column_by_name(name), table._meta.primary_key
    before, after = row[key._meta.name], value if column is key else row[key._meta.name]
    await unfenced("PRAGMA foreign_keys = OFF")  # an attacker with the file minds no constraint
    try:
        await table.update({column: value}).where(key == before)
        found = (await audit(world.runtime)).mismatches
        await table.update({column: row[name]}).where(key == after)
    finally:
        await unfenced("PRAGMA foreign_keys = ON")
    return bool(found)


async def without_triggers() -> None:
    """An attacker who may write every cell may drop these too."""
    table = " ON issuer_key" if bound_engine().engine_type == "postgres" else ""
    await unfenced(f"DROP TRIGGER issuer_key_move{table}")


async def unfenced(statement: str) -> None:
    await bound_engine().run_ddl(statement)


async def test_a_row_that_no_act_tells_of_is_found(world: World) -> None:
    await lived_in(world)
    row = await TrailHead.select().first()
    assert row
    sample = next(table for table in tables() if table._meta.tablename == "mandate")
    made = sample(platform="mallory", issuer="acme", created_at=NOW)
    await made.save()
    (found,) = (await audit(world.runtime)).mismatches
    assert found.startswith("mandate ")
    assert found.endswith("no act tells of this row")


async def test_sec_206_entries_that_were_cut_off_with_their_rows_are_found_by_the_witness(
    world: World, tmp_path: Path
) -> None:
    await lived_in(world)
    noted = (await audit(world.runtime)).ends
    number, _ = noted["acme"]
    last = await TrailEntry.select().where(TrailEntry.scope == "acme", TrailEntry.number == number - 1).first()
    assert last
    async with tx():
        await TrailEntry.delete().where(TrailEntry.scope == "acme", TrailEntry.number == number)
        await TrailHead.update({TrailHead.number: number - 1, TrailHead.hash: last["hash"]}).where(
            TrailHead.scope == "acme"
        )
    found = (await audit(world.runtime, noted)).mismatches
    assert f"trail of acme: entry {number} is not the one that was noted" in found


async def test_sec_226_entries_in_another_order_or_of_another_chain_do_not_fit(world: World) -> None:
    await lived_in(world)
    rows = await TrailEntry.select().where(TrailEntry.scope == "acme").order_by(TrailEntry.number).limit(2)
    swapped = {rows[0]["hash"]: 1_000_002, rows[1]["hash"]: 1}
    for entry, number in [*swapped.items(), (rows[0]["hash"], 2)]:
        await TrailEntry.update({TrailEntry.number: number}).where(TrailEntry.hash == entry)
    found = (await audit(world.runtime)).mismatches
    assert any("it does not follow the entry before" in text for text in found)
    await TrailEntry.update({TrailEntry.scope: "brightline", TrailEntry.number: 99}).where(
        TrailEntry.hash == rows[1]["hash"]
    )
    assert any("trail of brightline" in text for text in (await audit(world.runtime)).mismatches)


async def test_a_cell_that_cannot_even_be_read_is_found(sqlite_world: World) -> None:
    await lived_in(sqlite_world)
    await bound_engine().run_ddl("UPDATE issuer SET created_at = 'yesterday' WHERE slug = 'acme'")
    found = (await audit(sqlite_world.runtime)).mismatches
    assert "issuer: some of its rows cannot be read" in found


async def test_an_audit_beside_a_busy_service_sees_no_ghosts(world: World) -> None:
    async def busy() -> None:
        for _ in range(12):
            issued = await world.issued(another())
            await world.withdraw(issued["uuid"])

    work = asyncio.gather(busy(), busy())
    while not work.done():
        assert (await audit(world.runtime)).mismatches == ()
    await work
    assert (await audit(world.runtime)).mismatches == ()


async def wipe_the_trail() -> None:
    for table in (TrailEntry, TrailHead, TrailKey):
        await table.delete(force=True)


async def test_a_database_older_than_the_trail_is_audited_from_now_on(sqlite_world: World) -> None:
    await lived_in(sqlite_world)
    await wipe_the_trail()
    await begin(sqlite_world.runtime)
    assert (await audit(sqlite_world.runtime)).mismatches == ()
    await Issuer.update({Issuer.name: "Acme Forgeries"}).where(Issuer.slug == "acme")
    assert (await audit(sqlite_world.runtime)).mismatches == ("issuer acme: it is not as the last act left it",)


async def test_sec_206_a_trail_that_was_wiped_does_not_begin_anew_at_the_next_start(database_url: str) -> None:
    """Otherwise whoever edits the database would wipe the trail, and the service itself would vouch for his rows."""
    async with stage(database_url) as world:
        await lived_in(world)
        await wipe_the_trail()
        await Issuer.update({Issuer.name: "Acme Forgeries"}).where(Issuer.slug == "acme")
    async with stage(database_url) as world:
        assert "issuer acme: no act tells of this row" in (await audit(world.runtime)).mismatches


async def test_sec_225_another_history_by_whoever_holds_the_keys_too_is_found_by_the_witness(world: World) -> None:
    """The operator himself forks the trail: he cuts it and writes on. All signatures hold, and yet."""
    await lived_in(world)
    noted = (await audit(world.runtime)).ends
    number, _ = noted["acme"]
    kept = await TrailEntry.select().where(TrailEntry.scope == "acme", TrailEntry.number == number - 1).first()
    assert kept
    async with tx():
        await TrailEntry.delete().where(TrailEntry.scope == "acme", TrailEntry.number >= number)
        await TrailHead.update({TrailHead.number: number - 1, TrailHead.hash: kept["hash"]}).where(
            TrailHead.scope == "acme"
        )
        rows = [
            (table, key_of(table, row))
            for table in tables()
            if covered(table) and table not in CHAIN
            async for row in rows_of(table)
        ]
        await record(world.runtime, "nobody", "nothing-happened", "acme", rows=rows)
    assert (await audit(world.runtime)).mismatches == ()
    assert (await audit(world.runtime, noted)).mismatches == (
        f"trail of acme: entry {number} is not the one that was noted",
    )


async def test_sec_227_the_trail_knows_nobody_by_name(world: World) -> None:
    """Neither names nor addresses nor what was said of somebody; and a digest has too much in it to be guessed."""
    issued = await world.issued(maya())
    await world.withdraw(issued["uuid"], "Maya was never here.")
    async with world.signed_in("ann@acme.example") as ann:
        await ann.get("/console/acme")
    written = " ".join(row["body"] for row in await TrailEntry.select(TrailEntry.body))
    assert issued["uuid"] in written, "looked in the right place"
    secrets = ("maya", "okafor", "@", "ann", "sam", "never here", "textiles", NORTHFIELD_KEY[:14])
    assert [secret for secret in secrets if re.search(rf"\b{re.escape(secret)}", written, re.IGNORECASE)] == []


def test_what_is_not_covered_is_said_by_name() -> None:
    """Of everything that a verdict rests on nothing may stand here."""
    left_out = not_covered()
    every = {(table._meta.tablename, column._meta.name) for table in tables() for column in table._meta.columns}
    found = {(table._meta.tablename, name) for table in tables() for name in covered(table)}
    assert every - found == {(table, name) for table, names in left_out.items() for name in names}
    # a search index, remade from the completion, which is covered
    assert left_out.pop("credential") == ["record", "email", "search"]
    assert not {"issuer", "issuer_key", "credential", "status_list", "trail_entry", "membership"} & set(left_out)
    assert left_out["session"]

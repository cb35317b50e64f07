"""Entries and cells that no program of ours has written: the audit names them, and goes on to everything else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.web.reading import Reader
from tests.world import NOW, World, another
from verify.audit.checking import audit
from verify.database.binding import bound_engine
from verify.issuers.tables import Issuer
from verify.trail.digesting import digest
from verify.trail.tables import TrailEntry

BODY = {"scope": "acme", "previous": "", "at": NOW.isoformat(), "actor": "x", "act": "x", "about": "x", "detail": {}}


async def write(rows: Any) -> None:
    """What somebody adds to the chain of Acme who has no key that signs."""
    body = msgspec.json.encode({**BODY, "number": 99, "rows": rows}).decode()
    entry = TrailEntry(hash="0", scope="acme", number=99, act="x", about="x", at=NOW, body=body, key="x", signature="x")
    await entry.save()


@pytest.mark.parametrize(
    "rows",
    [
        [["mandate", "no number", "x"]],
        [["mandate", ["x"], "x"]],
        [[{"x": 1}, "x", "x"]],
        [["x"]],
        7,
    ],
)
async def test_sec_205_an_odd_entry_hides_nothing_else(rows: Any, world: World) -> None:
    await world.issued(another())
    await write(rows)
    await Issuer.update({Issuer.name: "Acme Forgeries"}).where(Issuer.slug == "acme")
    found = (await audit(world.runtime)).mismatches
    assert "trail of acme, entry 99: its signature does not hold" in found
    assert "issuer acme: it is not as the last act left it" in found


async def test_sec_205_an_entry_without_our_signature_vouches_for_no_row(world: World) -> None:
    await Issuer.update({Issuer.name: "Acme Forgeries"}).where(Issuer.slug == "acme")
    row = await Issuer.select().where(Issuer.slug == "acme").first()
    assert row
    await write([["issuer", "acme", digest(Issuer, row)]])
    found = (await audit(world.runtime)).mismatches
    assert "issuer acme: it is not as the last act left it" in found


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE trail_entry SET body = x'ff' WHERE number = 1 AND scope = 'acme'", "trail of acme: some of its"),
        ("UPDATE trail_entry SET at = 'never' WHERE number = 1 AND scope = 'acme'", "trail of acme: some of its"),
        ("UPDATE trail_entry SET number = 'x' WHERE number = 1 AND scope = 'acme'", "trail of acme: some of its"),
        ("UPDATE trail_entry SET scope = x'ff' WHERE number = 1 AND scope = 'acme'", "trail of b"),
        ("UPDATE trail_key SET wrapped = 'x'", "trail_key "),
        ("UPDATE status_list SET length = 'x'", "status_list: some of its rows cannot be read"),
        ("UPDATE did_version SET document = 'x'", "did_version: some of its rows cannot be read"),
    ],
)
async def test_sec_205_what_cannot_be_read_hides_nothing_else(statement: str, says: str, sqlite_world: World) -> None:
    """SQLite keeps anything in any column."""
    await sqlite_world.issued(another())
    await bound_engine().run_ddl(statement)
    await Issuer.update({Issuer.name: "Bright Forgeries"}).where(Issuer.slug == "brightline")
    found = (await audit(sqlite_world.runtime)).mismatches
    assert any(one.startswith(says) for one in found), found
    assert any(one.startswith("issuer brightline") for one in found), found


@pytest.mark.parametrize("body", ["{}", "x", '{"actor": 7, "act": [], "about": null, "detail": []}'])
async def test_sec_205_an_entry_that_cannot_be_read_takes_no_other_from_the_page(body: str, world: World) -> None:
    await world.issued(another())
    await TrailEntry.update({TrailEntry.body: body}).where(TrailEntry.scope == "acme", TrailEntry.number == 1)
    async with world.signed_in("ann@acme.example") as ann:
        page = await ann.get("/console/acme/trail")
    assert page.status_code == 200
    assert "The database of this site holds an entry here that was changed by hand" in Reader(page.text).text
    assert "issued a credential" in page.text

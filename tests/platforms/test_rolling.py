"""A key is rolled into another one for the same, and goes on beside it for a while (SEC-179)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.completions import maya
from tests.platforms.making import a_key, refused, show
from tests.world import World
from verify.http.refusals import Refused
from verify.platforms import keying
from verify.platforms.keying import fingerprint


async def test_sec_179_a_rolled_key_goes_on_for_its_overlap_and_not_longer(world: World) -> None:
    old = await a_key(world, name="Import", scopes=["credentials:write"], issuers=["acme"], life=timedelta(days=90))
    world.clock.move(days=10)
    new = await keying.roll(world.runtime, "northfield", fingerprint(old), timedelta(hours=24))
    assert new[:8] == old[:8]
    before, after = (await show(world, old)).json(), (await show(world, new)).json()
    assert {**before, "hint": 0, "expires_at": 0} == {**after, "hint": 0, "expires_at": 0}
    assert after["expires_at"] == "2027-03-03T10:00:00Z", "as long a life as the old one had"
    same = maya(record="both")
    assert await world.issued(same, key="k", api_key=old) == await world.issued(same, key="k", api_key=new)
    world.clock.move(hours=24)
    assert refused(await show(world, old)) == (401, "api-key-expired")
    assert (await show(world, new)).status_code == 200
    with pytest.raises(Refused, match="not good any more"):
        await keying.roll(world.runtime, "northfield", fingerprint(old), timedelta(0))


async def test_sec_179_of_many_who_roll_a_key_at_once_one_does(world: World) -> None:
    old = fingerprint(await a_key(world))
    made = await asyncio.gather(
        *(keying.roll(world.runtime, "northfield", old, timedelta(0)) for _ in range(8)), return_exceptions=True
    )
    keys = [one for one in made if isinstance(one, str)]
    assert len(keys) == 1
    assert all(isinstance(one, Refused) for one in made if one not in keys)
    assert (await show(world, keys[0])).status_code == 200
    assert len(await keying.rows_of("northfield")) == 3


@pytest.mark.parametrize("hours", [-1, 169])
async def test_an_overlap_is_a_week_at_most(hours: int, sqlite_world: World) -> None:
    key = fingerprint(await a_key(sqlite_world))
    with pytest.raises(Refused, match="0 to 168 hours"):
        await keying.roll(sqlite_world.runtime, "northfield", key, timedelta(hours=hours))

"""SEC-064: the server's clock is set back or jumps ahead while credentials are issued and withdrawn."""

from __future__ import annotations

import re

import pytest

from tests.world import World, another


async def tone(world: World, code: str) -> str:
    return str(re.findall(r'<body class="tone-(.*?)"', await world.page(f"/v/{code}"))[0])


@pytest.mark.parametrize("step", [{"hours": -1}, {"hours": 1}, {"days": -1}], ids=str)
async def test_sec_064_a_step_of_the_clock_breaks_no_credential(step: dict[str, float], sqlite_world: World) -> None:
    """What is issued under a wrong clock is issued whole, never called false, and good when the clock is right."""
    before = await sqlite_world.issued(another())
    assert await tone(sqlite_world, before["code"]) == "good"
    sqlite_world.clock.move(**step)
    meanwhile = await sqlite_world.issued(another())
    assert await tone(sqlite_world, meanwhile["code"]) in ("good", "unsure")
    withdrawn = await sqlite_world.issued(another())
    assert (await sqlite_world.withdraw(withdrawn["uuid"])).status_code == 200
    assert await tone(sqlite_world, withdrawn["code"]) in ("withdrawn", "unsure")
    sqlite_world.clock.move(days=1, hours=1)
    assert await tone(sqlite_world, before["code"]) == "good"
    assert await tone(sqlite_world, meanwhile["code"]) == "good"
    assert await tone(sqlite_world, withdrawn["code"]) == "withdrawn"

"""SEC-064: the server's clock is set back or jumps ahead while credentials are issued and withdrawn."""

from __future__ import annotations

import re

import pytest

from refolio import Outcome
from tests.credentials.replacements import CORRECTION, replaced
from tests.world import World, another, maya


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


async def test_sec_064_a_credential_is_corrected_no_faster_than_its_dates_can_tell(world: World) -> None:
    """Each edition is dated a second later; what would be dated too far ahead waits, and nothing breaks."""
    uuid = (await world.issued(maya()))["uuid"]
    answers = [await replaced(world, uuid, {"completion": maya(role=f"Intern {n}")}, key=f"{n}") for n in range(70)]
    done = [answer for answer in answers if answer.status_code == 200]
    assert len(done) == 30
    assert {(one.status_code, one.json()["code"]) for one in answers[30:]} == {(503, "unavailable")}
    assert (await world.report(await world.document(uuid))).verdict is Outcome.PASSED
    world.clock.move(minutes=1)
    again = await replaced(world, uuid, {"completion": maya(role="Intern 69")}, key="69")
    assert (again.status_code, again.json()["edition"]) == (200, 32)


async def test_sec_064_a_correction_under_a_clock_that_was_set_back_waits(world: World) -> None:
    uuid = (await world.issued(maya()))["uuid"]
    world.clock.move(hours=-1)
    refused = await replaced(world, uuid, CORRECTION)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    world.clock.move(hours=1)
    assert (await replaced(world, uuid, CORRECTION)).status_code == 200

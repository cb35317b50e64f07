"""A database restored from an older backup: a reference that was taken back stays so, and no place is given twice.

SEC-086, SEC-204.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from tests.credentials.test_restoring import Restore, backup, places, runtime
from tests.references.referee import SIGNED, asked, links, press, shown, signed, work
from tests.world import World, another, stage
from verify.audit.checking import audit
from verify.credentials.restoring import status_in_words
from verify.runtime import Runtime

__all__ = ["backup", "runtime"]


async def place_of(world: World, reference: str) -> tuple[str, str]:
    status = json.loads((await world.http.get(f"/references/{reference}")).content)["credentialStatus"]
    return status["statusListCredential"], status["statusListIndex"]


async def test_sec_086_and_204_what_was_taken_back_after_the_backup_stays_taken_back(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]]
) -> None:
    url = runtime.settings.database_url
    async with stage(url, runtime=runtime) as world:
        issued = await work(world)
        reference, link = await shown(world, issued)
        document = (await world.http.get(f"/references/{reference.id}")).content
        kept = await place_of(world, reference.id)
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        world.clock.move(hours=1)
        async with world.browser() as sam:
            assert (await press(sam, f"{link}/take-back")).status_code == 303
    await restore()
    async with stage(url, runtime=runtime) as world:
        assert (await world.report(document)).verdict.value == "failed"
        assert (await world.northfield.references.get(reference)).state == "withdrawn"
        assert (await world.http.get(f"/references/{reference.id}")).status_code == 404
        again, _ = await shown(world, await world.issued(another()))
        assert (await place_of(world, again.id))[0] != kept[0], "a fresh list"
        credential = await world.issued(another())
        assert (await places(world, credential["uuid"]))[0] not in (kept[0], (await place_of(world, again.id))[0])
        assert (await audit(world.runtime)).mismatches == ()
        assert "1 reference, 1 withdrawn" in await status_in_words()


async def test_a_reference_lost_with_the_backup_leaves_its_link_dead_and_its_index_taken(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]]
) -> None:
    url = runtime.settings.database_url
    async with stage(url, runtime=runtime) as world:
        issued = await work(world)
        await asked(world, issued)
        (link,) = await links(world)
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        async with world.browser() as sam:
            assert (await sam.post(link, data=SIGNED)).status_code == 303
        lost, _ = await signed(world, issued, "lee@acme.example")
    await restore()
    async with stage(url, runtime=runtime) as world:
        assert (await world.http.get(f"/references/{lost.id}")).status_code == 404
        async with world.browser() as sam:
            assert (await sam.post(link, data=SIGNED)).status_code == 303, "asked before the backup, it can be answered"
        assert (await audit(world.runtime)).mismatches == ()

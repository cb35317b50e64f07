"""A careers service vouches for a host that has no web domain: readers see who does, and until when one did."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.platforms.making import a_test_key
from tests.web.reading import Reader
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, maya
from verify.audit.checking import audit
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.issuers.tables import Issuer
from verify.platforms import vouching
from verify.platforms.mandating import mandate


async def ask(world: World, vouches: object, slug: str, api_key: str = NORTHFIELD_KEY) -> httpx.Response:
    return await world.http.put(
        f"/api/v1/issuers/{slug}/vouching", json={"vouches": vouches}, headers={"Authorization": f"Bearer {api_key}"}
    )


async def how(slug: str) -> str:
    profile = await publishing.profile(slug=slug)
    assert profile
    return profile.how


async def test_a_platform_vouches_and_takes_it_back(world: World) -> None:
    issued = await world.issued(maya(issuer="brightline"))
    for _ in range(2):
        assert (await ask(world, True, "brightline")).status_code == 200
    says = "Northfield Careers Service vouches for this issuer; its web domain is not proven."
    assert await how("brightline") == says
    assert says in Reader(await world.page(f"/v/{issued['code']}")).text
    assert says in Reader(await world.page("/issuers/brightline")).text
    world.clock.move(days=3)
    for _ in range(2):
        assert (await ask(world, False, "brightline")).status_code == 200
    says = (
        "Registered here by the operator of this site; Northfield Careers Service vouched for it until 26 Nov 2026, "
        "and does not now; its web domain is not proven."
    )
    assert says in Reader(await world.page(f"/v/{issued['code']}")).text
    assert "Genuine and current" in await world.page(f"/v/{issued['code']}")
    assert (await ask(world, True, "brightline")).status_code == 200
    assert (await how("brightline")).startswith("Northfield Careers Service vouches")
    assert (await audit(world.runtime)).mismatches == ()


async def test_nobody_vouches_for_issuers_of_others_or_in_the_name_of_others(world: World) -> None:
    absent = await ask(world, True, "no-such-issuer", MALLORY_KEY)
    for vouches in (True, False):
        refused = await ask(world, vouches, "acme", MALLORY_KEY)
        assert (refused.status_code, refused.json()["detail"]) == (404, absent.json()["detail"])
        assert (await ask(world, vouches, "acme", "rf_live_unknown")).status_code == 401
    await mandate(world.runtime, "mallory", "acme")
    taken = await ask(world, True, "acme", MALLORY_KEY)
    assert (taken.status_code, taken.json()["code"]) == (409, "already-vouched")
    assert (await ask(world, False, "acme", MALLORY_KEY)).status_code == 404, "it is Northfield's to take back"
    assert (await how("acme")).startswith("Northfield Careers Service vouches")
    assert (await ask(world, False, "acme")).status_code == 200, "what the operator wrote in its name, too"
    assert (await ask(world, True, "acme", MALLORY_KEY)).status_code == 200
    assert (await how("acme")).startswith("Mallory Talent vouches")


@pytest.mark.parametrize("slug", ["acme", "test.acme"])
async def test_sec_178_nobody_vouches_with_a_test_key_for_a_twin_neither(slug: str, world: World) -> None:
    key = await a_test_key(world)
    await world.issued(api_key=key)
    for vouches in (True, False):
        answer = await ask(world, vouches, slug, key)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert "in test mode" in answer.json()["detail"]
    twin = await Issuer.select(Issuer.vouched_by).where(Issuer.slug == "test.acme").first()
    assert twin == {"vouched_by": None}


async def test_the_operator_ends_anybodys(world: World) -> None:
    await vouching.take_back(world.runtime, OPERATOR, "mallory-inc", None)
    assert "vouched for it until 23 Nov 2026, and does not now" in await how("mallory-inc")
    with pytest.raises(Refused, match="nobody of this name who vouches"):
        await vouching.take_back(world.runtime, OPERATOR, "brightline", None)


async def test_of_two_platforms_at_the_same_moment_one_vouches(world: World) -> None:
    await mandate(world.runtime, "mallory", "brightline")
    both = await asyncio.gather(ask(world, True, "brightline"), ask(world, True, "brightline", MALLORY_KEY))
    assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_what_is_neither_yes_nor_no_changes_nothing(sqlite_world: World) -> None:
    for said in ("true", 1, None, [True]):
        refused = await ask(sqlite_world, said, "brightline")
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (400, "vouches")
    assert (await how("brightline")).startswith("Registered here")

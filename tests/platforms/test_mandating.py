"""Admins say which platform may deliver in their organisation's name, and take it back; everybody is told."""

from __future__ import annotations

import pytest

from tests.completions import another
from tests.forms import csrf, send
from tests.platforms.making import refused
from tests.web.reading import Reader
from tests.world import MALLORY_KEY, World, text_of
from verify.audit.reporting import report
from verify.http.access import Role
from verify.issuers import appointing
from verify.platforms import admitting, mandating
from verify.platforms.tables import Mandate

PAGE = "/console/acme/platforms"
LOOK = f"{PAGE}/mandate?platform="


async def test_a_mandate_is_given_and_taken_back_by_an_admin_and_both_sides_are_told(world: World) -> None:
    await admitting.belong_to(world.runtime, "mallory", "mallory-inc")
    assert refused(await world.post(another(), api_key=MALLORY_KEY)) == (403, "issuer-not-allowed")
    async with world.signed_in("ann@acme.example") as ann:
        looked = Reader((await ann.get(f"{LOOK}mallory")).text).text
        assert "Mallory Talent" in looked
        assert "Run by Mallory Incorporated" in looked
        given = await send(ann, f"{LOOK}mallory", f"{PAGE}/mandate", platform="mallory")
        assert given.status_code == 303
        issued = await world.issued(another(), api_key=MALLORY_KEY)
        assert "It may deliver for you already." in (await ann.get(f"{LOOK}mallory")).text
        assert (await send(ann, PAGE, f"{PAGE}/mallory/end")).status_code == 303
        assert "Mallory Talent: from 23 Nov 2026 to 23 Nov 2026" in Reader((await ann.get(PAGE)).text).text
        trail = Reader((await ann.get("/console/acme/trail")).text).text
        assert "Ann let the platform mallory deliver" in trail
        assert "Ann ended the mandate of the platform mallory" in trail
        assert (await ann.post(f"{PAGE}/mallory/end", data=await csrf(ann, PAGE))).status_code == 404
    assert refused(await world.post(another(), api_key=MALLORY_KEY)) == (403, "issuer-not-allowed")
    assert (await world.http.get(f"/credentials/{issued['uuid']}")).status_code == 200
    assert "Genuine and current" in await world.page(f"/v/{issued['code']}")
    for address in ("ann@acme.example", "mallory@mallory.example"):
        letters = [text_of(mail) for mail in await world.mails(address) if "Acme Textiles:" in str(mail["Subject"])]
        assert [("may issue" in one, "took the mandate back" in one) for one in letters] == [
            (True, False),
            (False, True),
        ]
    assert (await report(world.runtime)).is_clean


async def test_giving_takes_a_fresh_sign_in_and_taking_back_does_not(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        hidden = await csrf(ann, PAGE)
        world.clock.move(minutes=16)
        for answer in (
            await ann.get(f"{LOOK}mallory"),
            await ann.post(f"{PAGE}/mandate", data={**hidden, "platform": "mallory"}),
        ):
            assert answer.headers["location"].startswith("/sign-in?")
        assert (await ann.post(f"{PAGE}/northfield/end", data=hidden)).status_code == 303
    assert refused(await world.post(another())) == (403, "issuer-not-allowed")


@pytest.mark.parametrize("slug", ["nobody", "console", "Northfield Careers", "'; DROP TABLE mandate"])
async def test_a_platform_that_is_none_is_said_so(slug: str, sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await ann.get(f"{PAGE}/mandate", params={"platform": slug})
        assert answer.status_code == 422
        assert "There is no platform with the short name" in answer.text
        answer = await ann.post(f"{PAGE}/mandate", data={**await csrf(ann, PAGE), "platform": slug})
        assert answer.status_code == 422
    assert await Mandate.count() == 3


@pytest.mark.parametrize("who", ["vic@acme.example", "sam@acme.example", "mallory@mallory.example"])
async def test_sec_178_only_admins_give_and_take_mandates(who: str, world: World) -> None:
    async with world.signed_in(who) as other:
        hidden = await csrf(other, "/console/new")
        for path, form in (
            (f"{PAGE}/mandate", {**hidden, "platform": "mallory"}),
            (f"{PAGE}/northfield/end", hidden),
        ):
            assert (await other.post(path, data=form)).status_code == 404
        assert (await other.get(PAGE)).status_code == 404
        if who.startswith("mallory"):
            answer = await other.post("/console/mallory-inc/platforms/northfield/end", data=hidden)
            assert answer.status_code == 404, "that mandate is Acme's"
    assert await Mandate.count().where(Mandate.ended_at.is_null()) == 3


async def test_the_operator_gives_and_ends_without_a_letter(world: World) -> None:
    await appointing.appoint(world.runtime, "acme", "bea@acme.example", Role.ADMIN)
    before = len(await world.mails())  # she is told of her role
    await mandating.mandate(world.runtime, "mallory", "acme")
    await mandating.mandate(world.runtime, "mallory", "acme")
    await mandating.end_mandate(world.runtime, "mallory", "acme")
    assert len(await world.mails()) == before
    assert await Mandate.count().where(Mandate.platform == "mallory", Mandate.issuer == "acme") == 1

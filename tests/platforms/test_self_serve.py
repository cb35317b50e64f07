"""An organisation's own API keys, in the console: for its admins alone, and never a way to somebody else's platform."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.completions import another
from tests.forms import csrf, send
from tests.platforms.making import a_key, client, refused, show
from tests.web.reading import Reader
from tests.world import World, text_of
from verify.audit.reporting import report
from verify.http.access import Role
from verify.http.refusals import Refused
from verify.issuers import appointing, members
from verify.issuers.registering import register
from verify.platforms import admitting, keying
from verify.platforms.keying import fingerprint
from verify.platforms.keys_left import tell_of_keys_left
from verify.platforms.mandating import mandate
from verify.platforms.tables import ApiKey, Mandate, Platform

PAGE = "/console/acme/api-keys"
LIVE = f"{PAGE}/live"
READ_AND_WRITE = {"credentials:read": "on", "credentials:write": "on"}
KEY = re.compile(r"rf_(?:test|live)_[0-9A-Za-z]{49}")


def key_in(answer: httpx.Response) -> str:
    """The key that a page shows, which is one and the same in every box."""
    assert answer.status_code == 200, answer.text
    (key,) = set(KEY.findall(answer.text))
    return key


async def test_a_test_key_is_shown_once_and_issues_at_once(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        answer = await send(ann, PAGE)
        key = key_in(answer)
        assert answer.headers["cache-control"] == "no-store"
        again = await ann.get(PAGE)
        assert not KEY.search(again.text)
        assert f"{key[:12]}…" in again.text
        assert "Made by Ann on 23 Nov 2026 · never used" in Reader(again.text).text
        issued = await world.issued(another(), api_key=key)
        assert issued["issuer"] == "acme"
        assert "last used on 23 Nov 2026" in Reader((await ann.get(PAGE)).text).text
    shown = (await show(world, key)).json()
    assert (shown["platform"], shown["mode"], shown["issuers"]) == ("own.acme", "test", ["acme"])
    document = (await world.http.get(f"/credentials/{issued['uuid']}")).json()
    assert "evidence" not in document, "the issuer delivers for itself"


async def test_a_live_key_takes_a_fresh_sign_in_and_says_what_it_is_good_for(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        typed = {**READ_AND_WRITE, "name": "Import", "days": "90", "issuers": "acme", "addresses": "203.0.113.0/24"}
        key = key_in(await send(ann, LIVE, **typed))
        shown = (await show(world, key, address="203.0.113.9")).json()
        assert (shown["mode"], shown["scopes"]) == ("live", ["credentials:read", "credentials:write"])
        assert shown["expires_at"] == "2027-02-21T10:00:00Z"
        assert refused(await show(world, key, address="192.0.2.1")) == (403, "address-not-allowed")
        old = fingerprint(key)
        hidden = await csrf(ann, PAGE)
        world.clock.move(minutes=16)
        for method, path, form in (
            ("GET", LIVE, {}),
            ("POST", LIVE, {**hidden, **READ_AND_WRITE, "days": "90"}),
            ("POST", f"{PAGE}/{old}/roll", {**hidden, "hours": "0"}),
        ):
            answer = await ann.request(method, path, data=form)
            assert answer.headers["location"].startswith("/sign-in?"), path
        assert "again=1" in answer.headers["location"]
        assert (await ann.post(PAGE, data=hidden)).status_code == 200, "a test key takes none"
        assert (await ann.post(f"{PAGE}/{old}/revoke", data=hidden)).status_code == 303, "nor does ending one"
    assert refused(await show(world, key, address="203.0.113.9")) == (401, "api-key-revoked")
    assert len(await keying.rows_of("own.acme")) == 2


async def test_what_is_wrong_with_a_live_key_is_said_beside_its_field(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        for typed, says in (
            ({}, "These are no scopes."),
            ({**READ_AND_WRITE, "issuers": "brightline"}, "The platform has no mandate for one of these."),
            ({**READ_AND_WRITE, "addresses": "10.0.0.1/8"}, "has host bits set"),
            ({**READ_AND_WRITE, "days": "0"}, "A key lives for 1 to 3650 days."),
        ):
            answer = await send(ann, LIVE, **{"days": "365", **typed})
            assert answer.status_code == 422
            assert says in answer.text
        assert (await ann.post(LIVE, data={**await csrf(ann, LIVE), "mode": "live"})).status_code == 400
    assert await keying.rows_of("own.acme") == []


async def test_a_key_is_rolled_in_the_console(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        old = key_in(await send(ann, PAGE))
        new = key_in(await send(ann, PAGE, f"{PAGE}/{fingerprint(old)}/roll", hours="1"))
        assert (await show(world, old)).status_code == (await show(world, new)).status_code == 200
        assert "another came in its place" in (await ann.get(PAGE)).text
        world.clock.move(hours=1)
        assert refused(await show(world, old)) == (401, "api-key-expired")
    async with world.signed_in("ann@acme.example") as ann:
        answer = await send(ann, PAGE, f"{PAGE}/{fingerprint(new)}/roll", hours="9999")
        assert answer.status_code == 422
        assert "rolled an API key" in (await ann.get("/console/acme/trail")).text


@pytest.mark.parametrize("who", ["vic@acme.example", "sam@acme.example", "mallory@mallory.example"])
async def test_sec_171_who_is_no_admin_makes_sees_rolls_and_revokes_none(who: str, world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        key = key_in(await send(ann, PAGE))
    before = await world.rows()
    async with world.signed_in(who) as other:
        hidden = await csrf(other, "/console/new")
        sha = fingerprint(key)
        for method, path in (
            ("GET", PAGE), ("POST", PAGE), ("GET", LIVE), ("POST", LIVE),
            ("POST", f"{PAGE}/{sha}/roll"), ("POST", f"{PAGE}/{sha}/revoke"),
        ):  # fmt: skip
            assert (await other.request(method, path, data=hidden)).status_code == 404, path
        if who.startswith("mallory"):  # through her own organisation's door
            await other.post("/console/mallory-inc/api-keys", data=hidden)
            for act in ("roll", "revoke"):
                path, form = f"/console/mallory-inc/api-keys/{sha}/{act}", {"hours": "0"} if act == "roll" else {}
                assert (await other.post(path, data={**hidden, **form})).status_code == 404
        else:
            assert "API keys" not in (await other.get("/console/acme")).text
    assert (await show(world, key)).status_code == 200
    now = await world.rows()
    assert {name for name in now if now[name] != before[name]} <= {
        "session", "sign_in_link", "allowance", "outgoing_mail", "mailbox", "platform", "mandate", "api_key",
        "trail_entry", "trail_head",
    }  # fmt: skip
    assert await ApiKey.count().where(ApiKey.platform == "own.acme") == 1


async def test_nobody_gets_a_partners_platform_by_an_organisation_of_its_name(world: World) -> None:
    """Northfield was admitted by the operator; Mallory founds an organisation with that short name."""
    async with world.signed_in("mallory@mallory.example") as mallory:
        form = {"name": "Northfield Services", "url": "mallory.example", "slug": "northfield"}
        assert (await send(mallory, "/console/new", **form)).status_code == 303
        key = key_in(await send(mallory, "/console/northfield/api-keys"))
        assert "Northfield Careers Service" not in (await mallory.get("/console/northfield/api-keys")).text
    assert (await show(world, key)).json()["platform"] == "own.northfield"
    assert refused(await world.post(another(), api_key=key)) == (403, "issuer-not-allowed")
    with pytest.raises(Refused, match="is not a short name"):
        await admitting.admit(world.runtime, "own.acme", "Mallory")
    with pytest.raises(Refused, match="This name cannot be used"):
        await admitting.admit(world.runtime, "lines", "Lines\r\nBcc: all@example.org")


async def test_the_operator_gives_a_platform_into_the_hands_of_its_organisation(world: World) -> None:
    await register(world.runtime, "northfield-university", "Northfield University")
    await admitting.belong_to(world.runtime, "northfield", "northfield-university")
    await appointing.appoint(world.runtime, "northfield-university", "nora@northfield.example", Role.ADMIN)
    async with world.signed_in("nora@northfield.example") as nora:
        page = (await nora.get("/console/northfield-university/api-keys")).text
        assert "the operator of this site" in page
        key = key_in(await send(nora, "/console/northfield-university/api-keys"))
    assert (await show(world, key)).json()["issuers"] == ["acme", "brightline"]
    with pytest.raises(Refused, match="has a platform of its own already"):
        await admitting.belong_to(world.runtime, "mallory", "northfield-university")
    for platform, slug in (("nobody", "acme"), ("northfield", "nobody"), ("console", "acme")):
        with pytest.raises(Refused, match="There is no"):
            await admitting.belong_to(world.runtime, platform, slug)
    async with world.signed_in("ann@acme.example") as ann:
        await send(ann, PAGE)
    with pytest.raises(Refused, match="own and stays so"):
        await admitting.belong_to(world.runtime, "own.acme", "brightline")
    assert (await report(world.runtime)).is_clean


async def test_an_organisation_has_one_platform_whoever_comes_first(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        hidden = await csrf(ann, PAGE)
        answers = await asyncio.gather(*(ann.post(PAGE, data=hidden) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert await Platform.count().where(Platform.organisation == "acme") == 1
    assert await Mandate.count().where(Mandate.platform == "own.acme") == 1


async def test_sec_176_the_keys_of_a_removed_admin_belong_to_the_organisation_and_the_others_are_told(
    world: World,
) -> None:
    await appointing.appoint(world.runtime, "acme", "bea@acme.example", Role.ADMIN)
    async with world.signed_in("bea@acme.example") as bea:
        kept = key_in(await send(bea, LIVE, **READ_AND_WRITE, days="365", name="Nightly"))
        ended = key_in(await send(bea, PAGE))
        await send(bea, PAGE, f"{PAGE}/{fingerprint(ended)}/revoke")
    person = {one.address: one.person for one in await members.team("acme")}["bea@acme.example"]
    async with world.signed_in("ann@acme.example") as ann:
        page = f"/console/acme/members/{person}"
        assert (await send(ann, page, f"{page}/remove")).status_code == 303
        assert "Made by bea" in (await ann.get(PAGE)).text
    assert (await show(world, kept)).status_code == 200
    letters = [text_of(mail) for mail in await world.mails("ann@acme.example") if "API keys" in str(mail["Subject"])]
    assert len(letters) == 1
    assert f"{kept[:12]}…  Nightly" in letters[0]
    assert ended[:12] not in letters[0]
    assert kept not in letters[0]
    assert not [mail for mail in await world.mails("bea@acme.example") if "API keys" in str(mail["Subject"])]


async def test_the_operators_removal_tells_too_and_nobody_is_told_where_nothing_is_left(world: World) -> None:
    await appointing.appoint(world.runtime, "acme", "bea@acme.example", Role.ADMIN)
    await appointing.dismiss(world.runtime, "acme", "sam@acme.example", tell_of_keys_left)
    async with world.signed_in("bea@acme.example") as bea:
        key_in(await send(bea, PAGE))
    await appointing.dismiss(world.runtime, "acme", "bea@acme.example", tell_of_keys_left)
    told = [mail for mail in await world.mails() if "API keys" in str(mail["Subject"])]
    assert [str(mail["To"]) for mail in told] == ["ann@acme.example"]


async def test_fifty_keys_are_enough(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        await send(ann, PAGE)
        for _ in range(keying.MOST_KEYS - 1):
            await a_key(world, "own.acme")
        answer = await send(ann, PAGE)
        assert answer.status_code == 422
        assert "fifty keys in use" in answer.text


async def test_a_careers_service_delivers_for_others_with_its_own_key(world: World) -> None:
    async with world.signed_in("mallory@mallory.example") as other:
        key = key_in(await send(other, "/console/mallory-inc/api-keys/live", **READ_AND_WRITE, days="30"))
    assert refused(await world.post(another(), api_key=key)) == (403, "issuer-not-allowed")
    await mandate(world.runtime, "own.mallory-inc", "acme")
    issued = await world.issued(another(), api_key=key)
    document = (await world.http.get(f"/credentials/{issued['uuid']}")).json()
    assert [one["name"] for one in document["evidence"]] == ["Mallory Incorporated"]
    assert (await client(world, key).key()).issuers == ("acme", "mallory-inc")

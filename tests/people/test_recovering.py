"""A member without her passkey: her mailbox alone opens her roles after a day, and all concerned know (SEC-167)."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.forms import send
from tests.people.authenticator import Authenticator
from tests.people.reading import is_signed_in, press, submit
from tests.people.test_mailboxes import undo_link
from tests.people.test_passkeys import register, sign_in
from tests.world import PUBLIC_URL, World, text_of
from verify.__main__ import PEOPLE
from verify.people.tables import Passkey, Recovery

SAM, ANN = "sam@acme.example", "ann@acme.example"


@pytest.fixture
async def device(world: World) -> Authenticator:
    """The passkey that Sam has."""
    made = Authenticator(PUBLIC_URL)
    async with world.signed_in(SAM) as http:
        assert (await register(http, made)).status_code == 200
    return made


async def has_roles(http: httpx.AsyncClient) -> bool:
    page = await http.get("/console")
    assert page.status_code == 200
    return "/console/acme" in page.text


async def test_sec_167_a_mailbox_alone_opens_roles_after_a_day_and_she_and_the_admins_are_told(
    world: World, device: Authenticator
) -> None:
    async with world.signed_in(SAM) as http:
        assert await is_signed_in(http)  # her own account she may use
        assert not await has_roles(http)
        page = (await http.get("/account")).text
        assert "Somebody came in without your passkey" in page
        assert "/account/mailboxes" not in page  # what would be refused is not offered
        assert "You are in none so far." not in (await http.get("/console")).text
    assert "Your roles on Refolio open again" in [str(mail["Subject"])[:32] for mail in await world.mails(SAM)]
    (letter,) = await world.mails(ANN)
    assert "lost her passkey" in str(letter["Subject"])
    assert "24 Nov 2026, 10:00 UTC" in text_of(letter)
    world.clock.move(hours=23, minutes=59)
    async with world.signed_in(SAM) as http:
        assert not await has_roles(http)
    world.clock.move(minutes=1)
    async with world.signed_in(SAM) as http:
        assert await has_roles(http)
        assert (await register(http, Authenticator(PUBLIC_URL, b"device-two-------"))).status_code == 200
    assert await Recovery.count() == 0
    assert len(await world.mails(ANN)) == 1  # told once


async def test_sec_167_her_passkey_opens_them_at_once_and_calls_a_recovery_off(
    world: World, device: Authenticator
) -> None:
    async with world.signed_in(SAM):
        pass
    async with world.browser() as http:
        assert (await sign_in(http, device)).status_code == 200
        assert await has_roles(http)
        assert (await submit(http, "/account/recovery/call-off", {})).status_code == 303
    world.clock.move(hours=24)
    async with world.signed_in(SAM) as http:
        assert not await has_roles(http)  # a new one has begun


async def test_sec_167_a_recovery_that_nobody_used_is_over_after_a_week(world: World, device: Authenticator) -> None:
    async with world.signed_in(SAM):
        pass
    world.clock.move(hours=24, days=7)
    async with world.signed_in(SAM) as http:
        assert not await has_roles(http)


async def test_sec_167_the_operator_has_no_shorter_way(world: World, device: Authenticator) -> None:
    """What the operator's commands do to the account, they do not open roles, and closing one is told."""
    for command in ("sign-out", "disable", "enable"):
        await PEOPLE[command][0](world.runtime, SAM)
    assert "has closed your account" in text_of((await world.mails(SAM))[-1])
    async with world.signed_in(SAM) as http:
        assert not await has_roles(http)


@pytest.mark.parametrize("first", [False, True], ids=["joins", "makes an organisation and joins"])
async def test_sec_167_a_mailbox_and_an_invitation_are_not_worth_a_passkey_either(world: World, first: bool) -> None:
    """Nina has a passkey and no role yet. Mallory, who reads her mail, takes the invitation that comes there."""
    nina = "nina@acme.example"
    async with world.signed_in(nina) as http:
        assert (await register(http, Authenticator(PUBLIC_URL))).status_code == 200
    async with world.signed_in(ANN) as ann:
        await send(ann, "/console/acme/members", email=nina, role="admin")
    (path,) = re.findall(r"/join/[\w-]+", text_of((await world.mails(nina))[-1]))
    async with world.signed_in(nina) as mallory:
        if first:
            made = await send(mallory, "/console/new", name="Nina Inc", url="nina.example")
            assert made.headers["location"] == "/console"
        assert (await send(mallory, path)).headers["location"] == "/console"
        assert not await has_roles(mallory)
        assert "Sign in again" in (await mallory.get("/console")).text


async def test_who_has_no_roles_or_no_passkey_does_not_wait(world: World) -> None:
    async with world.signed_in("maya@northfield.example") as http:
        await register(http, Authenticator(PUBLIC_URL))
    async with world.signed_in("maya@northfield.example") as http:
        assert "without your passkey" not in (await http.get("/account")).text
    async with world.signed_in(ANN) as http:
        assert await has_roles(http)
    assert await Recovery.count() == 0


@pytest.mark.parametrize("way", ["a passkey of his own", "hers removed", "an address of his own", "hers taken away"])
async def test_sec_167_who_waits_for_the_roles_cannot_change_what_the_wait_protects(
    world: World, device: Authenticator, way: str
) -> None:
    """Mallory reads Sam's mail. Every shorter way than the day leads over the account itself, so it is closed."""
    async with world.browser() as owner:
        await sign_in(owner, device)
        await submit(owner, "/account/mailboxes", {"email": "sam@home.example"})
        link, _ = await world.link_and_code("sam@home.example")
        assert (await press(owner, link)).headers["location"] == "/account"
    async with world.signed_in(SAM) as mallory:
        if way == "a passkey of his own":
            answers = [await register(mallory, Authenticator(PUBLIC_URL, b"device-two-------"))]
        elif way == "hers removed":
            passkey = (await Passkey.select())[0]["id"]
            answers = [await submit(mallory, f"/account/passkeys/{passkey}/remove", {})]
        elif way == "an address of his own":
            answers = [await submit(mallory, "/account/mailboxes", {"email": "mallory@evil.example"})]
        else:
            answers = [await submit(mallory, "/account/mailboxes/remove", {"address": "sam@home.example"})]
        assert [answer.status_code for answer in answers] == [403]
        assert await Passkey.count() == 1
        assert not await has_roles(mallory)
    async with world.signed_in(SAM) as mallory:
        assert not await has_roles(mallory)


async def test_sec_167_a_letter_that_takes_passkeys_away_opens_no_roles_either(world: World) -> None:
    """Sam adds an address and a passkey; Mallory, who reads the old mailbox, takes both back."""
    async with world.signed_in(SAM) as http:
        await submit(http, "/account/mailboxes", {"email": "sam@home.example"})
        link, _ = await world.link_and_code("sam@home.example")
        await press(http, link)
        assert (await register(http, Authenticator(PUBLIC_URL))).status_code == 200
    world.clock.move(hours=1)
    letter = next(text_of(mail) for mail in await world.mails(SAM) if "addresses" in str(mail["Subject"]))
    async with world.browser() as mallory:
        assert (await press(mallory, undo_link(letter))).headers["location"] == "/sign-in"
        assert await Passkey.count() == 0
        await world.sign_in(mallory, SAM)
        assert not await has_roles(mallory)
    assert "lost her passkey" in str((await world.mails(ANN))[-1]["Subject"])
    world.clock.move(hours=24)
    async with world.signed_in(SAM) as http:
        assert await has_roles(http)

"""Several mailboxes for one account, and a way back for whoever loses one to somebody else (SEC-164, SEC-165)."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.people.reading import is_signed_in, press, session_cookie, submit
from tests.showing import shows
from tests.world import World, another, text_of
from verify.people.tables import Mailbox, Person

UNIVERSITY, HOME = "maya@northfield.example", "maya@home.example"


async def add(world: World, http: httpx.AsyncClient, address: str) -> None:
    answer = await submit(http, "/account/mailboxes", {"email": address})
    assert answer.headers["location"] == "/sign-in/code"
    link, _ = await world.link_and_code(address)
    answer = await press(http, link)
    assert answer.headers["location"] == "/account"


def undo_link(text: str) -> str:
    found = re.search(r"(/account/undo/\S+)", text)
    assert found, text
    return found[1]


async def test_a_graduate_keeps_her_account(world: World) -> None:
    await world.issued()
    async with world.signed_in(UNIVERSITY) as http:
        await add(world, http, HOME)
        assert (await submit(http, "/account/mailboxes/remove", {"address": UNIVERSITY})).status_code == 303
    async with world.signed_in(HOME) as http:
        page = (await http.get("/account")).text
        assert HOME in page
        assert UNIVERSITY not in page
    await world.issued(another(intern={"name": "Maya Okafor", "email": HOME}))
    assert await Person.count().where(Person.name == "Maya Okafor") == 1
    await shows(world, HOME, "maya")
    page = await world.page("/p/maya")
    assert page.count('class="entry ') == 2  # what names the address that she gave up is still hers


async def test_sec_165_a_change_is_told_ends_other_sessions_and_gives_this_one_a_new_secret(world: World) -> None:
    async with world.signed_in(UNIVERSITY) as http, world.signed_in(UNIVERSITY) as other:
        before = session_cookie(world, http)
        await add(world, http, HOME)
        assert await is_signed_in(http)
        assert not await is_signed_in(other)
        assert session_cookie(world, http) != before
        other.cookies.set("__Host-refolio", before)
        assert not await is_signed_in(other)
    letters = [text_of(mail) for mail in await world.mails(UNIVERSITY) if "addresses" in str(mail["Subject"])]
    assert len(letters) == 1
    assert f"the address {HOME} was added to" in letters[0]


async def test_sec_165_without_a_fresh_sign_in_nothing_changes(world: World) -> None:
    async with world.signed_in(UNIVERSITY) as http:
        await add(world, http, HOME)
        world.clock.move(minutes=15)
        for path, fields in (
            ("/account/mailboxes", {"email": "maya@work.example"}),
            ("/account/mailboxes/remove", {"address": HOME}),
        ):
            answer = await submit(http, path, fields)
            assert "again=1" in answer.headers["location"]
        assert await Mailbox.count() == 2


@pytest.mark.parametrize("pressed", ["the first letter", "the second, then the first"])
async def test_sec_165_whoever_had_the_account_takes_it_back_within_three_days(world: World, pressed: str) -> None:
    """Mallory finds Maya's browser open, adds a mailbox of hers, and removes Maya's."""
    evil = "mallory@evil.example"
    async with world.signed_in(UNIVERSITY) as stolen:
        await add(world, stolen, evil)
        world.clock.move(minutes=1)
        await submit(stolen, "/account/mailboxes/remove", {"address": UNIVERSITY})
        world.clock.move(hours=71)
        letters = [text_of(mail) for mail in await world.mails(UNIVERSITY) if "addresses" in str(mail["Subject"])]
        added, removed = (undo_link(letter) for letter in letters)
        links = [added] if pressed == "the first letter" else [removed, added]
        async with world.browser() as http:
            for link in links:
                assert "Take it back?" in (await http.get(link)).text
                assert (await press(http, link)).headers["location"] == "/sign-in"
            for link in (added, removed):
                assert (await press(http, link)).status_code == 410
        assert not await is_signed_in(stolen)
    assert await Mailbox.select(Mailbox.address).output(as_list=True) == [UNIVERSITY]
    assert await Person.select(Person.email).where(Person.email.like("m%")).output(as_list=True) == [
        "mallory@mallory.example",
        UNIVERSITY,
    ]


async def test_sec_165_a_mailbox_that_came_a_moment_ago_brings_itself_back_by_no_letter(world: World) -> None:
    """Mallory adds a mailbox of hers to Maya's account; Maya sees it and removes it."""
    evil = "mallory@evil.example"
    async with world.signed_in(UNIVERSITY) as stolen:
        await add(world, stolen, evil)
    world.clock.move(hours=1)
    async with world.signed_in(UNIVERSITY) as maya:
        assert (await submit(maya, "/account/mailboxes/remove", {"address": evil})).status_code == 303
    (letter,) = [text_of(mail) for mail in await world.mails(evil) if "addresses" in str(mail["Subject"])]
    assert f"the address {evil} was removed from" in letter
    assert "/account/undo/" not in letter


async def test_sec_165_after_three_days_it_stands(world: World) -> None:
    async with world.signed_in(UNIVERSITY) as http:
        await add(world, http, HOME)
        (letter,) = [text_of(mail) for mail in await world.mails(UNIVERSITY) if "addresses" in str(mail["Subject"])]
        world.clock.move(hours=72)
        over = await http.get(undo_link(letter))
        assert over.status_code == 410
        assert "Sign in to see which addresses" in over.text
        assert "Ask for a new one" not in over.text, "nobody can ask for a letter about a change"
        assert (await press(http, undo_link(letter))).status_code == 410
    assert await Mailbox.count() == 2


async def test_sec_164_an_address_of_another_account_cannot_be_taken(world: World) -> None:
    async with world.signed_in(HOME):
        pass
    await world.issued()
    async with world.signed_in("oscar@nowhere.example") as http:
        for address in (HOME, UNIVERSITY):
            await submit(http, "/account/mailboxes", {"email": address})
            link, _ = await world.link_and_code(address)
            assert "of its own" in (await press(http, link)).text
    assert await Mailbox.count() == 2


async def test_sec_164_nobody_is_talked_into_giving_her_mailbox_away(world: World) -> None:
    """Mallory asks for Maya's address; Maya, who gets the mail, opens the link and types the code."""
    async with world.signed_in("mallory@mallory.example") as mallory, world.browser() as maya:
        await submit(mallory, "/account/mailboxes", {"email": UNIVERSITY})
        link, code = await world.link_and_code(UNIVERSITY)
        assert (await maya.get(link)).status_code == 410
        assert "sign-in" in (await maya.post(link, data={"code": code})).headers["location"]
        await world.sign_in(maya, UNIVERSITY)
        assert (await maya.post(link, data={"code": code})).status_code == 410
    assert await Mailbox.count() == 2


async def test_the_last_mailbox_stays(world: World) -> None:
    async with world.signed_in(UNIVERSITY) as http:
        answer = await submit(http, "/account/mailboxes/remove", {"address": UNIVERSITY})
        assert (answer.status_code, "only address" in answer.text) == (400, True)
        assert (await submit(http, "/account/mailboxes/remove", {"address": "ann@acme.example"})).status_code == 404


async def test_a_person_says_what_she_is_called(world: World) -> None:
    async with world.signed_in("m.okafor@northfield.example") as http:
        assert (await submit(http, "/account/name", {"name": " Maya  Okafor "})).status_code == 303
        assert 'value="Maya Okafor"' in (await http.get("/account")).text
        for name in ("", "x" * 201, "a\u202eb"):
            assert (await submit(http, "/account/name", {"name": name})).status_code == 400

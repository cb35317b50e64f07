"""Signing in by mail: two of three secrets, once, and never by the one that a scanner or a stranger may have."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from itertools import product

import pytest

from tests.people.reading import is_signed_in, press, session_cookie
from tests.world import PUBLIC_URL, World, text_of
from verify.people.signing_in import MAILS_FOR_ONE_NETWORK, MAILS_TO_ONE_ADDRESS, TRIES
from verify.people.tables import Mailbox, Person, Session, SignInLink

MAYA = "maya@northfield.example"
OTHERS = "198.51.100.9"


async def test_by_link_in_the_browser_that_asked(world: World) -> None:
    async with world.browser() as http:
        assert (await http.post("/sign-in", data={"email": MAYA})).headers["location"] == "/sign-in/code"
        link, _ = await world.link_and_code(MAYA)
        page = await http.get(link)
        assert "Is it you?" in page.text
        assert not await is_signed_in(http)
        answer = await press(http, link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert MAYA in (await http.get("/account")).text


async def test_by_code_in_the_browser_that_asked(world: World) -> None:
    async with world.browser() as http:
        await world.sign_in(http, MAYA)
        assert await is_signed_in(http)


async def test_members_go_on_to_their_organisations_and_everybody_to_the_page_they_wanted(world: World) -> None:
    async with world.browser() as http:
        assert (await world.sign_in(http, "ann@acme.example")).headers["location"] == "/console"
    async with world.browser() as http:
        to_sign_in = (await http.get("/sign-out")).headers["location"]
        assert to_sign_in == "/sign-in?next=/sign-out"
        await http.post("/sign-in", data={"email": MAYA, "next": "/console/new"})
        link, _ = await world.link_and_code(MAYA)
        assert (await press(http, link)).headers["location"] == "/console/new"


async def test_sec_113_and_114_known_and_unknown_addresses_get_the_same_answer_and_a_mail(world: World) -> None:
    """What is done is the same too: one link, one mail, nobody looked up, so time cannot tell them apart."""
    answers = []
    for email in ("ann@acme.example", "nobody@nowhere.example"):
        async with world.browser() as http:
            before = await world.rows()
            answer = await http.post("/sign-in", data={"email": email})
            after = await world.rows()
            own = ("set-cookie", "request-id")
            headers = {name: value for name, value in answer.headers.items() if name not in own}
            cookie = re.sub(r"=[\w-]{43};", "=…;", answer.headers["set-cookie"])
            grown = {name for name in after if after[name] != before[name]} - {"outgoing_mail", "allowance"}
            answers.append((answer.status_code, headers, cookie, answer.content, grown))
            assert len(await world.mails(email)) == 1
    assert answers[0] == answers[1]
    assert answers[0][4] == {"sign_in_link"}


async def test_sec_159_a_link_works_once_also_for_fifty_at_the_same_time(world: World) -> None:
    async with world.browser() as http:
        await http.post("/sign-in", data={"email": MAYA})
        link, code = await world.link_and_code(MAYA)
        answers = await asyncio.gather(*(press(http, link) for _ in range(50)))
        assert Counter(answer.status_code for answer in answers) == {303: 1, 410: 49}
        assert await Session.count() == 1
        assert (await press(http, link)).status_code == 410
        assert (await http.get(link)).status_code == 410
        assert (await http.post(link, data={"code": code})).status_code == 410
        assert await Person.count().where(Person.email == MAYA) == 1


async def test_sec_160_a_scanner_that_opens_the_link_signs_nobody_in_and_spoils_nothing(world: World) -> None:
    async with world.browser() as http, world.browser(OTHERS) as scanner:
        await http.post("/sign-in", data={"email": MAYA})
        link, _ = await world.link_and_code(MAYA)
        for _ in range(3):
            assert (await scanner.get(link)).status_code == 200
            assert (await scanner.head(link)).status_code == 200
        for _ in range(TRIES + 3):  # one that runs scripts and presses buttons
            assert (await press(scanner, link)).status_code == 403
        assert not session_cookie(world, scanner)
        assert (await press(http, link)).status_code == 303
        assert await Session.count() == 1


async def test_sec_161_a_link_in_another_browser_asks_for_the_code(world: World) -> None:
    async with world.browser() as http, world.browser(OTHERS) as other:
        await http.post("/sign-in", data={"email": MAYA})
        link, code = await world.link_and_code(MAYA)
        page = await other.get(link)
        assert "another browser" in page.text
        assert 'name="code"' in page.text
        for wrong in ("", "000 00", str((int(code.replace(" ", "")) + 1) % 10**6).zfill(6)):
            assert (await other.post(link, data={"code": wrong})).status_code == 403
        assert (await other.post(link, data={"code": code})).status_code == 303
        assert await is_signed_in(other)
        assert not await is_signed_in(http)


async def test_sec_161_the_code_alone_is_worth_nothing(world: World) -> None:
    async with world.browser() as http, world.browser(OTHERS) as other:
        await http.post("/sign-in", data={"email": MAYA})
        _, code = await world.link_and_code(MAYA)
        assert (await other.post("/sign-in/code", data={"code": code})).status_code == 410
        await other.post("/sign-in", data={"email": "oscar@nowhere.example"})
        assert (await other.post("/sign-in/code", data={"code": code})).status_code == 403


async def test_sec_162_five_tries_also_in_parallel(world: World) -> None:
    async with world.browser() as http:
        await http.post("/sign-in", data={"email": MAYA})
        _, code = await world.link_and_code(MAYA)
        right = int(code.replace(" ", ""))
        guesses = [f"{(right + n) % 10**6:06}" for n in range(1, 41)]
        answers = await asyncio.gather(*(http.post("/sign-in/code", data={"code": guess}) for guess in guesses))
        assert Counter(answer.status_code for answer in answers) == {403: TRIES, 410: 40 - TRIES}
        assert (await http.post("/sign-in/code", data={"code": code})).status_code == 410
        assert await Session.count() == 0


async def test_sec_162_a_link_ends_after_ten_minutes(world: World) -> None:
    async with world.browser() as http:
        await http.post("/sign-in", data={"email": MAYA})
        link, code = await world.link_and_code(MAYA)
        world.clock.move(minutes=10)
        assert (await press(http, link)).status_code == 410
        assert (await http.post("/sign-in/code", data={"code": code})).status_code == 410


async def test_sec_162_nobody_is_bombed_with_mail_and_the_answer_does_not_tell(world: World) -> None:
    async with world.browser() as http, world.browser(OTHERS) as other:
        for browser in (http, other):
            answers = await asyncio.gather(*(browser.post("/sign-in", data={"email": MAYA}) for _ in range(20)))
            assert {answer.status_code for answer in answers} == {303}
            assert {answer.headers["location"] for answer in answers} == {"/sign-in/code"}
        assert len(await world.mails(MAYA)) == MAILS_TO_ONE_ADDRESS
        world.clock.move(hours=1)
        await http.post("/sign-in", data={"email": MAYA})
        assert len(await world.mails(MAYA)) == MAILS_TO_ONE_ADDRESS + 1


async def test_sec_162_one_network_sends_so_many_mails_is_told_so_and_others_are_not_hindered(world: World) -> None:
    """Told, because no address has to do with it, and a class room must not wait for mails that never come."""
    async with world.browser() as http, world.browser(OTHERS) as other:
        answers = [
            await http.post("/sign-in", data={"email": f"{number}@nowhere.example"})
            for number in range(MAILS_FOR_ONE_NETWORK + 5)
        ]
        assert [answer.status_code for answer in answers] == [303] * MAILS_FOR_ONE_NETWORK + [429] * 5
        assert "from your network" in answers[-1].text
        assert len(await world.mails()) == MAILS_FOR_ONE_NETWORK
        await other.post("/sign-in", data={"email": MAYA})
        assert len(await world.mails(MAYA)) == 1


async def test_sec_163_one_person_however_the_address_is_written(world: World) -> None:
    for spelled in ("Maya@Northfield.Example", "maya@northfield.example", "  MAYA@northfield.example "):
        async with world.browser() as http:
            await http.post("/sign-in", data={"email": spelled})
            link, _ = await world.link_and_code(spelled.strip())
            assert (await press(http, link)).status_code == 303
    assert await Mailbox.select(Mailbox.address, Mailbox.spelled) == [
        {"address": MAYA, "spelled": "Maya@Northfield.Example"}
    ]


@pytest.mark.parametrize("other", ["m.aya@northfield.example", "maya+x@northfield.example"])
async def test_sec_163_dots_and_plus_make_other_people(world: World, other: str) -> None:
    for email in (MAYA, other):
        async with world.browser() as http:
            await world.sign_in(http, email)
    people = await Mailbox.select(Mailbox.person).output(as_list=True)
    assert len(set(people)) == 2


@pytest.mark.parametrize(
    "text",
    ["", "maya", "a@b@c.example", '"maya"@northfield.example', "maya@northfield.example.", "maya@nörth.example",
     "mаya@northfield.example", "maya@northfield.example\r\nBcc: x@y.example", "maya@localhost", "x" * 300],
)  # fmt: skip
async def test_sec_163_what_is_no_address_is_said_beside_the_field(sqlite_world: World, text: str) -> None:
    async with sqlite_world.browser() as http:
        answer = await http.post("/sign-in", data={"email": text})
        assert answer.status_code == 400
        assert "This does not look like an e-mail address." in answer.text
    assert await SignInLink.count() == 0
    assert await sqlite_world.mails() == []


def elsewhere() -> list[str]:
    """Sixty ways to say "not here"."""
    hosts = ["//evil.example", "https://evil.example", "http:evil.example", "/\\evil.example", "\\\\evil.example"]
    inserted = ["/%09/evil.example", "/\t/evil.example", "/\n/evil.example", "///evil.example", "/.//evil.example"]
    dotted = ["/account/../v", "/account/..", "/account/%2e%2e/v", "/account/.", "/./account", "/account//evil.example"]
    asked = ["/account?x=1", "/account#x", "/account;x", "/account@evil.example", "/account:443", "/account/", ""]
    others = ["/", "/v/0000-0000-0000-0000", "/static/x", "/sign-out", "/sign-in", "/api/v1/credentials", "/p/maya"]
    schemes = ["javascript:alert(1)", "data:text/html,x", "mailto:x@y.example", "file:///etc/passwd", "account"]
    long = ["/account/" + "a" * 300, "/account/a/b/c/d/e", "/console/ä", "/console/%00", "/console/a b", "/ACCOUNT"]
    joined = [
        f"{a}{b}" for a, b in product(("/account", "/console/acme", PUBLIC_URL), (".evil.example", "\\", "\r\nX: y"))
    ]
    tail = [f"{PUBLIC_URL}/account", f"{PUBLIC_URL}@evil.example", "//account", "/account\u2028", "/account\x00"]
    more = [" /account", "/account ", "\t/account", "/join", "/joint", "/accounts", "/consoles/x", "/console/a/"]
    return [*hosts, *inserted, *dotted, *asked, *others, *schemes, *long, *joined, *tail, *more]


async def test_sec_137_a_sign_in_leads_to_own_pages_alone(sqlite_world: World) -> None:
    assert len(elsewhere()) >= 60
    for wanted in elsewhere():
        if wanted == "/join":
            continue  # a page of ours, if there were one
        async with sqlite_world.browser() as http:
            page = await http.get("/sign-in", params={"next": wanted})
            assert page.status_code == 400 if "\x00" in wanted else 'name="next" value=""' in page.text, wanted
    async with sqlite_world.browser() as http:
        page = await http.get("/sign-in", params={"next": "/console/acme/keys"})
        assert 'name="next" value="/console/acme/keys"' in page.text
        await http.post("/sign-in", data={"email": MAYA, "next": "//evil.example"})
        link, _ = await sqlite_world.link_and_code(MAYA)
        assert (await press(http, link)).headers["location"] == "/account"


async def test_sec_136_the_link_leads_to_the_configured_origin_whatever_the_request_says(sqlite_world: World) -> None:
    async with sqlite_world.browser() as http:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        await http.post("/sign-in", data={"email": MAYA}, headers=headers)
        (mail,) = await sqlite_world.mails(MAYA)
        assert f"{PUBLIC_URL}/sign-in/link/" in text_of(mail)
        assert "evil" not in mail.as_string()


async def test_sec_164_what_a_platform_recorded_is_shown_to_whoever_reads_that_mailbox_alone(world: World) -> None:
    await world.issued()
    person = (await Person.select(Person.id).where(Person.email == MAYA))[0]["id"]
    async with world.browser() as http:
        await world.sign_in(http, "mallory@mallory.example")
        assert (await Mailbox.select().where(Mailbox.person == person)) == []
    async with world.browser() as http:
        await world.sign_in(http, MAYA)
        assert [row["address"] for row in await Mailbox.select().where(Mailbox.person == person)] == [MAYA]


async def test_nothing_secret_is_kept(sqlite_world: World) -> None:
    async with sqlite_world.browser() as http:
        await http.post("/sign-in", data={"email": MAYA})
        link, code = await sqlite_world.link_and_code(MAYA)
        nonce = next(iter(http.cookies.values()))
        await press(http, link)
        secrets = (link.rpartition("/")[2], code.replace(" ", ""), nonce, session_cookie(sqlite_world, http))
        for table in (SignInLink, Session):
            text = str(await table.select())
            assert not [secret for secret in secrets if f"'{secret}'" in text]

"""What a session is worth, for how long, and what ends it."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.people.reading import csrf_of, is_signed_in, press, session_cookie, submit
from tests.references.referee import signed, work
from tests.world import PUBLIC_URL, World
from verify.__main__ import PEOPLE
from verify.app import HANDLERS
from verify.http.cookies import cookie_name
from verify.http.headers import PRIVATE
from verify.people import sessions
from verify.people.recognising import person_with
from verify.people.tables import Session
from verify.platforms.tables import Grant

MAYA, ANN = "maya@northfield.example", "ann@acme.example"


async def test_sec_155_a_session_that_was_planted_or_had_before_is_not_the_one_after_signing_in(world: World) -> None:
    async with world.browser() as http:
        http.cookies.set(cookie_name(world.runtime), "planted-by-mallory")
        await world.sign_in(http, MAYA)
        first = http.cookies.get(cookie_name(world.runtime), domain="refolio.example")
        assert first not in (None, "planted-by-mallory")
    async with world.browser() as http:
        await world.sign_in(http, MAYA)
        first = session_cookie(world, http)
        await world.sign_in(http, MAYA)
        second = session_cookie(world, http)
        assert first != second
    async with world.browser() as old, world.browser() as made_up:
        old.cookies.set(cookie_name(world.runtime), first)
        made_up.cookies.set(cookie_name(world.runtime), "A" * 43)
        assert not await is_signed_in(old)
        assert not await is_signed_in(made_up)


async def test_sec_156_a_slow_request_does_not_bring_a_session_back(world: World) -> None:
    async with world.signed_in(MAYA) as http:
        world.clock.move(minutes=2)  # so that each request notes that it saw the session
        csrf = csrf_of(await http.get("/account"))
        world.clock.move(minutes=2)
        pages = [http.get("/account") for _ in range(10)]
        await asyncio.gather(*pages, http.post("/sign-out", data={"csrf": csrf}), *[http.get("/account") for _ in "12"])
        assert await Session.count() == 0
        assert not await is_signed_in(http)


async def test_sec_157_the_cookies_are_for_this_host_over_tls_and_for_no_script(sqlite_world: World) -> None:
    async with sqlite_world.browser() as http:
        begun = (await http.post("/sign-in", data={"email": MAYA})).headers["set-cookie"]
        _, code = await sqlite_world.link_and_code(MAYA)
        cookies = (await http.post("/sign-in/code", data={"code": code})).headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in (begun, *cookies):
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-refolio")
        assert {one.lower() for one in attributes} >= {"secure", "httponly", "samesite=lax", "path=/"}
        assert "domain" not in cookie.lower()


async def unsafe(world: World) -> list[str]:
    """Every address of Maya's pages that changes something, about a withdrawn credential or a reference of hers."""
    own = await world.issued()
    await world.withdraw(own["uuid"])
    await world.app.state.mail.settled()
    grant = await Grant.select(Grant.id).first()
    assert grant, "asked for with the credential"
    reference, _ = await signed(world, await work(world))
    known = {"secret": "A" * 43, "passkey": "B" * 43, "own_id": own["uuid"], "grant": grant["id"]}
    known["own_reference"] = reference.id
    return sorted(
        re.sub(r"\{(\w+):str\}", lambda match: known[match[1]], path)
        for handler in HANDLERS
        for path in handler.paths
        if "POST" in handler.http_methods and path.startswith(("/sign-", "/account"))
    )


FOREIGN = {
    "another site's form": {"Origin": "https://mallory.example", "Sec-Fetch-Site": "cross-site"},
    "a sandboxed frame": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "a sibling": {"Origin": "https://www.refolio.example", "Sec-Fetch-Site": "same-site"},
    "plain http": {"Origin": "http://refolio.example", "Sec-Fetch-Site": "cross-site"},
    "a program that says nothing": {"Origin": "", "Sec-Fetch-Site": ""},
}
BODIES = {
    "form": (b"csrf=x&email=x%40y.example&code=1", "application/x-www-form-urlencoded"),
    "JSON": (b"{}", "application/json"),
    "text/plain": (b'{"a":"=b"}', "text/plain"),
    "multipart": (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
}


@pytest.mark.parametrize("origin", FOREIGN)
async def test_sec_158_no_page_elsewhere_sends_a_form_or_json_in_somebodys_name(
    sqlite_world: World, origin: str
) -> None:
    """Every unsafe address × every kind of body, from everywhere but our own pages; login CSRF included."""
    async with sqlite_world.signed_in(MAYA) as http:
        paths = await unsafe(sqlite_world)
        before = await sqlite_world.rows()
        for path in paths:
            for name, (body, media_type) in BODIES.items():
                headers = {
                    name: value for name, value in http.headers.items() if name not in ("origin", "sec-fetch-site")
                }
                headers |= {name: value for name, value in FOREIGN[origin].items() if value}
                request = http.build_request("POST", path, content=body)
                request.headers = httpx.Headers({**headers, "Content-Type": media_type, "Host": "refolio.example"})
                request.headers["cookie"] = f"{cookie_name(sqlite_world.runtime)}={session_cookie(sqlite_world, http)}"
                answer = await http.send(request)
                assert answer.status_code == 403, (path, name, answer.text)
        assert await sqlite_world.rows() == before


async def test_sec_158_the_csrf_value_of_another_session_opens_nothing(sqlite_world: World) -> None:
    async with sqlite_world.signed_in(MAYA) as maya, sqlite_world.signed_in("mallory@mallory.example") as mallory:
        foreign = csrf_of(await mallory.get("/account"))
        paths = await unsafe(sqlite_world)
        before = await sqlite_world.rows()
        for path in paths:
            if path.startswith("/sign-in") or "/undo/" in path:
                continue  # these have secrets of their own
            for value in (foreign, "", "x" * 32):
                if path in ("/account/passkeys", "/account/passkeys/options"):
                    answer = await maya.post(path, json={"csrf": value})
                else:
                    answer = await maya.post(path, data={"csrf": value})
                assert answer.status_code == 403, path
            assert (await maya.post(path, headers={"X-HTTP-Method-Override": "GET"})).status_code in (403, 415), path
            assert (await maya.get(path, headers={"X-HTTP-Method-Override": "POST"})).status_code in (200, 404, 405), (
                path
            )
        assert await sqlite_world.rows() == before


@pytest.mark.parametrize(
    ("email", "idle", "absolute"),
    [(MAYA, {"days": 7}, {"days": 30}), (ANN, {"hours": 1}, {"hours": 12})],
    ids=["intern", "staff"],
)
async def test_sec_168_a_session_ends_when_it_lies_idle_and_at_last_anyhow(
    world: World, email: str, idle: dict[str, float], absolute: dict[str, float]
) -> None:
    start = world.clock()
    async with world.signed_in(email) as http:
        world.clock.move(**idle)
        world.clock.move(seconds=-1)
        assert await is_signed_in(http)
        world.clock.move(**idle)
        assert not await is_signed_in(http)
    world.clock.time = start
    async with world.signed_in(email) as http:
        steps = 0
        while await is_signed_in(http):
            world.clock.move(**{unit: number * 0.9 for unit, number in idle.items()})
            steps += 1
        lasted = world.clock() - start
        (unit, number), share = next(iter(absolute.items())), next(iter(idle.values())) * 0.9
        assert number <= lasted.total_seconds() / {"days": 86400, "hours": 3600}[unit] < number + share


async def test_browsers_that_never_come_back_leave_nothing_for_ever(world: World) -> None:
    for _ in range(3):
        async with world.signed_in("maya@northfield.example", staff=False):
            world.clock.move(days=20)
    assert await Session.count() == 2, "those of the last thirty days"


async def test_sec_168_sign_out_here_and_everywhere(world: World) -> None:
    async with world.signed_in(MAYA) as one, world.signed_in(MAYA) as two, world.signed_in(MAYA) as three:
        assert (await three.get("/account")).text.count("Another browser") == 2
        assert (await submit(one, "/sign-out", {})).headers["location"] == "/sign-in"
        assert [await is_signed_in(http) for http in (one, two, three)] == [False, True, True]
        await submit(two, "/sign-out", {"everywhere": "yes"})
        assert [await is_signed_in(http) for http in (one, two, three)] == [False, False, False]


async def test_sec_168_the_operator_signs_somebody_out_and_closes_accounts(world: World) -> None:
    async with world.signed_in(MAYA) as http:
        await PEOPLE["sign-out"][0](world.runtime, "Maya@Northfield.example")
        assert not await is_signed_in(http)
        await world.sign_in(http, MAYA)
        await PEOPLE["disable"][0](world.runtime, MAYA)
        assert not await is_signed_in(http)
        await http.post("/sign-in", data={"email": MAYA})  # the same answer as for everybody
        link, _ = await world.link_and_code(MAYA)
        answer = await press(http, link)
        assert (answer.status_code, "closed this account" in answer.text) == (403, True)
        await PEOPLE["enable"][0](world.runtime, MAYA)
        assert (await press(http, link)).status_code == 303


async def test_sec_168_a_session_of_a_closed_account_is_worth_nothing_even_if_it_was_opened_meanwhile(
    world: World,
) -> None:
    async with world.signed_in(MAYA) as http:
        await PEOPLE["disable"][0](world.runtime, MAYA)
        assert await Session.count() == 0
        maya = await person_with(MAYA)
        assert maya
        secret = await sessions.open_session(world.runtime, maya, method="link", staff=False)
        http.cookies.clear()
        http.cookies.set(cookie_name(world.runtime), secret)
        assert not await is_signed_in(http)


async def test_what_takes_a_fresh_sign_in_says_so_after_fifteen_minutes(world: World) -> None:
    async with world.signed_in(MAYA) as http:
        world.clock.move(minutes=15)
        answer = await submit(http, "/account/mailboxes", {"email": "maya@home.example"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=/account&again=1"
        page = await http.get(answer.headers["location"])
        assert "Please sign in again" in page.text


async def test_sec_169_no_page_of_a_person_is_shared_with_other_origins(sqlite_world: World) -> None:
    async with sqlite_world.signed_in(MAYA) as http:
        for path in ("/sign-in", "/sign-in/code", "/account", "/sign-out", "/console", "/"):
            for origin in ("https://mallory.example", "null", PUBLIC_URL):
                for answer in (
                    await http.get(path, headers={"Origin": origin}),
                    await http.options(path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
                ):
                    shared = [name for name in answer.headers if name.startswith("access-control-")]
                    assert shared == [], (path, origin)
    public = await sqlite_world.http.get("/issuers/acme/did.json", headers={"Origin": "https://mallory.example"})
    assert public.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in public.headers


async def test_sec_170_no_cache_keeps_a_cookie_or_a_private_page(sqlite_world: World) -> None:
    async with sqlite_world.browser() as http:
        answers = [await http.get("/sign-in"), await http.get("/account"), await http.get("/sign-in/link/x")]
        answers.append(await sqlite_world.sign_in(http, MAYA))
        answers += [await http.get(path) for path in ("/account", "/sign-out", "/console", "/sign-in")]
        for answer in answers:
            assert answer.headers["cache-control"] == "no-store", answer.url
            assert "etag" not in answer.headers
        for path in ("/", "/static/refolio.css", "/static/passkey.js", "/issuers/acme/did.json"):
            answer = await http.get(path)
            assert "set-cookie" not in answer.headers, path
            assert not path.startswith(PRIVATE)


async def test_only_pages_that_talk_to_a_passkey_may_run_a_script(sqlite_world: World) -> None:
    async with sqlite_world.signed_in(MAYA) as http:
        for path in ("/sign-in", "/account"):
            policy = (await http.get(path)).headers["content-security-policy"]
            assert policy.endswith("; script-src 'self'; connect-src 'self'")
        for path in ("/sign-in/code", "/sign-out", "/", "/console"):
            policy = (await http.get(path)).headers["content-security-policy"]
            assert "script-src" not in policy
            assert "default-src 'none'" in policy

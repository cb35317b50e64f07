"""The right of reply: the intern's own words beside the reason of a withdrawal, once, and hers to take back."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from tests.credentials.replacements import SUCCESSOR, replaced
from tests.showing import shows
from tests.web.reading import Reader
from tests.world import World, maya
from verify.audit.checking import audit
from verify.credentials.tables import Reply
from verify.trail.tables import TrailEntry

MAYA = "maya@northfield.example"
ABSENT = "00000000-0000-4000-8000-000000000000"


async def csrf(browser: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(path)).text)
    assert found
    return found[1]


async def send(browser: httpx.AsyncClient, path: str, to: str = "", **fields: str) -> httpx.Response:
    return await browser.post(to or path, data={"csrf": await csrf(browser, path), **fields})


async def withdrawn(world: World) -> tuple[Any, str]:
    issued = await world.issued()
    await world.withdraw(issued["uuid"], b'{"reason": "She never came.", "kind": "wrong-facts"}')
    return issued, f"/account/credentials/{issued['uuid']}/reply"


async def test_she_replies_once_and_everybody_reads_it_beside_the_reason(world: World) -> None:
    issued, path = await withdrawn(world)
    world.clock.move(days=1)
    async with world.signed_in(MAYA) as browser:
        assert path in (await browser.get("/account/credentials")).text
        answer = await send(browser, path, text="I came every day.\n<b>Ask</b> my supervisor.")
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        page = await world.page(f"/v/{issued['code']}")
        assert page.index("She never came.") < page.index("I came every day.\n&lt;b&gt;Ask&lt;/b&gt; my supervisor.")
        assert 'datetime="2026-11-24T10:00:00' in page
        token = await csrf(browser, path)
        second = await browser.post(path, data={"csrf": token, "text": "And another thing."})
        assert second.status_code == 409
    async with world.signed_in("vic@acme.example") as vic:
        assert "The intern</strong> replied to a withdrawal" in (await vic.get("/console/acme/trail")).text
    assert "another thing" not in await world.page(f"/v/{issued['code']}")


async def test_her_portfolio_shows_it_beside_the_withdrawal(world: World) -> None:
    issued, path = await withdrawn(world)
    await shows(world, MAYA, "maya")
    text = Reader(await world.page("/p/maya")).text
    assert "Reason given: Something in it was wrong. She never came. Not counted." in text
    async with world.signed_in(MAYA) as browser:
        await send(browser, path, text="I came every day.\n<script>alert(1)</script> {{ 7*7 }}")
        page = await world.page("/p/maya")
        assert "I came every day.\n&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page
        assert page.index("She never came.") < page.index("I came every day.")
        assert "What Maya Okafor replies; nobody checked it" in Reader(page).text
        async with world.signed_in("vic@acme.example") as vic:
            page = (await vic.get(f"/console/acme/credentials/{issued['uuid']}")).text
        assert "I came every day.\n&lt;script&gt;" in page
        status = (await world.http.get(f"/credentials/{issued['uuid']}/status")).json()
        assert status["reply"]["text"].startswith("I came every day.\n")
        await send(browser, path, f"{path}/taken-back")
    assert "replies" not in await world.page("/p/maya")
    assert (await world.http.get(f"/credentials/{issued['uuid']}/status")).json()["reply"] is None
    assert (await replaced(world, issued["uuid"], SUCCESSOR | {"completion": maya(role="Analyst")})).status_code == 409
    bare = {"completion": maya(role="Analyst"), "as": "successor"}
    successor = await replaced(world, issued["uuid"], bare, key="s")
    assert f'<a href="/v/{successor.json()["code"]}">See the one that counts</a>' in await world.page("/p/maya")


async def test_the_form_sent_twice_is_one_reply(world: World) -> None:
    _, path = await withdrawn(world)
    async with world.signed_in(MAYA) as browser:
        form = {"csrf": await csrf(browser, path), "text": "I came every day.\r\nAsk Sam."}
        answers = await asyncio.gather(*(browser.post(path, data=form) for _ in range(3)))
        assert {answer.status_code for answer in answers} == {303}
    assert await Reply.count() == 1
    assert await TrailEntry.count().where(TrailEntry.act == "reply-given") == 1


async def test_what_she_takes_back_is_shown_and_kept_nowhere(world: World) -> None:
    issued, path = await withdrawn(world)
    async with world.signed_in(MAYA) as browser:
        await send(browser, path, text="I came every day.")
        for _ in range(2):
            form = {"csrf": await csrf(browser, path) if await _stands() else await _any_csrf(browser, issued)}
            assert (await browser.post(f"{path}/taken-back", data=form)).status_code == 303
        assert "You took your reply back." in (await browser.get(path)).text
    assert "I came" not in await world.page(f"/v/{issued['code']}")
    row = await Reply.select().first()
    assert row
    assert row["text"] == ""
    assert (await audit(world.runtime)).mismatches == ()


async def _stands() -> bool:
    return await Reply.exists().where(Reply.taken_back_at.is_null())


async def _any_csrf(browser: httpx.AsyncClient, issued: Any) -> str:
    return await csrf(browser, "/console/new")


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001, "tab\tin it", "a\u202eb", "\u0007"])
async def test_a_reply_that_cannot_be_shown_is_refused_and_kept_in_the_form(text: str, sqlite_world: World) -> None:
    _, path = await withdrawn(sqlite_world)
    async with sqlite_world.signed_in(MAYA) as browser:
        answer = await send(browser, path, text=text)
        assert answer.status_code == 422
        assert 'id="text-fault"' in answer.text
    assert await Reply.count() == 0


async def test_nobody_else_replies_and_to_them_it_looks_absent(world: World) -> None:
    """SEC-171: neither the issuer's admin, nor Mallory, nor somebody without a session."""
    _, path = await withdrawn(world)
    absent = path.replace(path.split("/")[3], ABSENT)
    for email in ("ann@acme.example", "mallory@mallory.example", "oscar@northfield.example"):
        async with world.signed_in(email) as browser:
            token = await csrf(browser, "/console/new")
            for method in ("GET", "POST"):
                data = {"csrf": token, "text": "Mallory was here."} if method == "POST" else None
                theirs, none = [await browser.request(method, at, data=data) for at in (path, absent)]
                assert theirs.status_code == 404
                assert theirs.content == none.content
            assert (await browser.post(f"{path}/taken-back", data={"csrf": token})).status_code == 404
    assert (await world.http.post(path, data={"text": "x"})).status_code in (401, 303)
    assert await Reply.count() == 0


async def test_there_is_nothing_to_reply_to_before_a_withdrawal(sqlite_world: World) -> None:
    issued = await sqlite_world.issued(maya())
    async with sqlite_world.signed_in(MAYA) as browser:
        path = f"/account/credentials/{issued['uuid']}/reply"
        assert (await browser.get(path)).status_code == 404
        listed = (await browser.get("/account/credentials")).text
        assert "Market scan of recycled textiles" in listed
        assert path not in listed


async def test_the_issuer_cannot_take_a_reply_a_reason_or_a_withdrawal_away(world: World) -> None:
    """There is no door for it: every method at every address of the credential, as the issuer's admin."""
    issued, path = await withdrawn(world)
    async with world.signed_in(MAYA) as browser:
        await send(browser, path, text="I came every day.")
    before = await world.page(f"/v/{issued['code']}")
    async with world.signed_in("ann@acme.example") as browser:
        token = await csrf(browser, "/console/new")
        for at in (
            path,
            f"{path}/taken-back",
            f"/api/v1/credentials/{issued['uuid']}",
            f"/credentials/{issued['uuid']}",
        ):
            for method in ("DELETE", "PUT", "PATCH", "POST"):
                assert (await browser.request(method, at, data={"csrf": token})).status_code in (401, 404, 405)
    after = await world.page(f"/v/{issued['code']}")
    assert [line for line in after.splitlines() if "Checked by" not in line] == [
        line for line in before.splitlines() if "Checked by" not in line
    ]

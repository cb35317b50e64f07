"""The page of keys in the console: a viewer looks, an admin rotates, nothing secret is on it."""

from __future__ import annotations

import httpx

from tests import forms
from tests.issuers.test_keys import active, states
from tests.web.reading import Reader
from tests.world import World, another
from verify.issuers.tables import IssuerKey


async def send(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    """Send a form of the page, as its browser would."""
    page = Reader((await browser.get("/console/acme/keys")).text)
    csrf = next(e["value"] for tag, e in page.elements if tag == "input" and e.get("name") == "csrf")
    return await browser.post("/console/acme/keys", data={"csrf": csrf, **fields})


async def test_an_admin_makes_a_new_key_and_gives_it_up_again(world: World) -> None:
    old = await active()
    async with world.signed_in("ann@acme.example") as ann:
        assert (await send(ann, act="rotate", purpose="credentials", when="tomorrow")).status_code == 303
        page = Reader((await ann.get("/console/acme/keys")).text)
        assert "Published, signs from 24 Nov 2026, 10:00 UTC on" in page.text
        (waiting,) = set(await states()) - {old}
        again = await send(ann, act="rotate", purpose="credentials", when="now")
        assert again.status_code == 422
        assert "A new key waits already." in again.text
        assert (await send(ann, act="retire", key=waiting)).status_code == 303
        assert await states() == {old: "active", waiting: "retired"}
        assert (await send(ann, act="rotate", purpose="credentials", when="now")).status_code == 303
        assert (await states())[old] == "retiring"
    await world.issued(another())


async def test_a_viewer_sees_the_keys_and_no_form_and_nobody_sees_the_private_half(world: World) -> None:
    """SEC-210."""
    wrapped = [bytes(row["wrapped"]) for row in await IssuerKey.select(IssuerKey.wrapped)]
    async with world.signed_in("vic@acme.example") as vic:
        answer = await vic.get("/console/acme/keys")
        assert answer.status_code == 200
        page = Reader(answer.text)
        assert await active() in page.text
        assert not [tag for tag, _ in page.elements if tag == "form"]
        assert not any(secret.hex() in answer.text for secret in wrapped)
        assert "no-store" in answer.headers["cache-control"]
    async with world.signed_in("ann@acme.example") as ann:
        world.clock.move(minutes=16)
        late = await ann.get("/console/acme/keys")
        assert late.status_code == 200
        refused = await send(ann, act="rotate", purpose="status", when="now")
        assert (refused.status_code, refused.headers["location"].partition("?")[0]) == (303, "/sign-in")
    assert set((await states(purpose="status")).values()) == {"active"}


async def test_a_form_that_says_nothing_changes_nothing(world: World) -> None:
    before = await states()
    async with world.signed_in("ann@acme.example") as ann:
        webhooks, unknown = {"act": "rotate", "purpose": "webhooks"}, {"act": "retire", "key": "z6"}
        for fields in ({}, {"act": "destroy"}, webhooks, unknown):
            assert (await send(ann, **fields)).status_code in (404, 422)
    assert await states() == before


async def test_what_no_database_stores_is_refused_calmly(world: World) -> None:
    """NUL, which PostgreSQL takes for a fault of ours."""
    nul = "z6Mk\x00"
    new = dict.fromkeys(("name", "url", "slug", "key", "where", "domain"), nul)
    async with world.signed_in("ann@acme.example") as ann:
        for page, typed in (
            ("/console/acme/keys", {"act": "retire", "key": nul}),
            ("/console/acme/keys", {"act": "rotate", "purpose": nul}),
            ("/console/acme/keys/compromised", {"key": nul, "since": "2026-11-20T09:30"}),
            ("/console/acme/keys/compromised", {"key": "z6Mk", "since": nul}),
            ("/console/acme/domain", {"domain": f"acme{nul}.example"}),
            ("/console/new/own-key", new),
        ):
            answer = await forms.send(ann, page, **typed)
            assert answer.status_code == 400, (page, typed, answer.status_code)
        for path in ("/console/acme/trail?act=%00", "/console/new/own-key/%00", "/console/acme/keys/next/a%00"):
            assert (await ann.get(path)).status_code in (400, 404), path

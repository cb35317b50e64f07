"""The page of the console: adding, the secret shown once, deliveries with what went wrong, and the buttons."""

from __future__ import annotations

import re
from html import unescape

import httpx

from tests.client.loopback import answer
from tests.forms import send
from tests.platforms.receivers import OK, ORGANISATION, Partner

PAGE = f"/console/{ORGANISATION}/webhooks"
NORA = "nora@northfield.example"


async def added(nora: httpx.AsyncClient, url: str, **typed: str) -> tuple[str, str]:
    """Add one and return the address of its page, and its secret."""
    made = await send(nora, PAGE, url=url, **typed)
    assert made.status_code == 200, made.text
    (secret,) = re.findall(r"whsec_[\w+/=]+", unescape(made.text))
    (path,) = set(re.findall(rf"{PAGE}/whk_\w+", made.text))
    return path, secret


async def test_an_admin_adds_one_sees_the_secret_once_and_what_becomes_of_events(
    northfield_with_admin: Partner,
) -> None:
    northfield = northfield_with_admin
    async with northfield.world.signed_in(NORA) as nora:
        page, secret = await added(
            nora, northfield.outside.url("/hook", "hooks.northfield.example"), description="Office"
        )
        northfield.outside.server.script = [answer(500, b"<script>alert(1)</script>\x00\x1b[31m" + b"x" * 5000)]
        await northfield.issue()
        await northfield.settle()
        shown = (await nora.get(page)).text
        assert secret not in unescape(shown)
        assert "It answered 500." in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert "<script" not in shown
        assert "x" * 501 not in shown
        assert "Nothing was taken since 23 Nov 2026, 10:00 UTC" in shown
        (event,) = await northfield.events()
        northfield.outside.server.script = [OK]
        replayed = await send(nora, page, act="replay", event=event["id"])
        assert (replayed.status_code, replayed.headers["location"]) == (303, page)
        await northfield.settle()
        shown = (await nora.get(page)).text
        assert "<strong>Delivered</strong>" in shown
        assert "2 attempts" in shown
        assert "Nothing was taken" not in shown
        assert "There is none of this kind." in (await nora.get(f"{page}?show=dead")).text


async def test_all_the_buttons(northfield_with_admin: Partner) -> None:
    northfield = northfield_with_admin
    async with northfield.world.signed_in(NORA) as nora:
        page, secret = await added(nora, northfield.outside.url("/hook", "hooks.northfield.example"))
        rolled = unescape((await send(nora, page, act="roll")).text)
        assert secret not in rolled
        assert re.search(r"whsec_[\w+/=]+", rolled)
        assert "signs beside it until 24 Nov 2026, 10:00 UTC" in rolled
        assert (await send(nora, page, act="test")).status_code == 303
        await northfield.settle()
        assert [one["type"] for one in northfield.heard] == ["webhook.test"]
        await send(nora, page, act="off")
        off = (await nora.get(page)).text
        assert "Switched off on 23 Nov 2026, 10:00 UTC." in off
        assert "Send a test" not in off
        await send(nora, page, act="on")
        assert "Switched off" not in (await nora.get(page)).text
        assert (await send(nora, page, act="nothing")).status_code == 400
        removed = await send(nora, page, act="remove")
        assert removed.headers["location"] == PAGE
        assert (await nora.get(page)).status_code == 404


async def test_an_address_that_nothing_is_sent_to_is_refused_beside_its_field(northfield_with_admin: Partner) -> None:
    async with northfield_with_admin.world.signed_in(NORA) as nora:
        refused = await send(nora, PAGE, url="http://127.0.0.1/", description="Ours", **{"credential.issued": "on"})
        assert refused.status_code == 422
        assert "It does not begin with https://." in refused.text
        assert 'value="http://127.0.0.1/"' in refused.text
        assert refused.text.count(" checked") == 1


async def test_an_organisation_without_a_platform_is_told_so(northfield: Partner) -> None:
    async with northfield.world.signed_in("ann@acme.example") as ann:
        assert "has no platform here yet" in (await ann.get("/console/acme/webhooks")).text
    async with northfield.world.signed_in("vic@acme.example") as vic:
        assert (await vic.get("/console/acme/webhooks")).status_code == 404
        assert "Webhooks" not in (await vic.get("/console/acme")).text


async def test_older_deliveries_are_on_the_next_page(northfield_with_admin: Partner) -> None:
    northfield = northfield_with_admin
    hook = await northfield.hook()
    for _ in range(22):
        await northfield.issue()
    async with northfield.world.signed_in(NORA) as nora:
        first = (await nora.get(f"{PAGE}/{hook['id']}")).text
        assert first.count("credential.issued") == 20
        (older,) = re.findall(r'href="([^"]+)">Older', first)
        assert (await nora.get(unescape(older))).text.count("credential.issued") == 2

"""Where events are never sent, neither when an address is given nor at any single send (SEC-182)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.client.loopback import answer
from tests.client.test_fetching import INSIDE
from tests.cursors import WRONG_NUMBERS, forged
from tests.platforms.receivers import OK, Partner, partner
from tests.world import MALLORY_KEY, PUBLIC_URL, a_runtime, stage
from verify.outside.posting import Poster
from verify.platforms.webhook_addresses import require_address
from verify.runtime import Network

Resolve = Callable[[str, int], Awaitable[list[str]]]


def leads_to(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


def on_the_internet(northfield: Partner, resolve: Resolve) -> None:
    """From now on names lead where ``resolve`` says, and only public addresses are reached."""
    northfield.outside.network = replace(northfield.outside.network, resolve=resolve, allow_private=False)
    poster: Any = northfield.world.app.state.webhooks._poster
    poster._network = northfield.outside.network


@pytest.mark.parametrize(
    "url",
    [
        # SEC-097: https only
        *("http://hooks.northfield.example/", "ftp://hooks.northfield.example/", "file:///etc/passwd"),
        *(
            "gopher://hooks.northfield.example/",
            "javascript:alert(1)",
            "data:text/plain,x",
            "//hooks.northfield.example",
        ),
        # SEC-098: a name, a path, and nothing hidden in them
        *("https://user:pass@hooks.northfield.example/", "https://hooks.northfield.example@127.0.0.1/"),
        *("https://hooks.northfield.example\\@127.0.0.1/", "https://hooks.northfield.example/\u2028X: y"),
        *(
            "https://hooks.northfield.example/#x",
            " https://hooks.northfield.example/",
            "https://hooks.northfield.example /",
        ),
        *("https://hooks.northfield.example:0/", "https://hooks.northfield.example:65536/", "https://", ""),
        # SEC-094: no address in any notation
        *("https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/"),
        *("https://127.1/", "https://0/", "https://134744072/", "https://8.8.8.8/", "https://①②⑦.0.0.1/"),
        *("https://127。0。0。1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[2606:4700::1111]/"),
        # no public name
        *("https://localhost/", "https://intranet/", "https://hooks.northfield.example./", "https://-x.example/"),
        # SEC-103: ourselves
        f"{PUBLIC_URL}/api/v1/credentials",
        *(PUBLIC_URL.upper().replace("HTTPS", "https") + "/", "https://x.example/" + "x" * 500),
    ],
)
async def test_sec_094_097_098_103_182_addresses_that_nobody_can_register(
    northfield_on_sqlite: Partner, url: str
) -> None:
    refused = await northfield_on_sqlite.call("POST", "/webhooks", {"url": url}, key="k")
    assert (refused.status_code, refused.json()["code"]) == (422, "webhook-refused")
    assert [fault["field"] for fault in refused.json()["faults"]] == ["url"]
    assert northfield_on_sqlite.outside.asked == []
    assert (await northfield_on_sqlite.told("GET", "/webhooks"))["items"] == []


@pytest.mark.parametrize("address", INSIDE)
async def test_sec_093_182_a_name_that_leads_inside_cannot_be_registered(address: str) -> None:
    runtime = replace(a_runtime("sqlite:///never-opened.db"), network=Network(leads_to(address)))
    with pytest.raises(Exception, match="not on the public Internet"):
        await require_address(runtime, "https://hooks.northfield.example/")


@pytest.mark.parametrize("address", INSIDE)
async def test_sec_093_182_nor_is_anything_sent_there_when_it_comes_to_lead_inside_later(address: str) -> None:
    posted = await Poster(Network(leads_to(address)), loopback=False).post(
        "https://hooks.northfield.example/", {}, b"{}"
    )
    assert posted.status is None
    assert "not on the public Internet" in (posted.fault or "")


async def test_sec_095_182_a_name_that_changes_its_mind_reaches_nothing(northfield: Partner) -> None:
    """Registered while it led outside; at each send it is looked up anew, judged, and only that address is asked."""
    hook = await northfield.hook()
    on_the_internet(northfield, leads_to("169.254.169.254", "127.0.0.1", "::ffff:127.0.0.1"))
    await northfield.issue()
    await northfield.settle()
    (delivery,) = await northfield.deliveries(hook)
    assert delivery["state"] == "waiting"
    assert delivery["fault"].startswith("It was not sent: its host is not on the public Internet")
    assert northfield.outside.server.connections == 0


async def test_sec_095_182_the_address_that_was_judged_is_the_one_that_is_asked(northfield_on_sqlite: Partner) -> None:
    await northfield_on_sqlite.hook()
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def flipping(host: str, port: int) -> list[str]:
        return next(answers)  # a second look would lead elsewhere; a third would fail

    poster = Poster(replace(northfield_on_sqlite.outside.network, resolve=flipping), loopback=False)
    posted = await poster.post(northfield_on_sqlite.outside.url("/", "hooks.northfield.example"), {}, b"{}")
    assert (posted.status, posted.fault) == (200, None)
    assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to", ["https://slow.northfield.example/", "http://169.254.169.254/latest/meta-data/", "/hook"]
)
async def test_sec_096_182_no_redirect_is_followed(northfield_on_sqlite: Partner, status: int, to: str) -> None:
    outside = northfield_on_sqlite.outside
    outside.server.script = [answer(status, Location=to), OK]
    posted = await Poster(outside.network, loopback=False).post(outside.url("/", "hooks.northfield.example"), {}, b"{}")
    assert (posted.status, posted.fault) == (status, f"It answered {status}: redirects are not followed.")
    assert outside.server.connections == 1


async def test_sec_105_proxies_of_the_environment_are_not_used(
    northfield_on_sqlite: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    outside = northfield_on_sqlite.outside
    posted = await Poster(outside.network, loopback=False).post(outside.url("/", "hooks.northfield.example"), {}, b"{}")
    assert posted.status == 200


@pytest.mark.parametrize("trusted", [False, True])
async def test_sec_107_a_certificate_that_is_not_good_for_the_name_gets_nothing(
    northfield_on_sqlite: Partner, trusted: bool
) -> None:
    outside = northfield_on_sqlite.outside
    network = outside.network if trusted else replace(outside.network, authorities=None)
    name = "acme.example" if trusted else "hooks.northfield.example"
    posted = await Poster(network, loopback=False).post(outside.url("/", name), {}, b"{}")
    assert posted.fault == "Its TLS certificate is not valid."
    assert outside.server.received == []


async def test_sec_104_what_is_behind_a_port_sounds_like_nothing_in_particular(northfield_on_sqlite: Partner) -> None:
    outside = northfield_on_sqlite.outside
    posted = await Poster(outside.network, loopback=False).post("https://hooks.northfield.example:1/", {}, b"{}")
    assert posted.fault == "No connection could be made."


async def test_this_machine_is_reached_only_where_the_service_itself_is_on_localhost(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with partner(sqlite_url, tmp_path) as northfield:
        for url in ("http://localhost:3000/hook", "https://localhost:3000/hook", "http://127.0.0.1:3000/"):
            assert (await northfield.call("POST", "/webhooks", {"url": url}, key=url)).status_code == 422
    here = replace(a_runtime(sqlite_url, public_url="http://localhost:8000"), network=Network())
    async with stage(sqlite_url, public_url="http://localhost:8000", runtime=here) as world:
        local = Partner(world, None, None)  # type: ignore[arg-type]
        made = await local.call("POST", "/webhooks", {"url": "http://localhost:3000/hook"}, key="k")
        assert made.status_code == 201, made.text
        for url in (
            "http://localhost:8000/api/v1/webhooks",
            "http://127.0.0.1:8000/",
            "http://10.0.0.1/",
            "http://hooks.northfield.example/",
            "https://10.0.0.1/",
            "http://0.0.0.0:3000/",
        ):
            assert (await local.call("POST", "/webhooks", {"url": url}, key=url)).status_code == 422
        # A name for this machine that is not its own is still none.
        rebound = replace(here, network=Network(leads_to("127.0.0.1")))
        with pytest.raises(Exception, match="not on the public Internet"):
            await require_address(rebound, "https://hooks.northfield.example/")


async def test_sec_093_a_local_name_that_leads_elsewhere_is_not_followed() -> None:
    posted = await Poster(Network(leads_to("10.0.0.1", "93.184.216.34")), loopback=True).post(
        "http://localhost:3000/", {}, b"{}"
    )
    assert "not on the public Internet" in (posted.fault or "")


async def test_sec_185_an_event_holds_ids_and_nothing_that_a_person_wrote_or_is(northfield: Partner) -> None:
    await northfield.hook()
    uuid = await northfield.issue()
    await northfield.world.withdraw(uuid, "Maya Lindqvist was late.")
    await northfield.settle()
    said = b"".join(northfield.outside.server.received)
    assert b"Maya" not in said
    assert b"@" not in said
    assert [one["data"]["reason"] for one in northfield.heard] == [None, None]


async def test_sec_171_nobody_sees_or_touches_the_webhooks_and_events_of_others(northfield: Partner) -> None:
    hook = await northfield.hook()
    await northfield.issue()
    await northfield.settle()
    ((event,), path) = await northfield.events(), f"/webhooks/{hook['id']}"
    for method, place, body in (
        ("GET", path, None),
        ("PATCH", path, {"url": "https://mallory.example/"}),
        ("DELETE", path, None),
        ("POST", f"{path}/roll", None),
        ("POST", f"{path}/test", None),
        ("GET", f"{path}/deliveries", None),
        ("GET", f"/events/{event['id']}", None),
        ("POST", f"/events/{event['id']}/replay", None),
    ):
        theirs = await northfield.call(method, place, body, api_key=MALLORY_KEY, key="k")
        absent = await northfield.call(
            method, place.replace(hook["id"], "whk_x").replace(event["id"], "evt_x"), body, api_key=MALLORY_KEY, key="k"
        )
        assert theirs.status_code == absent.status_code == 404, (method, place)
        assert theirs.json()["detail"] == absent.json()["detail"]
    for place in ("/events", "/webhooks"):
        assert (await northfield.call("GET", place, api_key=MALLORY_KEY)).json()["items"] == []
    cursor = (await northfield.told("GET", "/events"))["cursor"]
    foreign = await northfield.call("GET", f"/events?after={cursor}", api_key=MALLORY_KEY)
    assert foreign.json()["faults"][0]["field"] == "after"
    for place in WRONG_NUMBERS:
        refused = await northfield.call("GET", f"/events?after={forged(cursor, place)}")
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (400, "after"), place

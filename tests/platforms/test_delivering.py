"""What a receiver can do to us: every event reaches it in the end, or lies ready to be sent again (SEC-184)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
from collections.abc import Callable

import pytest

from tests.client.loopback import Behaviour, Connection, answer
from tests.platforms.receivers import HOST, OK, OTHER, Partner
from tests.world import MALLORY_KEY, another
from verify.outside import posting
from verify.platforms.delivery_outcomes import PAUSES

ALL_PAUSES = sum(pause.total_seconds() for pause in PAUSES)


def signature(secret: str, event_id: str, at: str, body: bytes) -> str:
    """By the text of Standard Webhooks, without any code of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{event_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


async def test_an_event_arrives_signed_and_as_it_can_be_read(northfield: Partner) -> None:
    hook = await northfield.hook()
    uuid = await northfield.issue()
    await northfield.settle()
    server, (event,) = northfield.outside.server, await northfield.events()
    headers = server.headers()
    assert server.received[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert (headers["host"], headers["content-type"]) == (f"{HOST}:{server.port}", "application/json")
    assert headers["webhook-id"] == event["id"]
    assert headers["webhook-timestamp"] == str(int(northfield.clock().timestamp()))
    assert headers["webhook-signature"] == signature(
        hook["secret"], event["id"], headers["webhook-timestamp"], server.body()
    )
    assert northfield.heard == [event]
    assert (event["type"], event["mode"], event["issuer"]) == ("credential.issued", "live", "acme")
    assert event["data"]["uuid"] == uuid
    (delivery,) = await northfield.deliveries(hook)
    assert (delivery["event"], delivery["state"], delivery["fault"]) == (event["id"], "delivered", None)
    assert [(one["status"], one["answer"]) for one in delivery["attempts"]] == [(200, "thank you")]


async def test_a_receiver_that_is_down_for_an_hour_gets_everything_once_it_is_back(northfield: Partner) -> None:
    hook = await northfield.hook()
    northfield.outside.server.script = [lambda connection: None]  # closes without a word
    for _ in range(3):
        await northfield.issue()
    await northfield.settle()
    for minutes in (1, 5, 30, 24):  # an hour
        await northfield.settle(minutes=minutes)
    assert {one["state"] for one in await northfield.deliveries(hook)} == {"waiting"}
    northfield.outside.server.script = [OK]
    northfield.outside.server.received.clear()
    await northfield.settle(hours=3)
    assert sorted(one["id"] for one in northfield.heard) == sorted(one["id"] for one in await northfield.events())
    delivered = await northfield.deliveries(hook, "?state=delivered")
    assert all(len(one["attempts"]) >= 4 for one in delivered)
    assert (await northfield.told("GET", f"/webhooks/{hook['id']}"))["failing_since"] is None


def endless(connection: Connection) -> None:
    connection.say(b"HTTP/1.1 500 Oops\r\n\r\n")
    while True:
        connection.say(b"x" * 65536)


def endless_headers(connection: Connection) -> None:
    connection.say(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.say(b"X-More: " + b"x" * 8000 + b"\r\n")


def closes_midway(connection: Connection) -> None:
    connection.say(b"HTTP/1.1 20")


FAILURES: dict[str, tuple[Behaviour, str]] = {
    "500": (answer(500, b"<b>broken</b>"), "It answered 500."),
    "404": (answer(404), "It answered 404."),
    "redirect": (answer(302, Location=f"https://{OTHER}/"), "It answered 302: redirects are not followed."),
    "to-the-metadata": (
        answer(307, Location="http://169.254.169.254/latest/meta-data/"),
        "It answered 307: redirects are not followed.",
    ),
    "garbage": (b"SSH-2.0-OpenSSH\r\n", "It did not answer as a web server does, or closed"),
    "closing": (closes_midway, "It did not answer as a web server does, or closed"),
    "endless-headers": (endless_headers, "It did not answer as a web server does, or closed"),
    "endless-body": (endless, "It answered 500."),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_sec_096_101_184_what_fails_is_tried_again_and_given_up_in_the_end(
    northfield_on_sqlite: Partner, failure: str
) -> None:
    northfield = northfield_on_sqlite
    hook = await northfield.hook()
    behaviour, says = FAILURES[failure]
    northfield.outside.server.script = [behaviour]
    await northfield.issue()
    await northfield.settle()
    (delivery,) = await northfield.deliveries(hook)
    assert delivery["state"] == "waiting"
    assert delivery["fault"].startswith(says)
    assert all(len(one["answer"] or "") <= 500 for one in delivery["attempts"])
    for pause in PAUSES:
        await northfield.settle(seconds=1.2 * pause.total_seconds())
    (delivery,) = await northfield.deliveries(hook, "?state=dead")
    assert (len(delivery["attempts"]), delivery["next_attempt_at"]) == (10, None)
    assert northfield.outside.asked.count(OTHER) == 0
    # Replayed, it comes under its own id.
    northfield.outside.server.script = [OK]
    await northfield.told("PATCH", f"/webhooks/{hook['id']}", {"enabled": True})
    assert await northfield.told("POST", f"/events/{delivery['event']}/replay") == {
        "event": delivery["event"],
        "webhooks": [hook["id"]],
    }
    await northfield.settle()
    assert northfield.heard[-1]["id"] == delivery["event"]
    assert [one["state"] for one in await northfield.deliveries(hook)] == ["delivered"]


async def test_the_pauses_grow_over_three_days_with_a_little_chance_in_each(northfield: Partner) -> None:
    hook = await northfield.hook()
    northfield.outside.server.script = [answer(500)]
    await northfield.issue()
    await northfield.settle()
    began, pauses = northfield.clock(), []
    while (waiting := await northfield.deliveries(hook, "?state=waiting")) and waiting[0]["next_attempt_at"]:
        before = northfield.clock()
        northfield.clock.time = before.fromisoformat(waiting[0]["next_attempt_at"].replace("Z", "+00:00"))
        northfield.clock.move(seconds=1)  # the API tells whole seconds
        pauses.append((northfield.clock() - before).total_seconds())
        await northfield.settle()
    assert len(pauses) == len(PAUSES)
    for pause, planned in zip(pauses, PAUSES, strict=True):
        assert planned.total_seconds() <= pause <= 1.1 * planned.total_seconds() + 2
    assert 3 * 86400 < ALL_PAUSES <= (northfield.clock() - began).total_seconds() < 3.6 * 86400


async def test_sec_101_a_receiver_that_never_answers_is_left_after_its_seconds(
    northfield_on_sqlite: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    northfield = northfield_on_sqlite
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    hook = await northfield.hook()
    northfield.outside.server.script = [lambda connection: northfield.outside.server.over.wait(30)]  # type: ignore[list-item,return-value]
    await northfield.issue()
    await northfield.settle()
    (delivery,) = await northfield.deliveries(hook)
    assert delivery["fault"] == "It did not answer within 0.3 seconds."


async def test_sec_101_a_status_counts_although_the_rest_drips_or_never_ends(
    northfield_on_sqlite: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    northfield = northfield_on_sqlite
    monkeypatch.setattr(posting, "_ANSWER_SECONDS", 0.2)
    hook = await northfield.hook()

    def dripping(connection: Connection) -> None:
        connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        connection.drip(b"x" * 1_000_000)

    northfield.outside.server.script = [dripping]
    await northfield.issue()
    await northfield.settle()
    assert [one["state"] for one in await northfield.deliveries(hook)] == ["delivered"]


async def test_a_slow_receiver_holds_up_nobody_else(northfield: Partner) -> None:
    """Ten times as many events wait for the slow one as it is sent at once; the other gets all of its own meanwhile."""
    go_on = threading.Event()

    def slow(connection: Connection) -> None:
        go_on.wait(30)
        connection.say(OK)

    northfield.outside.server.pages = {"/slow": slow, "/hook": OK}
    hook, sluggish = await northfield.hook(), await northfield.hook("/slow", OTHER)
    for _ in range(12):
        await northfield.issue()
    try:
        while len(await northfield.deliveries(hook, "?state=delivered")) < 12:
            pass  # each look lets the worker go on
        assert await northfield.deliveries(sluggish, "?state=delivered") == []
        waiting = [one for one in northfield.outside.server.received if one.startswith(b"POST /slow")]
        assert len(waiting) <= 4
    finally:
        go_on.set()
    await northfield.settle()
    assert len(await northfield.deliveries(sluggish, "?state=delivered")) == 12


@pytest.mark.parametrize(("asked", "waits"), [("3600", 3600), ("999999", 86400), ("-1", 5), ("soon", 5), ("1", 5)])
async def test_a_receiver_may_ask_for_a_longer_pause(northfield_on_sqlite: Partner, asked: str, waits: int) -> None:
    northfield = northfield_on_sqlite
    hook = await northfield.hook()
    northfield.outside.server.script = [answer(503, Retry_After=asked), OK]
    await northfield.issue()
    await northfield.settle()
    await northfield.settle(seconds=waits - 1)
    assert [one["state"] for one in await northfield.deliveries(hook)] == ["waiting"]
    await northfield.settle(seconds=3)
    assert [one["state"] for one in await northfield.deliveries(hook)] == ["delivered"]


async def test_ten_receivers_that_never_answer_hold_up_no_other_platform(northfield: Partner) -> None:
    """Mallory has ten of them, and a hundred events on their way there; Northfield gets its own at once."""
    go_on = threading.Event()

    def silent(connection: Connection) -> None:
        go_on.wait(30)
        connection.say(OK)

    server = northfield.outside.server
    server.pages = {f"/{number}": silent for number in range(10)} | {"/hook": OK}
    for number in range(10):
        url = {"url": northfield.outside.url(f"/{number}", OTHER)}
        made = await northfield.call("POST", "/webhooks", url, api_key=MALLORY_KEY, key=f"{number}")
        assert made.status_code == 201
    for _ in range(10):
        await northfield.world.issued(another(issuer="mallory-inc"), api_key=MALLORY_KEY)
    hook = await northfield.hook()
    for _ in range(10):
        await northfield.issue()
    try:
        async with asyncio.timeout(12):
            while len(await northfield.deliveries(hook, "?state=delivered")) < 10:
                pass  # each look lets the worker go on
        assert len([one for one in server.received if not one.startswith(b"POST /hook")]) <= 8
    finally:
        go_on.set()
    await northfield.settle()


async def test_sec_183_both_secrets_sign_while_one_takes_over(northfield: Partner) -> None:
    hook = await northfield.hook()
    rolled = await northfield.told("POST", f"/webhooks/{hook['id']}/roll", {"overlap": 3600}, key="roll")
    server: Callable[[], str] = lambda: northfield.outside.server.headers()["webhook-signature"]  # noqa: E731

    async def signed_by() -> list[str]:
        await northfield.issue()
        await northfield.settle()
        headers, body = northfield.outside.server.headers(), northfield.outside.server.body()
        known = {
            signature(secret, headers["webhook-id"], headers["webhook-timestamp"], body): name
            for name, secret in (("old", hook["secret"]), ("new", rolled["secret"]))
        }
        return [known[one] for one in server().split(" ")]

    assert await signed_by() == ["new", "old"]
    northfield.clock.move(seconds=3599)
    assert await signed_by() == ["new", "old"]
    northfield.clock.move(seconds=1)
    assert await signed_by() == ["new"]

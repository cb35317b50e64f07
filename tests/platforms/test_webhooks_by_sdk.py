"""A partner with our SDK alone: registers, receives and checks, follows, replays; in Python and on the command line."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from pathlib import Path

import pytest

import refolio
from refolio import cli, webhook_command
from refolio.client.webhooks import parse
from tests.client.loopback import Loopback, answer
from tests.completions import another
from tests.platforms.receivers import OK, Partner
from tests.platforms.test_webhook_processes import receiver as receiver
from tests.serving import northfield as client_of
from tests.serving import serving
from tests.world import NORTHFIELD_KEY


async def test_what_the_service_sends_is_what_the_sdk_takes(northfield: Partner) -> None:
    client = northfield.world.northfield
    hook = await client.webhooks.add(northfield.outside.url("/hook", "hooks.northfield.example"), description="Office")
    assert hook.secret
    issued = await client.credentials.issue(refolio.completion_from(another()))
    await northfield.settle()
    server = northfield.outside.server
    event = parse(server.body(), server.headers(), hook.secret, now=northfield.clock())
    assert event.credential
    assert (event.type, event.credential.uuid) == ("credential.issued", issued.uuid)
    assert [one async for one in client.events.list()] == [event]
    assert await client.events.get(event) == event
    with pytest.raises(refolio.WebhookRefused):
        parse(server.body() + b" ", server.headers(), hook.secret, now=northfield.clock())


async def test_a_partner_keeps_webhooks_with_the_sdk(northfield: Partner) -> None:
    client = northfield.world.northfield
    url = northfield.outside.url("/hook", "hooks.northfield.example")
    hook = await client.webhooks.add(url, types=["credential.issued"], issuers=["acme"])
    assert [one.id async for one in client.webhooks.list()] == [hook.id]
    assert (await client.webhooks.change(hook, types=None)).types is None
    rolled = await client.webhooks.roll(hook, overlap=60)
    assert rolled.secret != hook.secret
    assert rolled.old_secret_until
    assert (await client.webhooks.get(hook)).secret is None
    northfield.outside.server.script = [answer(500), OK]
    tested = await client.webhooks.test(hook)
    await northfield.settle()
    (dead,) = [one async for one in client.webhooks.deliveries(hook, state="dead")]
    assert (dead.event, dead.attempts[0].status) == (tested.event, 500)
    assert (await client.events.replay(dead.event)).webhooks == [hook.id]
    await northfield.settle()
    assert [one.state async for one in client.webhooks.deliveries(hook)] == ["delivered"]
    assert (await client.webhooks.change(hook, enabled=False)).enabled is False
    with pytest.raises(refolio.Conflict, match="switched off"):
        await client.webhooks.test(hook)
    with pytest.raises(refolio.RequestRefused) as caught:
        await client.webhooks.add("https://10.0.0.1/")
    assert [fault.field for fault in caught.value.faults] == ["url"]
    await client.webhooks.remove(hook)
    await client.webhooks.remove(hook)
    for name in (hook.id, "whk_nothing"):
        with pytest.raises(refolio.errors.NotFound):
            await client.webhooks.get(name)
    with pytest.raises(refolio.RequestRefused, match="not the id of a webhook"):
        await client.webhooks.get("../credentials")


async def test_who_follows_sees_each_event_as_it_comes(northfield: Partner) -> None:
    client, seen = northfield.world.northfield, list[str]()
    start = await client.events.wait("latest", seconds=0)

    async def follow() -> None:
        async for event in client.events.follow(start.cursor):
            seen.append(str(event.data["uuid"]))
            if len(seen) == 5:
                return

    following = asyncio.create_task(follow())
    uuids = [await northfield.issue() for _ in range(5)]
    async with asyncio.timeout(20):
        await following
    assert seen == uuids


def run(address: str, *arguments: str) -> int:
    return cli.main([*arguments, "--url", address, "--api-key", NORTHFIELD_KEY])


def test_the_command_line_keeps_webhooks_and_listens(
    sqlite_url: str,
    tmp_path: Path,
    receiver: Loopback,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook_command, "PAUSE", 0)

    def said() -> str:
        return capsys.readouterr().out

    with serving(sqlite_url, tmp_path) as (address,), client_of(address) as client:
        assert run(address, "webhooks", "add", f"{receiver.url}/hook", "--type", "credential.issued") == 0
        (hook, secret) = re.findall(r"(?:whk|whsec)_\S+", said())
        assert run(address, "webhooks", "list", "--json") == 0
        (listed,) = json.loads(said())
        assert (listed["id"], listed["secret"]) == (hook, None)
        assert run(address, "webhooks", "test", hook) == 0
        assert run(address, "webhooks", "roll", hook, "--overlap", "60") == 0
        assert secret not in said()
        assert run(address, "webhooks", "add", "http://10.0.0.1/") == 1
        assert "url: " in capsys.readouterr().err

        issued = client.credentials.issue(refolio.completion_from(another()))
        while not any(one.state == "delivered" for one in client.webhooks.deliveries(hook)):
            pass
        assert run(address, "webhooks", "deliveries", hook) == 0
        assert "delivered" in said()
        event = next(one for one in client.events.list() if one.type == "credential.issued")
        assert run(address, "webhooks", "replay", event.id) == 0
        assert f"{event.id} is on its way to {hook}." in said()
        assert run(address, "webhooks", "replay", hook) == 0

        receiver.received.clear()
        local = "whsec_" + "QUJD" * 8
        assert run(address, "webhooks", "remove", hook) == 0
        start = client.events.wait("latest", seconds=0).cursor
        issuing = threading.Thread(target=client.credentials.issue, args=(refolio.completion_from(another()),))
        issuing.start()
        listening = [
            "listen",
            "--after",
            start,
            "--most",
            "1",
            "--forward-to",
            f"{receiver.url}/here",
            "--secret",
            local,
        ]
        said()
        assert run(address, *listening, "--json") == 0
        issuing.join()
        out, errors = capsys.readouterr()
        assert local not in errors, "it is the partner's own, and stays with her"
        told = json.loads(out)
        assert told["type"] == "credential.issued"
        assert receiver.received[-1].startswith(b"POST /here ")
        assert parse(receiver.body(), receiver.headers(), local).id == told["id"]
        assert run(address, "listen", "--after", start, "--most", "1") == 0
        assert "credential.issued" in said()
        said()
        for where in ("nowhere", "http://[", "http://localhost:99999/"):
            assert run(address, "listen", "--forward-to", where, "--most", "1") == 1
        assert run(address, "listen", "--forward-to", receiver.url, "--secret", "foo", "--most", "1") == 1
        assert "whsec_" in capsys.readouterr().err
        assert issued.state == "current"

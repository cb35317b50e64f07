"""Several processes send, and one of them dies: nothing is lost, and nothing is sent by two at once.

SEC-186, SEC-193.
"""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.client.loopback import Connection, Loopback
from tests.live_demo import REPOSITORY
from tests.platforms.dying import LOCALHOST, STEPS
from tests.platforms.receivers import OK
from tests.serving import serving
from tests.world import NORTHFIELD_KEY, another, stage

AUTHORISED = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}


@pytest.fixture
def receiver() -> Iterator[Loopback]:
    """A receiver on this machine, without TLS: what a developer has."""
    with Loopback() as server:
        server.script = [OK]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def received(server: Loopback) -> list[str]:
    """The ids of what it was sent, in order."""
    return [server.headers(number)["webhook-id"] for number in range(len(server.received))]


@pytest.mark.parametrize("step", STEPS)
async def test_who_dies_at_any_step_leaves_an_event_that_is_sent_under_its_one_id(
    step: str, database_url: str, receiver: Loopback
) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.platforms.dying", step, database_url, f"{receiver.url}/hook"]
    process = await asyncio.to_thread(subprocess.run, command, cwd=REPOSITORY, capture_output=True, timeout=60)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    before = len(receiver.received)
    assert before == (step == "before-it-is-noted")
    async with stage(database_url, public_url=LOCALHOST) as world:
        if step != "before-the-event-is-written":
            await world.app.state.webhooks.settled()
            assert len(receiver.received) == before, "the dead one's lease has not ended"
            world.clock.move(minutes=2)
        await world.app.state.webhooks.settled()
        events = (await world.http.get("/api/v1/events", headers=AUTHORISED)).json()["items"]
        (hook,) = (await world.http.get("/api/v1/webhooks", headers=AUTHORISED)).json()["items"]
        listed = await world.http.get(f"/api/v1/webhooks/{hook['id']}/deliveries", headers=AUTHORISED)
    assert received(receiver) == [event["id"] for event in events] * (before + 1)
    assert [delivery["state"] for delivery in listed.json()["items"]] == ["delivered"]


def test_two_processes_share_the_work_and_never_send_the_same_at_once(
    database_url: str, tmp_path: Path, receiver: Loopback
) -> None:
    """Sixty events: each arrives once, and no id is ever under way twice."""
    under_way, twice, lock = Counter[str](), set[str](), threading.Lock()
    everybody = threading.Barrier(2, timeout=0.2)

    def answered(connection: Connection) -> None:
        with lock:
            event = re.findall(r"webhook-id: (\S+)", connection.head.decode())[0]
            under_way[event] += 1
            if under_way[event] > 1:
                twice.add(event)
        try:
            everybody.wait()  # as often as it comes to pass, two are held at the same moment
        except threading.BrokenBarrierError:
            everybody.reset()
        with lock:
            under_way[event] -= 1
        connection.say(OK)

    receiver.script = [answered]

    async def issue_everywhere(addresses: list[str]) -> list[str]:
        async with httpx.AsyncClient(trust_env=False, timeout=60, headers=AUTHORISED) as http:
            hook = await http.post(
                f"{addresses[0]}/api/v1/webhooks",
                json={"url": f"{receiver.url}/hook"},
                headers={"Idempotency-Key": "k"},
            )
            assert hook.status_code == 201, hook.text
            headers = {"Content-Type": "application/json"}
            await asyncio.gather(
                *(
                    http.post(
                        f"{addresses[number % 2]}/api/v1/credentials",
                        content=msgspec.json.encode(another()),
                        headers={**headers, "Idempotency-Key": f"{number}"},
                    )
                    for number in range(60)
                )
            )
            path = f"/api/v1/webhooks/{hook.json()['id']}/deliveries?limit=100&state="
            while (await http.get(f"{addresses[0]}{path}waiting")).json()["items"]:
                pass
            return [one["event"] for one in (await http.get(f"{addresses[1]}{path}delivered")).json()["items"]]

    with serving(database_url, tmp_path, processes=2) as addresses:
        delivered = asyncio.run(issue_everywhere(addresses))
    assert len(delivered) == 60
    assert sorted(received(receiver)) == sorted(delivered)
    assert not twice

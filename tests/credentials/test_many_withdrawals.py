"""Many withdrawals at once on real servers, with issuing going on and a kill -9 in the middle (SEC-089, SEC-193).

None is lost, no bit is ever cleared, and all are to be seen everywhere within a minute.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

import refolio
from refolio.credential.model import completion_from
from refolio.credential.status_list import decode, is_set
from tests.live_demo import free_port
from tests.serving import Mortal, settings_of
from tests.world import BROWSER, NORTHFIELD_KEY, PUBLIC_URL, another

T = TypeVar("T")

AT_ONCE = 48  # open requests
PATIENCE = 90.0  # seconds that a partner goes on asking while a server is away
VISIBLE = 60.0


async def insist(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer, as a partner does whose server is being started again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await ask()
        except (refolio.Unavailable, httpx.TransportError):
            if time.monotonic() > deadline:
                raise


async def bounded(tasks: list[Coroutine[Any, Any, T]]) -> list[T]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(task: Coroutine[Any, Any, T]) -> T:
        async with turns:
            return await task

    return await asyncio.gather(*map(one, tasks))


async def storm(servers: list[Mortal], number: int) -> dict[str, float]:
    """Issue ``number`` credentials, withdraw them all while others are issued and a server dies; return the times."""
    times: dict[str, float] = {}
    limits = httpx.Limits(max_connections=AT_ONCE + 4)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as http:
        clients = [refolio.AsyncClient(NORTHFIELD_KEY, server.address, http) for server in servers]

        async def issue(n: int) -> refolio.IssuedCredential:
            completion = completion_from(another())
            return await insist(lambda: clients[n % len(clients)].credentials.issue(completion))

        began = time.monotonic()
        issued = await bounded([issue(n) for n in range(number)])
        times["issued"] = time.monotonic() - began
        documents = await bounded([clients[0].credentials.document(one) for one in issued])
        entries = [place_of(document) for document in documents]
        index_of = {one.uuid: index for one, (_, index) in zip(issued, entries, strict=True)}
        (address,) = {entry[0] for entry in entries}
        listed = f"/status/{address.rpartition('/')[2]}"

        acknowledged: list[str] = []
        delays: list[float] = []
        half, over = asyncio.Event(), asyncio.Event()

        async def look(n: int, one: refolio.IssuedCredential, server: Mortal, listed: str) -> None:
            """It is to be seen in the list, by the SDK, in the status and on the page; the very first time we look."""
            bits = decode((await http.get(server.address + listed)).json()["credentialSubject"]["encodedList"])
            assert is_set(bits, index_of[one.uuid])
            client = clients[servers.index(server)]
            assert (await client.credentials.get(one)).reason == f"Number {n}."
            status = (await http.get(f"{server.address}/credentials/{one.uuid}/status")).json()
            assert (status["state"], status["kind"]) == ("withdrawn", "duplicate")
            page = (await http.get(f"{server.address}/v/{one.code}", headers=BROWSER)).text
            assert "Genuine, withdrawn by the issuer" in page
            assert f"Number {n}." in page

        async def withdraw(n: int, one: refolio.IssuedCredential) -> None:
            client = clients[n % len(clients)]
            await insist(lambda: client.credentials.withdraw(one, f"Number {n}.", kind="duplicate"))
            acknowledged.append(one.uuid)
            if len(acknowledged) >= number // 2:
                half.set()
            if n % 10 == 0:  # at the other server, if there is one
                answered = time.monotonic()
                await insist(lambda: look(n, one, servers[(n // 10 + n + 1) % len(servers)], listed))
                delays.append(time.monotonic() - answered)

        async def die() -> None:
            await half.wait()
            await asyncio.to_thread(servers[0].kill)
            times["acknowledged before the kill"] = len(acknowledged)
            await asyncio.to_thread(servers[0].start)

        seen = [0]

        async def watch() -> None:
            while not over.is_set():
                answer = await insist(lambda: http.get(servers[-1].address + listed))
                now = int.from_bytes(decode(answer.json()["credentialSubject"]["encodedList"]))
                assert not seen[-1] & ~now, "a bit was cleared"
                seen.append(now)

        began = time.monotonic()
        watching, dying = asyncio.create_task(watch()), asyncio.create_task(die())
        storm = [
            work for n, one in enumerate(issued) for work in (withdraw(n, one), *([issue(n)] if n % 4 == 0 else []))
        ]
        during = [result for result in await bounded(storm) if result is not None]
        times["withdrawn"] = time.monotonic() - began
        await dying
        over.set()
        await watching
        times["different lists seen"] = len(set(seen)) - 1

        began = time.monotonic()
        answer = await http.get(servers[0].address + listed)
        bits = decode(answer.json()["credentialSubject"]["encodedList"])
        assert all(is_set(bits, index) for _, index in entries)
        assert sum(byte.bit_count() for byte in bits) == number, "nobody else was withdrawn with them"

        async def look_again(n: int, one: refolio.IssuedCredential) -> None:
            await insist(lambda: look(n, one, servers[n % len(servers)], listed))

        await bounded([look_again(n, one) for n, one in enumerate(issued)])
        times["seconds to look at all of them everywhere"] = time.monotonic() - began
        times["longest seconds from an answer to seeing it everywhere"] = max(delays)
        assert max(delays) < VISIBLE
        states = {(await clients[0].credentials.get(one)).state for one in during}
        assert states == {"current"}
        indexes = [place_of(await clients[0].credentials.document(one)) for one in during]
        assert len({*entries, *indexes}) == number + len(during)
    return times


def place_of(document: bytes) -> tuple[str, int]:
    """The status list of a credential, and its index there."""
    status = json.loads(document)["credentialStatus"]
    return str(status["statusListCredential"]), int(status["statusListIndex"])


def weather(database_url: str, folder: Path, number: int) -> dict[str, float]:
    """One server on SQLite, two on PostgreSQL; the first of them dies."""
    servers = [
        Mortal(settings_of(database_url, folder, free_port(), PUBLIC_URL))
        for _ in range(1 if database_url.startswith("sqlite") else 2)
    ]
    for server in servers:
        server.start()
    try:
        return asyncio.run(storm(servers, number))
    finally:
        for server in servers:
            server.kill()


def test_sec_089_sixty_withdrawals_at_once_survive_a_kill(database_url: str, tmp_path: Path) -> None:
    times = weather(database_url, tmp_path, 60)
    print(f"\n60 withdrawals: {times}")  # noqa: T201


@pytest.mark.drill
def test_sec_089_a_thousand_withdrawals_at_once_survive_a_kill(database_url: str, tmp_path: Path) -> None:
    times = weather(database_url, tmp_path, 1_000)
    print(f"\n1,000 withdrawals: {times}")  # noqa: T201

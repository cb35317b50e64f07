"""One caller cannot take the service from the others: so many requests in a span, by key, and by address without."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

import refolio
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, PUBLIC_URL, Clock, World, a_runtime, stage
from verify.database import tx
from verify.people.tables import Allowance
from verify.platforms.limiting import Limiter
from verify.platforms.tables import ApiKey
from verify.settings import Rate

ABSENT = "/api/v1/credentials/00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def limited(database_url: str) -> AsyncIterator[World]:
    """Five requests in ten seconds for a key, three for an address."""
    clock = Clock()
    runtime = a_runtime(database_url, now=clock)
    settings = replace(runtime.settings, rate_per_key=Rate(5, 10), rate_per_address=Rate(3, 10))
    async with stage(database_url, runtime=replace(runtime, settings=settings)) as world:
        world.clock = clock
        yield world


async def ask(
    world: World, key: str | None = None, *, address: str = "203.0.113.7", path: str = ABSENT, **headers: str
) -> httpx.Response:
    transport = httpx.ASGITransport(app=world.app, client=(address, 1))  # type: ignore[arg-type]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
        return await http.get(path, headers={**({"Authorization": f"Bearer {key}"} if key else {}), **named})


async def statuses(world: World, number: int, key: str | None = None, **arguments: Any) -> list[int]:
    return [(await ask(world, key, **arguments)).status_code for _ in range(number)]


async def test_beyond_the_limit_it_says_when_to_come_back(limited: World) -> None:
    limited.clock.move(seconds=3)
    first = await ask(limited, NORTHFIELD_KEY)
    assert first.headers["ratelimit-policy"] == '"key";q=5;w=10'
    assert first.headers["ratelimit"] == '"key";r=4;t=7'
    assert await statuses(limited, 4, NORTHFIELD_KEY) == [404] * 4
    over = await ask(limited, NORTHFIELD_KEY)
    assert (over.status_code, over.json()["code"]) == (429, "rate-limited")
    assert (over.headers["retry-after"], over.headers["ratelimit"]) == ("7", '"key";r=0;t=7')
    assert over.headers["content-type"] == "application/problem+json"
    limited.clock.move(seconds=7)
    assert (await ask(limited, NORTHFIELD_KEY)).headers["ratelimit"] == '"key";r=4;t=10'


async def test_one_caller_does_not_use_up_what_others_have(limited: World) -> None:
    assert await statuses(limited, 6, NORTHFIELD_KEY) == [404] * 5 + [429]
    assert await statuses(limited, 1, MALLORY_KEY) == [404]
    assert await statuses(limited, 4) == [401] * 3 + [429]
    assert await statuses(limited, 1, address="203.0.113.8") == [401]


async def test_sec_212_inventing_keys_or_addresses_gains_nothing(limited: World) -> None:
    invented = [(await ask(limited, f"rf_live_{number:032}")).status_code for number in range(4)]
    assert invented == [401] * 3 + [429]
    forwarded = await ask(
        limited, X_Forwarded_For="198.51.100.1", Forwarded="for=198.51.100.1", X_Real_IP="198.51.100.1"
    )
    assert forwarded.status_code == 429
    in_one_network = [(await ask(limited, address=f"2001:db8:1:2::{number}")).status_code for number in range(1, 5)]
    assert in_one_network == [401] * 3 + [429]
    assert await statuses(limited, 1, address="2001:db8:1:3::1") == [401]


async def test_sec_212_a_revoked_key_counts_for_its_address(limited: World) -> None:
    async with tx():
        await ApiKey.update({ApiKey.revoked_at: limited.clock()}).where(ApiKey.platform == "mallory")
    assert await statuses(limited, 4, MALLORY_KEY) == [401] * 3 + [429]


async def test_sec_213_verifying_is_counted_and_pages_are_not(limited: World) -> None:
    for _ in range(3):
        answer = await limited.http.post("/credentials/verify", json={})
        assert (answer.status_code, answer.headers["ratelimit-policy"]) == (400, '"address";q=3;w=10')
    assert (await limited.http.post("/credentials/verify", json={})).status_code == 429
    page = await limited.http.get("/")
    assert (page.status_code, "ratelimit" in page.headers) == (200, False)


async def test_the_sdk_waits_as_long_as_it_is_told(limited: World) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        limited.clock.move(seconds=seconds)

    async with refolio.AsyncClient(NORTHFIELD_KEY, http=limited.http, sleep=sleep) as client:
        for _ in range(12):
            assert [one.slug async for one in client.issuers.list()] == ["acme", "brightline"]
    assert len(waited) == 2
    assert all(10 <= pause <= 11 for pause in waited)

    impatient = refolio.AsyncClient(NORTHFIELD_KEY, http=limited.http, attempts=1)
    await statuses(limited, 5, NORTHFIELD_KEY)
    with pytest.raises(refolio.RateLimited) as caught:
        await impatient.issuers.get("acme")
    assert caught.value.retry_after
    assert 0 < caught.value.retry_after <= 10


async def test_processes_count_together_and_write_seldom(world: World) -> None:
    clock = Clock()
    settings = replace(world.runtime.settings, rate_per_key=Rate(200, 10), rate_per_address=Rate(200, 10))
    runtime = replace(world.runtime, settings=settings, now=clock)
    processes = [Limiter(runtime) for _ in range(4)]
    for process in processes:
        for _ in range(9):  # below a twentieth
            assert await process.charge(f"Bearer {NORTHFIELD_KEY}", "203.0.113.7")
    assert await Allowance.count() == 0
    let_through = 4 * 9
    for number in range(400):
        left = await processes[number % 4].charge(f"Bearer {NORTHFIELD_KEY}", "203.0.113.7")
        assert left
        let_through += not left.is_over
    assert 200 <= let_through <= 200 + 4 * 10
    (row,) = await Allowance.select()
    assert row["spent"] <= let_through
    clock.move(seconds=30)
    for _ in range(10):
        await processes[0].charge(None, "203.0.113.7")
    assert [one["spent"] for one in await Allowance.select()] == [10], "what counts no more is not kept"


async def test_without_an_address_nobody_shares_a_limit(limited: World) -> None:
    transport = httpx.ASGITransport(app=limited.app, client=None)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
        assert {(await http.get(ABSENT)).status_code for _ in range(6)} == {401}


async def test_limits_can_be_switched_off(sqlite_url: str) -> None:
    runtime = a_runtime(sqlite_url)
    settings = replace(runtime.settings, rate_per_key=None, rate_per_address=None)
    async with stage(sqlite_url, runtime=replace(runtime, settings=settings)) as world:
        answers = [await ask(world) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    assert "ratelimit" not in answers[0].headers

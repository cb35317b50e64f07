"""Many requests of one asynchronous client at once."""

from __future__ import annotations

import asyncio

import httpx

from refolio import AsyncClient
from refolio.client.requests import CONNECTIONS
from tests.client.conftest import KEY, UUID

ASKED = 3 * CONNECTIONS


async def test_requests_beyond_the_connections_wait_for_their_turn(issued: dict[str, object]) -> None:
    """Inside of httpx each that waits costs all others time, and is taken for a service that does not answer."""
    under_way, most = 0, 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(5):
            await asyncio.sleep(0)  # so that all who may come are there
        under_way -= 1
        return httpx.Response(200, json=issued)

    async with httpx.AsyncClient(base_url="http://loopback", transport=httpx.MockTransport(answer)) as http:
        client = AsyncClient(KEY, http=http)
        got = await asyncio.gather(*(client.credentials.get(UUID) for _ in range(ASKED)))
    assert (len(got), most) == (ASKED, CONNECTIONS)

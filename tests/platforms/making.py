"""Keys for tests: of Northfield unless it is said otherwise."""

from __future__ import annotations

from typing import Any

import httpx

import refolio
from tests.world import World
from verify.http.access import Mode
from verify.platforms import keying


async def a_key(world: World, platform: str = "northfield", mode: Mode = Mode.LIVE, **wanted: Any) -> str:
    """A new key; arguments as ``keying.Wanted``."""
    return await keying.new_api_key(world.runtime, platform, keying.Wanted(mode=mode, **wanted))


async def a_test_key(world: World, platform: str = "northfield", **wanted: Any) -> str:
    return await a_key(world, platform, Mode.TEST, **wanted)


def client(world: World, key: str) -> refolio.AsyncClient:
    """The SDK's client with this key."""
    return refolio.AsyncClient(key, http=world.http, now=world.clock)


async def show(world: World, key: str, *, address: str | None = None, **headers: str) -> httpx.Response:
    """``GET /api/v1/key``, from an address if one is given."""
    headers = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if address is None:
        return await world.http.get("/api/v1/key", headers=headers)
    transport = httpx.ASGITransport(app=world.app, client=(address, 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=world.runtime.settings.public_url) as http:
        return await http.get("/api/v1/key", headers=headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem document."""
    return answer.status_code, answer.json()["code"]

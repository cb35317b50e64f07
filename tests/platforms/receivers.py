"""A partner that receives webhooks: a server of its own, real TLS, and the service beside it with time in our hands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from refolio.credential.model import Intern
from tests.client.loopback import answer
from tests.outside.strangers import Strangers, strangers
from tests.world import NORTHFIELD_KEY, Clock, World, a_runtime, another, stage
from verify.database import tx
from verify.http.access import OPERATOR, Role
from verify.issuers import members
from verify.issuers.registering import register
from verify.people.recognising import recognise
from verify.platforms import admitting

HOST = "hooks.northfield.example"
ORGANISATION = "northfield-careers"
OTHER = "slow.northfield.example"
OK = answer(200, b"thank you")


@dataclass
class Partner:
    """Northfield, which calls the API with its key and listens at ``https://hooks.northfield.example:…``."""

    world: World
    outside: Strangers
    clock: Clock

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        api_key: str = NORTHFIELD_KEY,
        key: str = "",
    ) -> httpx.Response:
        """Ask the API for ``path`` (behind ``/api/v1``)."""
        headers = {"Authorization": f"Bearer {api_key}"} | ({"Idempotency-Key": key} if key else {})
        return await self.world.http.request(method, f"/api/v1{path}", json=body, headers=headers)

    async def told(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Any:
        """The same, and it must work."""
        answered = await self.call(method, path, body, key=key)
        assert answered.status_code < 300, answered.text
        return answered.json() if answered.content else None

    async def hook(self, path: str = "/hook", host: str = HOST, **members: Any) -> dict[str, Any]:
        """Register a webhook."""
        url = self.outside.url(path, host)
        made: dict[str, Any] = await self.told(
            "POST", "/webhooks", {"url": url, **members}, key=f"hook {url}".replace(" ", "-")
        )
        return made

    async def issue(self, issuer: str = "acme") -> str:
        """Issue a credential and return its UUID."""
        return str((await self.world.issued(another(issuer=issuer)))["uuid"])

    async def settle(self, **later: float) -> None:
        """Let the time move on, and everything be sent that is due then."""
        self.clock.move(**later)
        await self.world.app.state.webhooks.settled()

    async def deliveries(self, hook: Mapping[str, Any], query: str = "") -> list[dict[str, Any]]:
        """What became of its deliveries, the newest first."""
        found: list[dict[str, Any]] = (await self.told("GET", f"/webhooks/{hook['id']}/deliveries{query}"))["items"]
        return found

    async def events(self, query: str = "") -> list[dict[str, Any]]:
        """Northfield's events, the oldest first."""
        found: list[dict[str, Any]] = (await self.told("GET", f"/events{query}"))["items"]
        return found

    @property
    def heard(self) -> list[dict[str, Any]]:
        """The events that reached the server, in the order in which they did."""
        return [json.loads(self.outside.server.body(number)) for number in range(len(self.outside.server.received))]


@asynccontextmanager
async def partner(database_url: str, folder: Path) -> AsyncIterator[Partner]:
    """The service and the partner's server, until the block ends. The server takes whatever comes."""
    clock = Clock()
    with strangers(folder, (HOST, OTHER)) as outside:
        outside.server.script = [OK]
        runtime = replace(a_runtime(database_url, now=clock, data=folder), network=outside.network)
        async with stage(database_url, runtime=runtime) as world:
            yield Partner(world, outside, clock)


async def with_admin(northfield: Partner) -> None:
    """Northfield is an organisation here too, Northfield Careers, which looks after the platform; Nora is its admin."""
    runtime = northfield.world.runtime
    await register(runtime, ORGANISATION, "Northfield Careers Service")
    await admitting.belong_to(runtime, "northfield", ORGANISATION)
    async with tx():
        nora = await recognise(runtime, Intern(name="Nora", email="nora@northfield.example"))
    await members.add(runtime, OPERATOR, ORGANISATION, nora, Role.ADMIN)

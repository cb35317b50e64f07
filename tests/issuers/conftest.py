"""The Internet around the service: a name server and a web server of our own, under any names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.client.loopback import Loopback
from tests.outside.name_server import NameServer, name_server
from tests.outside.strangers import Strangers, strangers
from tests.world import Clock, World, a_runtime, stage
from verify.http.access import OPERATOR
from verify.issuers import domains
from verify.issuers.domains import Domain
from verify.issuers.proofs import Evidence
from verify.issuers.rechecking import recheck

DOMAINS = ("acme.example", "mallory.example", "acrne.example", "brightline.example", "xn--cme-5cd.example")


@dataclass
class Internet:
    """The service with an Internet around it. ``clock`` is the service's."""

    world: World
    clock: Clock
    dns: NameServer
    web: Loopback

    async def ask(self, slug: str, domain: str) -> Domain:
        """Ask for a challenge, and return the proof that is now under way."""
        await domains.ask(self.world.runtime, OPERATOR, slug, domain)
        return await self.proof(slug, domain)

    async def proof(self, slug: str, domain: str) -> Domain:
        """The newest proof of the issuer for the domain, ended or not."""
        found = [one for one in await domains.history(slug) if one.domain == domain]
        return max(found, key=lambda one: one.asked_at)

    async def check(self, slug: str, domain: str) -> Evidence:
        """Check now, when what was fetched a minute ago is forgotten."""
        self.clock.move(minutes=2)
        proof = await self.proof(slug, domain)
        evidence = await domains.check(self.world.runtime, self.world.app.state.fetcher, OPERATOR, slug, proof.id)
        assert evidence
        return evidence

    async def recheck(self, **by: float) -> list[tuple[str, str, str | None]]:
        """Let time pass, and let the schedule do its work."""
        self.clock.move(**by)
        return await recheck(self.world.runtime, self.world.app.state.fetcher)

    def publish(self, proof: Domain) -> None:
        """Put the line into the domain's text record."""
        self.dns.records[proof.wanted.record_name] = [proof.wanted.line]

    async def prove(self, slug: str, domain: str) -> Domain:
        """All of it: ask, publish as text record, check."""
        self.publish(await self.ask(slug, domain))
        assert (await self.check(slug, domain)).method == "dns"
        return await self.proof(slug, domain)


@asynccontextmanager
async def internet_of(database_url: str, folder: Path) -> AsyncIterator[Internet]:
    """Until the block ends."""
    with strangers(folder, DOMAINS) as others, name_server() as server:
        clock = Clock()
        network = replace(others.network, name_servers=(server.address,))
        runtime = replace(a_runtime(database_url, now=clock), network=network)
        async with stage(database_url, runtime=runtime) as world:
            world.clock = clock
            yield Internet(world, clock, server, others.server)


@pytest.fixture
async def internet(database_url: str, tmp_path: Path) -> AsyncIterator[Internet]:
    """On SQLite and on PostgreSQL."""
    async with internet_of(database_url, tmp_path) as internet:
        yield internet


@pytest.fixture
async def sqlite_internet(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Internet]:
    """For what no database has a say in."""
    async with internet_of(sqlite_url, tmp_path) as internet:
        yield internet


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Strangers]:
    """The web hosts of issuers that have their keys on domains of their own."""
    with strangers(tmp_path, ("issuer.example", "brightpath.example")) as others:
        yield others


@pytest.fixture
async def connected(sqlite_url: str, outside: Strangers) -> AsyncIterator[World]:
    """The service with a way out to ``outside``."""
    clock = Clock()
    runtime = replace(a_runtime(sqlite_url, now=clock), network=outside.network)
    async with stage(sqlite_url, runtime=runtime) as world:
        world.clock = clock
        yield world

"""Text records from real name servers on this machine: who is believed, and what is not followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from refolio.credential.verification import Unfetched
from tests.outside.name_server import NameServer, name_server
from verify.outside.resolving import text_records
from verify.runtime import Network

NAME = "_refolio.acme.example"


@pytest.fixture
def servers() -> Iterator[list[NameServer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(name_server()) for _ in range(3)]


def network(*servers: NameServer) -> Network:
    return Network(name_servers=tuple(server.address for server in servers))


async def test_long_records_are_put_together_and_a_missing_name_has_none(servers: list[NameServer]) -> None:
    servers[0].records[NAME] = ["x" * 700, "refolio-issuer=did:web:a"]
    assert sorted(await text_records(network(servers[0]), NAME)) == ["refolio-issuer=did:web:a", "x" * 700]  # type: ignore[arg-type]
    assert await text_records(network(servers[0]), "nothing.acme.example") == []


async def test_sec_173_one_name_server_of_three_makes_nobody_believe_anything(servers: list[NameServer]) -> None:
    """Multi-perspective validation: more than half of the name servers must give the record."""
    servers[0].records[NAME] = ["forged"]
    assert await text_records(network(*servers), NAME) == []
    servers[1].records[NAME] = ["forged"]
    assert await text_records(network(*servers), NAME) == ["forged"]
    assert await text_records(network(servers[0], servers[2]), NAME) == []


async def test_name_servers_that_fail_are_no_answer(servers: list[NameServer]) -> None:
    servers[0].records[NAME] = ["there"]
    servers[1].broken = servers[2].broken = True
    assert await text_records(network(*servers), NAME) == Unfetched("the name servers did not answer.")
    servers[1].broken, servers[1].records[NAME] = False, ["there"]
    assert await text_records(network(*servers), NAME) == ["there"]


async def test_sec_175_an_alias_to_another_name_is_not_followed(servers: list[NameServer]) -> None:
    servers[0].records["page.host.example"] = ["refolio-issuer=did:web:mallory"]
    servers[0].aliases[NAME] = "page.host.example"
    answer = await text_records(network(servers[0]), NAME)
    assert answer == Unfetched("it is an alias of another name, which is not followed.")

"""Many retries of one request at once, through a network that loses most of it: one credential, and all hear of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from refolio import AsyncClient, IssuedCredential, completion_from
from tests.faulty_proxy import FAULTS, faulty_proxy
from tests.serving import serving
from tests.world import NORTHFIELD_KEY, PUBLIC_URL, maya, stage
from verify.credentials.tables import AnsweredRequest, Credential

NO_LIMIT = {"REFOLIO_RATE_PER_KEY": "off"}


async def at_once(seconds: float) -> None:
    """What a client does between its attempts here: nothing, so that they meet."""


async def issued(address: str, number: int) -> tuple[list[IssuedCredential], dict[str, int]]:
    completion = completion_from(maya())
    async with (
        faulty_proxy(address) as proxy,
        AsyncClient(NORTHFIELD_KEY, proxy.address, attempts=50, sleep=at_once) as client,
    ):
        got = await asyncio.gather(*(client.credentials.issue(completion) for _ in range(number)))
    return got, dict(proxy.happened)


async def stored(database_url: str) -> tuple[list[str], int]:
    async with stage(database_url):
        rows = await Credential.select(Credential.id)
        return [row["id"] for row in rows], await AnsweredRequest.count()


def retry(database_url: str, folder: Path, number: int) -> None:
    with serving(database_url, folder, processes=2, public_url=PUBLIC_URL, settings=NO_LIMIT) as (address, _):
        got, happened = asyncio.run(issued(address, number))
    print(f"\n{number} at once: {happened}")  # noqa: T201
    assert len(got) == number
    assert set(happened) == {*FAULTS, "all well"}
    assert len({one.id for one in got}) == 1
    assert asyncio.run(stored(database_url)) == ([got[0].uuid], 1)


def test_a_hundred_at_once(database_url: str, tmp_path: Path) -> None:
    retry(database_url, tmp_path, 100)


@pytest.mark.drill
def test_a_thousand_at_once(database_url: str, tmp_path: Path) -> None:
    retry(database_url, tmp_path, 1000)

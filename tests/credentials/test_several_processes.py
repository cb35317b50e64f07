"""Two processes of the service on one database, requests coming in at both."""

from __future__ import annotations

import asyncio
from itertools import cycle
from pathlib import Path

import httpx
import msgspec

from tests.serving import serving
from tests.world import NORTHFIELD_KEY, PUBLIC_URL, Members, another, maya, stage
from verify.credentials.tables import Credential

AUTHORISED = {"Authorization": f"Bearer {NORTHFIELD_KEY}", "Content-Type": "application/json"}


async def send(addresses: list[str], requests: list[tuple[Members, str]]) -> list[httpx.Response]:
    """Send all at once, in turn to each address."""
    async with httpx.AsyncClient(trust_env=False, timeout=60, headers=AUTHORISED) as http:
        return await asyncio.gather(
            *(
                http.post(
                    f"{address}/api/v1/credentials", content=msgspec.json.encode(body), headers={"Idempotency-Key": key}
                )
                for address, (body, key) in zip(cycle(addresses), requests, strict=False)
            )
        )


def test_one_key_sent_to_both_a_hundred_times_is_one_credential(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, processes=2, public_url=PUBLIC_URL) as addresses:
        answers = asyncio.run(send(addresses, [(maya(), "retry")] * 100))
        others = asyncio.run(send(addresses, [(another(), f"key-{number}") for number in range(20)]))
    assert {answer.status_code for answer in answers + others} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.json()["uuid"] for answer in others}) == 20
    asyncio.run(no_index_is_used_twice(database_url, credentials=21))


async def no_index_is_used_twice(database_url: str, credentials: int) -> None:
    """SEC-087, SEC-207."""
    async with stage(database_url):
        rows = await Credential.select(Credential.state, Credential.status_list, Credential.status_index)
    assert {row["state"] for row in rows} == {"issued"}
    assert len({(row["status_list"], row["status_index"]) for row in rows}) == len(rows) == credentials

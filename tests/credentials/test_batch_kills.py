"""A batch through the deaths of both sides: exactly one credential for each completion, and none is missing."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import pytest

from tests.credentials.batching import begun
from tests.live_demo import free_port
from tests.serving import Mortal, settings_of
from tests.world import PUBLIC_URL, stage
from verify.credentials.tables import Credential


def issue_through_kills(database_url: str, folder: Path, number: int, workers: int, kind: str) -> float:
    """Kill the client after a third and the server after two thirds; return the seconds that all of it took."""
    service = Mortal(settings_of(database_url, folder, free_port(), PUBLIC_URL))
    journal = folder / "batch.jsonl"
    started = time.monotonic()
    service.start()
    client = begun(service.address, journal, number, workers, kind)
    assert set(outcomes(client, number // 3)) == {"issued"}
    client.kill()
    client.communicate(timeout=30)
    known = journal.read_bytes().count(b"\n") - 1
    assert known >= number // 3, "what it was told is in the journal"
    client = begun(service.address, journal, number, workers, kind)
    told = outcomes(client, 2 * number // 3)
    service.kill()
    service.start()
    try:
        told += outcomes(client, number - len(told))
        assert client.wait(timeout=60) == 0
    finally:
        client.kill()
        client.communicate(timeout=30)
        service.kill()
    assert told == ["issued"] * number
    return time.monotonic() - started


def outcomes(client: subprocess.Popen[str], number: int) -> list[str]:
    """The next so many lines of what it says."""
    assert client.stdout
    return [client.stdout.readline().strip() for _ in range(number)]


async def credentials(database_url: str) -> tuple[list[str], set[str]]:
    """The records and the states of all credentials."""
    async with stage(database_url):
        rows = await Credential.select(Credential.record, Credential.state)
    return sorted(row["record"] for row in rows), {row["state"] for row in rows}


def test_a_hundred_through_a_kill_of_each(database_url: str, tmp_path: Path) -> None:
    issue_through_kills(database_url, tmp_path, 100, 4, "sync")
    assert asyncio.run(credentials(database_url)) == ([f"R-{number:05}" for number in range(100)], {"issued"})


def test_the_async_client_does_the_same(sqlite_url: str, tmp_path: Path) -> None:
    issue_through_kills(sqlite_url, tmp_path, 40, 8, "async")
    assert asyncio.run(credentials(sqlite_url)) == ([f"R-{number:05}" for number in range(40)], {"issued"})


@pytest.mark.drill
def test_ten_thousand_through_a_kill_of_each(database_url: str, tmp_path: Path) -> None:
    seconds = issue_through_kills(database_url, tmp_path, 10_000, 8, "sync")
    print(f"\n10,000 in {seconds:.0f} s, {10_000 / seconds:.0f}/s.")  # noqa: T201
    assert asyncio.run(credentials(database_url)) == ([f"R-{number:05}" for number in range(10_000)], {"issued"})

"""``refolio emulator`` as a partner lives with it: started twice, killed, started again while something listens."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import refolio
from refolio.api_keys import EMULATOR_SECRET, compose_key
from tests.completions import another, plain
from tests.live_demo import free_port
from tests.world import a_runtime
from verify import serving
from verify.emulator import ISSUER

KEY = compose_key("test", EMULATOR_SECRET)


def start(port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "refolio.cli", "emulator", "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


READY = "Nothing leaves this machine"


def printed(process: subprocess.Popen[str]) -> str:
    """What it prints until it serves, or ends without."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(READY):
            break
    return "".join(lines)


@contextmanager
def running(port: int, ended_by: signal.Signals = signal.SIGTERM) -> Iterator[refolio.Client]:
    """A client of an emulator that ends with the block, in good order."""
    process = start(port)
    try:
        assert READY in printed(process)
        with refolio.Client(KEY, f"http://localhost:{port}") as client:
            yield client
    finally:
        process.send_signal(ended_by)
        rest, _ = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in rest) == (130, False), rest


def issue(client: refolio.Client, members: dict[str, object]) -> str:
    return client.credentials.issue(refolio.completion_from({**members, "issuer": ISSUER})).record


def test_whoever_listens_over_a_new_start_misses_nothing() -> None:
    port = free_port()
    with running(port, signal.SIGINT) as client:
        first = [issue(client, plain()), issue(client, another())]
        cursor = client.events.wait("latest", seconds=0).cursor
        assert [event.data["record"] for event in client.events.list()] == first
    with running(port) as client:
        later = issue(client, plain())
        assert [event.data["record"] for event in client.events.wait(cursor, seconds=0).items] == [later]


async def test_a_server_that_is_stopped_while_it_starts_leaves_nothing_running(sqlite_url: str, tmp_path: Path) -> None:
    runtime = a_runtime(sqlite_url, public_url="http://localhost:8000", data=tmp_path)
    runtime = replace(runtime, settings=replace(runtime.settings, port=free_port()))

    async def serve() -> None:
        async with serving.on_localhost(runtime):
            pass

    server = asyncio.create_task(serve())
    await asyncio.sleep(0)  # it has begun
    await asyncio.sleep(0)
    server.cancel()
    with pytest.raises(asyncio.CancelledError):
        await server
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_of_two_that_want_one_port_at_the_same_moment_one_says_why_not() -> None:
    port = free_port()
    both = [start(port), start(port)]
    said = [printed(process) for process in both]
    for process in both:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    winner = next(number for number, text in enumerate(said) if READY in text)
    loser = 1 - winner
    assert (both[winner].returncode, both[loser].returncode) == (130, 1)
    assert READY not in said[loser]
    assert "Traceback" not in said[loser]
    assert str(port) in said[loser]

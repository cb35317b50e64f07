"""A partner's program that issues many: ``python -m tests.credentials.batching ADDRESS JOURNAL NUMBER WORKERS KIND``.

It is started as a process of its own, so that it can be killed. It prints a line for each outcome: its state.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from refolio import AsyncClient, Client, Completion, IssueOutcome, completion_from
from tests.completions import plain
from tests.live_demo import REPOSITORY
from tests.world import NORTHFIELD_KEY


def work(number: int) -> Completion:
    """The completion with this number, the same in every process."""
    person = {"name": f"Intern {number}", "email": f"intern{number}@northfield.example"}
    return completion_from(plain(record=f"R-{number:05}", intern=person))


def works(number: int) -> Iterator[Completion]:
    """So many of them, made one after the other."""
    return (work(one) for one in range(number))


def begun(address: str, journal: Path, number: int, workers: int, kind: str = "sync") -> subprocess.Popen[str]:
    """The program, running."""
    command = [sys.executable, "-W", "error", "-m", "tests.credentials.batching", address, str(journal)]
    command += [str(number), str(workers), kind]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def _tell(outcome: IssueOutcome) -> None:
    sys.stdout.write(f"{outcome.state}\n")
    sys.stdout.flush()


def _sync(address: str, journal: str, number: int, workers: int) -> None:
    with Client(NORTHFIELD_KEY, address) as client:
        for outcome in client.credentials.issue_many(works(number), workers=workers, journal=journal):
            _tell(outcome)


async def _async(address: str, journal: str, number: int, workers: int) -> None:
    async with AsyncClient(NORTHFIELD_KEY, address) as client:
        async for outcome in client.credentials.issue_many(works(number), workers=workers, journal=journal):
            _tell(outcome)


if __name__ == "__main__":
    address, journal, number, workers, kind = sys.argv[1:]
    if kind == "sync":
        _sync(address, journal, int(number), int(workers))
    else:
        asyncio.run(_async(address, journal, int(number), int(workers)))

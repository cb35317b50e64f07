"""What nobody would ask: never a fault of ours, never an answer that is not described."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openapi.fuzzing import run
from tests.serving import serving

NO_LIMIT = {"REFOLIO_RATE_PER_KEY": "off", "REFOLIO_RATE_PER_ADDRESS": "off"}


def test_some_requests_that_nobody_would_send(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path) as (address,):
        done = run(address, tmp_path, "--phases", "examples,coverage", "--max-examples", "1", "--max-time", "25")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.drill
def test_ten_minutes_of_such_requests(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, settings=NO_LIMIT) as (address,):
        done = run(address, tmp_path, "--workers", "2", "--max-time", "600")
    print(done.stdout[-3000:])  # noqa: T201
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]

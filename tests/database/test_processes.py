"""More than one process on the same database, and processes that end badly."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.database.conftest import Start
from tests.database.notes.tables import Counter, Note
from verify.database import Engine

PATIENCE = 60.0  # seconds


def line_of(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.readline()


async def test_sec_207_two_processes_write_to_one_database_without_an_error(
    engine: Engine, database_url: str, start: Start
) -> None:
    await Counter.insert(Counter(name="shared"))
    await engine.close()
    children = [start("count", database_url, "16", "10") for _ in range(2)]
    for child in children:
        assert line_of(child) == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        _, errors = child.communicate(timeout=PATIENCE)
        assert (child.returncode, errors) == (0, "")
    assert await Counter.select(Counter.next_value).output(as_list=True) == [320]
    assert await Note.count() == 320


async def test_sec_193_killed_inside_a_transaction_what_was_kept_stays_and_nothing_else(
    engine: Engine, database_url: str, start: Start
) -> None:
    child = start("die", database_url)
    assert line_of(child) == "ready\n"
    child.send_signal(signal.SIGKILL)
    assert child.wait(timeout=PATIENCE) == -signal.SIGKILL
    await Note.update({Note.author: "sam"}, force=True)  # nobody holds a lock any more
    assert await Note.select(Note.body).order_by(Note.body).output(as_list=True) == ["alone", "in a transaction"]


async def test_a_process_that_closes_nothing_still_ends(engine: Engine, database_url: str, start: Start) -> None:
    child = start("forget", database_url)
    output, _ = child.communicate(timeout=PATIENCE)
    assert (child.returncode, output) == (0, "done\n")
    assert await Note.count() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_process_that_could_not_begin_a_transaction_still_ends(
    engine: Engine, database_url: str, tmp_path: Path, start: Start
) -> None:
    other = sqlite3.connect(tmp_path / "refolio.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        child = start("locked_out", database_url)
        output, _ = child.communicate(timeout=PATIENCE)
        assert (child.returncode, output) == (0, "database is locked\n")
    finally:
        other.close()

"""The command among others: closed streams, readers that leave, Ctrl-C. Never a traceback, never a long wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from refolio import cli
from tests.client.conftest import KEY
from tests.client.loopback import Connection, Loopback, answer

EXAMPLE = Path(__file__).parents[2] / "examples" / "placements.csv"
COMMAND = f"{sys.executable} -m refolio.cli"


def in_a_shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("line", "status", "says"),
    [
        ("{} verify - <&-", 1, ""),
        ("{} verify - </dev/null >&-", 1, ""),
        ("{} verify no-such-file.json >&-", 2, "No such file"),
        ("{} verify no-such-file.json 2>&-", 2, ""),
        ("{} --help | true; exit ${{PIPESTATUS[0]}}", 0, ""),
        ("{} completion bash | head -1 > /dev/null; exit ${{PIPESTATUS[0]}}", 0, ""),
        ("{} verify - </dev/null >/dev/full", 2, "No space left"),
    ],
)
def test_streams_that_are_closed_or_full(line: str, status: int, says: str) -> None:
    done = in_a_shell(line.format(COMMAND))
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert says in done.stderr


def test_help_for_a_reader_who_has_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert cli.main(["verify", str(tmp_path / "none.json")]) == 2


def test_ctrl_c_ends_an_import_that_was_told_to_wait(server: Loopback) -> None:
    told = threading.Event()

    def wait_long(connection: Connection) -> None:
        connection.say(answer(429, {"detail": "Too many."}, Retry_After="600"))
        told.set()

    server.script = [wait_long]
    command = [sys.executable, "-m", "refolio.cli", "import", str(EXAMPLE), "--api-key", KEY, "--url", server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as batch:
        assert told.wait(60)
        began = time.monotonic()
        batch.send_signal(signal.SIGINT)
        out, errors = batch.communicate(timeout=60)
    assert batch.returncode == 130
    assert set(errors.splitlines()) <= {"refolio: the service is not ready; trying again"}
    assert "Run the same command again: nothing is issued twice." in out
    assert time.monotonic() - began < 15

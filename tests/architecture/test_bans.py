"""One clock, one pair of dice, one reader of the environment: the bans on all others bite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent

BANNED = """\
import datetime
import os
import random
import secrets
import time
import urllib.request
import uuid
from datetime import date
from uuid import uuid4 as identifier

datetime.datetime.now(datetime.UTC)
datetime.datetime.utcnow()
datetime.datetime.today()
date.today()
time.time()
time.time_ns()
time.sleep(1)
uuid.uuid1()
uuid.uuid4()
os.urandom(32)
os.environ["HOME"]
os.getenv("HOME")
"""
LINES = {3, 4, 6, 9, *range(11, 23)}


def _banned_lines(file: str) -> set[int]:
    """Lines of ``BANNED`` that ruff refuses as a banned API when they stand in ``file``."""
    rules = ["--select", "TID251", "--output-format", "concise", "--no-cache"]
    answer = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rules, "--stdin-filename", str(REPOSITORY / file), "-"],
        input=BANNED,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return {int(line.split(":")[1]) for line in answer.stdout.splitlines() if "TID251" in line}


@pytest.mark.parametrize(
    "file",
    [
        "verify/app.py",
        "verify/__main__.py",
        "verify/credentials/issuing.py",
        "sdk/refolio/credential/keys.py",
        "sdk/refolio/plugin.py",
        "sdk/refolio/testing/keys.py",
        "plugins/placement_records/refolio_placement_records/plugin.py",
        "tests/credentials/test_issuing.py",
    ],
)
def test_clocks_dice_and_environment_are_refused(file: str) -> None:
    assert _banned_lines(file) == LINES


@pytest.mark.parametrize("file", ["verify/runtime.py", "verify/settings.py"])
def test_the_one_clock_and_the_one_reader_of_the_environment_are_allowed(file: str) -> None:
    assert _banned_lines(file) == set()

"""The operator's command line in a process of its own, on the database of a test."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from tests.live_demo import REPOSITORY
from tests.world import PUBLIC_URL


def in_base64(kek: bytes) -> str:
    """A key-encryption key as settings have it."""
    return base64.b64encode(kek).decode()


def command(database_url: str, folder: Path, kek: bytes, previous: list[bytes], *arguments: str) -> list[str]:
    """What starts ``python -m verify`` with these keys."""
    settings = {
        "REFOLIO_PUBLIC_URL": PUBLIC_URL,
        "REFOLIO_DATA": str(folder),
        "DATABASE_URL": database_url,
        "REFOLIO_KEK": in_base64(kek),
        "REFOLIO_KEK_PREVIOUS": ",".join(map(in_base64, previous)),
    }
    named = [f"{name}={value}" for name, value in settings.items()]
    return ["env", *named, sys.executable, "-W", "error", "-m", "verify", *arguments]


def run(database_url: str, folder: Path, kek: bytes, previous: list[bytes], *arguments: str) -> str:
    """Run a command to its end; it must succeed."""
    done = subprocess.run(
        command(database_url, folder, kek, previous, *arguments), cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed_after(lines: int, database_url: str, folder: Path, kek: bytes, previous: list[bytes]) -> int:
    """Kill -9 a re-wrapping after it told of so many keys; returns how many it told of in the end."""
    arguments = command(database_url, folder, kek, previous, "key", "rewrap")
    process = subprocess.Popen(arguments, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    told = 0
    while told < lines and process.stdout.readline():
        told += 1
    process.kill()
    rest, said = process.communicate(timeout=30)
    assert "Traceback" not in said, said
    return told + rest.count(" of ")

"""The service in a process of its own, as an operator starts it: for real sockets, several processes, real time."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

import refolio
from tests.live_demo import REPOSITORY, free_port
from tests.world import KEK, NORTHFIELD_KEY

READY = "Uvicorn running on"


@contextmanager
def serving(
    database_url: str,
    folder: Path,
    *,
    processes: int = 1,
    public_url: str = "",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[list[str]]:
    """Run so many processes on one database and yield their addresses; they must end without a word of complaint.

    ``public_url`` is by default the address of the first. ``folder`` is for their files,
    ``settings`` for more of the environment.
    """
    with ExitStack() as started:
        addresses: list[str] = []
        for _ in range(processes):
            port = free_port()
            addresses.append(f"http://localhost:{port}")
            usual = settings_of(database_url, folder, port, public_url or addresses[0])
            started.enter_context(_process({**usual, **settings}))
        yield addresses


def settings_of(database_url: str, folder: Path, port: int, public_url: str) -> dict[str, str]:
    """The environment variables of one process."""
    return {
        "REFOLIO_PUBLIC_URL": public_url,
        "REFOLIO_DATA": str(folder),
        "REFOLIO_KEK": base64.b64encode(KEK.secret).decode(),
        "DATABASE_URL": database_url,
        "PORT": str(port),
    }


class Mortal:
    """A process of the service that can be killed at any moment and started again at the same address.

    ``log`` is a file for its lines about requests.
    """

    def __init__(self, settings: dict[str, str], log: Path = Path(os.devnull)) -> None:
        self.settings = settings
        self._log = log
        self.address = f"http://localhost:{settings['PORT']}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process, _ = _started(self.settings, self._log)

    def stop(self) -> None:
        """End it as an operator does."""
        assert self._process
        self._process.terminate()
        self._process.communicate(timeout=30)

    def kill(self) -> None:
        """kill -9: no clean-up, no last flush."""
        assert self._process
        self._process.kill()
        self._process.communicate(timeout=30)


@contextmanager
def _process(settings: dict[str, str]) -> Iterator[None]:
    process, said = _started(settings)
    try:
        yield
    finally:
        process.terminate()
        said += process.communicate(timeout=30)[1]
    assert "Traceback" not in said, said


def _started(settings: dict[str, str], log: Path = Path(os.devnull)) -> tuple[subprocess.Popen[str], str]:
    """A process that listens, and what it has said until then."""
    command = ["env", *(f"{name}={value}" for name, value in settings.items())]
    with log.open("a") as requests:  # a line for every request
        process = subprocess.Popen(
            [*command, sys.executable, "-W", "error", "-m", "verify", "serve"],
            cwd=REPOSITORY,
            stdout=requests,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert process.stderr
    said = ""
    while READY not in said:
        line = process.stderr.readline()
        if not line:
            process.kill()
            raise AssertionError(f"It did not start:\n{said}")
        said += line
    return process, said


def northfield(address: str) -> refolio.Client:
    """Northfield's SDK client at one of the addresses."""
    return refolio.Client(NORTHFIELD_KEY, address)

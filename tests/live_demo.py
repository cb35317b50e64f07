"""`make demo` as a fixture: the real command in its own process, once per test worker, for browsers and passers-by."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True)
class Demo:
    """A running demo: where it answers, what it printed, and the API key of its platform."""

    url: str
    folder: Path
    printed: str

    @property
    def verification(self) -> str:
        return re.findall(r"^Verification +(\S+)$", self.printed, re.M)[0]

    @property
    def portfolio(self) -> str:
        return re.findall(r"^Portfolio +(\S+)", self.printed, re.M)[0]

    @property
    def credential(self) -> str:
        return re.findall(r"^Signed file +(\S+)$", self.printed, re.M)[0]

    @property
    def api_key(self) -> str:
        return next(self.folder.glob("var/demo-*/api-key")).read_text()

    def document(self, url: str) -> bytes:
        """The signed file behind a credential's or a verdict's address."""
        return httpx.get(url, headers={"Accept": "application/vc"}, trust_env=False).raise_for_status().content


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_demo(folder: Path, port: int) -> Iterator[Demo]:
    """Run the demo in ``folder`` until the block ends; then press Ctrl-C and insist on a clean end."""
    command = [sys.executable, "-m", "verify", "demo", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        printed = _until_ready(process)
        yield Demo(f"http://localhost:{port}", folder, printed)
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert "Traceback" not in rest, rest
    assert process.returncode in (0, 130), f"{process.returncode}: {rest}"


def _until_ready(process: subprocess.Popen[str]) -> str:
    """Everything printed up to the line that says it serves."""
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Serving until"):
            return "".join(lines)
    raise AssertionError(f"The demo ended with {process.wait()}:\n{''.join(lines)}")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that tests may read; whoever changes something issues a credential of their own for it."""
    with running_demo(tmp_path_factory.mktemp("demo"), free_port()) as running:
        yield running

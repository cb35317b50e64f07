"""The suite profile as a conformance suite meets it: the real command, in its own process, over real https."""

from __future__ import annotations

import json
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live_demo import REPOSITORY, free_port
from tests.serving import READY

Members = dict[str, Any]


@dataclass(frozen=True)
class Profile:
    """The running profile, its ``localConfig.cjs`` as a suite reads it, and a client that trusts its certificate."""

    origin: str
    config: Members
    http: httpx.Client

    def issuer(self, mechanism: str) -> Members:
        path = f"/suite/{mechanism}/"
        (found,) = [one for one in self.config["implementations"][0]["issuers"] if path in one["endpoint"]]
        members: Members = found
        return members

    def issue(self, mechanism: str, credential: Members, **more: Any) -> httpx.Response:
        return self.http.post(self.issuer(mechanism)["endpoint"], json={"credential": credential, **more})

    def issued(self, mechanism: str, credential: Members) -> Members:
        given = self.issue(mechanism, credential)
        assert given.status_code == 201, given.text
        made: Members = given.json()["verifiableCredential"]
        return made

    def verify(self, credential: Members, **options: Any) -> httpx.Response:
        body = {"verifiableCredential": credential, "options": {"checks": ["proof"], **options}}
        return self.http.post(self.config["implementations"][0]["verifiers"][0]["endpoint"], json=body)

    def present(self, presentation: Members, **options: Any) -> httpx.Response:
        body = {"verifiablePresentation": presentation, "options": options}
        return self.http.post(self.config["implementations"][0]["vpVerifiers"][0]["endpoint"], json=body)


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """``python -m verify suite`` until the tests are over; it must end without a word of complaint."""
    file, port = tmp_path_factory.mktemp("suite") / "localConfig.cjs", free_port()
    scratch = tmp_path_factory.mktemp("scratch")
    command = [
        "env",
        f"TMPDIR={scratch}",
        sys.executable,
        "-W",
        "error",
        "-m",
        "verify",
        "suite",
        "--port",
        str(port),
        "--config",
        str(file),
    ]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    said = ""
    try:
        while READY not in said:
            line = process.stderr.readline()
            assert line, f"It did not start:\n{said}"
            said += line
        with httpx.Client(verify=_trusting(port), trust_env=False) as http:
            yield Profile(f"https://localhost:{port}", _read(file), http)
    finally:
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=30)[1]
    assert "Traceback" not in said, said
    assert list(scratch.iterdir()) == [], "keys and database are gone when it ends"


def _trusting(port: int) -> ssl.SSLContext:
    """As a developer who accepts the certificate that the server shows, and only that."""
    return ssl.create_default_context(cadata=ssl.get_server_certificate(("localhost", port)))


def _read(file: Path) -> Members:
    match = re.fullmatch(r"module\.exports = (\{.*\});\n", file.read_text(), re.DOTALL)
    assert match
    config: Members = json.loads(match[1])
    return config

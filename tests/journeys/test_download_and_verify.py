"""Priya downloads the signed file and checks it at home: the verdict of its page, and only its issuer is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.live_demo import Demo

# In a process of its own, because the guard stays: connections go to one port of this machine or fail and are told.
GUARDED = """
import socket, sys
port, connect = int(sys.argv[1]), socket.socket.connect
def guarded(self, address):
    print(f"connects to {address}", file=sys.stderr)
    if address[:2] not in (("127.0.0.1", port), ("::1", port)):
        raise OSError("only the issuer may be asked")
    return connect(self, address)
socket.socket.connect = guarded
from refolio.cli import main
raise SystemExit(main(sys.argv[2:]))
"""


def verified(demo: Demo, file: Path) -> tuple[dict[str, Any], str]:
    port = demo.url.rpartition(":")[2]
    command = [sys.executable, "-c", GUARDED, port, "verify", "--json", "--allow-private", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.stderr


def test_a_downloaded_credential_gets_the_verdict_of_its_page(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "credential.json"
    file.write_bytes(demo.document(demo.credential))
    report, asked = verified(demo, file)
    page = httpx.get(demo.verification, headers={"Accept": "text/html"}, trust_env=False).text
    assert report["verdict"] == "passed"
    assert "Genuine and current" in page
    assert report["checks"][6]["code"] == "current"
    assert "connects to" in asked, "its status list was fetched from its issuer"

    file.write_bytes(file.read_bytes().replace(b"Maya Okafor", b"Oscar Okafor"))
    report, asked = verified(demo, file)
    assert (report["verdict"], report["checks"][4]["code"]) == ("failed", "signature")
    assert "connects to" not in asked, "an address in a forged file is not followed (SEC-070)"

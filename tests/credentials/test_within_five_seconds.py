"""On a real server in real time: five seconds after a withdrawal everybody who asks is told so, with the reason."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

import refolio
from tests.postgres import Schema
from tests.serving import northfield, serving
from tests.world import BROWSER, cast, maya


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The cast on this machine: without https an issuer is a did:key, which every verifier can resolve."""

    async def cast_here(database_url: str) -> None:
        await cast(database_url, public_url="http://localhost")

    return cast_here


def verified(url: str) -> dict[str, object]:
    """What the partner's own command says of it."""
    command = [sys.executable, "-W", "error", "-m", "refolio.cli", "verify", "--json", url]
    members: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, timeout=30).stdout)
    return members


def test_a_withdrawal_is_seen_everywhere_within_five_seconds(database_url: str, tmp_path: Path) -> None:
    with (
        serving(database_url, tmp_path) as (address,),
        northfield(address) as client,
        httpx.Client(trust_env=False) as http,
    ):
        issued = client.credentials.issue(refolio.completion_from(maya()))
        document = client.credentials.document(issued)
        status_list = json.loads(document)["credentialStatus"]["statusListCredential"]
        list_before = http.get(status_list)
        assert verified(issued.links.credential)["says"] == "Unchanged and current. Its issuer is not known here."
        assert "Genuine and current" in http.get(issued.links.verify, headers=BROWSER).text

        started = time.monotonic()
        client.credentials.withdraw(issued, "Wrong dates.")
        says = verified(issued.links.credential)["says"]
        page = http.get(issued.links.verify, headers=BROWSER)
        assert time.monotonic() - started < 5

        assert str(says).startswith("Unchanged, but withdrawn.")
        assert str(says).endswith("Reason given: Wrong dates.")
        assert "Genuine, withdrawn by the issuer" in page.text
        assert "Wrong dates." in page.text
        assert http.get(status_list).content != list_before.content
        assert client.credentials.document(issued) == document
        for answer in (page, list_before, http.get(issued.links.credential)):
            assert "max-age=2," in answer.headers["cache-control"], "no cache in between may keep it for five seconds"

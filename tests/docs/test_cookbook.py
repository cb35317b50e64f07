"""The programs of the cookbook run as printed, against the real service."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import refolio
from refolio import cli
from tests.completions import another
from tests.live_demo import REPOSITORY, free_port
from tests.serving import northfield, serving

COOKBOOK = (REPOSITORY / "docs" / "cookbook.md").read_text(encoding="utf-8")


def program(heading: str) -> str:
    """The Python block under a heading."""
    section = COOKBOOK.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(block)


def test_the_webhook_receiver_takes_what_is_genuine_and_nothing_else(sqlite_url: str, tmp_path: Path) -> None:
    code, port = program("Webhook receiver"), free_port()
    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    with serving(sqlite_url, tmp_path) as (address,), northfield(address) as client:
        hook = client.webhooks.add(f"http://localhost:{port}/hook")
        command = ["env", f"WEBHOOK_SECRETS={hook.secret}", sys.executable, "-W", "error", "-c"]
        with subprocess.Popen(
            [*command, code.replace("3000", str(port))], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        ) as receiver:
            try:
                forged = httpx.HTTPTransport(retries=8)  # it may still be starting
                with httpx.Client(transport=forged, trust_env=False) as mallory:
                    assert mallory.post(f"http://localhost:{port}/hook", content=b"{}").status_code == 400
                issued = client.credentials.issue(refolio.completion_from({**another(), "record": "NF-77"}))
                client.credentials.withdraw(issued, "Wrong dates.")
                assert receiver.stdout
                assert receiver.stdout.readline() == "NF-77 was withdrawn\n"
            finally:
                receiver.terminate()
        assert {one.state for one in client.webhooks.deliveries(hook)} <= {"delivered", "waiting"}


@pytest.mark.parametrize("line", sorted(set(re.findall(r"^    refolio (.+?)(?:  +#.*)?$", COOKBOOK, re.MULTILINE))))
def test_every_command_exists(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for word in line.split() if re.fullmatch(r"[a-z]+", word)]
    with pytest.raises(SystemExit) as exit_:
        cli.main([*words, "--help"])
    assert exit_.value.code == 0
    capsys.readouterr()

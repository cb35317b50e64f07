"""The partner's README: its code runs as printed, its commands exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from refolio import NotVerified, cli
from refolio.credential.model import completion_from
from refolio.credential.rules import faults
from tests.client.careers_office import TODAY
from tests.client.conftest import KEY, UUID
from tests.client.loopback import Loopback, answer

EXAMPLES = Path(__file__).parents[2] / "examples"
ASKED = {
    "id": "91c2a7d4-0d7f-4b53-9c6e-6b1f0e2a5d10",
    "credential": f"https://portfolio.example/credentials/{UUID}",
    "name": "Sam Rivera",
    "role": "Head of Product",
    "domain": "acme.example",
    "state": "asked",
    "asked_at": "2026-11-23T10:00:00Z",
    "expires_at": "2026-12-23T10:00:00Z",
}
README = (Path(__file__).parents[2] / "sdk" / "README.md").read_text(encoding="utf-8")


def test_the_code_runs_as_printed(
    server: Loopback,
    issued: dict[str, object],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    server.script = [
        answer(201, issued),
        answer(200, b"{}"),
        answer(200, {"uuid": UUID, "issuer": "brightpath", "state": "submitted", "expires_at": issued["issued_at"],
                     "unsigned": None, "status_list": None}),
        answer(200, issued),
        answer(200, {"lists": []}),
    ]  # fmt: skip
    issue, ask, many, own_key, offline, verify = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(_here(issue, server), names)
    assert capsys.readouterr().out.strip() == "https://portfolio.example/v/7Q4K-9XBD-2MTR-6WFH 7Q4K-9XBD-2MTR-6WFH"
    assert not faults(completion_from(json.loads(server.body(0))), TODAY)
    server.script.insert(0, answer(201, ASKED))
    exec(_here(ask, server), names)
    assert capsys.readouterr().out.strip() == "asked 2026-12-23"
    exec(_here(own_key, server), names)
    exec(offline, names)
    assert capsys.readouterr().out.strip() == "Unchanged and current. Its issuer is not known here."
    server.script = [answer(201, issued)]
    exec(
        _here(many, server).replace('"examples', f'"{EXAMPLES}').replace('"placements', f'"{tmp_path}/placements'),
        names,
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == "12 of 12"
    with pytest.raises(NotVerified):  # the scripted service has signed nothing
        exec(verify, names)


def _here(code: str, server: Loopback) -> str:
    return code.replace("rf_live_…", KEY).replace("rf_test_…", KEY).replace("http://localhost:8000", server.url)


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^    refolio ([\w-]+)", README, re.MULTILINE))))
def test_every_command_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main([command, "--help"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: refolio {command}")

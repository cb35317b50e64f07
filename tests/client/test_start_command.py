"""``refolio init``, ``refolio.toml``, ``refolio completion``: what a partner's engineer begins with."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from refolio import completion_from
from refolio.api_keys import EMULATOR_SECRET, compose_key
from refolio.configuration import Configuration, ConfigurationRefused, read_configuration
from tests.client.conftest import KEY, Run
from tests.client.loopback import Loopback, answer

TEST_KEY = compose_key("test", EMULATOR_SECRET)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REFOLIO_API_KEY", raising=False)
    monkeypatch.delenv("REFOLIO_URL", raising=False)
    return tmp_path


def test_init_writes_what_the_next_commands_need(run: Run, folder: Path) -> None:
    status, out, _ = run("init")
    assert (status, "refolio issue completion.json" in out) == (0, True)
    known = read_configuration(environ={})
    assert (known.url, known.api_key) == ("http://localhost:8000", TEST_KEY)
    assert stat.S_IMODE((folder / "refolio.toml").stat().st_mode) == 0o600
    completion = completion_from(json.loads((folder / "completion.json").read_text()))
    assert completion.issuer == "example-company"


def test_init_leaves_what_is_there(run: Run, folder: Path) -> None:
    (folder / "completion.json").write_text("mine")
    run("init")
    (folder / "refolio.toml").write_text('url = "http://localhost:9"\n')
    status, out, _ = run("init")
    assert status == 0
    assert "completion.json is here already" in out
    assert (folder / "completion.json").read_text() == "mine"
    assert read_configuration(environ={}).url == "http://localhost:9"


def test_a_real_service_wants_a_key_of_its_own(run: Run, folder: Path) -> None:
    status, _, error = run("init", "--url", "https://refolio.example")
    assert (status, "--api-key" in error) == (1, True)
    assert not (folder / "refolio.toml").exists()
    assert run("init", "--url", "https://refolio.example", "--api-key", KEY, "--issuer", "acme")[0] == 0
    assert json.loads((folder / "completion.json").read_text())["issuer"] == "acme"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--issuer", 'a"b'), ("--issuer", "Acme Textiles"), ("--url", 'http://localhost:8000/"x'), ("--api-key", "x")],
)
def test_init_writes_nothing_that_the_next_command_could_not_read(
    run: Run, folder: Path, option: str, value: str
) -> None:
    status, _, error = run("init", option, value)
    assert status == 1
    assert error
    assert list(folder.iterdir()) == []


def test_a_verify_py_in_the_folder_is_not_the_service(folder: Path) -> None:
    (folder / "verify.py").write_text("raise SystemExit('this is mine')")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "refolio.cli", "emulator", "--port", "0"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "this is mine" in done.stderr) == (2, False)
    assert "--port" in done.stderr


def test_an_editors_byte_order_mark_is_read_over(folder: Path) -> None:
    (folder / "refolio.toml").write_text('\ufeffurl = "http://localhost:9"\n', encoding="utf-8")
    assert read_configuration(environ={}).url == "http://localhost:9"


def test_the_file_of_another_folder_has_no_say(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init", "--url", "http://localhost:9")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert read_configuration(environ={}) == Configuration()


def test_sec_177_the_key_in_the_file_goes_to_the_service_in_the_file(
    run: Run, server: Loopback, issued: dict[str, object]
) -> None:
    server.script = [answer(201, issued)]
    run("init", "--url", "https://refolio.example", "--api-key", KEY)
    status, _, error = run("issue", "completion.json", "--url", server.url)
    assert (status, "https://refolio.example" in error, KEY in error) == (2, True, False)
    assert server.connections == 0
    with pytest.raises(ConfigurationRefused, match="not sent to another service"):
        read_configuration(environ={"REFOLIO_URL": "https://other.example"})
    assert read_configuration(environ={"REFOLIO_URL": "https://refolio.example/"}).api_key == KEY
    assert run("issue", "completion.json", "--url", server.url, "--api-key", KEY)[0] == 0


def test_the_environment_goes_before_the_file(run: Run) -> None:
    run("init")
    known = read_configuration(environ={"REFOLIO_URL": "https://other.example", "REFOLIO_API_KEY": KEY})
    assert (known.url, known.api_key) == ("https://other.example", KEY)


@pytest.mark.parametrize("text", ["url = ", 'api_kay = "x"\n', "url = 7\n", b"\xff".decode("latin-1")])
def test_a_file_that_cannot_be_used_is_named_with_its_fault(run: Run, folder: Path, text: str) -> None:
    (folder / "refolio.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationRefused, match=r"refolio\.toml"):
        read_configuration(environ={})
    (folder / "c.json").write_text("{}")
    status, _, error = run("lists", "sign", "acme", "--key", "c.json")
    assert (status, "refolio.toml" in error) == (2, True)


def test_without_a_key_the_way_to_one_is_said(run: Run) -> None:
    status, _, error = run("lists", "sign", "acme", "--key", "c.json")
    assert (status, "refolio init" in error) == (2, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_can_complete_every_command(run: Run, shell: str) -> None:
    status, out, _ = run("completion", shell)
    assert status == 0
    assert all(command in out for command in ("emulator", "verify", "listen"))

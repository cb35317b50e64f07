"""refolio verify: verdict first, the words and the exit status of the checks, and never a traceback."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from refolio.credential.report import CHECK_NAMES
from tests.client.conftest import Run
from tests.client.loopback import Loopback, answer

NOW = "2026-10-01T00:00:00Z"
EXAMPLE = Path(__file__).parents[2] / "examples" / "placements.csv"
REFOLIO = [sys.executable, "-m", "refolio.cli"]


@pytest.fixture(scope="session")
def sample(standards: Path) -> Path:
    return standards / "samples" / "micro-internship.eddsa-rdfc-2022.json"


@pytest.fixture(scope="session")
def offline(standards: Path) -> list[object]:
    return ["--now", NOW, "--documents", standards / "documents.json"]


def test_a_genuine_credential(run: Run, sample: Path, offline: list[object]) -> None:
    status, out, errors = run("verify", *offline, sample)
    assert (status, errors) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Unchanged and current. Its issuer is not known here."
    assert [line.split()[:2] for line in lines[2:10]] == [[str(n), name] for n, name in enumerate(CHECK_NAMES)]
    assert len({line.index(line.split()[2]) for line in lines[2:10]}) == 1
    assert "did:web:portfolio.example:issuers:acme" in lines[-3]
    assert lines[-1].endswith("--issuer DID")


def test_only_the_issuer_that_was_asked_for_passes(run: Run, sample: Path, offline: list[object]) -> None:
    """A file with Acme's name and another key must not pass a script that wants Acme."""
    acme = ["--issuer", "did:web:portfolio.example:issuers:acme"]
    status, out, _ = run("verify", *acme, *offline, sample)
    assert (status, out.splitlines()[0]) == (0, "Genuine and current.")
    assert run("verify", "--issuer", "did:web:acme.example", *offline, sample)[0] == 3


def test_the_report_as_json(run: Run, sample: Path, offline: list[object]) -> None:
    status, out, _ = run("verify", "--json", *offline, sample)
    report = json.loads(out)
    assert (status, report["verdict"]) == (0, "passed")
    assert [check["name"] for check in report["checks"]] == list(CHECK_NAMES)


def test_a_changed_credential(run: Run, sample: Path, offline: list[object], tmp_path: Path) -> None:
    changed = tmp_path / "changed.json"
    changed.write_bytes(sample.read_bytes().replace(b"40-hour", b"90-hour", 1))
    status, out, _ = run("verify", *offline, changed)
    assert status == 1
    assert out.startswith("Changed after signing. Do not rely on it.\n")
    assert "4 signature  failed" in out


def test_what_could_not_be_found_out_has_a_status_of_its_own(run: Run, sample: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "documents.json"
    nothing.write_text('{"documents": {}}')
    status, out, _ = run("verify", "--now", NOW, "--documents", nothing, sample)
    assert status == 3
    assert out.startswith("Could not check. ")
    assert "not in the documents map" in out


def test_standard_input(run: Run, sample: Path, offline: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sample.read_bytes())))
    assert run("verify", *offline, "-")[0] == 0


def test_the_link_of_a_verdict_page(run: Run, server: Loopback, sample: Path, offline: list[object]) -> None:
    server.pages["/v/7Q4K-9XBD-2MTR-6WFH"] = answer(200, sample.read_bytes(), Content_Type="application/vc")
    status, out, _ = run("verify", *offline, f"{server.url}/v/7Q4K-9XBD-2MTR-6WFH")
    assert (status, out.splitlines()[0]) == (0, "Unchanged and current. Its issuer is not known here.")
    assert server.headers()["accept"].startswith("application/vc,")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (answer(200, b"<!doctype html><title>x</title>"), "is a web page"),
        (answer(404), "answered 404"),
        (answer(302, Location="https://elsewhere.example/"), "not followed"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_link_without_a_credential(run: Run, server: Loopback, reply: bytes, says: str, as_json: bool) -> None:
    server.script = [reply]
    status, out, _ = run("verify", *(["--json"] if as_json else []), f"{server.url}/v/X")
    assert status == 3
    assert says in out
    assert not as_json or json.loads(out)["verdict"] == "inconclusive"


@pytest.mark.parametrize("raw", [b"", b"not json", b"\xff\xfe", b"{}", b"[" * 600_000, b'{"a":' * 50_000])
def test_nonsense_fails_at_the_first_check(run: Run, tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "nonsense.json"
    file.write_bytes(raw)
    status, out, errors = run("verify", file)
    assert (status, errors) == (1, "")
    assert out.startswith("Not valid. ")


def test_a_credential_cannot_command_the_terminal(run: Run, sample: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.json"
    document = json.loads(sample.read_bytes())
    document["issuer"]["id"] = "did:web:acme.example\u202e\u2066\u009b31m\u200b"
    hostile.write_text(json.dumps(document))
    nothing = tmp_path / "documents.json"
    nothing.write_text('{"documents": {}}')
    _, out, _ = run("verify", "--documents", nothing, hostile)
    assert all(character.isprintable() for line in out.splitlines() for character in line)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "nowhere.json"], "nowhere.json: No such file"),
        (["verify", "/"], "Is a directory"),
        (["verify", "--now", "yesterday", "-"], "with its zone"),
        (["verify", "--now", "2026-10-01T00:00:00", "-"], "with its zone"),
        (["verify"], "FILE|URL|-"),
        (["check", "x"], "invalid choice"),
        ([], "COMMAND"),
        (["issue", EXAMPLE.with_name("nowhere.json")], "No such file"),
        (["import", "nowhere.csv"], "No such file"),
    ],
)
def test_wrong_usage_is_named_in_a_sentence(run: Run, arguments: list[object], says: str) -> None:
    status, out, errors = run(*arguments)
    assert (status, out) == (2, "")
    assert says in errors
    assert "Traceback" not in errors


def test_a_broken_documents_map_is_no_verdict(run: Run, sample: Path, tmp_path: Path) -> None:
    broken = tmp_path / "map.json"
    broken.write_text("{}")
    for map_file in (broken, tmp_path / "nowhere.json"):
        status, out, errors = run("verify", "--documents", map_file, sample)
        assert (status, out) == (2, "")
        assert str(map_file) in errors


def test_no_colour_in_a_pipe_and_none_where_it_is_not_wanted(
    sample: Path, offline: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    command = [*REFOLIO, "verify", *map(str, offline), str(sample)]
    assert b"\x1b" not in subprocess.run(command, capture_output=True, check=True).stdout
    assert b"\x1b[32mUnchanged and current." in _on_a_terminal(command)
    monkeypatch.setenv("NO_COLOR", "1")
    assert b"\x1b" not in _on_a_terminal(command)


def _on_a_terminal(command: list[str]) -> bytes:
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # Linux reports the end of a terminal this way
            pass
        finally:
            os.close(ours)
    assert process.returncode == 0
    return shown


def test_a_terminal_without_our_letters(sample: Path, offline: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    command = [*REFOLIO, "import", "--dry-run", str(EXAMPLE)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(("find", "status"), [(b"40-hour", 0), (b"90-hour", 1)])
def test_a_reader_that_leaves_early_does_not_change_the_verdict(
    sample: Path, offline: list[object], find: bytes, status: int
) -> None:
    command = [*REFOLIO, "verify", *map(str, offline), "-"]
    read_end, write_end = os.pipe()
    os.close(read_end)
    raw = sample.read_bytes().replace(b"40-hour", find, 1)
    done = subprocess.run(command, input=raw, stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (status, b"")

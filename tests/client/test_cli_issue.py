"""refolio issue and refolio import: nothing faulty is sent, nothing is issued twice, every refusal is a sentence."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from refolio import completion_members
from refolio.client.idempotency import content_key
from tests.client.conftest import KEY, Run, a_completion
from tests.client.loopback import Loopback, answer

ALONE = ("--workers", "1", "--patience", "0")  # the scripted server answers in the order of its script

EXAMPLE = Path(__file__).parents[2] / "examples" / "placements.csv"


@pytest.fixture
def completion_file(tmp_path: Path) -> Path:
    file = tmp_path / "completion.json"
    file.write_text(json.dumps(completion_members(a_completion())))
    return file


def test_issue(
    run: Run, server: Loopback, completion_file: Path, issued: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFOLIO_API_KEY", KEY)
    monkeypatch.setenv("REFOLIO_URL", server.url)
    server.script = [answer(201, issued)]
    status, out, errors = run("issue", completion_file)
    assert (status, errors) == (0, "")
    assert out.startswith("Issued NF-2026-001: https://portfolio.example/v/7Q4K-9XBD-2MTR-6WFH\n")
    assert server.headers()["idempotency-key"] == content_key(a_completion())


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"ended": "2026-08-01"}, "before the start"),
        ({"shoe_size": 42}, "no member of this name"),
        ({"hours": {"total": 37.5, "basis": "logged"}}, "/hours/total"),
    ],
)
def test_a_faulty_completion_is_refused_before_it_is_sent(
    run: Run, server: Loopback, completion_file: Path, members: dict[str, object], says: str
) -> None:
    completion_file.write_text(json.dumps({**json.loads(completion_file.read_text()), **members}))
    status, _, errors = run("issue", "--api-key", KEY, "--url", server.url, completion_file)
    assert status == 1
    assert says in errors
    assert server.connections == 0


@pytest.mark.parametrize(
    ("reply", "status", "says"),
    [
        (answer(401, {"detail": "This API key is not known."}), 1, "not known"),
        (answer(409, {"detail": "Issued before under another record."}), 1, "another record"),
        (answer(503, {"detail": "Closed for repairs."}, Retry_After="3600"), 3, "Closed for repairs"),
        (answer(200, b"<html>"), 1, "not one of a Refolio service"),
    ],
)
def test_what_the_service_says_against_it(
    run: Run, server: Loopback, completion_file: Path, reply: bytes, status: int, says: str
) -> None:
    server.script = [reply]
    got, out, errors = run("issue", "--api-key", KEY, "--url", server.url, completion_file)
    assert (got, out) == (status, "")
    assert says in errors


def test_a_service_of_this_machine_that_is_just_starting_is_waited_for(
    run: Run, server: Loopback, completion_file: Path, issued: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    server.script = [*[answer(503)] * 5, answer(201, issued)]
    status, out, errors = run("issue", "--api-key", KEY, "--url", server.url, completion_file)
    assert (status, "Issued" in out) == (0, True)
    assert errors == "refolio: the service is not ready; trying again\n"
    assert sum(pauses) >= 10


def test_the_fix_is_said_once_and_the_request_is_named(run: Run, server: Loopback, completion_file: Path) -> None:
    server.script = [answer(403, {"detail": "No mandate.", "fix": "Ask for one.", "request_id": "req_abc"})]
    _, _, errors = run("issue", "--api-key", KEY, "--url", server.url, completion_file)
    assert errors == "refolio: No mandate. Ask for one. (Request req_abc)\n"


def test_what_was_issued_is_said_also_when_it_cannot_be_saved(
    run: Run, server: Loopback, completion_file: Path, issued: dict[str, object], tmp_path: Path
) -> None:
    server.script = [answer(201, issued), answer(200, b"{}")]
    into = tmp_path / "no-such-folder" / "credential.json"
    status, out, errors = run("issue", "--api-key", KEY, "--url", server.url, "--save", into, completion_file)
    assert (status, "Issued NF-2026-001" in out, "credential.json" in errors) == (2, True, True)


def test_spaces_around_key_and_address_are_no_fault(
    run: Run, server: Loopback, completion_file: Path, issued: dict[str, object]
) -> None:
    server.script = [answer(201, issued)]
    assert run("issue", "--api-key", f" {KEY}\n", "--url", f" {server.url} ", completion_file)[0] == 0


@pytest.mark.parametrize(
    ("key", "url"),
    [("", "http://localhost:8000"), ("secret", "http://localhost:8000"), (KEY, "http://portfolio.example")],
)
@pytest.mark.parametrize("command", ["issue", "import"])
def test_a_missing_key_or_an_unsafe_address_is_wrong_usage(
    run: Run, completion_file: Path, key: str, url: str, command: str
) -> None:
    file = completion_file if command == "issue" else EXAMPLE
    status, _, errors = run(command, "--api-key", key, "--url", url, file)
    assert status == 2
    assert errors.startswith("refolio: ")


def test_a_dry_run_reports_and_sends_nothing(run: Run) -> None:
    status, out, errors = run("import", "--dry-run", EXAMPLE)
    assert (status, errors) == (1, "")
    lines = out.splitlines()
    assert lines[0] == "placements.csv, cells separated by comma: 12 good, 2 with faults."
    assert [line.split(":")[0] for line in lines[1:]] == ["  line 15, End date", "  line 16, Hours", "  line 16, Mode"]


def test_the_good_rows_are_issued_and_again_under_the_same_keys(
    run: Run, server: Loopback, issued: dict[str, object]
) -> None:
    server.script = [answer(201, issued)]
    for _ in range(2):
        status, out, _ = run("import", *ALONE, "--api-key", KEY, "--url", server.url, EXAMPLE)
        assert status == 1
        assert out.count(" issued, https://portfolio.example/v/") == 12
    keys = [server.headers(number)["idempotency-key"] for number in range(24)]
    assert len(set(keys)) == 12
    assert keys[:12] == keys[12:]


def test_a_row_that_was_withdrawn_meanwhile_is_not_called_issued(
    run: Run, server: Loopback, issued: dict[str, object]
) -> None:
    server.script = [answer(201, {**issued, "state": "withdrawn", "reason": "Wrong person."}), answer(201, issued)]
    _, out, _ = run("import", *ALONE, "--api-key", KEY, "--url", server.url, EXAMPLE)
    assert "line 2: NF-2026-001 was issued before and is withdrawn, https://" in out
    assert out.count(" issued, ") == 11


@pytest.mark.parametrize("code", [403, 404])  # a mandate is for one issuer; the other rows may have theirs
def test_one_refused_row_does_not_stop_the_others(
    code: int, run: Run, server: Loopback, issued: dict[str, object]
) -> None:
    server.script = [
        answer(201, issued),
        answer(code, {"detail": "There is no issuer brightline-studio."}),
        answer(201, issued),
    ]
    status, out, _ = run("import", *ALONE, "--api-key", KEY, "--url", server.url, EXAMPLE)
    assert status == 1
    assert "line 3: NF-2026-002 refused. There is no issuer brightline-studio." in out
    assert out.count(" issued, ") == 11


def test_a_key_that_is_not_accepted_stops_the_import(run: Run, server: Loopback) -> None:
    server.script = [answer(401, {"detail": "This API key is not known."})]
    assert run("import", *ALONE, "--api-key", KEY, "--url", server.url, EXAMPLE)[0] == 1
    assert len(server.received) == 1


def test_a_service_that_goes_away_stops_the_import_and_says_how_to_go_on(
    run: Run, server: Loopback, issued: dict[str, object]
) -> None:
    server.script = [answer(201, issued), answer(503, Retry_After="3600")]
    status, out, errors = run("import", *ALONE, "--api-key", KEY, "--url", server.url, EXAMPLE)
    assert status == 3
    assert "Stopped. Run the same command again" in out
    assert "503" in errors

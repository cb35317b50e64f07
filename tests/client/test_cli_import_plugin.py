"""``refolio import --plugin``: the rows as they stand, read by a plugin of the service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client.conftest import KEY, Run
from tests.client.loopback import Loopback, answer

EXPORT = "No,Who\n1,Maya\n2,\n3,Leila\n"
PROBLEM = {"code": "record-refused", "detail": "Who: This is empty. Fill it in.", "faults": []}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    return path


def test_each_row_is_sent_by_its_headings_and_told(
    run: Run, server: Loopback, issued: dict[str, object], file: Path
) -> None:
    results = [{"credential": issued, "problem": None}, {"credential": None, "problem": PROBLEM}]
    results.append({"credential": {**issued, "state": "withdrawn"}, "problem": None})
    server.script = [answer(200, {"results": results})]
    status, out, _ = run("import", file, "--plugin", "campus", "--api-key", KEY, "--url", server.url)
    assert status == 1
    assert json.loads(server.body(0)) == {
        "records": [{"No": "1", "Who": "Maya"}, {"No": "2", "Who": ""}, {"No": "3", "Who": "Leila"}]
    }
    assert "export.csv, cells separated by comma: 3 rows for the plugin campus." in out
    assert "line 2: NF-2026-001 issued, https://" in out
    assert "line 3: Who: This is empty. Fill it in." in out
    assert "line 4: NF-2026-001 was issued before and is withdrawn" in out
    assert "2 issued, 1 not." in out


def test_a_dry_run_asks_for_one(run: Run, server: Loopback, file: Path) -> None:
    server.script = [answer(200, {"results": [{"credential": None, "problem": None}] * 3})]
    status, out, _ = run("import", file, "--plugin", "campus", "--dry-run", "--api-key", KEY, "--url", server.url)
    assert status == 0
    assert "line 2: good" in out
    assert "3 would be issued, 0 not." in out


def test_a_plugin_that_is_not_ours_is_a_sentence(run: Run, server: Loopback, file: Path) -> None:
    server.script = [answer(404, {"detail": "Your platform has no plugin of this name."})]
    status, _, errors = run("import", file, "--plugin", "campus", "--api-key", KEY, "--url", server.url)
    assert (status, errors.strip()) == (1, "refolio: Your platform has no plugin of this name.")
    status, _, errors = run("import", file, "--plugin", "No Such!", "--api-key", KEY, "--url", server.url)
    assert status == 1
    assert "is no plugin" in errors

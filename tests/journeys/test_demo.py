"""What a newcomer sees: the demo prints working links, reports two broken rows, and can be run again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.live_demo import REPOSITORY, Demo, free_port, running_demo


def page(url: str) -> httpx.Response:
    return httpx.get(url, headers={"Accept": "text/html"}, trust_env=False, follow_redirects=True)


def test_both_links_work(demo: Demo) -> None:
    portfolio, verdict = page(demo.portfolio), page(demo.verification)
    assert portfolio.status_code == verdict.status_code == 200
    assert "Maya Okafor" in portfolio.text
    assert "Genuine and current" in verdict.text


def test_twelve_rows_are_issued_and_two_are_reported_with_line_column_and_fix(demo: Demo) -> None:
    assert len(re.findall(r"NF-2026-\d+ issued", demo.printed)) == 12
    assert "12 good, 2 with faults" in demo.printed
    assert re.search(r"line 15, End date: .*before the start.*Swap the two dates", demo.printed)
    assert re.search(r"line 16, Hours: .*do not fit into 1 day.*Correct the hours or the dates", demo.printed)


def test_an_export_in_another_layout_comes_in_through_the_plugin(demo: Demo) -> None:
    issued = re.findall(r"line \d: (PL-2025-\d+) issued, (\S+)", demo.printed)
    assert [record for record, _ in issued] == ["PL-2025-0417", "PL-2025-0422"]
    verdict = page(issued[0][1]).text
    assert "Genuine and current" in verdict
    assert "Fabric care guide" in verdict
    assert re.search(r"line 4: supervisor: Nobody who supervised the work is named", demo.printed)
    assert re.search(r"line 5: Hours/week: This is empty. Fill it in.", demo.printed)
    assert page(f"{demo.url}/healthz").json()["plugins"] == {"placement-records": {"state": "on"}}


def test_the_portfolio_counts_from_signed_credentials(demo: Demo) -> None:
    text = page(demo.portfolio).text
    assert len(re.findall(r'class="entry entry-current"', text)) >= 5
    assert re.search(r"<dt>organisations</dt><dd>[4-9]</dd>", text)


def test_a_second_run_finds_everything_again(tmp_path: Path) -> None:
    port = free_port()
    with running_demo(tmp_path, port) as first:
        before = set(re.findall(r"/v/([0-9A-Z-]{19})", first.printed))
    with running_demo(tmp_path, port) as second:
        assert set(re.findall(r"/v/([0-9A-Z-]{19})", second.printed)) == before
        assert second.verification == first.verification


def test_a_taken_port_is_a_sentence(demo: Demo, tmp_path: Path) -> None:
    port = demo.url.rpartition(":")[2]
    result = subprocess.run(
        [sys.executable, "-m", "verify", "demo", "--port", port],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"Port {port} is in use" in result.stderr


def test_the_readme_tour_runs_as_it_stands(demo: Demo, tmp_path: Path) -> None:
    """The lines of the README's tour, with this demo's port and this test's interpreter in their places."""
    tour = re.search(r"## Sixty seconds.*?```sh\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    assert tour
    port = demo.url.rpartition(":")[2]
    script = (
        tour[1]
        .replace("localhost:8000", f"localhost:{port}")
        .replace("var/demo-8000", f"{demo.folder}/var/demo-{port}")
        .replace("@examples", f"@{REPOSITORY}/examples")
        .replace(".venv/bin/python", sys.executable)
        .replace(".venv/bin/refolio", f"{sys.executable} -m refolio.cli")
    )
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    verdicts = [
        line for line in result.stdout.splitlines() if line.startswith(("Unchanged", "Changed", "Not valid", "Could"))
    ]
    assert verdicts[0].startswith("Unchanged and current")
    assert verdicts[1].startswith("Changed after signing")
    assert verdicts[2].startswith("Unchanged, but withdrawn")
    assert "Issued for the tour." in result.stdout.partition(verdicts[2])[2] + verdicts[2]


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/v", "/static/refolio.css", "/static/favicon.svg", "/problems/not-found"]
)
def test_every_front_door_answers(demo: Demo, path: str) -> None:
    assert page(demo.url + path).status_code == (404 if path == "/v" else 200)

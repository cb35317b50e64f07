"""A partner's engineer with a checkout and Python: exactly the lines of the SDK's README, in an empty environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.web.reading import Reader

CHECKOUT = Path(__file__).parents[2]
LEFT_BEHIND = (".venv", "node_modules", ".git", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
WORDS_A_MINUTE, KEYS_A_MINUTE = 200, 120  # reading with care, typing what one has not typed before
MOST_LINES, MOST_MINUTES = 12, 10


def chapter() -> tuple[str, list[str]]:
    """What is read until the first credential is there, and the lines that are typed."""
    readme = (CHECKOUT / "sdk" / "README.md").read_text(encoding="utf-8")
    read = readme[: readme.index("## Issue\n")]
    lines = re.findall(r"```sh\n(.*?)```", read, re.DOTALL)
    assert len(lines) == 1
    return read, lines[0].splitlines()


def needs_port_8000() -> None:
    try:
        httpx.get("http://localhost:8000/", timeout=2)
    except httpx.HTTPError:
        return
    says = "Something answers on port 8000, where the README's emulator wants to be."
    if os.environ.get("CI"):
        pytest.fail(says)
    pytest.skip(says)


def test_the_first_credential_is_issued_verified_and_opened_by_the_lines_of_the_readme(tmp_path: Path) -> None:
    needs_port_8000()
    read, lines = chapter()
    assert len(lines) <= MOST_LINES
    here = tmp_path / "checkout"
    shutil.copytree(CHECKOUT, here, ignore=shutil.ignore_patterns(*LEFT_BEHIND), symlinks=True)
    page = tmp_path / "page.html"
    # After the last line the link of the sixth is opened, as she does with her mouse.
    opened = f'curl -s -H "Accept: text/html" "$(cat {tmp_path}/link)" > {page}'
    issue = next(line for line in lines if line.startswith("refolio issue"))
    typed = [f"{line} | tee {tmp_path}/issued" if line == issue else line for line in lines]
    link = f"grep -o 'http[^ ]*/v/[^ ]*' {tmp_path}/issued > {tmp_path}/link"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "REFOLIO_"))}
    began = time.monotonic()
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(["trap 'kill $(jobs -p)' EXIT", *typed, link, opened])],
        cwd=here, env=environment, capture_output=True, text=True, timeout=150,
    )  # fmt: skip
    machine = time.monotonic() - began
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Unchanged and current. Test credential." in done.stdout
    text = page.read_text(encoding="utf-8")
    assert Reader(text).elements
    assert "Test credential" in text
    assert "Maya Okafor" in text
    minutes = len(read.split()) / WORDS_A_MINUTE + sum(map(len, lines)) / KEYS_A_MINUTE + machine / 60
    print(  # noqa: T201
        f"\n{len(lines)} lines, {sum(map(len, lines))} characters typed, {len(read.split())} words read: "
        f"{minutes:.1f} minutes, {machine:.0f} s of them the machine's."
    )
    assert minutes <= MOST_MINUTES

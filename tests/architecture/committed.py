"""The files of the repository, as the architecture tests read them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent


@cache
def committed_files() -> tuple[Path, ...]:
    """Every file that is committed or would be by ``git add --all``, relative to the repository; skips outside git."""
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("NOT CHECKED HERE: this is no git checkout, so which files are committed is unknown.")
    listing = subprocess.run(
        # a checkout may belong to somebody else, on CI for one
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = sorted(set(listing.split("\0")) - {""})
    return tuple(Path(name) for name in names if (REPOSITORY / name).is_file())


def text_of(file: Path) -> str:
    """The file's text; empty for a binary file."""
    raw = (REPOSITORY / file).read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8", errors="replace")

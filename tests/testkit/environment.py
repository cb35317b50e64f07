"""An empty environment with our kit in it, as a plugin's author has one."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def run(*command: object, folder: Path, **environment: str) -> str:
    """Run a command outside of the repository, with nothing of our environment but this; return what it printed."""
    path = os.defpath
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with our kit installed; libraries of others come from this one, not from the network."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install(python, REPOSITORY / "sdk", folder)
    return python


def install(python: Path, project: Path, folder: Path) -> None:
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *options, project, folder=folder)

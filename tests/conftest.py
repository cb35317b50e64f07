"""What every test may ask for. A thing this machine lacks is a skip that says so loudly; on CI it is a failure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postgres", "tests.world", "tests.live_demo", "tests.testkit.environment"]

REPOSITORY = Path(__file__).parent.parent
NODE_NEEDED = 18
VECTORS = "vectors: "

# The same examples in every run, on every machine, however slow: a red test stays red until it is mended.
settings.register_profile(
    "refolio", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("refolio")


def _lacking(what: str, remedy: str) -> None:
    """Skip the test because ``what`` is not on this machine; on CI (``CI=true``) fail it instead."""
    message = f"NOT CHECKED HERE, {what}. {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def schema() -> Callable[[str], Awaitable[None]]:
    """What a fresh database holds: all tables of the service and the cast of its tests."""
    from tests.world import cast  # not above: pytest rewrites the assertions of its plugins when it loads them itself

    return cast


@pytest.fixture(scope="session")
def standards() -> Path:
    """The folder of public contexts, schemas, test vectors and fixtures, which are not ours to commit."""
    folder = Path(os.environ.get("REFOLIO_STANDARDS") or REPOSITORY.parent / "shared" / "standards")
    if not (folder / "MANIFEST.json").is_file():
        _lacking("the standards' test data is absent", "Set REFOLIO_STANDARDS to the folder that holds MANIFEST.json.")
    return folder


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Takes note of how many vectors of a folder of the standards a test checked; the sums are printed at the end."""
    return lambda folder, number: record_property(f"{VECTORS}{folder}", number)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    sums: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, number in report.user_properties:
            if name.startswith(VECTORS) and isinstance(number, int):
                sums[name.removeprefix(VECTORS)] += number
    if sums:
        terminalreporter.write_sep("-", "vectors of others that came out right, by folder")
        for folder, number in sorted(sums.items()):
            terminalreporter.write_line(f"{number:6,}  {folder}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the machine's own Chromium, for ``playwright.chromium.launch(executable_path=...)``."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    _lacking("no Chromium is installed", "On Debian: apt-get install chromium.")
    raise AssertionError  # _lacking never returns


@pytest.fixture(scope="session")
def node() -> str:
    """Path of a Node.js new enough for the independent verifiers of ``tests/interop``."""
    found = shutil.which("node")
    if found is None:
        _lacking("Node.js is not installed", f"Install Node.js {NODE_NEEDED} or newer.")
        raise AssertionError  # _lacking never returns
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < NODE_NEEDED:
        _lacking(f"Node.js {version} is too old", f"Install Node.js {NODE_NEEDED} or newer.")
    return found


@pytest.fixture(scope="session")
def openbadgeslib() -> None:
    """Sees to it that the Python peer of the bench is installed, in an environment of its own."""
    if not (REPOSITORY / ".venv" / "peer" / "bin" / "python").is_file():
        _lacking("openbadgeslib is not installed", "`make bench` tells how.")


@pytest.fixture(scope="session")
def interop(node: str) -> Path:
    """The folder ``tests/interop`` with its npm packages (other people's verifiers, axe-core) installed."""
    folder = REPOSITORY / "tests" / "interop"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    if absent := [name for name in wanted if not (folder / "node_modules" / name).is_dir()]:
        _lacking(
            f"npm packages are not installed ({absent[0]})", "Run: npm install --prefix tests/interop --no-package-lock"
        )
    return folder

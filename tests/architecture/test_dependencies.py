"""Everything third-party is pinned exactly, with hashes, and what runs is a subset of what develops."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parent.parent.parent
PROJECTS = [
    tomllib.loads((REPOSITORY / path).read_text())
    for path in ("pyproject.toml", "sdk/pyproject.toml", "plugins/placement_records/pyproject.toml")
]
OURS = {"refolio", "refolio-server", "refolio-placement-records"}


def _pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Name → (``name==version; marker``, its hashes) of each package in a requirements file."""
    text = (REPOSITORY / name).read_text()
    lines = re.sub(r"\s*#.*", "", text).replace("\\\n", " ").splitlines()
    pins = {}
    for line in filter(str.strip, lines):
        requirement, *hashes = line.split("--hash=")
        parsed = Requirement(requirement.strip())
        pins[canonicalize_name(parsed.name)] = (str(parsed), frozenset(text.strip() for text in hashes))
    return pins


def _required(*groups: str) -> set[str]:
    """Names that our two distributions ask for, with the named dependency groups and the build backend."""
    wanted = [line for project in PROJECTS for line in project["project"]["dependencies"]]
    wanted += [line for project in PROJECTS for line in project["build-system"]["requires"]]
    for group in groups:
        wanted += [line for line in PROJECTS[0]["dependency-groups"][group] if isinstance(line, str)]
    return {canonicalize_name(Requirement(line).name) for line in wanted} - OURS


@pytest.mark.parametrize("file", ["constraints.txt", "requirements.txt"])
def test_every_package_is_pinned_exactly_with_its_hashes(file: str) -> None:
    pins = _pins(file)
    assert len(pins) > 40
    assert not [pin for pin, _ in pins.values() if not re.match(r"[\w.\[\],-]+==[\w.!+]+($|;)", pin)]
    assert not [pin for pin, hashes in pins.values() if not hashes]
    assert not [
        text for _, hashes in pins.values() for text in hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", text)
    ]


def test_what_is_asked_for_is_pinned() -> None:
    assert not _required("build") - set(_pins("requirements.txt")), "Run: make constraints"
    assert not _required("build", "dev") - set(_pins("constraints.txt")), "Run: make constraints"


def test_the_pins_satisfy_what_is_asked_for() -> None:
    pins = _pins("constraints.txt")
    for project in PROJECTS:
        for line in project["project"]["dependencies"]:
            wanted = Requirement(line)
            if wanted.name not in OURS:
                version = Requirement(pins[canonicalize_name(wanted.name)][0]).specifier
                assert wanted.specifier.contains(str(version).removeprefix("==")), f"{line}: run make constraints"


def test_what_runs_is_tested_in_the_same_version() -> None:
    tested = _pins("constraints.txt")
    assert {name: tested.get(name) for name in _pins("requirements.txt")} == _pins("requirements.txt")


def test_our_own_packages_never_come_from_a_registry() -> None:
    assert not OURS & (set(_pins("constraints.txt")) | set(_pins("requirements.txt")))


def test_each_dependency_carries_its_reason() -> None:
    for path in ("pyproject.toml", "sdk/pyproject.toml", "plugins/placement_records/pyproject.toml"):
        listing = (REPOSITORY / path).read_text().split("\ndependencies = [")[1].split("\n]")[0]
        bare = [line for line in listing.splitlines() if line.strip() and "  # " not in line]
        assert not bare, f"{path}: say why it is needed, in a comment."

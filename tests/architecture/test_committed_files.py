"""Nothing is committed that belongs to a machine, a registry or somebody else."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from tests.architecture.committed import REPOSITORY, committed_files, text_of

# The first slash must begin a path: in https://acme.example/work/ it does not.
MACHINE_PATH = re.compile(r"(?<![\w.:/\\)\]}>*-])/(?:home|Users|root|work|farm|mnt|opt)/[\w.-]+")

REGISTRY = re.compile(
    r"pypi\.org/simple|files\.pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com"
    r"|--(?:extra-)?index-url"
    r'|"resolved"\s*:\s*"http|https?://\S+\.(?:whl|tgz)\b|registry\s*=\s*"?http'
)

LOCKS_WITH_ADDRESSES = {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "uv.lock", "poetry.lock", "pdm.lock"}
LARGEST = 256 * 1024


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{file}:{number}: {match.group()}"
        for file in committed_files()
        for number, line in enumerate(text_of(file).splitlines(), start=1)
        if (match := pattern.search(line))
    ]


def test_no_path_of_a_machine_is_committed() -> None:
    assert not _found(MACHINE_PATH)


def test_no_address_of_a_registry_is_committed() -> None:
    assert not _found(REGISTRY)
    assert not [file for file in committed_files() if file.name in LOCKS_WITH_ADDRESSES]


def test_what_the_patterns_find() -> None:
    slash = "/"
    assert MACHINE_PATH.search(f"see {slash}home/maya/refolio")
    assert MACHINE_PATH.search(f'"{slash}work/shared"')
    assert not MACHINE_PATH.search("https://acme.example/work/projects")
    assert REGISTRY.search("--extra" + "-index-url https://mirror.example")
    assert REGISTRY.search('  "resolved": "' + "https://mirror.example/a")
    assert REGISTRY.search("https://mirror.example/six-1.0-py3-none-any" + ".whl")


def test_no_large_file_is_committed() -> None:
    sizes = {file.as_posix(): (REPOSITORY / file).stat().st_size for file in committed_files()}
    assert not {name: size for name, size in sizes.items() if size > LARGEST}


def test_no_file_of_the_standards_is_committed(standards: Path) -> None:
    """Neither byte for byte nor re-indented: contexts, schemas, vectors and fixtures have their own licences."""
    foreign = [file for file in standards.rglob("*") if file.is_file()]
    digests = {_digest(file.read_bytes()) for file in foreign} - {_digest(b"")}
    assert len(digests) > 100, "the standards' folder holds less than expected; this test would prove nothing"
    copied = [file for file in committed_files() if _digest((REPOSITORY / file).read_bytes()) in digests]
    assert not copied, "Read it through the fixture `standards` instead."


def _digest(raw: bytes) -> str:
    """SHA-256 of the bytes; of JSON, of its value, so that spacing and order of names do not hide a copy."""
    try:
        raw = json.dumps(json.loads(raw), sort_keys=True).encode()
    except ValueError:
        raw = raw.strip()
    return hashlib.sha256(raw).hexdigest()

"""What a partner installs with the SDK: exactly what its README says, and about as much."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

README = (Path(__file__).parents[2] / "sdk" / "README.md").read_text(encoding="utf-8")


def needed(name: str) -> set[str]:
    """The packages that installing this one brings along, itself left out."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for line in metadata.requires(waiting.pop()) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                other = canonicalize_name(requirement.name)
                if other not in found:
                    found.add(other)
                    waiting.append(other)
    return found


def size(name: str) -> int:
    """Bytes of the files of an installed package, without what Python compiles."""
    files = [file for file in metadata.files(name) or [] if "__pycache__" not in file.parts]
    return sum(Path(str(file.locate())).stat().st_size for file in files if Path(str(file.locate())).is_file())


def test_the_readme_names_every_package_that_comes_along() -> None:
    listed = re.search(r"Installed with it, \w+ packages: ([^.]*)\.", README)
    assert listed
    only_before_3_13 = {"typing-extensions"}
    assert set(re.findall(r"`([\w-]+)`", listed[1])) == needed("refolio") | only_before_3_13


def test_the_readme_says_how_much_that_is() -> None:
    ours = sum(file.stat().st_size for file in (Path(__file__).parents[2] / "sdk" / "refolio").rglob("*.*")
               if "__pycache__" not in file.parts)  # fmt: skip
    megabytes = (ours + sum(size(name) for name in needed("refolio"))) / 1e6
    said = re.search(r"about (\d+) MB", README)
    assert said
    assert abs(int(said[1]) - megabytes) <= 0.1 * megabytes, f"it is {megabytes:.1f} MB"

"""A stranger finds the right file by its name and reads it in one go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.committed import committed_files, text_of

# Names that say nothing about what is inside, so that everything ends up inside.
DRAWERS = {"utils", "util", "common", "helpers", "helper", "services", "managers", "manager", "core", "lib", "misc"}

SOURCE = {".py", ".js", ".mjs", ".css", ".html"}
ASKS_FOR_A_REASON = 300
SPLIT = 500

# Files over 300 lines, each with the reason why it is one file. Over 500 there is no reason.
LONG = {
    "tests/credential/test_controllers.py": "every attack on one module, next to the catalogue's numbers",
    "tests/credential/test_keys.py": "every attack on one module, next to the catalogue's numbers",
    "tests/credential/test_proof_attacks.py": "every attack on one module, next to the catalogue's numbers",
    "tests/credential/test_reading.py": "every attack on one module, next to the catalogue's numbers",
    "verify/web/static/refolio.css": "the one stylesheet: a second one would be a second request",
}


def test_no_folder_or_module_is_a_drawer() -> None:
    drawers = [file for file in committed_files() if any(part.split(".")[0] in DRAWERS for part in file.parts)]
    assert not drawers, "Name it after what it does."


def test_files_are_short_enough_to_read_in_one_go() -> None:
    lengths = {
        file.as_posix(): text_of(file).count("\n")
        for file in committed_files()
        if file.suffix in SOURCE and "migrations" not in file.parts
    }
    long = {name: lines for name, lines in lengths.items() if lines > ASKS_FOR_A_REASON}
    assert not {name: lines for name, lines in long.items() if lines > SPLIT}, "Split it."
    assert not {name: lines for name, lines in long.items() if name not in LONG}, (
        "Split it, or give the reason in LONG."
    )
    assert not set(LONG) - set(long), "No longer long: take it out of LONG."


@pytest.mark.parametrize("package", ["verify", "sdk/refolio", "plugins"])
def test_every_package_says_what_it_is(package: str) -> None:
    folders = {file.parent for file in committed_files() if file.suffix == ".py" and file.is_relative_to(package)}
    modules = [folder for folder in folders if folder / "__init__.py" not in committed_files()]
    assert not modules, f"An __init__.py is missing in {sorted(map(Path.as_posix, modules))}."

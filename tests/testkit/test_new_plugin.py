"""``refolio new-plugin`` writes a plugin that installs, passes its own tests and holds the contract, as it stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from refolio import cli
from tests.testkit.environment import REPOSITORY, install, run

QUIET = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist")


def test_in_an_empty_environment_it_installs_passes_its_tests_and_holds_the_contract(
    empty: Path, tmp_path: Path
) -> None:
    said = run(empty.with_name("refolio"), "new-plugin", "campus-exports", folder=tmp_path)
    assert "campus-exports holds a plugin that works" in said
    plugin = tmp_path / "campus-exports"
    install(empty, plugin, tmp_path)
    where = run(empty, "-c", "import refolio; print(refolio.__file__)", folder=tmp_path)
    assert str(empty.parent.parent) in where, "the kit is the installed one"
    tested = run(empty, "-m", "pytest", "-q", *QUIET, folder=plugin)
    assert "20 passed" in tested
    checked = run(
        empty, "-m", "verify", "plugins", "check", "campus-exports", folder=tmp_path, PYTHONPATH=str(REPOSITORY)
    )
    assert "All 20 rules hold." in checked
    listed = run(empty, "-m", "verify", "plugins", "list", folder=tmp_path, PYTHONPATH=str(REPOSITORY))
    assert "campus-exports  installed, not switched on" in listed
    assert 'issuer = "…"   # The short name of the issuer.' in listed


@pytest.mark.parametrize("name", ["none", "completion", "issuer-plugin", "test-centre"])
def test_every_name_that_is_taken_makes_a_plugin_that_works_also_inside_another_project(
    name: str, tmp_path: Path
) -> None:
    project = tmp_path / "another project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--no-such-option"\n')
    assert cli.main(["new-plugin", name, "--folder", str(project / "my plugin")]) == 0
    tested = run(
        Path(sys.executable), "-m", "pytest", "-q", *QUIET, "-W", "error",
        folder=project / "my plugin", PYTHONPATH=str(project / "my plugin"),
    )  # fmt: skip
    assert "20 passed" in tested


@pytest.mark.parametrize(
    ("name", "says"),
    [("Campus Exports", "is no name"), ("x" * 60, "is no name"), ("server", "is taken"), ("a-", "is no name")],
)
def test_a_name_that_cannot_be_used_is_refused(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new-plugin", name]) == 1
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new-plugin", "mine", "--folder", str(tmp_path)]) == 1
    assert "exists already" in capsys.readouterr().err

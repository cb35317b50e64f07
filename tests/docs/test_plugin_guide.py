"""Every block of docs/plugins.md is run as it stands: Python, commands, and the files it shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from refolio.plugin import GROUP
from refolio.plugin_rules import RULES, samples_beside
from refolio_placement_records import PlacementRecords
from tests.architecture.committed import REPOSITORY
from tests.live_demo import Demo
from verify.platforms.plugins.configuring import switched_on

GUIDE = (REPOSITORY / "docs" / "plugins.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.M | re.S)


def test_each_block_is_of_a_kind_that_is_run_here() -> None:
    assert {*re.findall(r"^```(\w+)$", GUIDE, re.M)} == {"python", "sh", "toml"}
    assert [len(blocks(language)) for language in ("python", "sh", "toml")] == [3, 3, 2]


def test_the_python_runs_and_the_plugin_in_it_holds_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "guide"}
    for block in blocks("python"):
        exec(block, names)
    contract = names["TestCourseDays"]()
    for test in [name for name in dir(contract) if name.startswith("test_")]:
        getattr(contract, test)()
    assert "issue 201" in capsys.readouterr().out


def test_the_table_of_rules_is_the_contract() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", GUIDE, re.M)[: len(RULES)] == [
        (one.name, one.says) for one in RULES
    ]


def test_the_files_that_are_shown_can_be_used(tmp_path: Path) -> None:
    entry_points, plugins = blocks("toml")
    assert tomllib.loads(entry_points)["project"]["entry-points"][GROUP] == {"course-days": "course_days:CourseDays"}
    file = tmp_path / "plugins.toml"
    file.write_text(plugins)
    (one,) = switched_on(file)
    assert (one.plugin, one.platform, one.config) == ("course-days", "northfield", {"issuer": "acme-textiles"})
    file.write_text(re.sub(r"^# (wrap|plugin) ", r"\1 ", plugins, flags=re.M))
    assert switched_on(file)[0].wrap == ("bwrap", "--unshare-all")


def test_the_first_commands_make_a_plugin_in_an_empty_environment(empty: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "refolio").symlink_to(empty.with_name("refolio"))
    quiet = "-p no:cacheprovider -p no:asyncio -p no:xdist"
    for name, command in {"pip": "pip", "pytest": f"pytest {quiet}"}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {empty} -m {command} "$@"\n')
        (programs / name).chmod(0o755)
    # libraries are there already; nothing is asked of a registry
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment = {"PATH": f"{programs}:{os.defpath}", "HOME": str(tmp_path), "LANG": "C.UTF-8", **offline}
    assert "20 passed" in shell(blocks("sh")[0], tmp_path, environment)


def test_the_operators_and_the_senders_commands_run_against_the_demo(demo: Demo, tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "examples" / "careers-export.csv", tmp_path)
    record = samples_beside(PlacementRecords)[1][0].record
    own = {**record, "Placement ID": "PL-guide", "Placement title": "Guide", "Start": "01/09/2025", "End": "26/09/2025"}
    (tmp_path / "record.json").write_text(json.dumps(own))
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "PYTHONPATH": os.pathsep.join(sys.path)}
    listed = shell(blocks("sh")[1], tmp_path, environment)
    assert "placement-records  installed, not switched on" in listed
    assert "All 20 rules hold." in listed
    environment |= {"REFOLIO_API_KEY": demo.api_key, "REFOLIO_URL": demo.url}
    script = blocks("sh")[2].replace("http://localhost:8000", demo.url)
    sent = shell(script, tmp_path, environment)
    assert '"record":"PL-guide"' in sent
    assert "2 would be issued, 2 not." in sent
    assert "2 issued, 2 not." in sent


def shell(script: str, folder: Path, environment: dict[str, str]) -> str:
    script = script.replace("refolio import", f"{sys.executable} -m refolio.cli import").replace(
        "python -m verify", f"{sys.executable} -m verify"
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

"""The operator's ``plugins list`` and ``plugins check``."""

from __future__ import annotations

from pathlib import Path

import pytest

from refolio.plugin_rules import RULES
from tests.records.hosting import install, toml
from verify import plugin_command
from verify.__main__ import main


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.delenv("REFOLIO_PLUGINS", raising=False)


def test_check_names_every_rule_and_its_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "check", "placement-records"]) == 0
    out = capsys.readouterr().out
    for rule in RULES:
        assert f"holds      {rule.name}" in out
        assert rule.says in out
    assert f"All {len(RULES)} rules hold." in out


def test_check_of_a_broken_plugin_says_which_and_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_command, "RULE_SECONDS", 1.5)
    assert main(["plugins", "check", "sleepless"]) == 1
    out = capsys.readouterr().out
    assert "broken     reads" in out
    assert "It gave no answer within 1.5 seconds." in out
    assert "holds      manifest" in out
    assert "holds      config-taken" in out


def test_check_of_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "check", "no-such"]) == 1
    assert "No installed distribution brings a plugin no-such." in capsys.readouterr().out


def test_list_tells_what_is_on_what_is_off_and_how_to_switch_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(toml({"mine": {"plugin": "sound"}, "yours": {"plugin": "sound", "config": {"colour": "blue"}}}))
    monkeypatch.setenv("REFOLIO_PLUGINS", str(file))
    assert main(["plugins", "list"]) == 1, "one cannot be used"
    out = capsys.readouterr().out
    assert "mine  on  sound, for northfield, in the name of acme" in out
    assert "yours  off  sound" in out
    assert "It refuses its config. colour: It is blue. Write red." in out, "for the operator's eyes"
    assert "hanging  installed, not switched on  hostile 0.1" in out
    assert 'issuers = "…"   # Employers and the short names' in out

"""The contract holds for a sound plugin, and each rule is broken by exactly the plugin that breaks it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from refolio.plugin_rules import RULES, BrokenRule, NotReached, Trial, judge, samples_beside
from refolio.testing import IssuerPluginContract
from refolio_placement_records import PlacementRecords
from tests.testkit.broken_plugins import BROKEN, CONFIG, SAMPLES, Sound, samples_for

# Where the plugin cannot even be made, the rules that need one are not tried; these do not.
WITHOUT_PLUGIN = {"manifest", "api-version", "config-described", "samples", "config-taken"}


class TestSound(IssuerPluginContract):
    plugin = Sound
    config = CONFIG
    samples = SAMPLES


class TestPlacementRecords(IssuerPluginContract):
    plugin = PlacementRecords


def broken_rules(trial: Trial) -> tuple[dict[str, str], set[str]]:
    """Rule → why it is broken; and those that could not be tried."""
    broken, not_tried = {}, set()
    for rule in RULES:
        try:
            judge(trial, rule.name)
        except BrokenRule as why:
            broken[rule.name] = str(why)
        except NotReached:
            not_tried.add(rule.name)
    return broken, not_tried


@pytest.mark.parametrize(("rule", "plugin"), [(rule, plugin) for rule, plugins in BROKEN.items() for plugin in plugins])
def test_a_broken_plugin_breaks_exactly_its_rule(rule: str, plugin: type[Any]) -> None:
    broken, not_tried = broken_rules(Trial(plugin, CONFIG, samples_for(rule)))
    assert set(broken) == {rule}, broken
    assert re.search(r"\w.*[.}]$", broken[rule]), "a sentence"
    expected = {one.name for one in RULES} - WITHOUT_PLUGIN if rule == "config-taken" else set()
    assert not_tried == expected


def test_every_rule_has_a_plugin_that_breaks_it_and_a_test_in_the_contract() -> None:
    assert list(BROKEN) == [rule.name for rule in RULES]
    tests = {name.removeprefix("test_") for name in vars(IssuerPluginContract) if name.startswith("test_")}
    assert tests == {rule.name.replace("-", "_") for rule in RULES}


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_the_contracts_test_of_a_rule_is_the_one_that_fails(rule: str) -> None:
    class Tried(IssuerPluginContract):
        plugin = BROKEN[rule][0]
        config = CONFIG
        samples = samples_for(rule)

    with pytest.raises(pytest.fail.Exception):
        getattr(Tried(), f"test_{rule.replace('-', '_')}")()


def test_a_plugin_without_samples_is_told_where_to_put_them() -> None:
    with pytest.raises(BrokenRule, match=r"samples\.json in the package tests\.testkit cannot be read .* Put it there"):
        samples_beside(Sound)

    class Tried(IssuerPluginContract):
        plugin = Sound

    with pytest.raises(pytest.fail.Exception, match="Put it there"):
        Tried().test_samples()
    with pytest.raises(pytest.skip.Exception):
        Tried().test_reads()


def test_the_kit_needs_pytest_for_the_contract_only() -> None:
    folder = Path(__file__).parents[2] / "sdk" / "refolio"
    importing = [file.name for file in folder.rglob("*.py") if "import pytest" in file.read_text()]
    assert importing == ["contract.py"]

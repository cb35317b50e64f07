"""The contract as tests: subclass it in your tests, name your plugin, and pytest tries every rule on it.

    class TestCampusExports(IssuerPluginContract):
        plugin = CampusExports

Config and sample records come from ``samples.json`` beside the plugin, unless the class gives its own. A test that
fails says which sample, what was wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from refolio.plugin import IssuerPlugin
from refolio.plugin_rules import BrokenRule, NotReached, Sample, Trial, judge, samples_beside


class IssuerPluginContract:
    """One test for each rule of ``refolio.plugin_rules``. Not collected itself: its name does not begin with Test."""

    plugin: ClassVar[type[IssuerPlugin]]
    config: ClassVar[Mapping[str, str] | None] = None
    samples: ClassVar[Sequence[Sample] | None] = None

    def hold(self, rule: str) -> None:
        """Fail when the plugin breaks the rule; skip when another broken rule keeps it from being tried."""
        __tracebackhide__ = True
        config, samples = self.config, self.samples
        if config is None or samples is None:
            try:
                beside, found = samples_beside(self.plugin)
            except BrokenRule as broken:
                if rule == "samples":
                    pytest.fail(str(broken), pytrace=False)
                pytest.skip("There are no samples; see test_samples.")
            config = beside if config is None else config
            samples = found if samples is None else samples
        try:
            judge(Trial(self.plugin, config, samples), rule)
        except BrokenRule as broken:
            pytest.fail(str(broken), pytrace=False)
        except NotReached as why:
            pytest.skip(str(why))

    def test_manifest(self) -> None:
        """The manifest names the plugin and describes layouts and config for people."""
        self.hold("manifest")

    def test_api_version(self) -> None:
        """The plugin is written for this version of the contract."""
        self.hold("api-version")

    def test_config_taken(self) -> None:
        """The config of the samples makes a plugin."""
        self.hold("config-taken")

    def test_config_described(self) -> None:
        """Each config key that is used is described in the manifest."""
        self.hold("config-described")

    def test_config_stranger(self) -> None:
        """A config key that does not exist is refused by name."""
        self.hold("config-stranger")

    def test_config_required(self) -> None:
        """A required config key that is missing is refused by name."""
        self.hold("config-required")

    def test_samples(self) -> None:
        """There are samples that are read and samples that are refused."""
        self.hold("samples")

    def test_reads(self) -> None:
        """Each good sample is read into a whole Completion."""
        self.hold("reads")

    def test_sound(self) -> None:
        """What is read can be signed: dates, hours, texts and skills do not contradict each other."""
        self.hold("sound")

    def test_apart(self) -> None:
        """Two records never become one."""
        self.hold("apart")

    def test_refuses(self) -> None:
        """A broken sample is refused, and the member at fault is named."""
        self.hold("refuses")

    def test_explains(self) -> None:
        """Each refusal gives a reason and a fix."""
        self.hold("explains")

    def test_no_surprises(self) -> None:
        """A damaged record is refused or read, and nothing else is raised."""
        self.hold("no-surprises")

    def test_same_again(self) -> None:
        """The same record gives the same answers, however often it is asked."""
        self.hold("same-again")

    def test_leaves_record(self) -> None:
        """The record is left as it is, and a frozen one is read as well."""
        self.hold("leaves-record")

    def test_review_answers(self) -> None:
        """review() answers with objections."""
        self.hold("review-answers")

    def test_objects(self) -> None:
        """review() objects where the samples say so, and nowhere else."""
        self.hold("objects")

    def test_announces(self) -> None:
        """announce() takes every event, also of types that are added later."""
        self.hold("announces")

    def test_quick(self) -> None:
        """A record is read and reviewed within one second."""
        self.hold("quick")

    def test_quiet(self) -> None:
        """Nothing is printed."""
        self.hold("quiet")

"""The rules that every plugin must hold, one function each; a test kit and ``plugins check`` both ask these."""

from __future__ import annotations

from refolio.plugin_rules.rules import RULES, Rule, judge
from refolio.plugin_rules.trial import BrokenRule, NotReached, Sample, Trial, samples_beside

__all__ = ["RULES", "BrokenRule", "NotReached", "Rule", "Sample", "Trial", "judge", "samples_beside"]

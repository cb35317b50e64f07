"""Each rule: its name, what it asks in a sentence, and the function that finds out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from refolio.plugin_rules import config_rules, record_rules
from refolio.plugin_rules.trial import BrokenRule, NotReached, Trial, in_words


class Rule(NamedTuple):
    """``says`` is what a plugin must do; ``ask`` raises BrokenRule when it does not, NotReached when it cannot tell."""

    name: str
    says: str
    ask: Callable[[Trial], None]


RULES: tuple[Rule, ...] = (
    Rule(
        "manifest", "The manifest names the plugin and describes layouts and config for people.", config_rules.manifest
    ),
    Rule("api-version", "The plugin is written for this version of the contract.", config_rules.api_version),
    Rule("config-taken", "The config of the samples makes a plugin.", config_rules.config_taken),
    Rule(
        "config-described", "Each config key that is used is described in the manifest.", config_rules.config_described
    ),
    Rule("config-stranger", "A config key that does not exist is refused by name.", config_rules.config_stranger),
    Rule("config-required", "A required config key that is missing is refused by name.", config_rules.config_required),
    Rule("samples", "There are samples that are read and samples that are refused.", record_rules.samples),
    Rule("reads", "Each good sample is read into a whole Completion.", record_rules.reads),
    Rule(
        "sound",
        "What is read can be signed: dates, hours, texts and skills do not contradict each other.",
        record_rules.sound,
    ),
    Rule("apart", "Two records never become one.", record_rules.apart),
    Rule("refuses", "A broken sample is refused, and the member at fault is named.", record_rules.refuses),
    Rule("explains", "Each refusal gives a reason and a fix.", record_rules.explains),
    Rule("no-surprises", "A damaged record is refused or read, and nothing else is raised.", record_rules.no_surprises),
    Rule("same-again", "The same record gives the same answers, however often it is asked.", record_rules.same_again),
    Rule("leaves-record", "The record is left as it is, and a frozen one is read as well.", record_rules.leaves_record),
    Rule("review-answers", "review() answers with objections.", record_rules.review_answers),
    Rule("objects", "review() objects where the samples say so, and nowhere else.", record_rules.objects),
    Rule("announces", "announce() takes every event, also of types that are added later.", record_rules.announces),
    Rule("quick", f"A record is read and reviewed within {record_rules.SECONDS:.0f} s.", record_rules.quick),
    Rule("quiet", "Nothing is printed.", record_rules.quiet),
)
BY_NAME = {rule.name: rule for rule in RULES}


def judge(trial: Trial, name: str) -> None:
    """Ask one rule. Raises BrokenRule, NotReached; KeyError for a rule that does not exist."""
    rule = BY_NAME[name]
    try:
        rule.ask(trial)
    except (BrokenRule, NotReached):
        raise
    except Exception as error:
        raise BrokenRule(f"It gives {in_words(error)} where nothing should be raised.") from None

"""Ask a plugin about records, and believe nothing of what it says.

A record is read twice and both readings must agree. What is read becomes a Completion anew, by our own rules, and must
be of an issuer that the plugin may deliver for. A review can object, never change. Only a refusal of the record reaches
the sender in the plugin's words; everything else is a PluginFault.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from refolio.credential.jcs import jcs
from refolio.credential.model import Completion, completion_from, completion_members
from refolio.credential.reading import JSON
from refolio.errors import CompletionRefused, DocumentRefused, Fault
from verify.platforms.plugins.configuring import SwitchedOn
from verify.platforms.plugins.containing import Contained, PluginFault

MOST_FAULTS = 3  # of a plugin in one delivery; then the rest is not tried
ALL_SECONDS = 60.0  # for one delivery
MOST_NAMED = 20
LONGEST = 300  # characters of a plugin's sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """What the plugin makes of one record: a completion, or why there is none.

    ``refused`` are faults of the record, ``objections`` reasons not to issue, ``fault`` is a sentence about the plugin.
    """

    completion: Completion | None = None
    refused: tuple[Fault, ...] = ()
    objections: tuple[Fault, ...] = ()
    fault: str = ""


@dataclass
class Asked:
    """The answers to the records of one delivery, in their order, and whether anything was printed."""

    answers: list[Answer] = field(default_factory=list)
    printed: bool = False


def ask(one: SwitchedOn, entry: str, records: Sequence[Mapping[str, JSON]]) -> Asked:
    """Read and review each record. Blocks for up to a minute; never raises for what a plugin does."""
    asked, ends, faults = Asked(), time.monotonic() + ALL_SECONDS, 0
    while len(asked.answers) < len(records):
        if faults >= MOST_FAULTS:
            return _give_up(asked, records, "It was not tried, because the plugin broke on others before it.")
        if time.monotonic() > ends:
            return _give_up(asked, records, "It was not tried, because the plugin took too long for the others.")
        contained = Contained.of(one, entry)
        try:
            with contained:
                while len(asked.answers) < len(records) and time.monotonic() <= ends:
                    asked.answers.append(_about(contained, one, records[len(asked.answers)]))
        except PluginFault as fault:  # a new process for the next record
            faults += 1
            asked.answers.append(Answer(fault=str(fault)))
        asked.printed = asked.printed or bool(contained.printed)
    return asked


def _give_up(asked: Asked, records: Sequence[Mapping[str, JSON]], why: str) -> Asked:
    asked.answers += [Answer(fault=why)] * (len(records) - len(asked.answers))
    return asked


def _about(contained: Contained, one: SwitchedOn, record: Mapping[str, JSON]) -> Answer:
    question = {"do": "read", "record": record}
    first = contained.ask(question, among=("completion", "refused"))
    if first != contained.ask(question, among=("completion", "refused")):
        raise PluginFault("It reads the same record in two ways.")
    if "refused" in first:
        return Answer(refused=_faults(first["refused"]))
    completion = _completion(first["completion"])
    if completion.issuer not in one.issuers:
        raise PluginFault("It delivers for an issuer that it may not deliver for.")
    reviewed = contained.ask({"do": "review", "completion": completion_members(completion)}, among=("objections",))
    if objections := reviewed["objections"]:
        return Answer(objections=_faults(objections))
    return Answer(completion)


def _completion(members: Any) -> Completion:
    try:
        completion = completion_from(members)
        # half a surrogate pair and endless numbers pass for text and number until here
        jcs(msgspec.json.decode(msgspec.json.encode(completion_members(completion))))
    except CompletionRefused as refused:
        field = refused.faults[0].field
        named = field if re.fullmatch(r"[a-z_.]{1,40}(\[[0-9]{1,3}\][a-z_.]{0,40})?", field) else "a member"
        raise PluginFault(f"What it read is no completion: {named} is not as it must be.") from None
    except (UnicodeEncodeError, OverflowError, DocumentRefused):
        raise PluginFault("What it read is no completion: it cannot be written as JSON.") from None
    return completion


def _faults(said: Any) -> tuple[Fault, ...]:
    """The plugin's own words, made harmless and short."""
    if not isinstance(said, list) or not said or not all(isinstance(one, list) and len(one) == 3 for one in said):
        raise PluginFault("It refuses, but does not say what.")
    return tuple(Fault(*(_harmless(part) for part in one)) for one in said[:MOST_NAMED])


def _harmless(part: Any) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(part)[:LONGEST])

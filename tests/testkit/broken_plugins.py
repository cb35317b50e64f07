"""One plugin for each rule that breaks this rule and no other; the sound one is what they are made from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, Self

import msgspec

from refolio.plugin import (
    Completion,
    ConfigKey,
    ConfigRefused,
    Event,
    Fault,
    Frozen,
    Manifest,
    Objection,
    RecordRefused,
    complete,
)
from refolio.plugin_rules import Sample

CONFIG = {"issuer": "acme", "mode": "remote"}
RECORD = {"no": "7", "who": "Maya Okafor", "mail": "maya@northfield.example", "did": "Market scan", "hours": "40"}
SAMPLES = (
    Sample("a good record", RECORD),
    Sample("another good record", {**RECORD, "no": "8", "did": "Another scan"}),
    Sample("a doubtful record", {**RECORD, "no": "9", "did": "Nothing much"}, objected=True),
    Sample("a record without hours", {**RECORD, "hours": ""}, refused="hours"),
)


class Sound:
    """Holds every rule."""

    manifest: ClassVar[Manifest] = Manifest(
        name="sound",
        version="1",
        api_version=1,
        summary="Reads short records.",
        layouts={"short": "Five members."},
        config={
            "issuer": ConfigKey(says="Who issues.", required=True),
            "mode": ConfigKey(says="Where the work is done."),
        },
    )

    def __init__(self, issuer: str, mode: str) -> None:
        self.issuer, self.mode = issuer, mode

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        for key in config:
            if key not in ("issuer", "mode"):
                raise ConfigRefused(key, "There is no such key.", "Remove it.")
        if "issuer" not in config:
            raise ConfigRefused("issuer", "It is missing.", "Add it.")
        return cls(config["issuer"], config.get("mode", "remote"))

    def read(self, record: Mapping[str, Frozen]) -> Completion:
        for member in RECORD:
            if not isinstance(record.get(member), str) or not record[member]:
                raise RecordRefused(Fault(member, "It is empty.", "Fill it in."))
        return complete(
            {
                "record": record["no"],
                "issuer": self.issuer,
                "intern": {"name": record["who"], "email": record["mail"]},
                "role": "Intern",
                "project": {"title": record["did"], "description": "A scan.", "tasks": ["Scan"], "field": "Marketing"},
                "started": "2026-08-24",
                "ended": "2026-09-11",
                "hours": {"total": record["hours"], "basis": "logged"},
                "mode": self.mode,
                "engagement": "project",
                "compensation": "stipend",
                "skills": [{"name": "scanning", "observed": "seen"}],
            },
            {"record": "no", "intern.name": "who", "intern.email": "mail", "project.title": "did", "hours": "hours"},
        )

    def review(self, completion: Completion) -> Sequence[Objection]:
        return [Objection("project.title", "Nothing was done.")] if "Nothing" in completion.project.title else []

    def announce(self, event: Event) -> None:
        """Nothing to tell."""


def manifest(**changes: Any) -> Manifest:
    """The sound manifest with changes."""
    members = {name: getattr(Sound.manifest, name) for name in Manifest.__dataclass_fields__}
    return Manifest(**{**members, **changes})


class _Nameless(Sound):
    manifest = manifest(name="No Name!")


class _Ahead(Sound):
    manifest = manifest(api_version=99)


class _NeverContent(Sound):
    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        raise ConfigRefused("issuer", "It is never right.", "Give up.")


class _Undescribed(Sound):
    manifest = manifest(config={"issuer": ConfigKey(says="Who issues.", required=True)})


class _Indifferent(Sound):
    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        return super().from_config({key: value for key, value in config.items() if key in CONFIG})


class _Careless(Sound):
    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        return super().from_config({"issuer": "acme", **config})


class _GivesMembers(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Any:
        return msgspec.to_builtins(super().read(record))


class _Exaggerating(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        completion = super().read(record)
        return msgspec.structs.replace(completion, hours=msgspec.structs.replace(completion.hours, total=4000))


class _OneForAll(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        return msgspec.structs.replace(super().read(record), record="1")


class _BlamesOthers(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        if record.get("hours") == "":
            raise RecordRefused(Fault("weather", "It rains.", "Wait."))
        return super().read(record)


class _Terse(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        if record.get("hours") == "":
            raise RecordRefused(Fault("hours", "", ""))
        return super().read(record)


class _Breaking(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        str(record["who"])  # KeyError where it is missing
        return super().read(record)


class _Counting(Sound):
    times = count()

    def read(self, record: Mapping[str, Frozen]) -> Completion:
        return msgspec.structs.replace(super().read(record), role=f"Intern {next(self.times)}")


class _Moody(Sound):
    times = count()

    def review(self, completion: Completion) -> Sequence[Objection]:
        objections = super().review(completion)
        return objections and [Objection("project.title", f"No, and no {next(self.times)} times.")]


class _Consuming(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        completion = super().read(record)
        if isinstance(record, dict):
            record.pop("who")
        return completion


class _DictsOnly(Sound):
    def read(self, record: Mapping[str, Frozen]) -> Completion:
        if type(record) is not dict:
            raise RecordRefused(Fault("record", "This is no dict.", "Send a dict."))
        return super().read(record)


class _Applauding(Sound):
    def review(self, completion: Completion) -> Any:
        return "Well done."


class _NeverObjecting(Sound):
    def review(self, completion: Completion) -> Sequence[Objection]:
        return []


class _AlwaysObjecting(Sound):
    def review(self, completion: Completion) -> Sequence[Objection]:
        return [Objection("role", "Never.")]


class _Choosy(Sound):
    def announce(self, event: Event) -> None:
        if event.type != "credential.issued":
            raise ValueError(event.type)


class _Slow(Sound):
    def review(self, completion: Completion) -> Sequence[Objection]:
        ends = time.monotonic() + 1.1
        while completion.record == "9" and time.monotonic() < ends:
            pass
        return super().review(completion)


class _Chatty(Sound):
    def review(self, completion: Completion) -> Sequence[Objection]:
        print(completion.intern.name)  # noqa: T201
        return super().review(completion)


# rule → plugins that break it
BROKEN: dict[str, list[type[Any]]] = {
    "manifest": [_Nameless],
    "api-version": [_Ahead],
    "config-taken": [_NeverContent],
    "config-described": [_Undescribed],
    "config-stranger": [_Indifferent],
    "config-required": [_Careless],
    "samples": [Sound],  # with samples of which none is refused
    "reads": [_GivesMembers],
    "sound": [_Exaggerating],
    "apart": [_OneForAll],
    "refuses": [_BlamesOthers],
    "explains": [_Terse],
    "no-surprises": [_Breaking],
    "same-again": [_Counting, _Moody],
    "leaves-record": [_Consuming, _DictsOnly],
    "review-answers": [_Applauding],
    "objects": [_NeverObjecting, _AlwaysObjecting],
    "announces": [_Choosy],
    "quick": [_Slow],
    "quiet": [_Chatty],
}


def samples_for(rule: str) -> tuple[Sample, ...]:
    """The samples that the broken plugin of this rule is tried with."""
    return tuple(sample for sample in SAMPLES if not sample.refused) if rule == "samples" else SAMPLES

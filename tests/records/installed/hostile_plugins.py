"""Plugins that do what no plugin may, each in one way; and a sound one that they are made from.

Loaded only in the processes that the service starts for them.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec

from refolio.plugin import (
    Completion,
    ConfigKey,
    ConfigRefused,
    Event,
    Fault,
    Manifest,
    Objection,
    RecordRefused,
    complete,
    thaw,
)


class Sound:
    """Reads a record that holds the members of a completion."""

    manifest: ClassVar[Manifest] = Manifest(
        name="sound",
        version="1",
        api_version=1,
        summary="Reads completions.",
        layouts={"completion": "The members of a completion."},
        config={"colour": ConfigKey(says="Only red will do.")},
    )

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        if config.get("colour", "red") != "red":
            raise ConfigRefused("colour", f"It is {config['colour']}.", "Write red.")
        return cls()

    def read(self, record: Mapping[str, Any]) -> Completion:
        if "role" not in record:
            raise RecordRefused(Fault("role", "It is missing.", "Add it."))
        members = thaw(record)
        assert isinstance(members, dict)
        return complete(members, {"role": "role"})

    def review(self, completion: Completion) -> Sequence[Objection]:
        return [Objection("role", "It is doubtful.", "Ask.")] if completion.role == "Doubtful" else []

    def announce(self, event: Event) -> None:
        """Nothing."""


def _as(name: str, **changes: Any) -> Manifest:
    manifest = {member: getattr(Sound.manifest, member) for member in Manifest.__dataclass_fields__}
    return Manifest(**{**manifest, "name": name, **changes})


class Hanging(Sound):
    manifest = _as("hanging")

    def read(self, record: Mapping[str, Any]) -> Completion:
        while True:
            pass


class HangingAndDeaf(Sound):
    """Ignores what can be ignored, and closes its ears."""

    manifest = _as("deaf")

    def read(self, record: Mapping[str, Any]) -> Completion:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)
        os.closerange(0, 64)
        while True:
            pass


class Segfault(Sound):
    manifest = _as("segfault")

    def read(self, record: Mapping[str, Any]) -> Completion:
        ctypes.string_at(0)
        raise AssertionError


class Leaving(Sound):
    manifest = _as("leaving")

    def read(self, record: Mapping[str, Any]) -> Completion:
        os._exit(0)


class Exiting(Sound):
    manifest = _as("exiting")

    def read(self, record: Mapping[str, Any]) -> Completion:
        sys.exit("maya@northfield.example")


class Hungry(Sound):
    manifest = _as("hungry")

    def read(self, record: Mapping[str, Any]) -> Completion:
        eaten = []
        while True:
            eaten.append(bytearray(1024 * 1024 * 1024))


class Printing(Sound):
    """Prints a lot, and is sound otherwise."""

    manifest = _as("printing")

    def read(self, record: Mapping[str, Any]) -> Completion:
        print('{"completion": {}}\n' * 50_000)  # noqa: T201
        print("maya@northfield.example " * 10_000, file=sys.stderr)  # noqa: T201
        return super().read(record)


class Endless(Sound):
    """Talks without end into every pipe it can find."""

    manifest = _as("endless")

    def read(self, record: Mapping[str, Any]) -> Completion:
        while True:
            for descriptor in range(1, 16):
                try:
                    os.write(descriptor, b"x" * 65536)
                except OSError:
                    continue


class Forging(Sound):
    """Answers before it is asked, and with something that was never read."""

    manifest = _as("forging")

    def read(self, record: Mapping[str, Any]) -> Completion:
        forged = json.dumps({"completion": {**thaw(record), "role": "Chief executive"}})  # type: ignore[dict-item]
        for descriptor in range(3, 16):
            try:
                os.write(descriptor, forged.encode() + b"\n")
            except OSError:
                continue
        return super().read(record)


class Forking(Sound):
    manifest = _as("forking")

    def read(self, record: Mapping[str, Any]) -> Completion:
        for _ in range(3):
            if os.fork() == 0:
                while True:
                    signal.pause()
        while True:
            signal.pause()


class TwoTongues(Sound):
    manifest = _as("two-tongues")
    times = count()

    def read(self, record: Mapping[str, Any]) -> Completion:
        return super().read({**record, "role": f"Intern {next(self.times)}"})


class ForOthers(Sound):
    """Delivers for whoever it likes."""

    manifest = _as("for-others")

    def read(self, record: Mapping[str, Any]) -> Completion:
        return super().read({**record, "issuer": "brightline"})


class Untrue(Sound):
    """Gives a Completion past all checks of the model."""

    manifest = _as("untrue")

    def read(self, record: Mapping[str, Any]) -> Completion:
        return msgspec.structs.replace(super().read(record), role="x" * 5000, mode="from-the-moon")


class Unspeakable(Sound):
    """Gives text that is none: half of a surrogate pair."""

    manifest = _as("unspeakable")

    def read(self, record: Mapping[str, Any]) -> Completion:
        return msgspec.structs.replace(super().read(record), role="\ud800")


class Boundless(Sound):
    """Gives a number that no JSON reader takes."""

    manifest = _as("boundless")

    def read(self, record: Mapping[str, Any]) -> Completion:
        completion = super().read(record)
        return msgspec.structs.replace(completion, hours=msgspec.structs.replace(completion.hours, total=10**30))


class Changing(Sound):
    """Changes the completion in its review."""

    manifest = _as("changing")

    def review(self, completion: Completion) -> Sequence[Objection]:
        msgspec.structs.force_setattr(completion, "role", "Chief executive")
        return []


class Approving(Sound):
    """Answers the review with something that is no objection."""

    manifest = _as("approving")

    def review(self, completion: Completion) -> Any:
        return "perfectly fine"


class Raising(Sound):
    manifest = _as("raising")

    def read(self, record: Mapping[str, Any]) -> Completion:
        raise KeyError("maya@northfield.example")


class Peeking(Sound):
    """Tells what it can see of the service."""

    manifest = _as("peeking")

    def read(self, record: Mapping[str, Any]) -> Completion:
        modules = sorted(name for name in sys.modules if name.startswith("verify"))
        raise RecordRefused(Fault("seen", f"{sorted(os.environ)} {modules}", "Close it."))  # noqa: TID251


class Writing(Sound):
    manifest = _as("writing")

    def read(self, record: Mapping[str, Any]) -> Completion:
        with Path(str(record["story"])).open("w") as file:
            file.write("x" * 100)
        return super().read(record)


class Shouting(Sound):
    """Refuses with far too much, and with what a terminal obeys."""

    manifest = _as("shouting")

    def read(self, record: Mapping[str, Any]) -> Completion:
        raise RecordRefused(*[Fault("role", "\x1b[2J" + "very " * 400, "no")] * 100)


class Old(Sound):
    manifest = _as("old", api_version=99)


class Misnamed(Sound):
    manifest = _as("another-name")

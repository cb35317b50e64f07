"""Plugins that have something to announce."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from hostile_plugins import Sound, _as

from refolio.plugin import ConfigKey, Event, TemporaryFault


class Telling(Sound):
    """Announces into a file named by the credential's role; it fails the first time."""

    manifest = _as("telling", announces=True, config={"file": ConfigKey(says="Where.")})

    def __init__(self, file: str) -> None:
        self.file = Path(file)

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        return cls(config["file"])

    def announce(self, event: Event) -> None:
        # Writing to files is not for plugins: RLIMIT_FSIZE is 0. A named pipe is none.
        with self.file.open("wb", buffering=0) as pipe:
            pipe.write(f"{event.id} {event.type} {event.mode} {event.issuer} {event.data['record']}\n".encode())


class NotYet(Telling):
    manifest = _as("not-yet", announces=True, config={"file": ConfigKey(says="Where.")})

    def announce(self, event: Event) -> None:
        raise TemporaryFault("The other system is away.")

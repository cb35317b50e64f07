"""The documents that were found for one examination, each read and judged once, however often it is named (SEC-102)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from refolio.credential.reading import JSON, read
from refolio.errors import RefolioError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A document that was asked for and could not be had; ``says`` why, as part of a sentence."""

    says: str


Found: TypeAlias = bytes | Unfetched


class Documents:
    """What was found, by DID or URL, for the length of one examination."""

    def __init__(self, found: Mapping[str, Found]) -> None:
        self.found = found
        self._made: dict[Hashable, object] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def get(self, name: str) -> Found | None:
        """The bytes found under ``name``, why they could not be had, or None for what nobody asked for."""
        return self.found.get(name)

    def read(self, name: str) -> Mapping[str, JSON]:
        """The JSON object found under ``name``, which must be at hand. Raises DocumentRefused as reading.read() does."""
        raw = self.found[name]
        assert isinstance(raw, bytes)
        return self.once(("read", name), lambda: read(raw))

    def once(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result of ``make``, made when ``key`` is first asked for; a RefolioError of its is raised every time."""
        if key not in self._made:
            try:
                self._made[key] = make()
            except RefolioError as error:
                self._made[key] = error
        made = self._made[key]
        if isinstance(made, RefolioError):
            raise made
        return made  # type: ignore[return-value]

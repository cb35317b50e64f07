"""A plugin on trial: its class, the config and the sample records it is tried with, and what it makes of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module, resources
from typing import Any

from refolio.credential.model import completion_from, completion_members
from refolio.credential.reading import JSON
from refolio.errors import CompletionRefused
from refolio.plugin import Completion, IssuerPlugin, Objection, RecordRefused

SAMPLES = "samples.json"


class BrokenRule(AssertionError):
    """The plugin does not hold a rule; the message says in which way, and what to do."""


class NotReached(Exception):
    """The rule cannot be tried, because the plugin cannot be made with the sample config; another rule says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A record as the foreign system sends it, and what should come of it.

    ``refused`` is the member of the record that RecordRefused must name; empty when it can be read. ``objected`` says
    that review() must object to the completion that is read.
    """

    name: str
    record: Mapping[str, JSON]
    refused: str = ""
    objected: bool = False


def samples_beside(plugin: type[IssuerPlugin]) -> tuple[dict[str, str], list[Sample]]:
    """The config and the samples in ``samples.json``, in the package of the plugin.

    The file holds ``{"config": {…}, "samples": [{"name", "record", "refused", "objected"}]}``. Raises BrokenRule.
    """
    package = import_module(plugin.__module__).__package__ or plugin.__module__
    try:
        content = json.loads(resources.files(package).joinpath(SAMPLES).read_text("utf-8"))
        config = {str(key): str(value) for key, value in content["config"].items()}
        return config, [Sample(**sample) for sample in content["samples"]]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ModuleNotFoundError) as error:
        says = f"{SAMPLES} in the package {package} cannot be read ({type(error).__name__}: {error})."
        raise BrokenRule(f'{says} Put it there: {{"config": {{}}, "samples": [{{"name": …, "record": …}}]}}.') from None


@dataclass
class Trial:
    """``plugin`` with the ``config`` and the ``samples`` it is tried with."""

    plugin: type[IssuerPlugin]
    config: Mapping[str, str]
    samples: Sequence[Sample]
    _made: list[Any] = field(default_factory=list)

    def make(self) -> IssuerPlugin:
        """A new plugin of the sample config. Raises NotReached when it cannot be made."""
        try:
            made = self.plugin.from_config(dict(self.config))
        except Exception as error:
            raise NotReached(f"The plugin cannot be made with the sample config ({in_words(error)}).") from None
        if any(not callable(getattr(made, name, None)) for name in ("read", "review", "announce")):
            raise NotReached("What from_config() gives has no read(), review() or announce().")
        return made

    @property
    def made(self) -> IssuerPlugin:
        """The plugin of the sample config, made once."""
        if not self._made:
            self._made.append(self.make())
        plugin: IssuerPlugin = self._made[0]
        return plugin

    @property
    def good(self) -> list[Sample]:
        """The samples that can be read."""
        return [sample for sample in self.samples if not sample.refused]

    def read(self) -> Iterator[tuple[Sample, Completion]]:
        """Each good sample that is read into a whole Completion; others are for the rules about reading."""
        for sample in self.good:
            try:
                answer: object = self.made.read(copied(sample.record))
                if is_whole(answer):
                    assert isinstance(answer, Completion)
                    yield sample, answer
            except NotReached:
                raise
            except Exception:  # noqa: S112 - the rules about reading say what is wrong with it
                continue

    def reviewed(self, completion: Completion) -> list[Objection] | None:
        """The objections, None when the answer is not one; another rule says what is wrong with it."""
        try:
            answer: object = self.made.review(completion)
        except Exception:
            return None
        return list(answer) if are_objections(answer) else None  # type: ignore[call-overload]


def copied(record: Mapping[str, JSON]) -> Any:
    """A copy that the plugin may spoil."""
    return copy.deepcopy(dict(record))


def is_whole(answer: object) -> bool:
    """Is it a Completion, with nothing in it that a Completion cannot hold?"""
    try:
        return isinstance(answer, Completion) and completion_from(completion_members(answer)) == answer
    except (CompletionRefused, TypeError, ValueError):
        return False


def are_objections(answer: object) -> bool:
    """A sequence of Objections, and no text."""
    return isinstance(answer, Sequence) and all(isinstance(one, Objection) for one in answer)


def refusal_of(plugin: IssuerPlugin, record: Any) -> RecordRefused | None:
    """The refusal of a record, None when it is read; other exceptions go on."""
    try:
        plugin.read(record)
    except RecordRefused as refused:
        return refused
    return None


def in_words(error: BaseException) -> str:
    """``ValueError: no such date``."""
    return f"{type(error).__name__}: {error}".rstrip(": ")

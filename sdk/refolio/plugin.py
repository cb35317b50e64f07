"""What a plugin is: the contract between a service and whoever turns a foreign system's records into Completions.

A plugin is a class with the shape of :class:`IssuerPlugin`, named in the entry-point group ``refolio.issuer_plugins``
of its distribution under the name of its manifest. The service runs it in a process of its own, with limits of time,
memory and size, and gives it one record at a time: no keys, no tables, no requests, nothing of other issuers.
``refolio new-plugin NAME`` writes one to begin with; ``docs/plugins.md`` is the guide.

Pure: this module has no clock, no network and no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Protocol, Self, TypeAlias

from refolio.credential.model import Completion, completion_from
from refolio.credential.reading import JSON
from refolio.credential.rules import faults
from refolio.errors import CompletionRefused, ConfigRefused, Fault, RecordRefused, TemporaryFault

__all__ = [
    "API_VERSION",
    "GROUP",
    "Completion",
    "ConfigKey",
    "ConfigRefused",
    "Event",
    "Fault",
    "Frozen",
    "IssuerPlugin",
    "Manifest",
    "Objection",
    "RecordRefused",
    "TemporaryFault",
    "complete",
    "freeze",
    "thaw",
]

API_VERSION = 1  # of this contract; raised when a plugin written for the one before would no longer work
GROUP = "refolio.issuer_plugins"

# JSON that nobody can change: lists are tuples, objects are read-only mappings.
Frozen: TypeAlias = "bool | int | float | str | tuple[Frozen, ...] | Mapping[str, Frozen] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigKey:
    """One thing that an operator can set for the plugin. ``says`` is a sentence; values are always text."""

    says: str
    required: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a plugin says about itself.

    ``name`` is that of its entry point: lower-case letters, digits and hyphens. ``version`` is the plugin's own,
    ``api_version`` the API_VERSION that it was written for (a number, not the constant, or nobody would notice).
    ``summary`` is one sentence. ``layouts`` names each form of record that it reads and describes it in a sentence,
    ``config`` each key of its config. Unless ``announces``, announce() is never called.
    """

    name: str
    version: str
    api_version: int
    summary: str
    layouts: Mapping[str, str]
    config: Mapping[str, ConfigKey] = field(default_factory=dict)
    announces: bool = False


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a completion should not be issued although it could be read: which member of it, the reason, the fix."""

    member: str
    reason: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to a credential that came in through the plugin.

    ``id`` is the same whenever the same event is given again. ``type`` is ``credential.issued``; others are added
    later, so pass over what you do not know. ``created_at`` is aware, in UTC. ``mode`` is ``live`` or ``test``.
    ``data`` has the members of the API's answer: ``id``, ``uuid``, ``record``, ``issuer``, ``state``, ``code``,
    ``links`` …
    """

    id: str
    type: str
    created_at: datetime
    mode: str
    issuer: str
    data: Mapping[str, Frozen]


class IssuerPlugin(Protocol):
    """The shape of a plugin class. ``read`` and ``review`` are pure: the same input gives the same answer.

    Whatever is raised that is not named here is a fault of the plugin: nothing is issued and the operator is told.
    """

    manifest: ClassVar[Manifest]

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """Make the plugin. Raises ConfigRefused that names the key: missing, unknown, or of no use."""
        ...

    def read(self, record: Mapping[str, Frozen]) -> Completion:
        """Turn one foreign record into a Completion. Raises RecordRefused that names members of the record."""
        ...

    def review(self, completion: Completion) -> Sequence[Objection]:
        """Say why this completion should not be issued; empty when it may be."""
        ...

    def announce(self, event: Event) -> None:
        """Tell the foreign system what became of its record. Raises TemporaryFault to be called again later."""
        ...


def complete(members: Mapping[str, object], named: Mapping[str, str]) -> Completion:
    """Build the Completion out of its JSON members, as ``read`` should; it is sound in itself.

    ``named`` says which member of the record each field of the completion came from (``{"intern.email": "E-mail"}``).
    A field inside of it, such as ``skills[2].name``, goes by the name of the nearest one given. Raises RecordRefused
    with all faults, by the names that the foreign system's people know.
    """
    try:
        completion = completion_from(members)
        found: Sequence[Fault] = faults(completion, completion.ended)
    except CompletionRefused as error:
        found = error.faults
    if found:
        raise RecordRefused(*(fault._replace(field=_named(fault.field, named)) for fault in found))
    return completion


def _named(field: str, named: Mapping[str, str]) -> str:
    place = field
    while place:
        if place in named:
            return named[place]
        cut = max(place.rfind("."), place.rfind("["))
        place = place[:cut] if cut > 0 else ""
    return next((name for inside, name in named.items() if inside.startswith(f"{field}.")), field)


def freeze(value: JSON) -> Frozen:
    """The same JSON, which nobody can change."""
    if isinstance(value, dict):
        return MappingProxyType({name: freeze(inner) for name, inner in value.items()})
    return tuple(freeze(inner) for inner in value) if isinstance(value, list) else value


def thaw(value: Frozen) -> JSON:
    """The same JSON in dicts and lists, a copy of its own."""
    if isinstance(value, Mapping):
        return {name: thaw(inner) for name, inner in value.items()}
    return [thaw(inner) for inner in value] if isinstance(value, tuple | list) else value

"""Credentials in which every class of Open Badges 3.0 and CLR 2.0 stands with every member, and broken copies."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft201909Validator

from refolio.credential.open_badges import require_open_badge
from refolio.credential.open_badges_table import CLASSES, CONTEXTS, VC_2, VOCABULARIES
from refolio.errors import DocumentRefused
from tests.credential.badges import proof

Document = dict[str, Any]

FILES = {
    "OpenBadgeCredential": "ob-v3p0/ob_v3p0_achievementcredential_schema.json",
    "EndorsementCredential": "ob-v3p0/ob_v3p0_endorsementcredential_schema.json",
    "ClrCredential": "clr-v2p0/clr_v2p0_clrcredential_schema.json",
}


@cache
def schema(standards: Path, name: str) -> Document:
    """What 1EdTech publishes of a credential class under /schema/json/."""
    return dict(json.loads((standards / "schemas" / FILES[name]).read_text("utf-8")))


@cache
def validator(standards: Path, name: str) -> Draft201909Validator:
    return Draft201909Validator(schema(standards, name))


def refusal(document: Document) -> DocumentRefused | None:
    try:
        require_open_badge(document)
    except DocumentRefused as refused:
        return refused
    return None


# --- whole examples --------------------------------------------------------------------------------------------------

_VALUES: dict[str, Any] = {
    "text": "some text",
    "number": 3,
    "boolean": True,
    "date": "2001-02-03",
    "date-time": "2026-09-18T00:00:00Z",
    "language": "en-GB",
    "jws": "abc.def.ghi",
}


def example(class_: str) -> Document:
    """A credential that holds every member of every class it can hold; each class is told in full once."""
    return _object(class_, set()) | {"proof": [proof()]}


def _object(class_: str, told: set[str]) -> Document:
    facts = CLASSES[class_]
    in_full = class_ not in told
    told.add(class_)
    return {
        name: _value(kind, class_, told)
        for kind, names in facts.members.items()
        for name in names.split()
        if in_full or name in facts.required.split()
    }


def _value(kind: str, class_: str, told: set[str]) -> Any:
    if kind[-1] in "*+":
        one = _value(kind[:-1], class_, told)
        return one if "CredentialStatus" in (kind[:-1], class_) else [one]  # the schema knows no array there
    if kind in ("issuer", "Profile"):
        return _object("Profile", told)
    if kind == "credential":
        return _object("VerifiableCredential", told)
    if kind == "class name":
        return class_
    if kind == "class names":
        is_general = class_ == "VerifiableCredential" or not class_.endswith("Credential")
        return [class_] if is_general else ["VerifiableCredential", class_]
    if kind in VOCABULARIES:
        return VOCABULARIES[kind].split()[0]
    if kind in CONTEXTS:
        return [VC_2, *(url for url, _ in CONTEXTS[kind])]
    return _VALUES[kind] if kind in _VALUES else _object(kind, told)


# --- broken copies ---------------------------------------------------------------------------------------------------


class Mutant(NamedTuple):
    """A document with one thing changed at ``path`` (a JSON Pointer), and what was done there."""

    document: Document
    path: str
    change: str


_OTHERS: list[Any] = [
    7,
    1.5,
    True,
    None,
    "Nonsense",
    "ext:Own",
    "2026-09-18",
    "2026-09-18T10:00:00",
    "en",
    {},
    {"en": "text"},
    {"type": ["Nonsense"]},
    [],
    ["Nonsense"],
    [{}],
]


def mutants(document: Document, every: int = 1) -> Iterator[Mutant]:
    """Every member of every object removed, renamed, wrapped, unwrapped, doubled, replaced by values of every kind.

    Of these only each ``every``-th; take a prime, so that all kinds of change meet all kinds of member.
    """
    for at, name, change, members in islice(_changes(document), 0, None, every):
        mutant = copy.deepcopy(document)
        holder = _at(mutant, at)
        holder.pop(name, None)
        holder.update(copy.deepcopy(members))
        yield Mutant(mutant, "".join(f"/{step}" for step in (*at, name)), change)


def _changes(document: Document) -> Iterator[tuple[tuple[str | int, ...], str, str, Document]]:
    """Where the object is, which of its members goes, how that is called, and what comes instead."""
    for at in _objects(document, ()):
        for name, member in _at(document, at).items():
            yield at, name, "removed", {}
            yield at, name, "renamed", {f"{name}X": member}
            yield at, name, "wrapped", {name: [member]}
            if isinstance(member, list) and member:
                yield at, name, "unwrapped", {name: member[0]}
                yield at, name, "doubled", {name: member * 2}
                yield at, name, "last item retyped", {name: [*member, 7]}
                yield at, name, "first item retyped", {name: [7, *member]}
            for other in _OTHERS:
                if other != member:
                    yield at, name, f"replaced by {json.dumps(other)}", {name: other}
        yield at, "colour", "added", {"colour": "red"}


def _objects(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        yield at
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in steps:
        yield from _objects(member, (*at, step))


def _at(document: Document, at: tuple[str | int, ...]) -> Any:
    value: Any = document
    for step in at:
        value = value[step]
    return value

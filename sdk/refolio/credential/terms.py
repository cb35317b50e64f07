"""The pinned JSON-LD contexts as term tables: what each word of each context means.

No context is ever fetched, and no context text is carried. ``data/terms.json`` holds facts only (URL → SHA-256 of the
pinned bytes → the meaning of each term), written by ``sdk/tools/compile_contexts.py``. It is read once, on first use,
and refused as a whole if it says anything that the walk would not honour.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, NamedTuple

XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
# Their literals would need rules of their own, and no credential needs them.
REFUSED_DATATYPES: Final = frozenset(
    {
        "http://www.w3.org/2001/XMLSchema#double",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON",
    }
)


@dataclass(frozen=True, slots=True)
class Term:
    """What a term means: a keyword (``@id``, ``@type``) or an IRI, and how its values are read.

    ``type`` is the coercion: ``@id``, ``@vocab``, ``@json``, a datatype IRI or None. ``container`` is ``@set``,
    ``@list``, ``@graph`` or None. ``scoped`` is the context that comes into force with the term (as a type: on the
    node itself; as a property: on its values).
    """

    iri: str
    type: str | None = None
    container: str | None = None
    prefix: bool = False
    reverse: bool = False
    protected: bool = False
    scoped: Table | None = None
    # Worked out once: the predicate in N-Quads between its spaces; what follows a text that is its value, None where a
    # text is more than a literal.
    predicate: str = field(init=False, compare=False)
    datatype: str | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        special = self.reverse or self.type == "@json" or self.container == "@list"
        coerced = self.type is not None and (self.type[0] == "@" or self.type in REFUSED_DATATYPES)
        if special or coerced or self.scoped is not None or self.container == "@graph":
            datatype = None
        else:
            datatype = "" if self.type in (None, XSD_STRING) else f"^^<{self.type}>"
        object.__setattr__(self, "predicate", f" <{self.iri}> ")
        object.__setattr__(self, "datatype", datatype)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One local context. ``resets`` stands for the context null, which forgets all terms before it.

    Compared by identity, which is enough: equal tables are loaded as one object.
    """

    terms: Mapping[str, Term]
    vocab: str | None = None
    resets: bool = False


class _Pinned(NamedTuple):
    digests: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Table]


def pinned() -> Mapping[str, tuple[str, ...]]:
    """Return every pinned context URL with the SHA-256 (lower-case hex) of its byte revisions, newest first."""
    return _load().digests


def newest_table(url: str) -> Table:
    """Return the term table of the newest revision of a pinned context; KeyError if the URL is not pinned."""
    loaded = _load()
    return loaded.tables[loaded.digests[url][0]]


@cache
def _load() -> _Pinned:
    raw = json.loads(files("refolio.credential").joinpath("data/terms.json").read_text("utf-8"))
    tables = {digest: _table(json.dumps(table, sort_keys=True)) for digest, table in raw["tables"].items()}
    digests = {url: tuple(revisions) for url, revisions in raw["contexts"].items()}
    for url, (newest, *older) in digests.items():
        for digest in older:  # 1EdTech adds terms in place; a changed one must not slip in
            if any(tables[newest].terms.get(name) != term for name, term in tables[digest].terms.items()):
                raise ValueError(f"a revision of {url} gives an old term a new meaning")
    return _Pinned(MappingProxyType(digests), MappingProxyType(tables))


@cache
def _table(text: str) -> Table:
    raw = json.loads(text)
    if raw is None:
        return Table({}, resets=True)
    terms = {name: _term(name, value, raw["protected"]) for name, value in raw["terms"].items()}
    return Table(MappingProxyType(terms), raw.get("vocab"))


def _term(name: str, raw: str | dict[str, Any], protected: bool) -> Term:
    """Read one term, refusing whatever the walk would not honour."""
    members = {"id": raw} if isinstance(raw, str) else raw
    iri, container = members["id"], members.get("container")
    scoped = _table(json.dumps(members["context"], sort_keys=True)) if "context" in members else None
    is_understood = (
        members.keys() <= {"id", "type", "container", "context", "prefix", "reverse"}
        and (iri == f"@{name}" if name in ("id", "type") else ":" in iri)
        and container in (None, "@set", "@list", "@graph")
        and ("prefix" not in members or "//" in iri)  # a prefix that itself waits for a prefix
        and (scoped is None or name not in scoped.terms)  # the walk reads the values of a property by one meaning
    )
    if not is_understood:
        raise ValueError(f"terms.json says {members} of {name}, which the walk would not honour")
    return Term(iri, members.get("type"), container, "prefix" in members, "reverse" in members, protected, scoped)

"""The pinned JSON-LD contexts as compiled term tables, and the active contexts that a document builds from them.

Nothing is ever fetched, and no context text is carried: ``data/terms.json`` holds facts (URL → SHA-256 of the pinned
bytes → what each term means), written by ``sdk/tools/compile_contexts.py``. Active contexts follow JSON-LD 1.1 §4.1
(Context Processing): type-scoped contexts do not propagate, property-scoped ones do and may override protected terms,
nothing else may.

Everything here is immutable and a pure function of the tables, so it is memoised; the memories are bounded, because a
stranger's document picks the keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from refolio.errors import DocumentRefused

UNDEFINED_TERMS: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"
BASE_CONTEXTS: Final = ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1")
MAX_CONTEXTS: Final = 12  # in one list; the longest in use has 5

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
    # Worked out once, because the walk asks for every member of every document: the predicate in N-Quads between its
    # spaces; whether its values cannot be read one by one; what follows a text that is its value, None where the text
    # is more than a literal.
    predicate: str = field(init=False, compare=False)
    is_special: bool = field(init=False, compare=False)
    datatype: str | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        special = self.reverse or self.type == "@json" or self.container == "@list"
        coerced = self.type is not None and (self.type[0] == "@" or self.type in REFUSED_DATATYPES)
        if special or coerced or self.scoped is not None or self.container == "@graph":
            datatype = None
        else:
            datatype = "" if self.type in (None, XSD_STRING) else f"^^<{self.type}>"
        object.__setattr__(self, "predicate", f" <{self.iri}> ")
        object.__setattr__(self, "is_special", special)
        object.__setattr__(self, "datatype", datatype)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One local context. ``resets`` stands for the context null, which forgets all terms before it.

    Compared by identity, which is enough: equal tables are loaded as one object.
    """

    terms: Mapping[str, Term]
    vocab: str | None = None
    resets: bool = False


class ActiveContext:
    """The terms in force at one place of a document. Immutable; compared by identity.

    ``previous`` is the one to return to below a node with a type-scoped context; ``urls`` is the innermost list of
    context URLs that was written out.
    """

    __slots__ = ("id_name", "prefixes", "previous", "scoping", "terms", "type_name", "urls", "vocab")

    def __init__(
        self,
        terms: Mapping[str, Term],
        vocab: str | None = None,
        previous: ActiveContext | None = None,
        urls: tuple[str, ...] = (),
    ) -> None:
        self.terms: Final = terms
        self.vocab: Final = vocab
        self.previous: Final = previous
        self.urls: Final = urls
        self.prefixes: Final = {name: term.iri for name, term in terms.items() if term.prefix}
        self.scoping: Final = frozenset(name for name, term in terms.items() if term.scoped is not None)
        self.id_name: Final = "id" if "id" in terms else "@id"
        self.type_name: Final = "type" if "type" in terms else "@type"

    def for_types(self, types: list[str]) -> ActiveContext:
        """The context in force on a node of these types."""
        scoping = [name for name in types if name in self.scoping]
        if len(scoping) > 1:
            scoping.sort()
        return _typed(self, tuple(scoping)) if scoping else self

    def for_property(self, term: Term) -> ActiveContext:
        """The context in force on the values of a property."""
        return self if term.scoped is None else _extended(self, term.scoped, True)

    def expand(self, text: str) -> str | None:
        """The absolute IRI that ``text``, absolute or compact, stands for as an identifier; None if it is neither."""
        if self.prefixes:
            prefix, _, suffix = text.partition(":")
            if prefix in self.prefixes and suffix[:2] != "//":
                text = self.prefixes[prefix] + suffix
        return text if is_absolute_iri(text) else None

    def expand_vocabulary(self, text: str) -> str | None:
        """The IRI that ``text`` stands for as a type or a vocabulary term: a term, an absolute or compact IRI."""
        if term := self.terms.get(text):
            return None if term.iri[0] == "@" else term.iri
        if self.vocab is not None and ":" not in text and text[:1] != "@":
            text = self.vocab + text
        return self.expand(text)


NOTHING: Final = ActiveContext({})

_PLAIN_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+")
# RFC 3987, loosely: no whitespace, no control or half characters, none of the characters N-Quads forbids in an IRI.
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>"{}|\\^`\ufeff\ud800-\udfff]+')


def is_absolute_iri(text: str) -> bool:
    """True for a scheme, a colon and at least one character, all of them allowed in an IRI."""
    return (_PLAIN_IRI.fullmatch(text) or _IRI.fullmatch(text)) is not None


@lru_cache(maxsize=128)
def active_context(urls: tuple[str, ...], within: ActiveContext = NOTHING) -> ActiveContext:
    """Return the active context that a list of pinned URLs builds, ``within`` the one already in force.

    Raises DocumentRefused: ``unknown-context`` (not pinned, letter for letter), ``undefined-terms`` (the context that
    lets any undefined word pass), ``context-order`` (a credentials context that is not first), ``protected-term``,
    ``too-many-contexts``. ``path`` is relative to the place of the list.
    """
    if not urls or len(urls) > MAX_CONTEXTS:
        raise DocumentRefused(
            "unknown-context" if not urls else "too-many-contexts",
            "",
            f"@context lists {len(urls)} contexts; a credential has one to {MAX_CONTEXTS}.",
            "List the contexts of the credential's own specification.",
        )
    active = within
    for position, url in enumerate(urls):
        _require_usable(url, position)
        try:
            active = _extended(active, newest_table(url), False)
        except DocumentRefused as refused:
            raise DocumentRefused(refused.code, f"/{position}", refused.says, refused.fix) from None
    return ActiveContext(active.terms, active.vocab, active.previous, urls)


def _require_usable(url: str, position: int) -> None:
    if url not in pinned():
        raise DocumentRefused(
            "unknown-context",
            f"/{position}",
            f"The context {url[:200]!r} is not one of the contexts pinned here, and no context is ever fetched.",
            "Write the URL exactly as its specification does, with https and without a trailing slash.",
        )
    if url == UNDEFINED_TERMS:
        raise DocumentRefused(
            "undefined-terms",
            f"/{position}",
            "This context lets every undefined word pass as if it meant something.",
            "Leave it out and use defined terms only.",
        )
    if url in BASE_CONTEXTS and position > 0:
        raise DocumentRefused(
            "context-order",
            f"/{position}",
            "The Verifiable Credentials context must be the first of the list, and there is only one.",
            "Put it first (VC Data Model 2.0 §4.3).",
        )


@lru_cache(maxsize=512)
def _typed(active: ActiveContext, names: tuple[str, ...]) -> ActiveContext:
    """Apply the type-scoped contexts of ``names``, sorted, to a node (JSON-LD 1.1 API §5.1.2 step 11)."""
    result = active
    for name in names:
        scoped = active.terms[name].scoped
        assert scoped is not None
        result = _extended(result, scoped, False)
    return ActiveContext(result.terms, result.vocab, active.previous or active, active.urls)


@lru_cache(maxsize=512)
def _extended(active: ActiveContext, table: Table, override: bool) -> ActiveContext:
    """Process one local context (JSON-LD 1.1 API §4.1.2). ``override`` lets it redefine protected terms."""
    if table.resets:
        if not override and any(term.protected for term in active.terms.values()):
            raise DocumentRefused("protected-term", "", "The context null would forget protected terms.")
        return NOTHING
    merged = {**active.terms, **table.terms}
    prefixes = {name: term.iri for name, term in merged.items() if term.prefix}
    for name in table.terms:
        term = _closed(merged[name], prefixes)
        before = active.terms.get(name)
        if before is not None and before.protected and not override:
            term = replace(term, protected=True)
            if term != before:
                raise DocumentRefused(
                    "protected-term",
                    "",
                    f"The context gives “{name}” another meaning, but an earlier context protects it.",
                    "Leave one of the two contexts out.",
                )
        merged[name] = term
    return ActiveContext(merged, table.vocab or active.vocab, active.previous, active.urls)


def _closed(term: Term, prefixes: Mapping[str, str]) -> Term:
    """Expand what the term's own context left open: a prefix that another context may define."""

    def close(text: str) -> str:
        prefix, _, suffix = text.partition(":")
        return prefixes[prefix] + suffix if prefix in prefixes and suffix[:2] != "//" else text

    iri, coercion = close(term.iri), term.type and close(term.type)
    return term if (iri, coercion) == (term.iri, term.type) else replace(term, iri=iri, type=coercion)


# --- the tables ------------------------------------------------------------------------------------------------------


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
        for digest in older:  # 1EdTech adds terms in place (standards dossier §8.2); a changed one must not slip in
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
        and (scoped is None or name not in scoped.terms)  # the walk reads the values of a property by one meaning
    )
    if not is_understood:
        raise ValueError(f"terms.json says {members} of {name}, which the walk would not honour")
    prefix, reverse = members.get("prefix", False), members.get("reverse", False)
    return Term(iri, members.get("type"), container, prefix, reverse, protected, scoped)

"""The active contexts that a document builds from the pinned term tables (JSON-LD 1.1 API §4.1, Context Processing).

Type-scoped contexts do not propagate to the nodes below; property-scoped ones do, and they alone may redefine a
protected term. Everything here is immutable and a pure function of the tables, so it is memoised; the memories are
bounded, because a stranger's document picks the keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from refolio.credential.reading import JSON
from refolio.credential.terms import Table, Term, newest_table, pinned
from refolio.errors import DocumentRefused

UNDEFINED_TERMS: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"
BASE_CONTEXTS: Final = ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1")
SAID_TWICE: Final = "The same thing stands twice in one list."
MAX_CONTEXTS: Final = 12  # in one list; the longest in use has 5

# Members whose values are credentials of their own, the types that show it, and the member that holds proofs.
_EMBEDDING: Final = frozenset(
    {
        "https://purl.imsglobal.org/spec/vc/ob/vocab.html#endorsement",
        "https://www.w3.org/2018/credentials#verifiableCredential",
        "https://purl.imsglobal.org/spec/vc/clr/vocab.html#verifiableCredential",
    }
)
_EMBEDDED: Final = frozenset({"VerifiableCredential", "EnvelopedVerifiableCredential"})
_PROOF: Final = "https://w3id.org/security#proof"


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
        if not scoping:
            return self
        return _typed(self, tuple(scoping if len(scoping) == 1 else sorted(set(scoping))))

    def for_property(self, term: Term) -> ActiveContext:
        """The context in force on the values of a property."""
        return self if term.scoped is None else _extended(self, term.scoped, True)

    def expand(self, text: str) -> str | None:
        """The absolute IRI that ``text``, absolute or compact, stands for as an identifier; None if it is neither."""
        if self.prefixes:
            prefix, _, suffix = text.partition(":")
            if prefix in self.prefixes and suffix[:2] != "//":
                text = self.prefixes[prefix] + suffix
        return text if _PLAIN_IRI.fullmatch(text) or _IRI.fullmatch(text) else None

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
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>"{}|\\^`\ufeff\ud800-\udfff\ufffe\uffff]+')


def has_scheme(text: str) -> bool:
    """True when ``text`` begins like an absolute IRI, whatever follows."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) is not None


def context_of(element: Mapping[str, JSON], within: ActiveContext | None = None) -> ActiveContext:
    """Return the active context that ``element``'s own @context builds: one pinned URL, or a list of them.

    Raises DocumentRefused: ``embedded-context`` (anything but URLs), ``said-twice``, and what active_context() refuses.
    """
    context = element["@context"]
    urls = tuple(context) if type(context) is list else (context,)
    if not all(type(url) is str for url in urls):
        raise DocumentRefused(
            "embedded-context",
            "/@context",
            "@context must be a list of pinned URLs; a context written out here could redefine every word.",
            "Use terms that the pinned contexts define.",
        )
    try:
        active = active_context(urls, within or NOTHING)
    except DocumentRefused as refused:
        step = refused.path if type(context) is list else ""
        raise DocumentRefused(refused.code, f"/@context{step}", refused.says, refused.fix) from None
    if len(set(urls)) < len(urls):
        second = next(position for position, url in enumerate(urls) if url in urls[:position])
        raise DocumentRefused("said-twice", f"/@context/{second}", SAID_TWICE)
    return active


def embedded_context(element: Mapping[str, JSON], active: ActiveContext, term: Term) -> ActiveContext:
    """Return the active context inside a value of ``term`` that has a @context of its own.

    Only two kinds may have one: an embedded credential, and a proof that repeats its credential's list letter for
    letter, as eddsa-jcs-2022 does. Raises DocumentRefused with ``embedded-context`` for all others.
    """
    context, types = element["@context"], element.get("type")
    is_credential = not _EMBEDDED.isdisjoint(map(str, types if type(types) is list else [types]))
    repeats = (context if type(context) is list else [context]) == [*active.urls]
    if (term.iri in _EMBEDDING and is_credential) or (term.iri == _PROOF and repeats):
        return context_of(element, active)
    raise DocumentRefused(
        "embedded-context",
        "/@context",
        "Only a whole credential, such as an endorsement, has a @context of its own inside another one.",
        "Leave this @context out.",
    )


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

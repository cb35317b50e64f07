"""One bounded pass over a document, two jobs: the strict JSON-LD gate and the RDF statements that get signed.

Ordinary JSON-LD processing forgives: an undefined term vanishes without a word and is then not signed, a relative id is
resolved against whatever base is at hand. Here each of these is a refusal, so that every word of an accepted document
is under the signature. Accepted documents give the same RDF dataset as the strict mode of other processors (JSON-LD 1.1
API §5.1.2 and §8.1, base direction as i18n datatype).

Stricter than JSON-LD on purpose: contexts only as pinned URLs; ``@context`` inside the document only on an embedded
credential; keywords only through their aliases and in value objects; members only as terms, not as IRIs; no blank node
identifiers of the author's own, no null, no fractions, no arrays in arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from refolio.credential.contexts import ActiveContext, Term, active_context
from refolio.credential.jcs import jcs
from refolio.credential.literals import (
    JSON_DATATYPE,
    literal,
    number_or_boolean,
    quoted,
    refuse,
    require_clean,
    require_scalar,
    value_object,
)
from refolio.credential.reading import JSON, MAX_DEPTH
from refolio.errors import DocumentRefused

MAX_NODES: Final = 5_000  # members and array items, all levels together

# The members whose values are credentials of their own, with their own @context, and the types that show it.
EMBEDDING: Final = frozenset(
    {
        "https://purl.imsglobal.org/spec/vc/ob/vocab.html#endorsement",
        "https://www.w3.org/2018/credentials#verifiableCredential",
        "https://purl.imsglobal.org/spec/vc/clr/vocab.html#verifiableCredential",
    }
)
EMBEDDED: Final = frozenset({"VerifiableCredential", "EnvelopedVerifiableCredential"})

PROOF: Final = "https://w3id.org/security#proof"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE, _FIRST, _REST, _NIL = f" <{_RDF}type> ", f" <{_RDF}first> ", f" <{_RDF}rest> ", f"<{_RDF}nil>"
_SAYS_NOTHING = frozenset({"id", "@id", "@context"})


class Link(NamedTuple):
    """A statement with a blank node as object or graph. ``predicate`` has a space on both sides, ``graph`` may be ""."""

    subject: str
    predicate: str
    object: str
    graph: str


class Graph(NamedTuple):
    """The RDF dataset of a document as N-Quads text, its blank nodes (``_:0``, ``_:1``, ...) not yet canonically named.

    ``lines`` are the whole statements without a blank node. ``tails`` maps every blank node to the statements about it
    in the default graph that mention no other one, each without its subject. ``links`` are all other statements.
    A list may hold a statement twice; in the dataset it is there once.
    """

    lines: list[str]
    tails: dict[str, list[str]]
    links: list[Link]


def walk(document: Mapping[str, JSON]) -> Graph:
    """Return the RDF dataset of ``document``, every word of which its contexts define.

    Raises DocumentRefused; ``path`` is the JSON Pointer (RFC 6901) of the offending place and ``code`` one of

    - contexts: ``missing-context``, ``unknown-context``, ``embedded-context``, ``undefined-terms``, ``context-order``,
      ``too-many-contexts``, ``protected-term``
    - words: ``undefined-term``, ``undefined-type``, ``keyword``, ``reverse-term``
    - values: ``relative-iri``, ``blank-node-id``, ``null-member``, ``float``, ``big-integer``, ``control-character``,
      ``lone-surrogate``, ``malformed-type``, ``malformed-value``, ``nested-array``, ``empty-node``, ``not-json``
    - bounds: ``too-deep`` (more than MAX_DEPTH levels), ``too-many-nodes`` (more than MAX_NODES)
    """
    statements = _Statements()
    try:
        if "@context" not in document:
            refuse("missing-context", "The document has no @context, so none of its words means anything.")
        statements.node(document, _listed_contexts(document), None, "", 1)
    except DocumentRefused as refused:  # its message is made anew, now that the path is whole
        raise DocumentRefused(refused.code, refused.path, refused.says, refused.fix) from None
    graph = Graph(statements.lines, statements.tails, statements.links)
    if not (graph.lines or graph.links or any(graph.tails.values())):
        raise DocumentRefused("empty-node", "", "The document says nothing that could be signed.")
    return graph


class _Statements:
    """What the pass has collected and counted.

    A refusal is raised where it is met, with an empty path; each level on the way out puts its step in front.
    """

    __slots__ = ("lines", "links", "nodes", "tails")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.tails: dict[str, list[str]] = {}
        self.links: list[Link] = []
        self.nodes = 0

    def node(
        self, element: Mapping[str, JSON], active: ActiveContext, term: Term | None, graph: str, depth: int
    ) -> str:
        """Emit the statements of a node object, the value of ``term``, and return its RDF term."""
        self.count(len(element), depth)
        if term is not None:
            if active.previous is not None and not (len(element) == 1 and active.id_name in element):
                active = active.previous
            if term.scoped is not None:
                active = active.for_property(term)
            if "@context" in element:
                active = _embedded_context(element, active, term)
        id_name, type_name = active.id_name, active.type_name
        name = type_name
        try:
            types = _types(element[name]) if name in element else []
            scoped = active.for_types(types)
            if id_name in element:
                name = id_name
                head = subject = _identifier(element[name], scoped)
                lines = self.lines
            else:
                subject, head = self.blank(), ""
                lines = self.tails[subject]

            name = type_name
            for word in types:
                class_ = _class(word, active)
                if graph:
                    self.links.append(Link(subject, _TYPE, class_, graph))
                else:
                    lines.append(f"{head}{_TYPE}{class_} .\n")

            terms, links = scoped.terms, self.links
            for name, value in element.items():
                if name == id_name or name == type_name or name == "@context":
                    continue
                member = terms.get(name) or _vocabulary_term(name, scoped)
                if type(value) is str and member.datatype is not None and not graph:  # nearly every member
                    lines.append(f"{head}{member.predicate}{quoted(value)}{member.datatype} .\n")
                    continue
                if type(value) is list or member.is_special:
                    objects = self.values(value, member, scoped, graph, depth)
                else:
                    objects = [self.value(value, member, scoped, graph, depth)]
                for object_ in objects:
                    if graph or object_[0] == "_":
                        links.append(Link(subject, member.predicate, object_, graph))
                    else:
                        lines.append(f"{head}{member.predicate}{object_} .\n")
        except DocumentRefused as refused:
            raise _inside(name, refused) from None
        return subject

    def values(self, value: JSON, term: Term, active: ActiveContext, graph: str, depth: int) -> list[str]:
        """Return the RDF terms of all values of one member that is an array, or is special."""
        if term.reverse:
            refuse("reverse-term", "This term turns its statement round, which no credential needs.")
        if term.type == "@json":
            return [self.json_literal(value, depth)]
        if type(value) is not list:
            objects = [self.value(value, term, active, graph, depth)]
        else:
            self.count(len(value), depth + 1)
            objects = []
            position = 0
            try:
                for position, item in enumerate(value):
                    if type(item) is list:
                        refuse("nested-array", "An array stands inside an array.", "Write one array.")
                    objects.append(self.value(item, term, active, graph, depth + 1))
            except DocumentRefused as refused:
                raise _inside(position, refused) from None
        return [self.list_of(objects, graph)] if term.container == "@list" else objects

    def value(self, value: JSON, term: Term, active: ActiveContext, graph: str, depth: int) -> str:
        """Return the RDF term of one value, emitting the statements inside it (JSON-LD 1.1 API §5.3.2)."""
        if type(value) is str:
            return quoted(value) + term.datatype if term.datatype is not None else _coerced(value, term, active)
        if type(value) is dict:
            if "@value" not in value:
                if term.container == "@graph":
                    return self.named_graph(value, active, term, graph, depth)
                return self.node(value, active, term, graph, depth + 1)
            if term.container != "@graph":
                self.count(len(value), depth + 1)
                return value_object(value, active.for_property(term))
        require_scalar(value)
        if term.type in ("@id", "@vocab") or term.container == "@graph":
            refuse("malformed-value", "Only an object, or the URL of one, can stand here.", "Write https://… or a DID.")
        return number_or_boolean(value, term.type)

    def named_graph(self, value: dict[str, JSON], active: ActiveContext, term: Term, graph: str, depth: int) -> str:
        """Emit a node object into a graph of its own and return the name of that graph."""
        if value.keys() <= _SAYS_NOTHING:
            refuse("empty-node", "This object says nothing.", "Write the whole object, not only its id.")
        name = self.blank()
        self.node(value, active, term, name, depth + 1)
        return name

    def list_of(self, items: list[str], graph: str) -> str:
        """Emit an RDF list and return its first cell."""
        cells = [self.blank() for _ in items]
        for cell, item, rest in zip(cells, items, [*cells[1:], _NIL], strict=True):
            self.links.append(Link(cell, _FIRST, item, graph))
            self.links.append(Link(cell, _REST, rest, graph))
        return cells[0] if cells else _NIL

    def json_literal(self, value: JSON, depth: int) -> str:
        if value is None:
            require_scalar(value)
        self.inspect(value, depth)
        return quoted(jcs(value).decode()) + JSON_DATATYPE

    def inspect(self, value: JSON, depth: int) -> None:
        """The gate inside a JSON literal, where no word is defined, null has a meaning, and all else holds as outside."""
        if type(value) is str:
            require_clean(value)
        elif type(value) is dict or type(value) is list:
            self.count(len(value), depth + 1)
            step: str | int = 0
            try:
                for step, member in value.items() if type(value) is dict else enumerate(value):
                    if type(step) is str:
                        require_clean(step)
                    self.inspect(member, depth + 1)
            except DocumentRefused as refused:
                raise _inside(step, refused) from None
        elif value is not None:
            require_scalar(value)

    def blank(self) -> str:
        name = f"_:{len(self.tails)}"
        self.tails[name] = []
        return name

    def count(self, nodes: int, depth: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            refuse("too-many-nodes", f"The document has more than {MAX_NODES:,} members and items.", "Split it up.")
        if depth > MAX_DEPTH:
            refuse("too-deep", f"More than {MAX_DEPTH} objects and arrays inside one another.", "Flatten the document.")


def _listed_contexts(element: Mapping[str, JSON], within: ActiveContext | None = None) -> ActiveContext:
    """Return the active context of ``element``'s own @context: one pinned URL or a list of them."""
    context = element["@context"]
    urls = [context] if type(context) is str else context
    try:
        if type(urls) is not list or not all(type(url) is str for url in urls):
            refuse(
                "embedded-context",
                "@context must be a list of pinned URLs; a context written out in the document could redefine its words.",
                "Use terms that the pinned contexts define.",
            )
        names = tuple(urls)
        return active_context(names) if within is None else active_context(names, within)
    except DocumentRefused as refused:
        path = refused.path if type(context) is list else ""
        raise DocumentRefused(refused.code, f"/@context{path}", refused.says, refused.fix) from None


def _embedded_context(element: Mapping[str, JSON], active: ActiveContext, term: Term) -> ActiveContext:
    """Return the active context inside an object with a @context of its own.

    Only two kinds may have one: an embedded credential, and a proof that repeats its credential's list letter for
    letter, as eddsa-jcs-2022 does.
    """
    context, types = element["@context"], element.get("type")
    is_credential = not EMBEDDED.isdisjoint(map(str, types if type(types) is list else [types]))
    repeats = (context if type(context) is list else [context]) == [*active.urls]
    if (term.iri in EMBEDDING and is_credential) or (term.iri == PROOF and repeats):
        return _listed_contexts(element, active)
    raise DocumentRefused(
        "embedded-context",
        "/@context",
        "Only a whole credential, such as an endorsement, has a @context of its own inside another one.",
        "Leave this @context out.",
    )


def _types(value: JSON) -> list[str]:
    types: list[str] = []
    for item in value if type(value) is list else [value]:
        if type(item) is not str:
            refuse("null-member" if item is None else "malformed-type", "A type must be a text.")
        types.append(item)
    return types


def _coerced(text: str, term: Term, active: ActiveContext) -> str:
    """Return the RDF term of a text that may stand for an IRI."""
    if term.container == "@graph" or (term.scoped is not None and term.scoped.resets):
        refuse("malformed-value", "A text stands where only an object can.", "Write the whole object.")
    active = active.for_property(term)
    if term.type == "@id":
        return _reference(text, active)
    if term.type == "@vocab":
        return _class(text, active)
    return literal(text, term.type)


def _class(word: str, active: ActiveContext) -> str:
    """Return the RDF term of a type or of a value out of a vocabulary."""
    term = active.terms.get(word)
    if term is not None and term.iri[0] != "@":
        return f"<{term.iri}>"
    iri = active.expand_vocabulary(word)
    if iri is None:
        _refuse_blank_node(word)
        refuse(
            "undefined-type",
            f"No context of the document defines “{word[:60]}” here.",
            "Use a term of the contexts or an absolute IRI.",
        )
    return f"<{iri}>"


def _identifier(value: JSON, active: ActiveContext) -> str:
    if type(value) is not str:
        require_scalar(value)
        refuse("malformed-value", "An id is one absolute IRI.", "Write https://…, did:… or urn:….")
    return _reference(value, active)


def _reference(text: str, active: ActiveContext) -> str:
    iri = active.expand(text)
    if iri is None:
        _refuse_blank_node(text)
        require_clean(text)
        refuse(
            "relative-iri",
            f"“{text[:60]}” is not an absolute IRI, so it would mean something else in every place.",
            "Write https://…, did:… or urn:….",
        )
    return f"<{iri}>"


def _refuse_blank_node(text: str) -> None:
    if text[:2] == "_:":
        refuse(
            "blank-node-id",
            "Blank node identifiers mean nothing outside one document.",
            "Write an absolute IRI or no id.",
        )


def _vocabulary_term(name: str, active: ActiveContext) -> Term:
    """Return the term that the contexts' @vocab makes of ``name``; refuse any other undefined word."""
    if name[:1] == "@":
        refuse("keyword", f"The JSON-LD keyword “{name[:60]}” has no place here.", "Use the terms of the contexts.")
    iri = active.expand_vocabulary(name) if active.vocab is not None and ":" not in name else None
    if iri is None:
        refuse(
            "undefined-term",
            f"No context of the document defines “{name[:60]}” here, so it would not be signed.",
            "Remove it, correct its spelling, or correct the type of the object it stands in.",
        )
    return Term(iri)


def _inside(step: str | int, refused: DocumentRefused) -> DocumentRefused:
    """Put one step of a JSON Pointer in front of where it went wrong."""
    refused.path = f"/{str(step).replace('~', '~0').replace('/', '~1')}{refused.path}"
    return refused

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

from refolio.credential.contexts import ActiveContext, context_of, embedded_context
from refolio.credential.jcs import jcs
from refolio.credential.literals import (
    JSON_DATATYPE,
    number_or_boolean,
    quoted,
    refuse,
    require_clean,
    require_scalar,
    value_object,
)
from refolio.credential.naming import class_term, coerced_text, identifier, type_names, vocabulary_term
from refolio.credential.reading import JSON, MAX_DEPTH
from refolio.credential.terms import Term
from refolio.errors import DocumentRefused

MAX_NODES: Final = 5_000  # members and array items, all levels together

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE, _FIRST, _REST, _NIL = f" <{_RDF}type> ", f" <{_RDF}first> ", f" <{_RDF}rest> ", f"<{_RDF}nil>"
_SAYS_NOTHING = frozenset({"id", "@id", "@context"})


class Link(NamedTuple):
    """A statement with a blank node as object or graph. ``predicate`` has its two spaces, ``graph`` may be empty."""

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
    - identifiers: ``relative-iri``, ``malformed-iri``, ``blank-node-id``
    - values: ``null-member``, ``float``, ``big-integer``, ``control-character``, ``lone-surrogate``, ``noncharacter``,
      ``not-json``, ``malformed-type``, ``malformed-value``, ``nested-array``, ``empty-node``
    - bounds: ``too-deep`` (more than MAX_DEPTH levels), ``too-many-nodes`` (more than MAX_NODES)
    """
    statements = _Statements()
    try:
        if "@context" not in document:
            refuse("missing-context", "The document has no @context, so none of its words means anything.")
        statements.node(document, context_of(document), None, "", 1)
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
                active = embedded_context(element, active, term)
        id_name, type_name = active.id_name, active.type_name
        name = type_name
        try:
            types = type_names(element[name]) if name in element else []
            self.count(len(types), depth)
            scoped = active.for_types(types)
            if id_name in element:
                name = id_name
                head = subject = identifier(element[name], scoped)
                lines = self.lines
            else:
                subject, head = self.blank(), ""
                lines = self.tails[subject]

            name = type_name
            for word in types:
                class_ = class_term(word, active)
                if graph:
                    self.links.append(Link(subject, _TYPE, class_, graph))
                else:
                    lines.append(f"{head}{_TYPE}{class_} .\n")

            terms, links, done = scoped.terms, self.links, (id_name, type_name, "@context")
            for name, value in element.items():
                if name in done:
                    continue
                member = terms.get(name) or vocabulary_term(name, scoped)
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
                for position in range(len(value)):
                    item = value[position]
                    if type(item) is list:
                        refuse("nested-array", "An array stands inside an array.", "Write one array.")
                    objects.append(self.value(item, term, active, graph, depth + 1))
            except DocumentRefused as refused:
                raise _inside(position, refused) from None
        return [self.list_of(objects, graph)] if term.container == "@list" else objects

    def value(self, value: JSON, term: Term, active: ActiveContext, graph: str, depth: int) -> str:
        """Return the RDF term of one value, emitting the statements inside it (JSON-LD 1.1 API §5.3.2)."""
        if type(value) is str:
            return quoted(value) + term.datatype if term.datatype is not None else coerced_text(value, term, active)
        if type(value) is dict:
            if "@value" not in value:
                if term.container == "@graph":
                    return self.named_graph(value, active, term, depth)
                return self.node(value, active, term, graph, depth + 1)
            if term.container != "@graph":
                self.count(len(value), depth + 1)
                return value_object(value, active.for_property(term))
        require_scalar(value)
        if term.type in ("@id", "@vocab") or term.container == "@graph":
            refuse("malformed-value", "Only an object, or the URL of one, can stand here.", "Write https://… or a DID.")
        return number_or_boolean(value, term.type)

    def named_graph(self, value: dict[str, JSON], active: ActiveContext, term: Term, depth: int) -> str:
        """Emit a node object into a graph of its own and return the name of that graph."""
        if value.keys() <= _SAYS_NOTHING:
            refuse("empty-node", "This object says nothing.", "Write the whole object, not only its id.")
        name = self.blank()
        self.node(value, active, term, name, depth + 1)
        return name

    def list_of(self, items: list[str], graph: str) -> str:
        """Emit an RDF list and return its first cell."""
        rest = _NIL
        for item in reversed(items):
            cell = self.blank()
            self.links.append(Link(cell, _FIRST, item, graph))
            self.links.append(Link(cell, _REST, rest, graph))
            rest = cell
        return rest

    def json_literal(self, value: JSON, depth: int) -> str:
        if value is None:
            require_scalar(value)
        self.inspect(value, depth)
        return quoted(jcs(value).decode()) + JSON_DATATYPE

    def inspect(self, value: JSON, depth: int) -> None:
        """The gate inside a JSON literal, where no word is defined and null has a meaning; all else as outside."""
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


def _inside(step: str | int, refused: DocumentRefused) -> DocumentRefused:
    """Put one step of a JSON Pointer in front of where it went wrong."""
    refused.path = f"/{str(step).replace('~', '~0').replace('/', '~1')}{refused.path}"
    return refused

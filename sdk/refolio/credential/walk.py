"""One bounded pass over a document, two jobs: the strict JSON-LD gate and the RDF statements that get signed.

Ordinary JSON-LD processing forgives: an undefined term vanishes without a word and is then not signed, a relative id is
resolved against whatever base is at hand. Here each of these is a refusal, so that every word of an accepted document
is under the signature. Accepted documents give the same RDF dataset as the strict mode of other processors (JSON-LD 1.1
API §5.1.2 and §8.1, base direction as i18n datatype).

Stricter than JSON-LD on purpose: contexts only as pinned URLs; ``@context`` inside the document only on an embedded
credential; keywords only through their aliases and in value objects; members only as terms, not as IRIs; no blank node
identifiers of the author's own, no null, no fractions, no arrays in arrays, nothing twice in one array.

What names and types mean at a place is looked up in ``plans``; here are the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, NewType

from refolio.credential.contexts import ActiveContext, context_of, embedded_context
from refolio.credential.jcs import jcs
from refolio.credential.literals import (
    JSON_DATATYPE,
    are_clean,
    escaped,
    inside,
    number_or_boolean,
    quoted,
    refuse,
    require_clean,
    require_distinct,
    require_scalar,
    value_object,
)
from refolio.credential.naming import coerced_text, identifier
from refolio.credential.one_place import Named, require_one_place
from refolio.credential.plans import RDF_TYPE, Member, Plan, plan_for
from refolio.credential.reading import JSON, MAX_DEPTH
from refolio.credential.terms import Term
from refolio.errors import DocumentRefused

MAX_NODES: Final = 5_000  # members and array items, all levels together

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FIRST, _REST, _NIL = f" <{_RDF}first> ", f" <{_RDF}rest> ", f"<{_RDF}nil>"
_SAYS_NOTHING = frozenset({"id", "@id", "@context"})

# A document that require_defined() let pass: JSON through and through, and its contexts define every word of it.
Defined = NewType("Defined", dict[str, JSON])


class Link(NamedTuple):
    """A statement with a blank node as object or graph. ``predicate`` has its two spaces, ``graph`` may be empty."""

    subject: str
    predicate: str
    object: str
    graph: str


class Graph(NamedTuple):
    """The RDF dataset of a document as N-Quads text, its blank nodes (``_:0``, ``_:1``, ...) not yet canonically named.

    ``tails`` maps every blank node, and every other subject, to the statements about it in the default graph that
    mention no other blank node, each once and without its subject. ``links`` are all other statements.
    """

    tails: dict[str, list[str]]
    links: list[Link]


def walk(document: Mapping[str, JSON], *, without: str | None = None) -> Graph:
    """Return the RDF dataset of ``document``, every word of which its contexts define.

    ``without`` is a member of the document itself to leave out, such as "proof".

    Raises DocumentRefused; ``path`` is the JSON Pointer (RFC 6901) of the offending place and ``code`` one of

    - contexts: ``missing-context``, ``unknown-context``, ``embedded-context``, ``undefined-terms``, ``context-order``,
      ``too-many-contexts``, ``protected-term``
    - words: ``undefined-term``, ``undefined-type``, ``keyword``, ``reverse-term``
    - identifiers: ``relative-iri``, ``malformed-iri``, ``blank-node-id``
    - values: ``null-member``, ``float``, ``big-integer``, ``control-character``, ``lone-surrogate``, ``noncharacter``,
      ``not-json``, ``malformed-type``, ``malformed-value``, ``nested-array``, ``empty-node``, ``said-twice``
    - one id, two objects: ``said-in-two-places``
    - bounds: ``too-deep`` (more than MAX_DEPTH levels), ``too-many-nodes`` (more than MAX_NODES)
    """
    graph = Graph({}, [])
    _Pass(graph).document({name: value for name, value in document.items() if name != without})
    return graph


def require_defined(document: Mapping[str, JSON], *, without: str | None = None) -> Defined:
    """Return ``document`` less its member ``without`` if walk() would accept it; refuse it exactly as walk() does.

    For signatures over the JSON itself: they need the gate, but nobody reads the statements, so none is written down.
    """
    part = {name: value for name, value in document.items() if name != without}
    _Pass(None).document(part)
    return Defined(part)


class _Pass:
    """One pass over one document: what it has counted, and the graph it writes down, if any.

    A careful pass looks at once for odd characters in every text. The usual one lays most of them aside for the end.

    A refusal is raised where it is met, with an empty path; each level on the way out puts its step in front.
    """

    __slots__ = ("blanks", "graph", "is_careful", "named", "nodes", "repeating", "statements", "texts")

    def __init__(self, graph: Graph | None, is_careful: bool = False) -> None:
        self.graph = graph
        self.is_careful = is_careful
        self.texts: list[str] = []
        self.named: list[Named] = []
        self.repeating: set[str] = set()  # subjects of which something may have been said more than once
        self.nodes = self.blanks = self.statements = 0

    def document(self, document: dict[str, JSON]) -> None:
        try:
            if "@context" not in document:
                refuse("missing-context", "The document has no @context, so none of its words means anything.")
            self.node(document, context_of(document), None, "", 1)
            require_one_place(self.named, document)
        except DocumentRefused as refused:  # its message is made anew, now that the path is whole
            raise DocumentRefused(refused.code, refused.path, refused.says, refused.fix) from None
        if not are_clean(self.texts):  # looked at all at once; where it is, tells a second pass
            _Pass(None, is_careful=True).document(document)
        if not (self.statements or self.texts):
            raise DocumentRefused("empty-node", "", "The document says nothing that could be signed.")
        if self.graph is not None:
            for subject in self.repeating:
                self.graph.tails[subject] = list(dict.fromkeys(self.graph.tails[subject]))

    def node(
        self, element: dict[str, JSON], active: ActiveContext, term: Term | None, in_graph: str, depth: int
    ) -> str:
        """Make the statements of a node object, the value of ``term``, and return its RDF term.

        ``active`` is in force on the object before its types are looked at. ``graph`` names the graph, "" the default.
        """
        if term is not None and "@context" in element:
            active = embedded_context(element, active, term)
        types: tuple[JSON, ...] = ()
        if active.type_name in element:
            listed = element[active.type_name]
            types = tuple(listed) if type(listed) is list else (listed,)
        self.count(len(element) + len(types), depth)
        plan = plan_for(active, tuple(element), types)

        name = plan.id_name or ""
        try:
            if name:
                subject = identifier(element[name], plan.active)
                self.named.append((in_graph, subject, plan.classes, element))
            else:
                subject = self.blank()
            about = None
            if in_graph:
                self.say(subject, RDF_TYPE, plan.classes, in_graph)
            else:
                self.statements += len(plan.classes)
                if self.graph is not None:
                    about = self.about(subject, plan)
            texts, one_by_one = self.texts, self.is_careful or in_graph
            for member in plan.members:
                value = element[member.name]
                if type(value) is str and member.opening is not None and not one_by_one:  # nearly every member
                    texts.append(value)
                    if about is not None:
                        text = escaped(value) if '"' in value or "\\" in value or "\n" in value else value
                        about.append(member.opening + text + member.closing)
                else:
                    name = member.name
                    self.say(subject, member.predicate, self.values(value, member, in_graph, depth), in_graph)
        except DocumentRefused as refused:
            raise inside(name, refused) from None
        return subject

    def about(self, subject: str, plan: Plan) -> list[str]:
        """Return the list that takes the statements about ``subject``, those about its types already in it."""
        assert self.graph is not None
        tails = self.graph.tails
        if plan.may_repeat or (subject in tails and subject[0] == "<"):
            self.repeating.add(subject)
        about = tails.setdefault(subject, [])
        about += plan.class_tails
        return about

    def say(self, subject: str, predicate: str, objects: list[str], in_graph: str) -> None:
        """Make one statement for each object."""
        self.statements += len(objects)
        if self.graph is not None:
            tails, links = self.graph
            about = tails.setdefault(subject, [])
            for object_ in objects:
                if in_graph or object_[0] == "_":
                    links.append(Link(subject, predicate, object_, in_graph))
                else:
                    about.append(f"{predicate}{object_} .\n")

    def values(self, value: JSON, member: Member, in_graph: str, depth: int) -> list[str]:
        """Return the RDF terms of all values of a member."""
        term = member.term
        if term.reverse:
            refuse("reverse-term", "This term turns its statement round, which no credential needs.")
        if term.type == "@json":
            return [self.json_literal(value, depth)]
        if type(value) is not list:
            objects = [self.value(value, member, in_graph, depth)]
        else:
            self.count(len(value), depth + 1)
            objects = []
            try:
                for item in value:
                    objects.append(self.value(item, member, in_graph, depth + 1))
            except DocumentRefused as refused:
                raise inside(len(objects), refused) from None
            require_distinct(objects)
        return [self.list_of(objects, in_graph)] if term.container == "@list" else objects

    def value(self, value: JSON, member: Member, in_graph: str, depth: int) -> str:
        """Return the RDF term of one value, making the statements inside it (JSON-LD 1.1 API §5.3.2)."""
        term = member.term
        if type(value) is dict:
            if "@value" not in value:
                if term.container == "@graph":
                    return self.named_graph(value, member, depth)
                return self.node(value, member.context_on(value), term, in_graph, depth + 1)
            if term.container != "@graph":
                self.count(len(value), depth + 1)
                return value_object(value, member.here)
        if type(value) is str:
            if term.datatype is None:
                return coerced_text(value, term, member.here)
            return quoted(value) + term.datatype
        if type(value) is list:
            refuse("nested-array", "An array stands inside an array.", "Write one array.")
        require_scalar(value)
        if term.type in ("@id", "@vocab") or term.container == "@graph":
            refuse("malformed-value", "Only an object, or the URL of one, can stand here.", "Write https://… or a DID.")
        return number_or_boolean(value, term.type)

    def named_graph(self, value: dict[str, JSON], member: Member, depth: int) -> str:
        """Make a node object a graph of its own and return the name of that graph."""
        if value.keys() <= _SAYS_NOTHING:
            refuse("empty-node", "This object says nothing.", "Write the whole object, not only its id.")
        name = self.blank()
        self.node(value, member.context_on(value), member.term, name, depth + 1)
        return name

    def list_of(self, items: list[str], in_graph: str) -> str:
        """Make an RDF list and return its first cell."""
        rest = _NIL
        for item in reversed(items):
            cell = self.blank()
            if self.graph is not None:
                self.graph.links.extend((Link(cell, _FIRST, item, in_graph), Link(cell, _REST, rest, in_graph)))
            rest = cell
        return rest

    def json_literal(self, value: JSON, depth: int) -> str:
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
                    if type(value) is dict:
                        if type(step) is not str:
                            refuse("not-json", "The name of a member is not a text.")
                        require_clean(step)
                    self.inspect(member, depth + 1)
            except DocumentRefused as refused:
                raise inside(step, refused) from None
        elif value is not None:
            require_scalar(value)

    def blank(self) -> str:
        name = f"_:{self.blanks}"
        self.blanks += 1
        if self.graph is not None:
            self.graph.tails[name] = []
        return name

    def count(self, nodes: int, depth: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            refuse("too-many-nodes", f"The document has more than {MAX_NODES:,} members and items.", "Split it up.")
        if depth > MAX_DEPTH:
            refuse("too-deep", f"More than {MAX_DEPTH} objects and arrays inside one another.", "Flatten the document.")

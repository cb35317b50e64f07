"""Plans: what the pinned tables say of all objects of one kind, worked out once.

Of one kind are objects with the same types and member names, where the same context is in force. Which names are
defined, which statements their values make, which contexts come into force inside: all that follows from the kind
alone. So a plan is a specialisation of the compiled contexts, like a hidden class of a JavaScript engine; no value of
a document is part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from refolio.credential.contexts import ActiveContext
from refolio.credential.literals import inside, require_distinct
from refolio.credential.naming import class_term, require_texts, vocabulary_term
from refolio.credential.reading import JSON
from refolio.credential.terms import Term
from refolio.errors import DocumentRefused

# A stranger picks what is kept, so it is bounded: so many plans, of so many words each, and of words of the pinned
# tables alone. All together take at most about 20 MB.
MAX_PLANS: Final = 512
MAX_KEPT_WORDS: Final = 64

RDF_TYPE: Final = " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "


class Member:
    """What a member name means in objects of one kind.

    ``predicate`` has its two spaces; ``term`` says how the values are read, with the context ``here`` in force.
    A text that is simply a literal makes the statement ``opening``, text, ``closing``; ``opening`` is None where a text
    is more than that.
    """

    __slots__ = ("_below", "_id_name", "closing", "here", "name", "opening", "predicate", "term")

    def __init__(self, name: str, term: Term, active: ActiveContext) -> None:
        self.name: Final = name
        self.term: Final = term
        self.predicate: Final = term.predicate
        self.opening: Final = None if term.datatype is None else f'{term.predicate}"'
        self.closing: Final = f'"{term.datatype} .\n'
        self.here: Final = active.for_property(term)
        self._below: Final = self.here if active.previous is None else active.previous.for_property(term)
        self._id_name: Final = active.id_name

    def context_on(self, element: Mapping[str, JSON]) -> ActiveContext:
        """The context in force on an object among the values, before its own types are looked at.

        A context that came with a type ends there, but not at a mere reference (JSON-LD 1.1 API §5.1.2 step 7).
        """
        return self.here if len(element) == 1 and self._id_name in element else self._below


class Plan:
    """What all objects of one kind have in common.

    ``active`` is the context in force on their ids, ``id_name`` the name of that member, None if they have none.
    ``classes`` are the RDF terms of their types, ``class_tails`` the statements that say so, less the subject.
    ``members`` are all other members, in the order of the document. ``may_repeat`` tells whether two of them, or of the
    types, may make the same statement.
    """

    __slots__ = ("active", "class_tails", "classes", "id_name", "may_repeat", "members")

    def __init__(self, active: ActiveContext, id_name: str | None, classes: list[str], members: list[Member]) -> None:
        self.active: Final = active
        self.id_name: Final = id_name
        self.classes: Final = classes
        self.class_tails: Final = [f"{RDF_TYPE}{class_} .\n" for class_ in classes]
        self.members: Final = members
        predicates = [RDF_TYPE, *(member.predicate for member in members)]
        self.may_repeat: Final = len({*classes, *predicates}) < len(classes) + len(predicates)


_kept: dict[tuple[ActiveContext, tuple[str, ...], tuple[JSON, ...]], Plan] = {}


def plan_for(active: ActiveContext, names: tuple[str, ...], types: tuple[JSON, ...]) -> Plan:
    """Return the plan of objects with these member names and types where ``active`` is in force.

    Raises DocumentRefused for a name or type that means nothing there or must not stand there, with its place.
    """
    try:
        plan = _kept.get((active, names, types))
    except TypeError:  # something among the types is no text and cannot be looked up
        plan = None
    return plan or _made(active, names, types)


def _made(active: ActiveContext, names: tuple[str, ...], types: tuple[JSON, ...]) -> Plan:
    silent = (active.id_name, active.type_name, "@context")
    members: list[Member] = []
    name = active.type_name
    try:
        words = require_texts(types)
        scoped = active.for_types(words)
        classes = [class_term(word, active) for word in words]
        require_distinct(words)
        for name in names:
            if name not in silent:
                members.append(Member(name, scoped.terms.get(name) or vocabulary_term(name, scoped), scoped))
    except DocumentRefused as refused:
        raise inside(name, refused) from None
    plan = Plan(scoped, active.id_name if active.id_name in names else None, classes, members)

    is_pinned = all(word in active.terms for word in words) and all(member.name in scoped.terms for member in members)
    if is_pinned and len(words) + len(names) <= MAX_KEPT_WORDS:
        if len(_kept) >= MAX_PLANS:
            _kept.clear()
        _kept[active, names, types] = plan
    return plan

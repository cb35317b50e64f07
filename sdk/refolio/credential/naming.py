"""What the words and identifiers of a document stand for, as RDF terms in N-Quads form.

Refusals are DocumentRefused with an empty path; the walk puts the place in front.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from refolio.credential.contexts import ActiveContext, has_scheme
from refolio.credential.literals import literal, refuse, require_clean, require_scalar
from refolio.credential.reading import JSON
from refolio.credential.terms import Term


def require_texts(value: Iterable[JSON]) -> list[str]:
    """Return the types of a node as they are written, all of which must be texts."""
    types: list[str] = []
    for item in value:
        if type(item) is not str:
            refuse("null-member" if item is None else "malformed-type", "A type must be a text.")
        types.append(item)
    return types


def coerced_text(text: str, term: Term, active: ActiveContext) -> str:
    """Return the RDF term of a text that may stand for an IRI; ``active`` is in force on the values of ``term``."""
    if term.container == "@graph" or (term.scoped is not None and term.scoped.resets):
        refuse("malformed-value", "A text stands where only an object can.", "Write the whole object.")
    if term.type == "@id":
        return identifier(text, active)
    if term.type == "@vocab":
        return class_term(text, active)
    return literal(text, term.type)


def class_term(word: str, active: ActiveContext) -> str:
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


def identifier(value: JSON, active: ActiveContext) -> str:
    """Return the RDF term of an id, which must be one absolute or compact IRI."""
    if type(value) is not str:
        require_scalar(value)
        refuse("malformed-value", "An id is one absolute IRI.", "Write https://…, did:… or urn:….")
    iri = active.expand(value)
    if iri is None:
        _refuse_reference(value)
    return f"<{iri}>"


def _refuse_reference(text: str) -> NoReturn:
    _refuse_blank_node(text)
    require_clean(text)
    if has_scheme(text):
        refuse("malformed-iri", f"“{text[:60]}” holds a character that no IRI has.", "Percent-encode it.")
    refuse(
        "relative-iri",
        f"“{text[:60]}” is not an absolute IRI, so it would mean something else in every place.",
        "Write https://…, did:… or urn:….",
    )


def _refuse_blank_node(text: str) -> None:
    if text[:2] == "_:":
        refuse(
            "blank-node-id",
            "Blank node identifiers mean nothing outside one document.",
            "Write an absolute IRI or no id.",
        )


def vocabulary_term(name: str, active: ActiveContext) -> Term:
    """Return the term that the contexts' @vocab makes of ``name``; refuse any other undefined word."""
    if type(name) is not str:
        refuse("not-json", "The name of a member is not a text.")
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

"""What is said of one thing must stand in one place, or a holder could move it to where no verifier looks.

In RDF all that is said under one id is said of one thing, wherever in the file it stands. So a proof over statements
does not notice when ``credentialStatus`` is moved from the credential to an endorsement of that very credential, given
the same type there. Who reads the JSON no longer finds it. So two objects with one id may not both have a type that
lets them say such things, unless they are alike to the letter (SEC-024, SEC-076).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from refolio.credential.jcs import jcs
from refolio.credential.literals import refuse
from refolio.credential.reading import JSON

# The graph, the RDF term and the types of an object with an id, and the object itself.
Named: TypeAlias = tuple[str, str, Sequence[str], Mapping[str, JSON]]

# An organisation is named as issuer, creator and source, an image used twice. What they say decides nothing, and
# facts.py reads the profiles of one id together.
_REPEATED = frozenset(
    {
        "<https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile>",
        "<https://purl.imsglobal.org/spec/vc/ob/vocab.html#Image>",
    }
)


def require_one_place(objects: Sequence[Named], document: Mapping[str, JSON]) -> None:
    """Raise DocumentRefused ``said-in-two-places`` for different objects of one id and graph that share a type.

    ``objects`` are those of ``document`` in reading order. A learner record tells of one learner and one achievement in
    many credentials, each of which signs for itself; so of a record only the record itself is looked at.
    """
    written = document.get("type")
    if objects and "ClrCredential" in (written if isinstance(written, list) else [written]):
        objects = [named for named in objects if named[:2] == objects[0][:2]]
    first: dict[tuple[str, str, str], Mapping[str, JSON]] = {}
    for graph, subject, types, element in objects:
        for type_ in types:
            if type_ in _REPEATED:
                continue
            other = first.setdefault((graph, subject, type_), element)
            if other is not element and jcs(dict(other)) != jcs(dict(element)):  # for Python, true and 1 are equal
                says = (
                    f"Two objects have the id {subject[1:-1][:200]} and the type {type_[1:-1]}: "
                    "what one of them says could be moved to the other, and the signature would not notice."
                )
                refuse("said-in-two-places", says, "Say it in one place, and name the thing by its id elsewhere.")

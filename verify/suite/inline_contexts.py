"""Contexts written out inside a document, as far as the W3C's suite for the data model uses them: names for types.

The product refuses them all, because a context of the sender's own can give any word another meaning. Here, and for RDF
proofs only, a word that such a context defines is replaced by the IRI it stands for, which is the same statement in
RDF (JSON-LD 1.1 §4.1) and so has the same signature; then the core sees pinned contexts alone. What goes beyond a new
name for a type is left as it is, and the core refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refolio.credential.contexts import active_context, is_absolute_iri
from refolio.credential.reading import JSON
from refolio.errors import DocumentRefused

Names = Mapping[str, str]


def without_inline(document: Mapping[str, JSON]) -> dict[str, JSON]:
    """The same document with its own names for types spelled out; unchanged where that is not all there is."""
    spelled, words = _node(document, {}), _member_names(document)
    return dict(document) if words & {name for one in _inline(document) for name in one} else spelled


def _inline(value: JSON | Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    """Every context that is written out in the document."""
    for name, member in value.items() if isinstance(value, Mapping) else ():
        if name == "@context":
            yield from (one for one in _listed(member) if isinstance(one, dict))
        else:
            for one in _listed(member):
                yield from _inline(one)


def _member_names(value: JSON | Mapping[str, JSON]) -> set[str]:
    """The names of all members at any depth, outside contexts."""
    if isinstance(value, list):
        return {name for one in value for name in _member_names(one)}
    if not isinstance(value, Mapping):
        return set()
    inside = {name for key, member in value.items() if key != "@context" for name in _member_names(member)}
    return inside | value.keys()


def _node(element: Mapping[str, JSON], names: Names) -> dict[str, JSON]:
    result = dict(element)
    context = element.get("@context")
    if isinstance(context, list) and any(isinstance(one, dict) for one in context):
        defined = _defined(context)
        if defined is None:
            return result
        names = {**names, **defined}
        result["@context"] = [one for one in context if isinstance(one, str)]
    if names and "type" in element:
        types = element["type"]
        spelled = [names.get(one, one) if isinstance(one, str) else one for one in _listed(types)]
        result["type"] = spelled if isinstance(types, list) else spelled[0]
    return {name: value if name in ("@context", "type") else _value(value, names) for name, value in result.items()}


def _value(value: JSON, names: Names) -> JSON:
    if isinstance(value, dict):
        return _node(value, names)
    return [_value(one, names) for one in value] if isinstance(value, list) else value


def _defined(context: list[JSON]) -> dict[str, str] | None:
    """The new names that the objects in a context list define, or None when they do anything else."""
    urls = tuple(one for one in context if isinstance(one, str))
    if not isinstance(context[0], str):
        return None  # a base context comes first
    try:
        known = active_context(urls).terms
    except DocumentRefused:
        return None
    names: dict[str, str] = {}
    for one in context:
        if isinstance(one, str):
            continue
        if not isinstance(one, dict):
            return None
        for name, iri in one.items():
            if (name == "@protected" and isinstance(iri, bool)) or (name == "@vocab" and iri is None):
                continue
            is_new = name not in known and names.get(name, iri) == iri
            if name.startswith("@") or not isinstance(iri, str) or not is_absolute_iri(iri) or not is_new:
                return None
            names[name] = iri
    return names


def _listed(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value]

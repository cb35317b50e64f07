"""Two independent JSON-LD processors to disagree with: PyLD and pyoxigraph. Neither is used by the product."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph
from pyld import jsonld

from refolio.credential.walk import Graph, Link

Document = dict[str, Any]
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


@cache
def contexts(standards: Path) -> dict[str, Document]:
    """Context URL → the pinned document, newest revision."""
    index = json.loads((standards / "contexts/index.json").read_text("utf-8"))
    return {url: json.loads((standards / revisions[0]["file"]).read_text("utf-8")) for url, revisions in index.items()}


def pyld_rdfc(standards: Path) -> Callable[[Document], bytes]:
    def load(url: str, _options: object) -> Document:
        return {"contextUrl": None, "documentUrl": url, "document": contexts(standards)[url]}

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
        "rdfDirection": "i18n-datatype",
    }
    return lambda document: jsonld.normalize(document, options).encode()


def pyoxigraph_rdfc(standards: Path) -> Callable[[Document], bytes]:
    def inline(value: Any) -> Any:
        if isinstance(value, list):
            return [inline(item) for item in value]
        if isinstance(value, dict):
            return {name: context(member) if name == "@context" else inline(member) for name, member in value.items()}
        return value

    def context(value: Any) -> list[Any]:
        return [contexts(standards)[url]["@context"] for url in (value if isinstance(value, list) else [value])]

    def rdfc(document: Document) -> bytes:
        text = json.dumps(inline(document))
        return canonical(pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.JSON_LD)))

    return rdfc


def canonical(dataset: pyoxigraph.Dataset) -> bytes:
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()


def graph_of(dataset: bytes | pyoxigraph.Dataset) -> Graph:
    """The input of canonicalise() for a dataset in N-Quads, in which blank nodes may stand anywhere."""
    quads = pyoxigraph.parse(dataset, format=pyoxigraph.RdfFormat.N_QUADS) if isinstance(dataset, bytes) else dataset
    graph = Graph({}, [])
    for quad in quads:
        subject, predicate, object_, name = (
            _term(part) for part in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        )
        graph.tails.update({term: [] for term in (subject, object_, name) if term.startswith("_:")})
        graph.links.append(Link(subject, f" {predicate} ", object_, name))
    return graph


def _term(term: Any) -> str:
    if isinstance(term, pyoxigraph.DefaultGraph):
        return ""
    if not isinstance(term, pyoxigraph.Literal):
        return str(term)
    text = '"' + "".join(map(_escaped, term.value)) + '"'
    if term.language:
        return f"{text}@{term.language}"
    return text if term.datatype.value.endswith("XMLSchema#string") else f"{text}^^{term.datatype}"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04X}" if character < " " or character == "\x7f" else character

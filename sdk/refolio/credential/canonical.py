"""The two canonical forms that get hashed and signed: JCS (RFC 8785) of the JSON, RDFC-1.0 of its RDF dataset.

RDFC-1.0 gives blank nodes names that depend on nothing but the dataset. Nearly always the statements around a blank
node already tell it apart from all others (§4.6, Hash First Degree Quads). Where they do not, Hash N-Degree Quads
(§4.8) tries the ways to walk through the look-alikes; a hostile document can make their number explode, so that work
has a budget, and going beyond it is a refusal (§7.1, Dataset Poisoning).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256

from refolio.credential.jcs import jcs, jcs_of_sound
from refolio.credential.reading import JSON
from refolio.credential.walk import Defined, Graph, Link, walk
from refolio.errors import DocumentRefused

__all__ = ["MAX_DISTANCE", "MAX_WORK", "canonicalise", "jcs", "jcs_defined", "rdfc"]

# Steps from blank node to blank node while telling look-alikes apart, and how far away from the start. The hardest of
# the W3C's evaluation tests takes 6,168 steps (rdfc10 test044c), the fullest Open Badge at hand 80. The whole budget is
# gone in about 0.05 s.
MAX_WORK = 20_000
MAX_DISTANCE = 128


def rdfc(document: Mapping[str, JSON], *, without: str | None = None) -> bytes:
    """Return the RDFC-1.0 canonical N-Quads of a JSON-LD document, UTF-8, lines in code point order.

    ``without`` is a member of the document itself to leave out. Raises DocumentRefused: everything walk() refuses, and
    ``poison-graph``.
    """
    return canonicalise(walk(document, without=without))


def jcs_defined(document: Defined) -> bytes:
    """Return jcs() of a document that passed the gate. What the gate refuses is not looked for, which is most of it."""
    return jcs_of_sound(document)


def canonicalise(graph: Graph) -> bytes:
    """Return the RDFC-1.0 canonical N-Quads of an RDF dataset, UTF-8, lines in code point order (RDFC-1.0 §4.4).

    Raises DocumentRefused with ``poison-graph`` when telling its blank nodes apart takes more than MAX_WORK steps or
    leads further than MAX_DISTANCE.
    """
    about = {subject: sorted(tails) for subject, tails in graph.tails.items()}
    links = list(dict.fromkeys(graph.links))
    names = _names(about, links)
    about = {names.get(subject, subject): tails for subject, tails in about.items()}
    linked: dict[str, list[str]] = defaultdict(list)
    for subject, predicate, object_, in_graph in links:
        tail = _line("", predicate, names.get(object_, object_), names.get(in_graph, in_graph))
        linked[names.get(subject, subject)].append(tail)
    for subject, tails in linked.items():
        about[subject] = sorted([*about.get(subject, ()), *tails])
    # Subject by subject gives the lines in order, because no subject is the beginning of another; but for _:c14n1 and
    # _:c14n10, and in a line what follows _:c14n1 is a space.
    return "".join([subject + subject.join(about[subject]) for subject in sorted(about) if about[subject]]).encode()


def _line(subject: str, predicate: str, object_: str, in_graph: str) -> str:
    return f"{subject}{predicate}{object_} {in_graph} .\n" if in_graph else f"{subject}{predicate}{object_} .\n"


def _names(about: Mapping[str, list[str]], links: list[Link]) -> dict[str, str]:
    """Return the canonical name of every blank node: ``_:c14n0``, ``_:c14n1``, ..."""
    hashes = _first_degree_hashes(about, links)
    alike: dict[str, list[str]] = {}
    for blank, digest in hashes.items():
        alike.setdefault(digest, []).append(blank)
    issued = _Names("_:c14n")
    for digest in sorted(alike):
        if len(alike[digest]) == 1:
            issued.name(alike[digest][0])
    if len(issued) < len(hashes):
        look_alikes = _LookAlikes(links, hashes, issued)
        for digest in sorted(alike):
            look_alikes.tell_apart([blank for blank in alike[digest] if blank not in issued])
    return issued


def _first_degree_hashes(about: Mapping[str, list[str]], links: list[Link]) -> dict[str, str]:
    """Hash the statements around each blank node, itself as ``_:a`` and every other one as ``_:z`` (RDFC-1.0 §4.6)."""
    around = {blank: [f"_:a{tail}" for tail in tails] for blank, tails in about.items() if blank[0] == "_"}
    for subject, predicate, object_, in_graph in links:
        for blank in {subject, object_, in_graph}:
            if blank[:2] == "_:":
                around[blank].append(
                    _line(_masked(subject, blank), predicate, _masked(object_, blank), _masked(in_graph, blank))
                )
    return {blank: _hash("".join(sorted(lines))) for blank, lines in around.items()}


def _masked(component: str, blank: str) -> str:
    if component == blank:
        return "_:a"
    return "_:z" if component[:2] == "_:" else component


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class _Names(dict[str, str]):
    """Names given to blank nodes in the order in which they were asked for (RDFC-1.0 §4.5, Identifier Issuer)."""

    def __init__(self, prefix: str, given: Mapping[str, str] | None = None) -> None:
        super().__init__(given or {})
        self.prefix = prefix

    def name(self, blank: str) -> str:
        return self.setdefault(blank, f"{self.prefix}{len(self)}")

    def copy(self) -> _Names:
        return _Names(self.prefix, self)


class _LookAlikes:
    """Hash N-Degree Quads (RDFC-1.0 §4.8) with a budget."""

    def __init__(self, links: list[Link], hashes: Mapping[str, str], issued: _Names) -> None:
        self.hashes = hashes
        self.issued = issued
        self.work = 0
        # For each blank node its neighbours: the blank node, its place in the statement, the predicate.
        self.neighbours: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for subject, predicate, object_, in_graph in links:
            places = ((subject, "s"), (object_, "o"), (in_graph, "g"))
            blanks = [(component, place) for component, place in places if component[:2] == "_:"]
            for blank in dict.fromkeys(component for component, _ in blanks):
                self.neighbours[blank] += [
                    (other, place, predicate.strip()) for other, place in blanks if other != blank
                ]

    def tell_apart(self, blanks: list[str]) -> None:
        """Issue canonical names to blank nodes that share one first-degree hash (RDFC-1.0 §4.4.3 step 5)."""
        paths: list[tuple[str, _Names]] = []
        for blank in blanks:
            if blank not in self.issued:
                names = _Names("_:b")
                names.name(blank)
                paths.append(self.explore(blank, names, 0))
        for _, names in sorted(paths, key=lambda path: path[0]):
            for blank in names:
                self.issued.name(blank)

    def explore(self, blank: str, names: _Names, distance: int) -> tuple[str, _Names]:
        """Return the N-degree hash of ``blank`` and the names given on the way."""
        if distance > MAX_DISTANCE:
            raise _poison()
        related: dict[str, list[str]] = defaultdict(list)
        for other, place, predicate in self.neighbours[blank]:
            self.spend()
            related[self.related_hash(other, place, predicate, names)].append(other)
        data = ""
        for digest in sorted(related):
            best: tuple[str, _Names] | None = None
            for order in _orders(related[digest]):
                found = self.follow(order, names, best and best[0], distance)
                if found is not None and (best is None or found[0] < best[0]):
                    best = found
            assert best is not None
            path, names = best
            data += digest + path
        return _hash(data), names

    def follow(self, order: list[str], names: _Names, best: str | None, distance: int) -> tuple[str, _Names] | None:
        """Return the path through neighbours in this order and the names given on it; None if it is not the least."""
        names = names.copy()
        path = ""
        unnamed = []
        for other in order:
            self.spend()
            if other in self.issued:
                path += self.issued[other]
            else:
                if other not in names:
                    unnamed.append(other)
                path += names.name(other)
            if best is not None and len(path) >= len(best) and path > best:
                return None
        for other in unnamed:
            digest, names = self.explore(other, names, distance + 1)
            path += f"{names.name(other)}<{digest}>"
            if best is not None and len(path) >= len(best) and path > best:
                return None
        return path, names

    def related_hash(self, blank: str, place: str, predicate: str, names: _Names) -> str:
        """Hash Related Blank Node (RDFC-1.0 §4.7)."""
        name = self.issued.get(blank) or names.get(blank) or self.hashes[blank]
        return _hash(f"{place}{'' if place == 'g' else predicate}{name}")

    def spend(self) -> None:
        self.work += 1
        if self.work > MAX_WORK:
            raise _poison()


def _poison() -> DocumentRefused:
    return DocumentRefused(
        "poison-graph",
        "",
        "Too many objects without an id look alike, and telling them apart would take too long.",
        "Give them ids, or make each say something of its own.",
    )


def _orders(items: list[str]) -> Iterator[list[str]]:
    """Yield every distinct order of ``items`` once, however often an item stands in it (one proof fills a graph)."""
    order = sorted(items)
    while True:
        yield order
        # The next order of the dictionary: after the last rise, everything falls.
        rise = next((at for at in range(len(order) - 2, -1, -1) if order[at] < order[at + 1]), None)
        if rise is None:
            return
        swap = next(at for at in range(len(order) - 1, rise, -1) if order[at] > order[rise])
        order = order.copy()
        order[rise], order[swap] = order[swap], order[rise]
        order[rise + 1 :] = reversed(order[rise + 1 :])

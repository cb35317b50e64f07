"""`python -m tests.bench --profile`: where the time of one verification goes, in microseconds.

Each stage is run alone over all documents, N times. The figure is the mean over the documents of the fastest time of
each, since whatever disturbs a computation only makes it slower. ``rest`` is the whole less the stages named.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from refolio.credential.canonical import canonicalise, jcs
from refolio.credential.controllers import did_key_document, find_method
from refolio.credential.proof import data_integrity
from refolio.credential.reading import read
from refolio.credential.walk import Graph, walk
from tests.bench.documents import DID, KEY, METHOD, Document, Documents
from tests.bench.ours import examined

PASSES = 30


def report(documents: Documents, passes: int = PASSES) -> Iterator[str]:
    """The lines of the report: a column for each suite."""
    rdfc, jcs_ = _rdfc(documents, passes), _jcs(documents, passes)
    yield f"microseconds per verification, the fastest of {passes} for each of {documents.count} documents"
    yield f"{'stage':38}{'rdfc':>8}{'jcs':>8}"
    for stage in dict.fromkeys([*list(rdfc)[:-2], *jcs_]):  # the last two of both are the rest and the whole
        cells = (f"{found[stage]:>8.1f}" if stage in found else f"{'–':>8}" for found in (rdfc, jcs_))
        yield f"{stage:38}" + "".join(cells)


def _rdfc(documents: Documents, passes: int) -> dict[str, float]:
    parsed = [read(raw) for raw in documents.rdfc]
    bare = [_bare(one) for one in parsed]
    configurations = [{"@context": one["@context"], **data_integrity.without_value(one["proof"])} for one in parsed]  # type: ignore[arg-type]
    graphs: Sequence[Graph] = [walk(one) for one in bare]
    stages: Mapping[str, float] = {
        "read (strict JSON)": _fastest(read, documents.rdfc, passes),
        "gate and statements (one walk)": _fastest(walk, bare, passes),
        "canonicalise (RDFC-1.0)": _fastest(canonicalise, graphs, passes),
        "the proof's own walk and canonical form": _fastest(
            lambda one: canonicalise(walk(one)), configurations, passes
        ),
        **_common(documents, parsed, [canonicalise(graph) for graph in graphs], passes),
    }
    return _with_rest(stages, _fastest(examined, documents.rdfc, passes))


def _jcs(documents: Documents, passes: int) -> dict[str, float]:
    parsed = [read(raw) for raw in documents.jcs]
    bare = [_bare(one) for one in parsed]
    configurations = [data_integrity.without_value(one["proof"]) for one in parsed]  # type: ignore[arg-type]
    stages: Mapping[str, float] = {
        "read (strict JSON)": _fastest(read, documents.jcs, passes),
        "gate and statements (one walk)": _fastest(walk, bare, passes),
        "jcs, document and proof": _fastest(jcs, bare, passes) + _fastest(jcs, configurations, passes),
        **_common(documents, parsed, [jcs(one) for one in bare], passes),
    }
    return _with_rest(stages, _fastest(examined, documents.jcs, passes))


def _common(
    documents: Documents, parsed: Sequence[Document], canonical: Sequence[bytes], passes: int
) -> dict[str, float]:
    hashes = [hashlib.sha256(one).digest() * 2 for one in canonical]
    pairs = [(KEY.sign(one), one) for one in hashes]
    return {
        "SHA-256": _fastest(lambda one: hashlib.sha256(one).digest(), canonical, passes),
        "key (did:key to method)": _fastest(lambda _: find_method(did_key_document(DID), METHOD), parsed, passes),
        "Ed25519 verify": _fastest(lambda pair: KEY.public.verify(*pair), pairs, passes),
    }


def _with_rest(stages: Mapping[str, float], whole: float) -> dict[str, float]:
    return {**stages, "rest (shape, dates, report)": whole - sum(stages.values()), "examine, the whole": whole}


def _bare(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "proof"}


def _fastest(act: Callable[[Any], object], items: Sequence[Any], passes: int) -> float:
    """Microseconds of ``act`` on one item."""
    best = [float("inf")] * len(items)
    clock = time.perf_counter
    for _ in range(passes):
        for number, item in enumerate(items):
            start = clock()
            act(item)
            best[number] = min(best[number], clock() - start)
    return sum(best) / len(best) * 1e6

"""`python -m tests.bench --profile`: where the time of one verification goes, in microseconds.

Each stage is run alone over all documents, N times, the stages in turns. The figure is the mean over the documents of
the fastest time of each, since whatever disturbs a computation only makes it slower. ``rest`` is the whole less the
stages named.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from refolio.credential import lane
from refolio.credential.canonical import canonicalise, jcs
from refolio.credential.jcs import jcs_of_sound
from refolio.credential.keys import decode_multikey
from refolio.credential.proof import jws, jwt
from refolio.credential.proof.data_integrity import without_value
from refolio.credential.reading import read
from refolio.credential.walk import walk
from tests.bench.documents import KEY, Document, Documents
from tests.bench.ours import examined
from tests.bench.rounds import settled

PASSES = 30
REST, WHOLE = "rest (proof, dates, report)", "examine, the whole"


class Stage(NamedTuple):
    """One part of the work, and what it begins with for each document."""

    name: str
    act: Callable[[Any], object]
    items: Sequence[Any]


def report(documents: Documents, passes: int = PASSES) -> Iterator[str]:
    """The lines of the report: a column for each form."""
    forms = _rdfc(documents), _jcs(documents), _jwt(documents)
    with settled():
        columns = [_with_rest(_fastest(stages, passes)) for stages in forms]
    yield f"microseconds per verification, the fastest of {passes} for each of {documents.count} documents"
    yield f"{'stage':38}{'rdfc':>8}{'jcs':>8}{'EdDSA':>8}"
    stages = [name for column in columns for name in column if name not in (REST, WHOLE)]
    for name in (*dict.fromkeys(stages), REST, WHOLE):
        yield f"{name:38}" + "".join(f"{one[name]:>8.1f}" if name in one else f"{'–':>8}" for one in columns)


def _rdfc(documents: Documents) -> list[Stage]:
    parsed = [read(raw) for raw in documents.rdfc]
    bare = [_bare(one) for one in parsed]
    configurations = [{"@context": one["@context"], **_configuration(one)} for one in parsed]
    graphs = [walk(one) for one in bare]
    return [
        Stage("gate and statements (one walk)", walk, bare),
        Stage("canonicalise (RDFC-1.0)", canonicalise, graphs),
        Stage("the proof's own walk and canonical form", lambda one: canonicalise(walk(one)), configurations),
        *_common(documents.rdfc, bare, [canonicalise(graph) for graph in graphs]),
    ]


def _jcs(documents: Documents) -> list[Stage]:
    parsed = [read(raw) for raw in documents.jcs]
    bare = [_bare(one) for one in parsed]
    pairs = [(one, _configuration(whole)) for one, whole in zip(bare, parsed, strict=True)]
    return [
        Stage("jcs, document and proof", lambda pair: (jcs_of_sound(pair[0]), jcs(pair[1])), pairs),
        *_common(documents.jcs, bare, [jcs(one) for one in bare]),
    ]


def _jwt(documents: Documents) -> list[Stage]:
    tokens = documents.eddsa
    parsed = [jwt.parse(token) for token in tokens]
    signed = [(one.signature, one.signing_input) for one in parsed]
    texts = [one.payload for one in parsed]
    bare = [_bare(one.credential) for one in parsed]
    return [Stage("token (base64url and header)", jws.parse, tokens), *_of_all(tokens, texts, bare, signed)]


def _common(raw: Sequence[bytes], bare: Sequence[Document], canonical: Sequence[bytes]) -> list[Stage]:
    hashes = [hashlib.sha256(one).digest() * 2 for one in canonical]
    signed = [(KEY.sign(one), one) for one in hashes]
    return [
        Stage("SHA-256", lambda one: hashlib.sha256(one).digest(), canonical),
        *_of_all(raw, raw, bare, signed),
    ]


def _of_all(
    raw: Sequence[bytes], texts: Sequence[bytes], bare: Sequence[Document], signed: Sequence[tuple[bytes, bytes]]
) -> list[Stage]:
    """``texts`` are the JSON in ``raw``, ``signed`` signatures and what they are over."""
    return [
        Stage("read (strict JSON)", read, texts),
        Stage("lane (gate, shape and data model)", lambda pair: lane.fits(*pair), list(zip(bare, texts, strict=True))),
        Stage("key (Multikey to point)", decode_multikey, [KEY.public.multibase] * len(raw)),
        Stage("Ed25519 verify", lambda pair: KEY.public.verify(*pair), signed),
        Stage(WHOLE, examined, raw),
    ]


def _with_rest(found: dict[str, float]) -> dict[str, float]:
    """``found`` with the rest, which with the whole stands at the end."""
    whole = found.pop(WHOLE)
    return {**found, REST: whole - sum(found.values()), WHOLE: whole}


def _bare(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "proof"}


def _configuration(document: Document) -> Document:
    return without_value(document["proof"])


def _fastest(stages: Sequence[Stage], passes: int) -> dict[str, float]:
    """Microseconds of each stage for one document."""
    best = {stage.name: [float("inf")] * len(stage.items) for stage in stages}
    clock = time.thread_time  # on a busy machine, the time of the others must not count
    for _ in range(passes):
        for name, act, items in stages:
            times = best[name]
            for number, item in enumerate(items):
                start = clock()
                act(item)
                times[number] = min(times[number], clock() - start)
    return {name: sum(times) / len(times) * 1e6 for name, times in best.items()}

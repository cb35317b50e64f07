"""`make drill-differential`: mutants of good documents before our walk, npm jsonld in safe mode, and PyLD.

What we accept, safe mode must accept, and all three must give the same canonical N-Quads. What we refuse and others
accept is counted by our refusal code, and every code has one explanation; a code without one fails the drill.
"""

from __future__ import annotations

import atexit
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from tests.credential.acme import ACME, RDFC, SAM, as_bytes
from tests.drills.corpus import corpus
from tests.drills.judging import shown
from tests.drills.mutants import TRIES, Kind, Mutant, document_kinds
from tests.drills.processors import Answer, SafeMode, ours, pyld
from tests.drills.specimens import Specimen
from tests.drills.working import REPOSITORY, provenance, say, standards, stretches

SIZE = 100
EXAMPLES = 12  # of each class are kept
UNTOUCHED = Kind("untouched", lambda _, specimen: specimen.raw)
Processor = Callable[[bytes], Answer]

_RDF_JSON, _DIRECTED = "22-rdf-syntax-ns#JSON", "^^<https://www.w3.org/ns/i18n#"
EXPLAINED = REPOSITORY / "docs" / "differences-from-json-ld.md"


@cache
def explanations() -> dict[str, str]:
    """Our refusal code → why a document that safe mode accepts is refused here, as the documentation has it."""
    return dict(re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]+) \|$", EXPLAINED.read_text("utf-8"), re.M))


@dataclass
class Differences:
    """What a stretch of mutants showed."""

    same: int = 0
    doubled: int = 0
    defects: Counter[str] = field(default_factory=Counter)
    both_refuse: int = 0
    stricter: Counter[str] = field(default_factory=Counter)
    drops: Counter[str] = field(default_factory=Counter)
    pyld_refuses: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def __add__(self, other: Differences) -> Differences:
        return Differences(
            self.same + other.same,
            self.doubled + other.doubled,
            self.defects + other.defects,
            self.both_refuse + other.both_refuse,
            self.stricter + other.stricter,
            self.drops + other.drops,
            self.pyld_refuses + other.pyld_refuses,
            {
                code: [*self.examples.get(code, []), *other.examples.get(code, [])][:EXAMPLES]
                for code in {*self.examples, *other.examples}
            },
            self.failures + other.failures,
        )

    @property
    def total(self) -> int:
        return self.same + self.both_refuse + self.stricter.total() + self.defects.total() + len(self.failures)

    @property
    def unexplained(self) -> list[str]:
        return sorted(set(self.stricter) - set(explanations()))


@cache
def documents() -> tuple[Specimen, ...]:
    """Every badge of the corpus twice: bare, and with a proof in it."""
    made = []
    for name, unsigned in corpus().items():
        signer = SAM if name == "by a key of its own" else ACME
        for document in (unsigned, {**unsigned, "proof": signer.proof(unsigned, RDFC)}):
            made.append(Specimen(name, RDFC, as_bytes(document), document, signer))
    return tuple(made)


def text(seed: int, number: int) -> Mutant:
    """The mutant of a number. Every tenth is a document as it is."""
    rng = Random(f"{seed}:differential:{number}")
    original = documents()[number // 10 % len(documents())] if number % 10 == 0 else rng.choice(documents())
    if number % 10 == 0:
        return Mutant(number, UNTOUCHED, original, original.raw)
    kinds = document_kinds()
    for _ in range(TRIES):
        (kind,) = rng.choices(kinds, [kind.weight for kind in kinds])
        raw = kind.make(rng, original)
        if raw is not None and raw != original.raw:
            return Mutant(number, kind, original, raw)
    raise AssertionError(f"no mutant {number} in {TRIES} tries")


@cache
def _processors(folder: Path) -> tuple[SafeMode, Processor]:
    safe_mode = SafeMode(folder)
    atexit.register(safe_mode.close)
    return safe_mode, pyld(folder)


class Stretch:
    """The work of one process, as something that can be sent to it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder

    def __call__(self, start: int, stop: int) -> Differences:
        safe_mode, lenient = _processors(self.folder)
        found = Differences()
        for number in range(start, stop):
            compare(text(self.seed, number), safe_mode, lenient, found)
        return found


def compare(made: Mutant, safe_mode: Processor, lenient: Processor, found: Differences) -> None:
    """Put one document before all three and note what differs."""
    mine, npm, theirs = ours(made.raw), safe_mode(made.raw), lenient(made.raw)
    if mine.quads is None:
        if npm.quads is None:
            found.both_refuse += 1
            if theirs.quads is not None:
                found.drops[mine.refused] += 1
        else:
            found.stricter[mine.refused] += 1
            found.examples.setdefault(mine.refused, []).append(shown(made, "safe mode accepts it"))
    elif npm.quads is None:
        found.failures.append(shown(made, f"ACCEPTED HERE, REFUSED BY SAFE MODE ({npm.refused})"))
    elif known := known_defect(mine.quads, _each_once(npm.quads)):
        found.defects[known] += 1
    elif (once := _each_once(npm.quads)) != mine.quads:
        found.failures.append(shown(made, f"OTHER N-QUADS THAN NPM JSONLD: {_first_difference(mine.quads, npm.quads)}"))
    elif theirs.quads is not None and theirs.quads != mine.quads:
        found.failures.append(shown(made, f"OTHER N-QUADS THAN PYLD: {_first_difference(mine.quads, theirs.quads)}"))
    else:
        found.same += 1
        found.doubled += once != npm.quads
        if theirs.quads is None:
            found.pyld_refuses[theirs.refused] += 1
            found.examples.setdefault(f"PyLD {theirs.refused}", []).append(shown(made, "PyLD refuses it"))


def _each_once(quads: str) -> str:
    """The N-Quads with every line once: npm jsonld may write a statement with a JSON literal twice."""
    return "\n".join(dict.fromkeys(quads.split("\n")))


def known_defect(mine: str, other: str) -> str:
    """The defect of npm jsonld that explains why its N-Quads differ from ours, "" if they do not or none is known."""
    missing, added = set(mine.split("\n")) - set(other.split("\n")), set(other.split("\n")) - set(mine.split("\n"))
    if missing and all("__proto__" in line and f"{_RDF_JSON}> " in line for line in missing):
        return "npm jsonld drops __proto__ inside a JSON literal"
    said = {line.rpartition('"')[0] for line in other.split("\n") if _DIRECTED in line or '" .' in line}
    if missing and not added and all(line.rpartition('"')[0] in said for line in missing):
        return "npm jsonld and PyLD drop a text that one node has with and without a direction"
    return ""


def _first_difference(one: str, other: str) -> str:
    return repr(sorted(set(one.split("\n")) ^ set(other.split("\n")))[:4])


def run(count: int, seed: int, minutes: float, *, examples: bool = False) -> int:
    """Put ``count`` mutants before the three; return the exit status."""
    folder = standards()
    say(f"Differential: {provenance(seed)}")
    say(f"{len(documents())} documents, {len(document_kinds())} kinds of change; npm jsonld in safe mode, PyLD")
    began = time.monotonic()
    found = Differences()

    def progress(done: int, seconds: float) -> str:
        return f"{done:,} of {count:,} mutants, {done / seconds:.0f} per second, {len(found.failures)} failures"

    for part in stretches(Stretch(seed, folder), count, SIZE, minutes, progress):
        found += part
    say()
    say("Refused here, accepted by safe mode; why, by our refusal code:")
    for code, number in found.stricter.most_common():
        say(f"  {number:>6,} {code}: {explanations().get(code, 'NO EXPLANATION')}")
        if examples or code not in explanations():
            for example in found.examples[code]:
                say(f"         for instance {example}")
    say(f"Refused here and by safe mode, accepted by PyLD, which drops what it does not know: {found.drops.total():,}")
    say("  " + ", ".join(f"{code} {number:,}" for code, number in found.drops.most_common()))
    for defect, number in found.defects.items():
        say(f"Accepted by all with other N-Quads, because {defect}: {number:,}")
    if found.doubled:
        say(f"Accepted by all, with a statement that npm jsonld writes twice: {found.doubled:,}")
    if found.pyld_refuses:
        say(f"Accepted here and by safe mode, with the same N-Quads, refused by PyLD: {dict(found.pyld_refuses)}")
    for failure in found.failures[:10]:
        say(f"\n{failure}")
    say()
    seconds = time.monotonic() - began
    say(
        f"{found.total:,} mutants: {len(found.failures)} that we accept and safe mode refuses, or with other N-Quads, "
        f"{len(found.unexplained)} classes without explanation; {found.same:,} accepted by all with the same N-Quads, "
        f"{found.both_refuse:,} refused by both, {found.stricter.total():,} refused here only; {seconds:.0f} s"
    )
    return 1 if found.failures or found.unexplained or not found.same else 0

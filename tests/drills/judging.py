"""One stretch of mutants judged: accepted without proof of equivalence is a failure, an exception is one too."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from refolio.credential.facts import Facts, read_facts
from tests.drills.equivalence import TWICE, Judge, NotProved, strict
from tests.drills.mutants import Mutant, kinds_of, mutant, sweep, untouched
from tests.drills.specimens import Specimen, payload_of, specimens, verdict

Verdict = Callable[[bytes], tuple[bool, str]]
ONE_IN = 10  # for so many mutants one good credential must be accepted


@dataclass
class Tally:
    """What became of a stretch of mutants. Counters are by form, kind or code; texts are whole sentences."""

    mutants: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    equivalent: Counter[str] = field(default_factory=Counter)
    proved: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    swept: int = 0
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)
    accepted: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    refused_good: list[str] = field(default_factory=list)
    read_otherwise: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.mutants + other.mutants,
            self.kinds + other.kinds,
            self.refused + other.refused,
            self.equivalent + other.equivalent,
            self.proved + other.proved,
            self.good + other.good,
            self.swept + other.swept,
            self.seconds + other.seconds,
            max(self.slowest, other.slowest),
            self.accepted + other.accepted,
            self.exceptions + other.exceptions,
            self.refused_good + other.refused_good,
            self.read_otherwise + other.read_otherwise,
        )

    @property
    def failures(self) -> list[str]:
        return [
            *(f"ACCEPTED: {text}" for text in self.accepted),
            *(f"EXCEPTION: {text}" for text in self.exceptions),
            *(f"GOOD ONE REFUSED: {text}" for text in self.refused_good),
        ]


def judged(judge: Judge, seed: int, start: int, stop: int, verdict: Verdict = verdict) -> Tally:
    """Make, examine and judge the mutants of the numbers from ``start`` up to ``stop``; ``verdict`` is the verifier."""
    tally = Tally()
    began = time.perf_counter()
    for number in range(start, stop):
        made = mutant(seed, number)
        tally.mutants[made.original.form] += 1
        tally.kinds[made.kind.name] += 1
        tally.swept += number % 2
        _judge(judge, made, tally, verdict)
        if number % ONE_IN == 0:
            _accept(seed, number // ONE_IN, tally, verdict)
    tally.seconds = time.perf_counter() - began
    return tally


def _judge(judge: Judge, made: Mutant, tally: Tally, verdict: Verdict) -> None:
    began = time.perf_counter()
    try:
        is_accepted, code = verdict(made.raw)
    except Exception:  # examine() promises never to raise
        tally.exceptions.append(shown(made, traceback.format_exc()))
        return
    tally.slowest = max(tally.slowest, (time.perf_counter() - began, made.number))
    if not is_accepted:
        tally.refused[code] += 1
        return
    try:
        reason = judge.prove(made.original, made.raw)
        if made.kind.never and reason != "the same JSON value":
            raise NotProved(f"mutants of this kind must be refused, though it has {reason}")
    except NotProved as why:
        tally.accepted.append(shown(made, str(why)))
        return
    tally.equivalent[f"{made.original.form}: {made.kind.name}"] += 1
    tally.proved[reason] += 1
    if TWICE in reason:
        tally.read_otherwise.append(shown(made, "a value stands twice"))
    elif not made.original.is_token and (differ := _differences(made.original, made.raw)):
        tally.read_otherwise.append(shown(made, differ))


def _accept(seed: int, number: int, tally: Tally, verdict: Verdict) -> None:
    name, original, raw = untouched(seed, number)
    try:
        is_accepted, code = verdict(raw)
    except Exception:
        tally.exceptions.append(
            f"good one {number}, {original.name}, {original.form}, {name}: {traceback.format_exc()}"
        )
        return
    if is_accepted:
        tally.good[f"{original.form}: {name}"] += 1
    else:
        tally.refused_good.append(f"number {number}, {original.name}, {original.form}, {name}: {code}: {raw!r}")


def _differences(original: Specimen, raw: bytes) -> str:
    """What a page would show otherwise; the order of things that have none does not count."""
    one, other = read_facts(original.document), read_facts(strict(raw))
    return ", ".join(name for name in Facts.__dataclass_fields__ if _bag(one, name) != _bag(other, name))


def _bag(facts: Facts, name: str) -> object:
    value = getattr(facts, name)
    return sorted(map(repr, value)) if isinstance(value, tuple) else value


def shown(made: Mutant, why: str) -> str:
    """One mutant for a person: its number is enough to make it again; the differing part is printed."""
    mine, theirs = made.original.raw, made.raw
    if made.original.is_token:
        mine, theirs = _clear(mine), _clear(theirs)
    start = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), 0)
    part = slice(max(0, start - 60), start + 180)
    return (
        f"number {made.number}, {made.kind.name} {made.detail}, “{made.original.name}”, {made.original.form}: {why}\n"
        f"    original … {mine[part]!r}\n    mutant   … {theirs[part]!r}"
    )


def _clear(token: bytes) -> bytes:
    try:
        return token + b" " + repr(payload_of(token)).encode()
    except (ValueError, IndexError):
        return token


def swept_whole(seed: int, tally: Tally) -> str:
    whole = len(sweep(seed))
    return f"{min(tally.swept, whole):,} of {whole:,}"


def kinds() -> int:
    return len({kind.name for specimen in specimens() for kind in kinds_of(specimen)}) + 3

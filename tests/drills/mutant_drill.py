"""`make drill-mutants`: whoever changes a credential after signing is found out, and nobody else is turned away."""

from __future__ import annotations

import resource
import time
from collections import Counter
from functools import cache
from pathlib import Path

from tests.drills.equivalence import Judge
from tests.drills.judging import Tally, judged, kinds, shown, swept_whole
from tests.drills.mutants import mutant
from tests.drills.specimens import FORMS, specimens, verdict
from tests.drills.working import provenance, say, standards, stretches

SIZE = 250
SHOWN = 20  # of each thing that went wrong


@cache
def _judge(folder: Path) -> Judge:
    return Judge(folder)


class Stretch:
    """The work of one process, as something that can be sent to it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder

    def __call__(self, start: int, stop: int) -> Tally:
        return judged(_judge(self.folder), self.seed, start, stop)


def run(count: int, seed: int, minutes: float) -> int:
    """Judge ``count`` mutants; return the exit status."""
    folder = standards()
    names = {specimen.name for specimen in specimens()}
    say(f"Mutants: {provenance(seed)}")
    say(f"{len(names)} badges in {len(FORMS)} forms ({', '.join(FORMS)}), {kinds()} kinds of change")
    began = time.monotonic()
    tally = Tally()

    def progress(done: int, seconds: float) -> str:
        return f"{done:,} of {count:,} mutants, {done / seconds:.0f} per second, {len(tally.failures)} failures"

    for part in stretches(Stretch(seed, folder), count, SIZE, minutes, progress):
        tally += part
        for text in part.failures[:SHOWN]:
            say(f"\n{text}")
    report(tally, seed, time.monotonic() - began, count)
    return 1 if tally.failures or not tally.mutants else 0


def report(tally: Tally, seed: int, seconds: float, wanted: int) -> None:
    judged_, equivalent, good = tally.mutants.total(), tally.equivalent.total(), tally.good.total()
    say()
    for form in FORMS:
        same = sum(number for name, number in tally.equivalent.items() if name.startswith(f"{form}: "))
        say(f"  {form:34} {tally.mutants[form]:>8,} mutants, {same:>5,} of them equivalent and accepted")
    say(f"  refused by check: {_by_check(tally.refused)}")
    say(f"  most frequent reasons: {_top(tally.refused, 12)}")
    say(f"  equivalent ones, proved by: {_top(tally.proved, 9) or 'none'}")
    say(f"  equivalent ones, by kind: {_top(tally.equivalent, 40) or 'none'}")
    say(f"  good ones accepted: {_top(tally.good, 40)}")
    say(f"  members changed, cut and retyped one by one: {swept_whole(seed, tally)}")
    say(f"  mutants of a kind: at least {min(tally.kinds.values(), default=0):,}")
    say(f"  slowest verdict: {tally.slowest[0] * 1000:.0f} ms (mutant {tally.slowest[1]})")
    for text in tally.read_otherwise[:SHOWN]:
        say(f"\nTHE SAME CREDENTIAL, READ OTHERWISE: {text}")
    say()
    if judged_ < wanted:
        say(f"STOPPED BY THE CLOCK after {judged_:,} of {wanted:,} mutants.")
    say(
        f"{judged_:,} mutants: {len(tally.accepted)} accepted, {len(tally.exceptions)} exceptions; "
        f"{equivalent:,} proved equivalent and accepted, {len(tally.read_otherwise)} of them read otherwise; "
        f"{good:,} of {good + len(tally.refused_good):,} good ones accepted; "
        f"{seconds:.0f} s, {judged_ / max(seconds, 0.001):.0f} mutants per second, "
        f"{1000 * _processor_seconds() / max(judged_, 1):.1f} ms of processor time each"
    )


def _processor_seconds() -> float:
    """Of the processes that are done: what counts on a machine that others use too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(number: int, seed: int) -> int:
    """Make one mutant again and say what becomes of it."""
    made = mutant(seed, number)
    say(shown(made, f"verdict {verdict(made.raw)}"))
    say(made.raw.decode("utf-8", "backslashreplace"))
    return 0


def _by_check(refused: Counter[str]) -> str:
    checks: Counter[str] = Counter()
    for code, number in refused.items():
        checks[code.partition(" ")[0]] += number
    return ", ".join(f"{name}: {number:,}" for name, number in sorted(checks.items()))


def _top(counter: Counter[str], most: int) -> str:
    return "; ".join(f"{name} {number:,}" for name, number in counter.most_common(most))

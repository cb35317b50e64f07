"""Everything takes turns: each work of each contestant for a moment, then all of them again, on one core.

Machines are noisy, and a rate alone says little. Two contestants of one round stand next to each other in time, so the
ratio of a round means something, and the median over many short rounds even more.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Turn:
    """How often a work was done, in seconds of the clock on the wall and of processor time."""

    count: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.wall

    @property
    def rate_of_cpu(self) -> float:
        """Per second of processor time: what the rate would be on a core that nobody else uses."""
        return self.count / self.cpu if self.cpu else self.rate


@dataclass
class Row:
    """One work of one contestant, and the turns it had. ``take`` is given the seconds of a turn."""

    work: str
    who: str
    take: Callable[[float], Turn]
    turns: list[Turn] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [turn.rate for turn in self.turns]


def timed(act: Callable[[int], object]) -> Callable[[float], Turn]:
    """Turns of ``act``, which is given a running number, so that every turn goes on with documents it has not met."""
    done = 0

    def take(seconds: float) -> Turn:
        nonlocal done
        first, cpu, start = done, time.process_time(), time.perf_counter()
        while True:
            act(done)
            done += 1
            if (wall := time.perf_counter() - start) >= seconds:
                return Turn(done - first, wall, time.process_time() - cpu)

    return take


@contextmanager
def settled() -> Iterator[None]:
    """Keep the documents of the bench out of the collector's sight: it would walk through them all, on our time."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def run(rows: Sequence[Row], rounds: int, seconds: float, say: Callable[[str], None]) -> None:
    """Warm everything up for two turns, then give every row ``rounds`` turns of ``seconds``."""
    with settled():
        for row in rows:
            row.take(2 * seconds)
        for number in range(1, rounds + 1):
            if number % 5 == 1:
                say(f"round {number} of {rounds}")
            for row in rows:
                row.turns.append(row.take(seconds))


@dataclass(frozen=True)
class Ratio:
    """One contestant's rates over another's, round by round; ``of_cpu`` is the median by processor time."""

    rounds: tuple[float, ...]
    of_cpu: float

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)


def ratio(ours: Row, theirs: Row) -> Ratio:
    pairs = list(zip(ours.turns, theirs.turns, strict=True))
    return Ratio(
        tuple(a.rate / b.rate for a, b in pairs), statistics.median(a.rate_of_cpu / b.rate_of_cpu for a, b in pairs)
    )

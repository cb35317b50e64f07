"""`make fuzz`: broken input before every parser that reads a stranger's bytes, for some minutes each.

Held: nothing but RefolioError is raised, each input takes less than a second of processor time, and the whole process
stays below 256 MB. An input that breaks one of these is written to a file and shown.
"""

from __future__ import annotations

import hashlib
import mmap
import resource
import struct
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings

from refolio.errors import RefolioError
from tests.drills.fuzz_parsers import Parser
from tests.drills.working import PROCESSES, provenance, say

MAX_SECONDS = 1.0
MAX_MEGABYTES = 256
STUCK = 20.0  # seconds; then the process is ended and its input kept
KEPT = 10  # failing inputs of one parser
SOME = 2_000  # own inputs between two rounds of hypothesis
DRAWN = 100  # inputs of one such round
HEADING = f"{'parser':10} {'inputs':>9} {'per s':>6} {'past 1st':>9} {'accepted':>9} {'drawn':>8} {'slowest':>8}"
HEADING += f" {'longest':>10} {'peak RSS':>9}  first stage"
_INPUT = 8 * 1024 * 1024
_HEAD = struct.Struct("<dq")


@dataclass
class Findings:
    """What became of the inputs of one parser."""

    executions: int = 0
    drawn: int = 0
    past: int = 0
    accepted: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_input: str = ""
    longest: int = 0
    megabytes: float = 0.0
    before: float = 0.0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


class Notice:
    """The input at hand, where the parent can see it even when the process is gone."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _INPUT)

    def post(self, raw: bytes) -> None:
        part = raw[: _INPUT - _HEAD.size]
        self._memory[_HEAD.size : _HEAD.size + len(part)] = part
        self._memory[: _HEAD.size] = _HEAD.pack(time.monotonic(), len(part))

    def clear(self) -> None:
        self._memory[: _HEAD.size] = _HEAD.pack(0.0, 0)

    def read(self) -> tuple[float, bytes]:
        """Since when the input is at hand (0.0: there is none), and the input."""
        since, length = _HEAD.unpack(self._memory[: _HEAD.size])
        return since, bytes(self._memory[_HEAD.size : _HEAD.size + length])


class Fuzzer:
    """One parser and everything that is known of it."""

    def __init__(self, parser: Parser, notice: Notice) -> None:
        self._parser, self._notice = parser, notice
        self._seen: set[str] = set()
        self.findings = Findings(before=megabytes())

    def attempt(self, raw: bytes) -> None:
        """Parse one input and note what became of it."""
        found, stage = self.findings, [False]
        self._notice.post(raw)
        began = time.process_time()
        try:
            self._parser.parse(raw, lambda: stage.__setitem__(0, True))
        except RefolioError as refused:
            code = str(getattr(refused, "code", type(refused).__name__))
            found.codes[code] += 1
            found.past += stage[0] or code in self._parser.deep
        except Exception as fault:
            where = traceback.extract_tb(fault.__traceback__)[-1]
            self._fail(
                raw, f"{type(fault).__name__} at {Path(where.filename).name}:{where.lineno}", traceback.format_exc()
            )
        else:
            found.past += 1
            found.accepted += 1
        spent = time.process_time() - began
        self._notice.clear()
        found.executions += 1
        found.longest = max(found.longest, len(raw))
        if spent > found.slowest:
            found.slowest, found.slowest_input = spent, f"{len(raw):,} bytes, {raw[:50]!r}"
        if spent >= MAX_SECONDS:
            self._fail(raw, "too slow", f"{spent:.2f} s of processor time")

    def _fail(self, raw: bytes, what: str, why: str) -> None:
        if what not in self._seen and len(self._seen) < KEPT:
            self._seen.add(what)
            self.findings.failures.append(f"{what}: {kept(self._parser.name, raw)}\n{why}")

    def run(self, number: int, stop: Callable[[], bool]) -> None:
        """Own inputs and drawn ones in turn until ``stop``."""
        rng = Random(f"{number}:{self._parser.name}")
        seeds = self._parser.seeds()
        for raw in seeds:
            self.attempt(raw)
        if self.findings.past < len(seeds) or not self.findings.accepted:
            self.findings.failures.append(f"seeds that do not get past the first stage: {dict(self.findings.codes)}")
        turn = 0
        while not stop():
            turn += 1
            self._draw(number * 1_000_000 + turn, stop)
            for _ in range(SOME):
                if not stop():
                    self.attempt(self._parser.broken(rng, rng.choice(seeds)))

    def _draw(self, number: int, stop: Callable[[], bool]) -> None:
        @seed(number)
        @settings(
            max_examples=DRAWN,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self._parser.strange)
        def one(raw: bytes) -> None:
            if not stop():
                self.attempt(raw)
                self.findings.drawn += 1

        one()


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def kept(name: str, raw: bytes) -> Path:
    folder = Path(tempfile.gettempdir()) / "refolio-fuzz"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(raw).hexdigest()[:12]}.bin"
    path.write_bytes(raw)
    return path


def fuzz(parser: Parser, number: int, notice: Notice, minutes: float, most: int | None = None) -> Findings:
    """Fuzz one parser in this process, for some minutes or so many inputs."""
    fuzzer = Fuzzer(parser, notice)
    began = time.monotonic()
    found = fuzzer.findings

    def stop() -> bool:
        return time.monotonic() - began >= minutes * 60 or (most is not None and found.executions >= most)

    fuzzer.run(number, stop)
    found.seconds = time.monotonic() - began
    return found


# --- the processes -------------------------------------------------------------------------------------------------


@dataclass
class _Running:
    parser: Parser
    process: BaseProcess
    answer: Connection
    notice: Notice
    began: float


def run(minutes: float, number: int, parsers: list[Parser]) -> int:
    """Fuzz the parsers, two at a time; return the exit status."""
    names = ", ".join(parser.name for parser in parsers)
    say(f"Fuzzing: {provenance(number)}; {minutes:g} minutes each: {names}")
    say(HEADING)
    failures: list[str] = []
    for parser, found in finished(minutes, number, parsers):
        say(_line(parser, found))
        failures += [f"{parser.name}: {failure}" for failure in found.failures]
    for failure in failures:
        say(f"\nFAILURE in {failure}")
    say()
    say(
        f"{len(failures)} failures (anything but RefolioError, {MAX_SECONDS:g} s of processor time for one input, "
        f"{MAX_MEGABYTES} MB in all)"
    )
    return 1 if failures else 0


def finished(minutes: float, number: int, parsers: list[Parser]) -> Iterator[tuple[Parser, Findings]]:
    """Fuzz each parser in a process of its own, two at a time; yield what was found as they end."""
    waiting = list(parsers)
    running: list[_Running] = []
    began = time.monotonic()
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            running.append(_start(waiting.pop(0), number, minutes))
        for one in list(running):
            if (found := _result(one)) is not None:
                running.remove(one)
                yield one.parser, found
        if sys.stderr.isatty():
            left = ", ".join(one.parser.name for one in running)
            sys.stderr.write(f"\r\033[K{time.monotonic() - began:.0f} s: {left}; {len(waiting)} waiting\r")


def _start(parser: Parser, number: int, minutes: float) -> _Running:
    context = get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    notice = Notice()

    def work() -> None:
        # `make fuzz` begins small. Started from a large process, such as a test run, only what comes on top counts.
        allowed = max(MAX_MEGABYTES, megabytes() + MAX_MEGABYTES // 2)
        found = fuzz(parser, number, notice, minutes)
        found.megabytes = megabytes()
        if found.megabytes >= allowed:
            found.failures.append(f"too much memory: {found.megabytes:.0f} MB")
        theirs.send(found)

    process = context.Process(target=work)
    process.start()
    theirs.close()
    return _Running(parser, process, mine, notice, time.monotonic())


def _result(one: _Running) -> Findings | None:
    """What the process found, None while it runs; a process that is gone or stuck has found a failure."""
    if one.answer.poll(0.5):
        try:
            found: Findings = one.answer.recv()
        except EOFError:
            one.process.join()
            return _lost(one, f"the process ended with {one.process.exitcode}")
        one.process.join()
        return found
    since, _ = one.notice.read()
    if since and time.monotonic() - since > STUCK:
        one.process.kill()
        one.process.join()
        return _lost(one, f"stuck for more than {STUCK:g} s")
    return None


def _lost(one: _Running, why: str) -> Findings:
    _, raw = one.notice.read()
    return Findings(
        failures=[f"{why}: {kept(one.parser.name, raw)}, beginning {raw[:80]!r}"], seconds=time.monotonic() - one.began
    )


def _line(parser: Parser, found: Findings) -> str:
    return (
        f"{parser.name:10} {found.executions:>9,} {found.executions / max(found.seconds, 0.001):>6.0f} "
        f"{found.past:>9,} {found.accepted:>9,} {found.drawn:>8,} {found.slowest * 1000:>5.0f} ms {found.longest:>10,} "
        f"{found.megabytes:>6.0f} MB  {parser.first_stage}; slowest: {found.slowest_input}\n"
        f"{'':10} refused: {', '.join(f'{code} {number:,}' for code, number in found.codes.most_common(14))}"
    )

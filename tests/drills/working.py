"""Work in numbered stretches on two processes, with a line of progress and an end, also when time is up."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

REPOSITORY = Path(__file__).parents[2]
PROCESSES = 2

Result = TypeVar("Result")


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def standards() -> Path:
    """The pinned contexts, which the oracles need; exits with a sentence where they are not at hand."""
    folder = Path(os.environ.get("REFOLIO_STANDARDS") or REPOSITORY.parent / "shared" / "standards")
    if not (folder / "contexts" / "index.json").is_file():
        raise SystemExit(
            "NOT CHECKED HERE: nothing can be proved without the pinned contexts. "
            "Set REFOLIO_STANDARDS to the folder that holds MANIFEST.json."
        )
    return folder


def provenance(seed: int) -> str:
    """Seed, Python and commit: what it takes to see the same again."""
    commit = _git("rev-parse", "--short=12", "HEAD") or "unknown"
    changed = " with uncommitted changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"seed {seed}, Python {platform.python_version()}, commit {commit}{changed}, {os.cpu_count()} cores"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def stretches(
    work: Callable[[int, int], Result], count: int, size: int, minutes: float, progress: Callable[[int, float], str]
) -> Iterator[Result]:
    """Yield ``work(start, stop)`` for all stretches of 0…count, as they are done; stop early when the time is up."""
    began = time.monotonic()
    waiting = iter(range(0, count, size))
    done = 0
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as pool:
        running: dict[Future[Result], int] = {}
        while True:
            while len(running) < 2 * PROCESSES and time.monotonic() - began < minutes * 60:
                start = next(waiting, None)
                if start is None:
                    break
                stop = min(count, start + size)
                running[pool.submit(work, start, stop)] = stop - start
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done += running.pop(future)
                yield future.result()
                _progress(progress(done, time.monotonic() - began), is_last=not running)


_said = [time.monotonic()]


def _progress(text: str, *, is_last: bool) -> None:
    """On a terminal one line that changes; in a log a line once a minute is enough."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}" + ("\n" if is_last else ""))
        sys.stderr.flush()
    elif time.monotonic() - _said[0] >= 60:
        _said[0] = time.monotonic()
        say(f"  … {text}")

"""`make bench`: issue and verify per second beside the peers and the physical limit, in turns, on one core.

    python -m tests.bench                the rates and ratios (two to three minutes)
    python -m tests.bench --profile      where the time of a verification goes (half a minute)
    python -m tests.bench memory         the resident set over 100,000 verifications (two to three minutes)

Every figure of ours runs the full gate over distinct documents; nothing is kept between them but the compiled
contexts. Machines are noisy: read the ratios within one run, never a rate on its own.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack

from tests.bench import memory, ours, peers, stages
from tests.bench.documents import Documents
from tests.bench.peers import INSTALL_NODE, INSTALL_PYTHON, Peer
from tests.bench.report import JOSE, LIBRARY, MEANING, VC, our_versions, report
from tests.bench.rounds import Row, run

# Who is who, how it is started, which of its packages does what, and how to get it.
PEERS: tuple[tuple[str, Callable[[Documents], Peer | None], dict[str, str], str], ...] = (
    ("Node", peers.node, {"rdfc": VC, "jcs": VC, "EdDSA": JOSE, "ES256": JOSE}, INSTALL_NODE),
    ("openbadgeslib", peers.openbadgeslib, {"rdfc": LIBRARY, "EdDSA": LIBRARY}, INSTALL_PYTHON),
)


def main(arguments: Sequence[str]) -> None:
    """Run what ``arguments`` ask for and print it."""
    given = _parser().parse_args(arguments)
    core = _pin()
    print(f"python -m tests.bench {shlex.join(arguments)}".rstrip())
    if given.what == "memory":
        _print(memory.report(last=given.verifications, first=given.verifications // 100))
    elif given.profile:
        _print(stages.report(Documents(given.documents), given.passes))
    else:
        _print(_rates(given, core))


def _rates(given: argparse.Namespace, core: str) -> Iterable[str]:
    documents = Documents(given.documents)
    rows: list[Row] = list(ours.rows(documents))
    versions = {"ours": our_versions()}
    with ExitStack() as started:
        for name, start, packages, command in () if given.alone else PEERS:
            if peer := start(documents):
                rows += peers.rows(started.enter_context(peer), packages)
                versions[name] = peer.versions
            else:
                _say(f"NOT MEASURED HERE: {name} is not installed. Install it with\n    {command}")
        rows.sort(key=lambda row: list(MEANING).index(row.work))
        run(rows, given.rounds, given.seconds, _say)
    heading = (
        f"{platform.system()} {platform.machine()}, {core}; {documents.count} distinct credentials of "
        f"{len(documents.rdfc[0]):,} bytes; {given.rounds} rounds of {given.seconds:g} s a row, in turns"
    )
    return report(rows, versions, heading)


def _pin() -> str:
    """Stay on one core, the peers too, who inherit it; the last one, because the first has most interrupts."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned to a core"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"pinned to core {core}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["rates", "memory"], default="rates")
    parser.add_argument("--profile", action="store_true", help="where the time of one verification goes")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.25, help="of one turn")
    parser.add_argument("--documents", type=int, default=200, help="distinct credentials")
    parser.add_argument("--passes", type=int, default=stages.PASSES, help="of --profile")
    parser.add_argument("--verifications", type=int, default=memory.LAST, help="of memory")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The figures of one run, for a person: a table of rates, the ratios with their bars, and which of them were met."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tests.bench.ours import LIBSODIUM, LIMITS, OPENSSL, OURS
from tests.bench.rounds import Ratio, Row, ratio

VC = "@digitalbazaar/vc"
JOSE = "jose"
LIBRARY = "openbadgeslib"
QUIET = 0.9  # of the core for us

# In this order they take their turns, so that rivals stand next to each other in time.
MEANING = {
    "verify rdfc": "verify eddsa-rdfc-2022",
    "verify jcs": "verify eddsa-jcs-2022",
    "verify Ed25519": "verify 64 bytes, raw Ed25519",
    "verify EdDSA": "verify VC-JWT, EdDSA",
    "verify ES256": "verify VC-JWT, ES256",
    "verify rdfc and jcs": "verify both proofs, as the service issues them",
    "issue as the service does": "compose, sign both, verify own output",
    "compose and sign rdfc": "compose, strict gate, sign eddsa-rdfc-2022",
    "sign rdfc": "sign a ready credential, eddsa-rdfc-2022",
    "compose and sign jcs": "compose, strict gate, sign eddsa-jcs-2022",
    "sign jcs": "sign a ready credential, eddsa-jcs-2022",
    "sign Ed25519": "sign 64 bytes, raw Ed25519",
    "sign EdDSA": "sign a ready credential, VC-JWT EdDSA",
    "sign ES256": "sign a ready credential, VC-JWT ES256",
}


@dataclass(frozen=True)
class Comparison:
    """A work of ours beside one of somebody else's. ``must`` and ``aim`` are bars for the median of the ratios."""

    work: str
    who: str
    theirs: str
    must: float | None = None
    aim: float | None = None


COMPARISONS = (
    Comparison("verify rdfc", VC, "verify rdfc", must=14, aim=20),
    Comparison("compose and sign rdfc", VC, "sign rdfc", must=20, aim=30),
    Comparison("verify jcs", VC, "verify jcs", must=1.6, aim=2),
    Comparison("verify jcs", OPENSSL, "verify Ed25519", must=0.50),
    Comparison("verify EdDSA", JOSE, "verify EdDSA", must=1),
    Comparison("verify ES256", JOSE, "verify ES256"),
    Comparison("verify jcs", LIBSODIUM, "verify Ed25519"),
    Comparison("verify rdfc", OPENSSL, "verify Ed25519"),
    Comparison("verify rdfc", LIBSODIUM, "verify Ed25519"),
    Comparison("verify rdfc", LIBRARY, "verify rdfc"),
    Comparison("verify EdDSA", LIBRARY, "verify EdDSA"),
    Comparison("sign rdfc", VC, "sign rdfc"),
    Comparison("sign rdfc", LIBRARY, "sign rdfc"),
    Comparison("sign jcs", VC, "sign jcs"),
    Comparison("compose and sign jcs", VC, "sign jcs"),
    Comparison("sign ES256", JOSE, "sign ES256"),
    Comparison("issue as the service does", VC, "sign rdfc"),
)


def report(rows: Sequence[Row], versions: Mapping[str, Mapping[str, str]], heading: str) -> Iterator[str]:
    """The lines of the whole report."""
    yield from (f"{who}: {_listed(found)}" for who, found in versions.items())
    yield heading
    yield ""
    yield from _rates(rows)
    yield ""
    yield from _ratios(rows)
    yield ""
    yield from NOTES
    yield from _share(rows)


NOTES = (
    "Ours verifies from raw bytes through examine(): strict reading, gate, key, signature, dates, issuer. The Node",
    "peers check the signature of the parsed text; openbadgeslib its form, dates and signature, with the key given.",
    "openbadgeslib signs from its own model, which keeps four fifths of these credentials. jose has its keys ready.",
    "Ours verifies Ed25519 with libsodium (pynacl) and signs it with OpenSSL (cryptography), whose rate sets the bar.",
)


def our_versions() -> dict[str, str]:
    names = ("refolio", *LIMITS, "msgspec", "joserfc")
    return {platform.python_implementation(): platform.python_version()} | {
        name: importlib.metadata.version(name) for name in names
    }


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _rates(rows: Sequence[Row]) -> Iterator[str]:
    yield f"{'per second':50}{'median':>9}{'lowest':>9}{'highest':>9}{'per CPU s':>11}"
    for work, group in groupby(sorted(rows, key=lambda row: list(MEANING).index(row.work)), key=lambda row: row.work):
        yield MEANING[work]
        for row in group:
            rates, cpu = row.rates, statistics.median(turn.rate_of_cpu for turn in row.turns)
            figures = (statistics.median(rates), min(rates), max(rates))
            yield f"    {row.who:46}" + "".join(f"{figure:>9,.0f}" for figure in figures) + f"{cpu:>11,.0f}"


def _ratios(rows: Sequence[Row]) -> Iterator[str]:
    """One line for each comparison; those with a bar first, and each says whether it is met."""
    known = {(row.work, row.who): row for row in rows}
    yield f"{'ratio of ours, round by round':62}{'median':>7}{'lowest':>8}{'highest':>8}{'by CPU':>8}  bar"
    for one in COMPARISONS:
        ours, theirs = known.get((one.work, OURS)), known.get((one.theirs, one.who))
        same = one.work == one.theirs or one.who in LIMITS
        name = f"  {one.work} / {one.who}" + ("" if same else f", {one.theirs}")
        if ours and theirs:
            found = ratio(ours, theirs)
            figures = (found.median, min(found.rounds), max(found.rounds), found.of_cpu)
            line = f"{name:61}" + "".join(f"{_figure(figure):>8}" for figure in figures)
            yield f"{line}  {judged(one, found)}".rstrip()
        else:
            missing = "not by us yet" if ours is None else f"{one.who} is not installed"
            yield f"{name:61}  not measured ({missing}){_bar(one)}"


def judged(one: Comparison, found: Ratio) -> str:
    """Bar, aim, and whether the median of this run meets them; "" where there is no bar."""
    if one.must is None:
        return ""
    if found.median < one.must:
        verdict = "NOT MET"
    else:
        verdict = "met, aim too" if one.aim is not None and found.median >= one.aim else "met"
    return f"{_bar(one).removeprefix(', ')}: {verdict}"


def _bar(one: Comparison) -> str:
    if one.must is None:
        return ""
    return f", bar {one.must:g}" + (f", aim {one.aim:g}" if one.aim is not None else "")


def _figure(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _share(rows: Sequence[Row]) -> Iterator[str]:
    """How much of the core was ours: on a busy machine the columns by CPU time say more than the others."""
    ours = [turn for row in rows if row.who in (OURS, *LIMITS) for turn in row.turns]
    share = sum(turn.cpu for turn in ours) / sum(turn.wall for turn in ours)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    yield f"Our turns had {share:.0%} of their core; load average at the end {load:.1f} on {os.cpu_count()} cores."
    if share < QUIET:
        yield "THE CORE WAS SHARED with other programs. Run it again when they are done, or read the column by CPU."

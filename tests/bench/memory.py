"""`python -m tests.bench memory`: does verifying make the process grow?

Every credential is another one: own id, own title, own issuer key, signed on the spot with either suite in turns. So a
cache by document, by key or by issuer that knows no bound would show. Bar: after the last verification at most 1.1
times the resident set after the first thousand.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from tests.bench.documents import Document, composed, example, signed
from tests.bench.ours import examined

BAR = 1.1
FIRST, LAST, STEPS = 1_000, 100_000, 10
LIMIT = 300.0  # seconds: on a slow machine fewer are verified, and the report says how many
# Most are jcs, because they are made and verified in half the time.
SUITES = (eddsa_rdfc_2022, *[eddsa_jcs_2022] * 9)

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Reading:
    """Resident set in KiB after ``count`` verifications: as found, after a collection, and the highest ever."""

    count: int
    resident: int
    collected: int
    peak: int
    seconds: float


def measure(first: int, last: int, steps: int, limit: float = LIMIT) -> Iterator[Reading]:
    """Verify ``last`` distinct credentials; readings after ``first`` of them and after each of ``steps`` even parts."""
    make = maker()
    start = time.perf_counter()
    points = {first, *(last * step // steps for step in range(1, steps + 1))}
    for n in range(1, last + 1):
        examined(make(n))
        if n in points and n >= first:
            resident = _kib("VmRSS")
            gc.collect()
            yield Reading(n, resident, _kib("VmRSS"), _kib("VmHWM"), passed := time.perf_counter() - start)
            if passed > limit:
                return


def maker() -> Callable[[int], bytes]:
    """Returns what makes the signed credential number ``n``, out of one template, for an issuer of its own."""
    template = composed(example(), 0)

    def make(n: int) -> bytes:
        key = PrivateKey.from_seed(n.to_bytes(32, "big"))
        did = did_key(key.public)
        subject = template["credentialSubject"]
        achievement = {**subject["achievement"], "name": f"Shop survey {n}"}
        document: Document = {
            **template,
            "id": f"https://refolio.example/credentials/{n}",
            "name": f"Micro-internship: shop survey {n}",
            "issuer": {**template["issuer"], "id": did},
            "credentialSubject": {**subject, "achievement": achievement},
        }
        return signed(document, SUITES[n % len(SUITES)], key=key, method=f"{did}#{key.public.multibase}")

    return make


def report(first: int = FIRST, last: int = LAST, steps: int = STEPS) -> Iterator[str]:
    """The lines of the report, as the readings come in. Bounded by LIMIT."""
    if not _STATUS.exists():
        yield "The resident set is read from /proc/self/status, which this machine does not have: not measured."
        return
    yield f"{'verified':>10}{'resident MiB':>14}{'after gc MiB':>14}{'peak MiB':>10}{'seconds':>9}"
    readings = []
    for one in measure(first, last, steps):
        readings.append(one)
        sizes = f"{one.resident / 1024:>14.1f}{one.collected / 1024:>14.1f}{one.peak / 1024:>10.1f}"
        yield f"{one.count:>10,}{sizes}{one.seconds:>9.0f}"
    early, late = readings[0], readings[-1]
    found = late.resident / early.resident
    after_gc = late.collected / early.collected
    yield f"resident set after {late.count:,} / after {early.count:,}: {found:.3f} (after gc {after_gc:.3f})"
    verdict = (
        "NOT MET" if found > BAR else "met" if late.count == last else f"met so far; the time was up before {last:,}"
    )
    yield f"bar {BAR:g}: {verdict}"


def _kib(name: str) -> int:
    """A size of this process in KiB, as the kernel counts it."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise SystemExit(f"The kernel does not say {name}.")

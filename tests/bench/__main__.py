"""`make bench`: issue and verify per second beside the peer and the physical limit, in turns, on one core.

Every figure of ours runs the full gate over distinct documents; nothing is kept between them but the compiled
contexts. Machines are noisy: read the ratios within one run, never a rate on its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from refolio.credential.document import Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.model import completion_from
from refolio.credential.policy import Policy
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.credential.report import Outcome
from refolio.credential.verification import examine

TESTS = Path(__file__).parents[1]
INTEROP = TESTS / "interop"
ROUNDS, SECONDS, DOCUMENTS = 5, 1.0, 200
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = PrivateKey.from_seed(bytes(range(32)))
DID = did_key(KEY.public)
METHOD = f"{DID}#{KEY.public.multibase}"


def completions() -> list[dict[str, object]]:
    """The README's completion, each with another title, so that no document is met twice in a row."""
    members = json.loads((TESTS.parent / "examples" / "completion.json").read_text())
    return [members | {"project": members["project"] | {"title": f"Survey {n}"}} for n in range(DOCUMENTS)]


def unsigned(members: dict[str, object], n: int) -> dict[str, object]:
    """A composed credential without a status entry, as the peer is given none either."""
    origin = "https://refolio.example"
    status = StatusEntry(f"{origin}/status", n, f"{origin}/why")
    issuance = Issuance(f"{origin}/credentials/{n}", origin, IssuerProfile(DID, "Acme"), NOW, "c2FsdA" * 4, status)
    document = compose(completion_from(members), issuance)
    del document["credentialStatus"]
    return document


def signed(suite: object, document: dict[str, object]) -> bytes:
    proof = suite.sign(document, KEY, verification_method=METHOD, created="2026-11-23T12:00:00Z")  # type: ignore[attr-defined]
    return json.dumps({**document, "proof": proof}).encode()


def rate(act: Callable[[int], object]) -> float:
    """How often ``act`` runs per second; it is given a running number."""
    count, start = 0, time.perf_counter()
    end = start + SECONDS
    while time.perf_counter() < end:
        act(count)
        count += 1
    return count / (time.perf_counter() - start)


def peer_rate(document: bytes, suite: str) -> float:
    node = shutil.which("node")
    assert node
    given = json.dumps({"credential": json.loads(document), "suite": suite})
    command = [node, "rate.mjs", str(SECONDS)]
    done = subprocess.run(command, cwd=INTEROP, input=given, capture_output=True, text=True, check=True)
    return float(done.stdout)


def must_pass(raw: bytes) -> None:
    report = examine(raw, {}, Policy(), NOW)
    if report.verdict is not Outcome.PASSED:
        raise SystemExit(f"The bench measures refusals: {report.says}")


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # inherited by the peer's process
    members = completions()
    documents = [unsigned(m, n) for n, m in enumerate(members)]
    rdfc = [signed(eddsa_rdfc_2022, document) for document in documents]
    jcs = [signed(eddsa_jcs_2022, document) for document in documents]
    raw_key, message = Ed25519PrivateKey.generate(), b"\x00" * 64
    raw_public, signature = raw_key.public_key(), raw_key.sign(message)

    def pick(items: list[bytes], n: int) -> bytes:
        return items[n % DOCUMENTS]

    acts: dict[str, Callable[[int], object]] = {
        "Ed25519 sign, cryptography": lambda n: raw_key.sign(message),
        "Ed25519 verify, cryptography": lambda n: raw_public.verify(signature, message),
        "compose + sign rdfc": lambda n: signed(eddsa_rdfc_2022, unsigned(members[n % DOCUMENTS], n)),
        "compose + sign jcs": lambda n: signed(eddsa_jcs_2022, unsigned(members[n % DOCUMENTS], n)),
        "verify rdfc, all checks": lambda n: must_pass(pick(rdfc, n)),
        "verify jcs, all checks": lambda n: must_pass(pick(jcs, n)),
    }
    peers: dict[str, Callable[[], float]] = {}
    if shutil.which("node") and (INTEROP / "node_modules").is_dir():
        peers["verify rdfc, @digitalbazaar/vc"] = lambda: peer_rate(rdfc[0], "rdfc")
        peers["verify jcs, @digitalbazaar/vc"] = lambda: peer_rate(jcs[0], "jcs")
    else:
        print(
            "The Node peer is not measured here: npm install --prefix tests/interop --no-package-lock", file=sys.stderr
        )
    for raw in (rdfc[0], jcs[0]):
        must_pass(raw)

    rates: dict[str, list[float]] = {name: [] for name in [*acts, *peers]}
    for number in range(1, ROUNDS + 1):
        print(f"round {number} of {ROUNDS}", file=sys.stderr)
        for name, act in acts.items():
            rates[name].append(rate(act))
        for name, measure in peers.items():
            rates[name].append(measure())
    report(rates, len(rdfc[0]))


def report(rates: dict[str, list[float]], size: int) -> None:
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("refolio", "cryptography", "msgspec")
    )
    print(f"\n{platform.python_implementation()} {platform.python_version()}, {versions}; one core of {os.cpu_count()}")
    print(f"{DOCUMENTS} distinct credentials of {size:,} bytes; {ROUNDS} rounds of {SECONDS} s in turns; per second:\n")
    print(f"{'':34}{'median':>10}{'lowest':>10}{'highest':>10}")
    for name, found in rates.items():
        print(f"{name:34}{statistics.median(found):>10,.0f}{min(found):>10,.0f}{max(found):>10,.0f}")
    limit = rates["Ed25519 verify, cryptography"]
    print("\nratios, median of the rounds")
    for suite in ("rdfc", "jcs"):
        ours = rates[f"verify {suite}, all checks"]
        print(f"  verify {suite} / raw Ed25519 verify       {_ratio(ours, limit):.2f}")
        if peer := rates.get(f"verify {suite}, @digitalbazaar/vc"):
            print(f"  verify {suite} / @digitalbazaar/vc       {_ratio(ours, peer):.1f}")


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()

"""The bench runs, measures what it says, and cannot report a refusal as a rate. Peers that are absent are skipped."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import memory, ours, peers, stages
from tests.bench.documents import REPOSITORY, Documents
from tests.bench.peers import Peer
from tests.bench.report import COMPARISONS, judged
from tests.bench.rounds import Ratio, Row, Turn, ratio, timed

DOCUMENTS = Documents(2)


def bench(*arguments: str) -> str:
    """What the command prints, in a process of its own because it pins itself to one core."""
    command = [sys.executable, "-m", "tests.bench", "--documents", "2", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_short_round_gives_every_rate_and_ratio_of_ours() -> None:
    printed = bench("--rounds", "1", "--seconds", "0.05", "--alone")
    for work in ("verify eddsa-rdfc-2022", "verify eddsa-jcs-2022", "compose, strict gate, sign eddsa-rdfc-2022"):
        assert re.search(rf"^{re.escape(work)}\n    refolio +[1-9]", printed, re.MULTILINE), work
    assert re.search(r"^  verify jcs / cryptography +\d.*bar 0\.5: (met|NOT MET)", printed, re.MULTILINE)
    assert "verify rdfc / @digitalbazaar/vc" in printed
    assert "not measured" in printed


def test_every_stage_is_measured_and_the_stages_add_up_to_the_whole() -> None:
    lines = list(stages.report(DOCUMENTS, passes=2))[2:]
    assert {"read", "gate", "canonicalise", "jcs,", "token", "key", "Ed25519", "rest"} <= {
        line.split()[0] for line in lines
    }
    for column in range(3):
        cells = [line.split()[-3:][column] for line in lines]
        *parts, whole = [float(cell) for cell in cells if cell != "–"]
        assert sum(parts) == pytest.approx(whole, abs=0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="NOT CHECKED HERE, the resident set is read from /proc.")
def test_memory_is_read_at_the_first_and_at_the_last_verification() -> None:
    lines = list(memory.report(first=2, last=6, steps=2))
    assert [line.split()[0] for line in lines[1:4]] == ["2", "3", "6"]
    assert lines[-1] == "bar 1.1: met"


def test_every_credential_of_the_memory_run_is_another_one_of_another_issuer() -> None:
    make = memory.maker()
    made = [make(n) for n in range(1, 21)]
    assert len({ours.examined(raw).issuer_id for raw in made}) == len(set(made)) == 20


def test_a_refusal_stops_the_bench() -> None:
    with pytest.raises(SystemExit, match="measures refusals"):
        ours.examined(DOCUMENTS.rdfc[0].replace(b"Acme", b"Bcme"))


def test_a_ratio_compares_turns_of_one_round() -> None:
    rows = [Row("verify rdfc", who, timed(lambda n: n)) for who in ("refolio", "peer")]
    for row, counts in zip(rows, [(100, 60, 90), (10, 10, 10)], strict=True):
        row.turns = [Turn(count, 1.0, 0.5) for count in counts]
    found = ratio(*rows)
    assert (found.median, found.rounds, found.of_cpu) == (9.0, (10.0, 6.0, 9.0), 9.0)


@pytest.mark.parametrize(("median", "verdict"), [(13.9, "NOT MET"), (14.0, "met"), (20.0, "met, aim too")])
def test_a_bar_is_met_by_the_median_of_the_run(median: float, verdict: str) -> None:
    assert judged(COMPARISONS[0], Ratio((median,), 99.0)) == f"bar 14, aim 20: {verdict}"


def test_the_node_peers_do_our_work(interop: Path) -> None:
    """They make the very signatures that ours makes (EdDSA needs no randomness), over the same documents."""
    peer = peers.node(DOCUMENTS)
    assert peer is not None
    with peer:
        for suite, raw in (("rdfc", DOCUMENTS.rdfc[0]), ("jcs", DOCUMENTS.jcs[0])):
            theirs = json.loads(peer.made[f"sign {suite}"] or "")
            assert theirs["proof"]["proofValue"] == json.loads(raw)["proof"]["proofValue"]
        assert all(peer.turn(work, 0.01).count > 0 for work in peer.made)


@pytest.mark.parametrize("form", ["rdfc", "ES256"])
def test_a_peer_that_meets_a_bad_signature_stops_the_bench(node: str, interop: Path, form: str) -> None:
    load = peers.load_of(DOCUMENTS)
    good = load[form][0]
    load[form] = [good.replace("Acme", "Bcme") if "Acme" in good else good[:-9] + "AAAAAAAAA"]
    with pytest.raises(SystemExit, match="stopped"):
        Peer([node, "rate.mjs"], interop, load)


def test_openbadgeslib_verifies_what_ours_verifies(openbadgeslib: None) -> None:
    peer = peers.openbadgeslib(DOCUMENTS)
    assert peer is not None
    with peer:
        assert all(peer.turn(work, 0.01).count > 0 for work in peer.made)
        assert set(peer.made) == {"sign rdfc", "verify rdfc", "sign EdDSA", "verify EdDSA"}


def test_the_python_peer_is_pinned_exactly_with_its_hashes() -> None:
    text = (REPOSITORY / "tests" / "bench" / "peer-requirements.txt").read_text()
    pins = re.sub(r"#.*", "", text).replace("\\\n", " ").split("\n")
    assert all(re.match(r"[\w.\[\]-]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", pin) for pin in pins if pin.strip())

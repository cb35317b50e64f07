"""Ninety-eight badges of other people, good and bad, against the verdicts of their index; and the dossier's samples.

The counts are a ratchet: they may only improve. What cannot be checked yet must be inconclusive, never called invalid.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from refolio.credential.keys import did_web_url
from refolio.credential.policy import DEFAULT
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import Found, Unfetched, examine, missing
from tests.credential.acme import outcome, sound

CLOCK = datetime(2026, 1, 15, tzinfo=UTC)  # of fixtures/index.json
TODAY = datetime(2026, 11, 23, tzinfo=UTC)

# Good ones that we refuse all the same, and why.
DISAGREEMENTS = {
    # Open Badges 3.0 asks for id or identifier (SEC-067); the index calls the lack of both a warning.
    "dcc/v2/dataIntegrityProof/didKey/oidf-noStatus-notExpired-complexIssuer.json": "no-subject-identity",
}
# Codes of what this verifier cannot check yet.
NOT_YET = {"unsupported-form", "unknown-context", "unsupported-proof", "unsupported-issuer"}


@dataclass(frozen=True)
class Fixture:
    file: str
    expected: str
    reasons: frozenset[str]
    report: VerificationReport

    @property
    def is_good(self) -> bool:
        return self.expected != "invalid"


def judged(raw: bytes, standards: Path, now: datetime) -> VerificationReport:
    """Examine with the documents of the collection, and nothing else, at hand."""
    documents = json.loads((standards / "documents.json").read_text("utf-8"))["documents"]

    def fetch(name: str) -> Found:
        file = documents.get(did_web_url(name) if name.startswith("did:web:") else name)
        return (standards / file).read_bytes() if file else Unfetched("it is not in the collection.")

    found: dict[str, Found] = {}
    while names := missing(raw, found):
        found |= {name: fetch(name) for name in names}
    return sound(examine(raw, found, DEFAULT, now))


@cache
def judged_fixtures(standards: Path) -> list[Fixture]:
    rows = json.loads((standards / "fixtures/index.json").read_text("utf-8"))["fixtures"]
    return [
        Fixture(
            row["file"],
            row["expected"],
            frozenset(row["fail"]),
            judged((standards / "fixtures" / row["file"]).read_bytes(), standards, CLOCK),
        )
        for row in rows
    ]


def test_no_bad_fixture_passes(standards: Path) -> None:
    assert [fixture.file for fixture in judged_fixtures(standards) if not fixture.is_good and passed(fixture)] == []


def passed(fixture: Fixture) -> bool:
    return fixture.report.verdict is Outcome.PASSED


def test_no_good_fixture_is_called_invalid(standards: Path) -> None:
    failed = {
        fixture.file: fixture.report.decisive.code
        for fixture in judged_fixtures(standards)
        if fixture.is_good and fixture.report.verdict is Outcome.FAILED
    }
    assert failed == DISAGREEMENTS


def test_what_is_left_open_says_that_it_is_not_supported_yet(standards: Path) -> None:
    for fixture in judged_fixtures(standards):
        if fixture.report.verdict is Outcome.INCONCLUSIVE:
            assert fixture.report.decisive.code in NOT_YET, fixture.file


def test_the_counts_only_improve(standards: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fixtures = judged_fixtures(standards)
    counts = Counter(("good" if fixture.is_good else "bad", fixture.report.verdict.value) for fixture in fixtures)
    codes = Counter(
        f"{fixture.report.verdict.value}: {fixture.report.decisive.code}" for fixture in fixtures if not passed(fixture)
    )
    with capsys.disabled():
        print(f"\n98 fixtures: {dict(counts)}; {dict(codes.most_common())}")  # noqa: T201
    assert len(fixtures) == 98
    assert counts["good", "passed"] >= 3
    assert counts["bad", "failed"] >= 13
    right = sum(
        fixture.report.verdict is not (Outcome.FAILED if fixture.is_good else Outcome.PASSED) for fixture in fixtures
    )
    assert right >= 97


@pytest.mark.parametrize(
    ("reason", "checks"),
    [("json-ld", {0, 1}), ("controller", {3}), ("schema", {1}), ("proof-missing", {1, 2}), ("expired", {1, 3, 5})],
)
def test_bad_fixtures_fail_where_the_index_says(standards: Path, reason: str, checks: set[int]) -> None:
    """As far as they fail at all and not only stay open; a document with several faults stops at the first."""
    for fixture in judged_fixtures(standards):
        if reason in fixture.reasons and fixture.report.verdict is Outcome.FAILED:
            assert fixture.report.decisive.number in checks, fixture.file


# --- the dossier's own samples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("micro-internship.eddsa-rdfc-2022.json", ("passed", 6, "current")),
        ("micro-internship.with-embedded-endorsement.json", ("passed", 6, "current")),
        ("status-list.eddsa-rdfc-2022.json", ("passed", 6, "no-status")),
        ("micro-internship.unsigned.json", ("failed", 2, "proof-missing")),
        ("did-web-acme.json", ("failed", 1, "wrong-type")),
    ],
)
def test_samples(standards: Path, sample: str, expected: tuple[str, int, str]) -> None:
    assert outcome(judged((standards / "samples" / sample).read_bytes(), standards, TODAY)) == expected


def test_the_sample_reference_is_genuine_but_its_list_is_anothers(standards: Path) -> None:
    """Acme keeps the list for Sam's reference; that it may speak for Sam there, neither document says."""
    report = judged((standards / "samples/reference-endorsement.eddsa-rdfc-2022.json").read_bytes(), standards, TODAY)
    assert [check.result.value for check in report.checks[:6]] == ["passed"] * 6
    assert outcome(report) == ("inconclusive", 6, "STATUS_VERIFICATION_ERROR")
    assert report.says == "Could not check. The withdrawal list belongs to another address or issuer."

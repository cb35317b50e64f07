"""Check 5 and the time of keys: the edges to the second, and dates that nobody can believe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from refolio.credential import timestamps
from refolio.credential.policy import Policy
from refolio.credential.proof import data_integrity
from refolio.credential.proof.content import Content, rdfc_hashes
from refolio.credential.report import Outcome
from tests.credential.acme import (
    ACME,
    CREATED,
    NOW,
    RDFC,
    SAM,
    Document,
    Signer,
    examined,
    outcome,
    signed,
    tampered,
    unsigned,
)
from tests.credential.completions import ACME_DID

EDGE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SKEW, SECOND = timedelta(seconds=60), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("member", "now", "expected"),
    [
        ("validFrom", EDGE - SKEW - SECOND, ("failed", 5, "not-yet-valid")),
        ("validFrom", EDGE - SKEW, ("passed", 6, "current")),
        ("validFrom", EDGE, ("passed", 6, "current")),
        ("validUntil", EDGE, ("passed", 6, "current")),
        ("validUntil", EDGE + SECOND, ("failed", 5, "expired")),
    ],
)
def test_sec_062_and_064_the_edges_of_validity(member: str, now: datetime, expected: tuple[str, int, str]) -> None:
    document = signed(lambda content: content.update({member: "2026-11-23T12:00:00Z"}))
    assert outcome(examined(document, now=now)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (EDGE - SKEW - SECOND, ("failed", 5, "signed-in-the-future")),
        (EDGE - SKEW, ("passed", 6, "current")),
        (EDGE, ("passed", 6, "current")),
    ],
)
def test_sec_038_and_064_the_time_of_signing(now: datetime, expected: tuple[str, int, str]) -> None:
    assert outcome(examined(signed(created="2026-11-23T12:00:00Z"), now=now)) == expected


def test_sec_064_the_skew_is_the_policys() -> None:
    document = signed(lambda content: content.update(validFrom="2026-11-23T13:00:00Z"))
    assert examined(document, policy=Policy(skew=timedelta(hours=1))).verdict is Outcome.PASSED
    assert outcome(examined(document)) == ("failed", 5, "not-yet-valid")


def test_sec_062_an_end_before_the_beginning() -> None:
    document = signed(lambda content: content.update(validUntil="2026-09-18T12:30:14Z"))
    assert outcome(examined(document)) == ("failed", 5, "dates-contradict")
    assert examined(document).says == "Not valid. It ends before it begins to be valid."


@pytest.mark.parametrize(
    "value",
    [
        *[
            "2026-09-18T00:00:00",
            "2026-09-18",
            "2026-09-18T24:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-09-18T00:00:00+25:00",
        ],
        *[
            "99999-01-01T00:00:00Z",
            "٢٠٢٦-09-18T00:00:00Z",
            "2026-W38-5T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "",
            20260918,
        ],
        *[["2026-09-18T00:00:00Z"], {"@value": "2026-09-18T00:00:00Z"}, None],
    ],
    ids=ascii,
)
@pytest.mark.parametrize("member", ["validFrom", "validUntil"])
def test_sec_063_odd_dates_are_refused_and_never_taken_for_no_limit(member: str, value: Any) -> None:
    document = tampered(signed(), lambda content: content.update({member: value}))
    assert outcome(examined(document)) == ("failed", 1, "timestamp")
    assert f"/{member}" in examined(document).says


def test_a_signature_that_has_expired() -> None:
    document = unsigned()
    proof = _resigned(document, expires="2026-11-23T12:00:00Z")
    assert examined({**document, "proof": proof}).verdict is Outcome.PASSED
    assert outcome(examined({**document, "proof": proof}, now=NOW + SECOND)) == ("failed", 5, "signature-expired")


def _resigned(document: Document, **members: Any) -> Document:
    """A proof of Acme's with members that sign() does not offer, correctly signed all the same."""
    configuration = data_integrity.configure(
        RDFC, verification_method=ACME.method, created=CREATED, purpose="assertionMethod"
    )
    configuration |= members
    return data_integrity.sign(configuration, rdfc_hashes(configuration, Content(document)), ACME.key)


# --- keys and time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "limit", "expected"),
    [
        ("expires", "2026-09-18T12:30:16Z", ("passed", 6, "current")),
        ("expires", "2026-09-18T12:30:15Z", ("failed", 3, "key-not-valid-then")),
        ("revoked", "2026-09-18T12:30:15Z", ("failed", 3, "key-not-valid-then")),
        ("revoked", "2026-11-01T00:00:00Z", ("inconclusive", 3, "key-revoked-since")),
    ],
)
def test_sec_065_and_222_when_the_key_was_valid(member: str, limit: str, expected: tuple[str, int, str]) -> None:
    """Whoever stole a key can date a signature back, so of a revoked key no date is believed."""
    keys = ACME.did_document
    keys["verificationMethod"][0][member] = limit
    document = signed(lambda content: content.pop("credentialStatus")) if expected[0] != "passed" else signed()
    assert outcome(examined(document, {ACME_DID: keys})) == expected


@pytest.mark.parametrize("created", [None, "yesterday", 5, ["2026-01-01T00:00:00Z"], {}, ""])
def test_sec_065_an_unreadable_time_of_signing_counts_as_too_late(created: Any) -> None:
    keys = ACME.did_document
    keys["verificationMethod"][0]["expires"] = "2030-01-01T00:00:00Z"
    document = tampered(signed(suites=[RDFC]), lambda content: content["proof"][0].update(created=created))
    assert outcome(examined(document, {ACME_DID: keys})) == ("failed", 3, "key-not-valid-then")


def test_sec_221_a_retired_key_still_verifies_what_it_signed() -> None:
    keys = ACME.did_document
    new = Signer(ACME_DID, SAM.key).did_document
    both = {**keys, **{name: [*keys[name], *new[name]] for name in ("verificationMethod", "assertionMethod")}}
    assert examined(signed(), {ACME_DID: both}).verdict is Outcome.PASSED
    assert outcome(examined(signed(), {ACME_DID: new})) == ("failed", 3, "method-not-found")


# --- a stolen key, and a witness -----------------------------------------------------------------------------------

STOLEN = "2026-10-01T00:00:00Z"
BEFORE, SINCE = timestamps.parse("2026-09-30T23:59:59Z"), timestamps.parse(STOLEN)


def stolen(*, still_allowed: bool = False) -> Document:
    """Acme's key document after the theft: the key is marked, and off the list of those that may issue."""
    keys: Document = ACME.did_document
    keys["verificationMethod"][0]["revoked"] = STOLEN
    if not still_allowed:
        keys["assertionMethod"] = []
    return keys


@pytest.mark.parametrize("still_allowed", [True, False])
@pytest.mark.parametrize(
    ("recorded_at", "expected"),
    [
        (None, ("inconclusive", 3, "key-revoked-since")),
        (BEFORE, ("passed", 6, "current")),
        (SINCE, ("failed", 3, "key-not-valid-then")),
        (NOW, ("failed", 3, "key-not-valid-then")),
    ],
)
def test_sec_222_what_a_witness_saw_before_the_theft_stays_good(
    recorded_at: datetime | None, expected: tuple[str, int, str], still_allowed: bool
) -> None:
    """The date in the document says nothing: whoever has the key can write any. A record of before cannot be forged."""
    document = signed(lambda content: content.pop("credentialStatus"))
    report = examined(document, {ACME_DID: stolen(still_allowed=still_allowed)}, policy=Policy(recorded_at=recorded_at))
    assert report.verdict.value == expected[0]
    if recorded_at == BEFORE:
        assert report.checks[3].code == "key-revoked-later"
        assert "It was withdrawn on 2026-10-01; this document was on record before." in report.checks[3].says
    else:
        assert (report.decisive.number, report.decisive.code) == expected[1:]


def test_sec_222_a_signature_dated_after_the_theft_is_not_saved_by_a_record() -> None:
    document = unsigned()
    document.pop("credentialStatus")
    proof = _resigned(document, created="2026-10-01T00:00:01Z")
    report = examined({**document, "proof": proof}, {ACME_DID: stolen()}, policy=Policy(recorded_at=BEFORE))
    assert (report.verdict, report.checks[3].code) == (Outcome.FAILED, "key-not-valid-then")


@pytest.mark.parametrize("relationship", ["authentication", "keyAgreement", "capabilityInvocation"])
def test_sec_032_a_revoked_key_for_another_purpose_is_still_for_another_purpose(relationship: str) -> None:
    keys = stolen()
    keys[relationship] = [ACME.method]
    report = examined(signed(), {ACME_DID: keys}, policy=Policy(recorded_at=BEFORE))
    assert (report.verdict, report.checks[3].code) == (Outcome.FAILED, "not-for-purpose")

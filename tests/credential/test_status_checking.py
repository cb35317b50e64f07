"""Check 6: every status entry counts, and a list that cannot be trusted never means "not withdrawn"."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from refolio.credential.report import Outcome
from refolio.credential.status_list import MINIMUM_ENTRIES
from refolio.credential.verification import Unfetched
from tests.credential.acme import (
    ACME,
    INDEX,
    MALLORY,
    NOW,
    RDFC,
    Change,
    Document,
    Signer,
    examined,
    outcome,
    signed,
    tampered,
    unsigned,
)
from tests.credential.completions import ACME_DID, LIST_URL

SUSPENSIONS = "https://portfolio.example/status/suspended"
VERIFICATION_ERROR = ("inconclusive", 6, "STATUS_VERIFICATION_ERROR")
MALFORMED = ("inconclusive", 6, "MALFORMED_VALUE_ERROR")


def status(listed: Any = None, change: Change | None = None) -> tuple[str, int, str]:
    """The outcome with another list at the address of Acme's, or a change made to the entry before it is signed."""
    found = {} if listed is None else {LIST_URL: listed}
    return outcome(examined(signed((lambda d: change(d["credentialStatus"])) if change else None), found))


def entries(document: Document, *purposes: str) -> None:
    """Give the document one entry per purpose; those for suspension are in a list of their own."""
    entry = document["credentialStatus"]
    document["credentialStatus"] = [
        {
            **entry,
            "id": f"{LIST_URL}#{n}",
            "statusPurpose": purpose,
            "statusListCredential": SUSPENSIONS if purpose == "suspension" else LIST_URL,
        }
        for n, purpose in enumerate(purposes)
    ]


# --- what a bit means ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [0, 7, 8, INDEX, MINIMUM_ENTRIES - 1])
def test_sec_077_exactly_the_own_bit_counts(index: int) -> None:
    def at_index(entry: Document) -> None:
        entry["statusListIndex"] = str(index)

    neighbours = {index - 1, index + 1, index ^ 7} & set(range(MINIMUM_ENTRIES))
    assert status(ACME.status_list(index), at_index) == ("failed", 6, "withdrawn")
    assert status(ACME.status_list(*neighbours), at_index) == ("passed", 6, "current")


@pytest.mark.parametrize(
    ("purposes", "revoked", "suspended", "expected"),
    [
        (["suspension"], False, True, ("failed", 6, "suspended")),
        (["revocation", "suspension"], False, False, ("passed", 6, "current")),
        (["revocation", "suspension"], False, True, ("failed", 6, "suspended")),
        (["suspension", "revocation"], True, False, ("failed", 6, "withdrawn")),
        (["suspension", "revocation"], True, True, ("failed", 6, "withdrawn")),  # the worse of the two is told
    ],
)
def test_sec_076_all_entries_count(
    purposes: list[str], revoked: bool, suspended: bool, expected: tuple[str, int, str]
) -> None:
    lists = {
        LIST_URL: ACME.status_list(*[INDEX] * revoked),
        SUSPENSIONS: ACME.status_list(*[INDEX] * suspended, list_id=SUSPENSIONS, purpose="suspension"),
    }
    assert outcome(examined(signed(lambda document: entries(document, *purposes)), lists)) == expected


def test_sec_076_a_second_list_that_cannot_be_had_leaves_it_open_unless_the_first_says_withdrawn() -> None:
    document = signed(lambda content: entries(content, "revocation", "suspension"))
    assert outcome(examined(document)) == ("inconclusive", 6, "STATUS_RETRIEVAL_ERROR")
    assert outcome(examined(document, {LIST_URL: ACME.status_list(INDEX)})) == ("failed", 6, "withdrawn")


def test_the_sentences() -> None:
    assert examined(signed(), {LIST_URL: ACME.status_list(INDEX)}).says == (
        "Unchanged, but withdrawn. The issuer withdrew it."
    )
    suspended = signed(lambda document: entries(document, "suspension"))
    found = {SUSPENSIONS: ACME.status_list(INDEX, list_id=SUSPENSIONS, purpose="suspension")}
    assert examined(suspended, found).says == "Not valid. The issuer suspended it for now."


def test_withdrawn_and_expired_is_told_in_words_that_fit_each_other() -> None:
    document = signed(lambda content: content.update(validUntil="2026-10-01T00:00:00Z"))
    report = examined(document, {LIST_URL: ACME.status_list(INDEX)})
    assert outcome(report) == ("failed", 5, "expired")
    assert report.says == "Unchanged, but withdrawn. The issuer withdrew it."


def test_nothing_is_called_withdrawn_on_the_word_of_a_list_that_is_not_the_issuers() -> None:
    report = examined(signed(by=Signer(ACME_DID, MALLORY.key)), {LIST_URL: ACME.status_list(INDEX)})
    assert (report.withdrawn, report.decisive.number) == (False, 3)


@pytest.mark.parametrize("purpose", ["refresh", "message"])
def test_purposes_that_do_not_end_a_credential(purpose: str) -> None:
    assert status(change=lambda entry: entry.update(statusPurpose=purpose)) == ("passed", 6, "no-status")


@pytest.mark.parametrize("purpose", ["Revocation", "revocation ", "cancellation"])
def test_sec_076_purposes_nobody_knows_leave_it_open(purpose: str) -> None:
    assert status(change=lambda entry: entry.update(statusPurpose=purpose)) == ("inconclusive", 6, "status-unsupported")


@pytest.mark.parametrize("type_", ["1EdTechRevocationList", "BitstringStatusListCredential"])
def test_other_kinds_of_status_leave_it_open(type_: str) -> None:
    def change(document: Document) -> None:
        document["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
        document["credentialStatus"] = {"id": LIST_URL, "type": type_}

    assert outcome(examined(signed(change))) == ("inconclusive", 6, "status-unsupported")


def test_a_kind_of_status_that_no_context_defines_says_nothing() -> None:
    document = tampered(signed(), lambda content: content["credentialStatus"].update(type="StatusList2021Entry"))
    assert outcome(examined(document))[:2] == ("failed", 1)


# --- entries that cannot be read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", ["-1", "07", "7.0", "٧", "1_000", "", " 7", "7" * 400])
def test_sec_078_odd_indexes(index: str) -> None:
    assert status(change=lambda entry: entry.update(statusListIndex=index)) == MALFORMED


def test_sec_077_and_078_an_index_outside_the_list() -> None:
    for index in (MINIMUM_ENTRIES, 9_999_999_999):
        change = lambda entry, index=index: entry.update(statusListIndex=str(index))  # noqa: E731
        assert status(change=change) == ("inconclusive", 6, "RANGE_ERROR")


@pytest.mark.parametrize("member", ["statusPurpose", "statusListIndex", "statusListCredential"])
def test_an_entry_with_a_member_too_few(member: str) -> None:
    assert status(change=lambda entry: entry.pop(member)) == MALFORMED


@pytest.mark.parametrize("size", [2, 8, 0, True])
def test_sec_077_entries_of_several_bits_are_not_guessed_at(size: int) -> None:
    assert status(change=lambda entry: entry.update(statusSize=size)) == MALFORMED
    assert status(change=lambda entry: entry.update(statusSize=1)) == ("passed", 6, "current")


@pytest.mark.parametrize("value", [[], {}, None, "x", [None], [[]], [{}], {"type": []}, {"type": ["a:b", "c:d"]}])
def test_what_is_no_status_entry(value: Any) -> None:
    document = tampered(signed(), lambda content: content.update(credentialStatus=value))
    assert outcome(examined(document))[:2] == ("failed", 1)


# --- lists that cannot be trusted ------------------------------------------------------------------------------------


@pytest.mark.parametrize("listed", [Unfetched("it answered 503."), b"", b"<html>", b"[]", b"{}", b"\x1f\x8b\x08\x00"])
def test_sec_083_a_list_that_cannot_be_had(listed: Any) -> None:
    report = examined(signed(), {LIST_URL: listed})
    assert (report.verdict, report.decisive.number) == (Outcome.INCONCLUSIVE, 6)
    assert report.says.startswith("Could not check. The withdrawal list")


def test_sec_079_a_list_of_another_issuer() -> None:
    listed = MALLORY.status_list()
    assert outcome(examined(signed(), {LIST_URL: listed, MALLORY.did: MALLORY.did_document})) == VERIFICATION_ERROR


def test_sec_079_lists_that_are_not_acmes_own() -> None:
    forger = Signer(ACME_DID, MALLORY.key)
    assert status(forger.status_list()) == VERIFICATION_ERROR
    assert status(ACME.status_list(sign=False)) == VERIFICATION_ERROR
    assert status({**ACME.status_list(), "proof": []}) == VERIFICATION_ERROR
    both = {**ACME.status_list(), "proof": [*ACME.status_list()["proof"], *forger.status_list()["proof"]]}
    assert status(both) == VERIFICATION_ERROR


def test_sec_079_a_list_changed_on_its_way() -> None:
    listed = ACME.status_list(INDEX)
    listed["credentialSubject"]["encodedList"] = ACME.status_list()["credentialSubject"]["encodedList"]
    assert status(listed) == VERIFICATION_ERROR


@pytest.mark.parametrize(
    "members",
    [
        {"cryptosuite": ["eddsa-rdfc-2022"]},
        {"cryptosuite": {"a": 1}},
        {"cryptosuite": "none"},
        {"type": "Ed25519Signature2020"},
        {"proofPurpose": "authentication"},
        {"verificationMethod": None},
        {"verificationMethod": {}},
        {"created": "yesterday"},
    ],
)
def test_sec_079_lists_with_an_odd_proof(members: Document) -> None:
    assert status(tampered(ACME.status_list(), lambda listed: listed["proof"][0].update(members))) == VERIFICATION_ERROR


@pytest.mark.parametrize(
    "change",
    [
        lambda listed: listed.update(id=f"{LIST_URL}0"),
        lambda listed: listed.pop("id"),
        lambda listed: listed["credentialSubject"].update(statusPurpose="suspension"),
        lambda listed: listed["credentialSubject"].pop("statusPurpose"),
        lambda listed: listed["credentialSubject"].update(type=["BitstringStatusList", "VerifiableCredential"]),
        lambda listed: listed.update(type=["VerifiableCredential"]),
        lambda listed: listed["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"),
        lambda listed: listed.update(credentialSubject=[listed["credentialSubject"]]),
    ],
)
def test_sec_079_lists_that_are_properly_signed_but_not_this_one(change: Change) -> None:
    assert status(ACME.status_list(change=change)) == VERIFICATION_ERROR


def test_a_list_may_serve_several_purposes() -> None:
    def change(listed: Document) -> None:
        listed["credentialSubject"]["statusPurpose"] = ["suspension", "revocation"]

    assert status(ACME.status_list(change=change)) == ("passed", 6, "current")
    assert status(ACME.status_list(INDEX, change=change)) == ("failed", 6, "withdrawn")


def test_sec_079_a_badge_is_not_a_list() -> None:
    assert status(ACME.sign({**unsigned(), "id": LIST_URL}, [RDFC])) == VERIFICATION_ERROR


def test_sec_080_a_lists_own_status_is_not_followed() -> None:
    entry = unsigned()["credentialStatus"]
    assert status(ACME.status_list(change=lambda listed: listed.update(credentialStatus=entry))) == (
        "passed",
        6,
        "current",
    )


@pytest.mark.parametrize("encoded", ["", "u", "uH4sI", "zH4sI", "x" * 1000, None, 5])
def test_sec_081_lists_that_do_not_unpack(encoded: Any) -> None:
    def change(listed: Document) -> None:
        listed["credentialSubject"]["encodedList"] = encoded
        if encoded is None:
            del listed["credentialSubject"]["encodedList"]

    assert status(ACME.status_list(change=change)) == MALFORMED


def test_sec_082_a_list_that_is_too_short() -> None:
    short = "uH4sIAAAAAAAA_2NgGAWjYBSMglEwCkbBKBgFo2AUDHUAAP58OhsAIAAA"  # 8,192 bytes of nothing

    def change(listed: Document) -> None:
        listed["credentialSubject"]["encodedList"] = short

    assert outcome(examined(signed(), {LIST_URL: ACME.status_list(change=change)}))[:2] == ("inconclusive", 6)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (datetime.fromisoformat("2026-12-03T00:01:00Z"), "current"),
        (datetime.fromisoformat("2026-12-03T00:01:01Z"), "STATUS_RETRIEVAL_ERROR"),
        (datetime.fromisoformat("2026-11-22T23:59:00Z"), "current"),
        (datetime.fromisoformat("2026-11-22T23:58:59Z"), "STATUS_VERIFICATION_ERROR"),
    ],
)
def test_sec_084_a_list_out_of_its_time(now: datetime, code: str) -> None:
    """Acme's list is for 23 November to 3 December; a minute either way is forgiven."""
    assert examined(signed(), now=now).checks[6].code == code


def test_sec_084_a_list_without_an_end_is_taken_as_it_is() -> None:
    endless = ACME.status_list(change=lambda listed: listed.pop("validUntil"))
    assert outcome(examined(signed(), {LIST_URL: endless}, now=NOW + timedelta(days=3650))) == ("passed", 6, "current")

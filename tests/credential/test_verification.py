"""Examining a credential from end to end: what is fetched, what is concluded, and what is left open."""

from __future__ import annotations

import json

import pytest

from refolio.credential.baking import bake_svg
from refolio.credential.keys import PublicKey
from refolio.credential.policy import DEFAULT, Policy
from refolio.credential.report import Outcome
from refolio.credential.verification import Found, Inquiry, Unfetched, examine, missing, verify
from refolio.errors import NotVerified
from tests.credential.acme import (
    ACME,
    EXPLANATION_URL,
    INDEX,
    JCS,
    MALLORY,
    NOW,
    RDFC,
    SAM,
    Document,
    Signer,
    as_bytes,
    examined,
    fetched,
    outcome,
    published,
    signed,
    sound,
    tampered,
)
from tests.credential.completions import ACME_DID, CREDENTIAL_URL, LIST_URL

FETCH_FAILED = Unfetched("portfolio.example did not answer.")


# --- the straight road -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suites", [[RDFC], [JCS], [RDFC, JCS], [JCS, RDFC]], ids="+".join)
def test_a_genuine_credential_passes(suites: list[str]) -> None:
    report = examined(signed(suites=suites))
    assert outcome(report) == ("passed", 6, "current")
    assert report.says == "Unchanged and current. Its issuer is not known here."
    assert (report.credential_id, report.issuer_id) == (CREDENTIAL_URL, ACME_DID)
    assert [check.code for check in report.checks] == [
        *["readable", "covered", "accepted-suites", "key-found", "unchanged", "in-date", "current", "unknown-issuer"]
    ]


def test_one_proof_may_stand_without_an_array() -> None:
    document = signed(suites=[RDFC])
    assert examined({**document, "proof": document["proof"][0]}).verdict is Outcome.PASSED


def test_a_did_key_issuer_needs_no_document_at_all() -> None:
    def change(document: Document) -> None:
        document["issuer"] = {**document["issuer"], "id": SAM.did}
        del document["credentialStatus"]

    raw = as_bytes(signed(change, by=SAM))
    assert missing(raw, {}) == ()
    assert outcome(sound(examine(raw, {}, DEFAULT, NOW))) == ("passed", 6, "no-status")


def test_verified_gives_the_bytes_the_facts_and_the_report() -> None:
    raw = as_bytes(signed())
    verified = verify(raw, published(), DEFAULT, NOW)
    assert (verified.raw, verified.document) == (raw, json.loads(raw))
    assert verified.facts.intern == "Maya Okafor"
    with pytest.raises(NotVerified, match="withdrawn") as refused:
        verify(raw, published(INDEX), DEFAULT, NOW)
    assert outcome(refused.value.report) == ("failed", 6, "withdrawn")
    with pytest.raises(NotVerified, match="Could not check"):
        verify(raw, {}, DEFAULT, NOW)


# --- what is fetched ---------------------------------------------------------------------------------------------


def test_the_issuer_and_the_list_are_asked_for_and_then_nothing() -> None:
    found, rounds = fetched(as_bytes(signed()), published())
    assert rounds == [(ACME_DID,), (LIST_URL,)]
    assert examined(signed(), found).verdict is Outcome.PASSED


def test_the_explanation_is_asked_for_only_when_the_bit_is_set() -> None:
    explanation = {"withdrawn_at": "2026-11-20T09:00:00+00:00", "reason": "Issued\nto the wrong person."}
    source = published(INDEX) | {EXPLANATION_URL: as_bytes(explanation)}
    found, rounds = fetched(as_bytes(signed()), source)
    assert rounds == [(ACME_DID,), (LIST_URL,), (EXPLANATION_URL,)]
    report = examined(signed(), found)
    assert report.withdrawn
    assert report.says == (
        "Unchanged, but withdrawn. The issuer withdrew it on 2026-11-20. Reason given: Issued to the wrong person."
    )


@pytest.mark.parametrize(
    "explanation",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"withdrawn_at": 5, "reason": []}',
        b'{"withdrawn_at": "yesterday", "reason": "x"}',
    ],
)
def test_a_bad_explanation_takes_nothing_from_the_withdrawal(explanation: bytes) -> None:
    report = examined(signed(), published(INDEX) | {EXPLANATION_URL: explanation})
    assert report.says == "Unchanged, but withdrawn. The issuer withdrew it."


def test_an_inquiry_asks_as_missing_does_and_checks_each_signature_once(monkeypatch: pytest.MonkeyPatch) -> None:
    raw, have = as_bytes(signed()), published(INDEX) | {EXPLANATION_URL: b"{}"}
    rounds: list[tuple[str, ...]] = []
    found: dict[str, Found] = {}
    while names := missing(raw, found):
        rounds.append(names)
        found |= {name: have[name] for name in names}
    checked: list[bytes] = []
    verify_with = PublicKey.verify

    def counted(key: PublicKey, signature: bytes, message: bytes) -> bool:
        checked.append(signature)
        return verify_with(key, signature, message)

    monkeypatch.setattr(PublicKey, "verify", counted)
    inquiry, found = Inquiry(raw), {}
    for names in rounds:
        assert inquiry.missing(found) == names
        found |= {name: have[name] for name in names}
    assert inquiry.missing(found) == ()
    assert len(rounds) == 3
    assert len(checked) == len(signed()["proof"])


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xff", b'{"issuer":5}', b'{"issuer":[]}', b'{"credentialStatus":[5,null]}']
)
def test_nothing_is_fetched_for_garbage(raw: bytes) -> None:
    assert missing(raw, {}) == ()


def test_sec_099_a_did_that_can_never_be_fetched_is_not_asked_for() -> None:
    for did in (
        "did:web:127.0.0.1",
        "did:web:a.example:..:x",
        "did:web:A.example",
        "did:web:",
        "did:web:a.example%2Fx",
    ):
        mallory = Signer(did, MALLORY.key)
        document = signed(lambda d, did=did: d.update(issuer=did), by=mallory)  # type: ignore[misc]
        assert missing(as_bytes(document), {}) == ()
        assert outcome(examined(document, {did: mallory.did_document}))[:2] == ("failed", 3)


def test_sec_102_many_status_entries_are_neither_fetched_nor_accepted() -> None:
    def change(document: Document) -> None:
        entry = document["credentialStatus"]
        document["credentialStatus"] = [
            {**entry, "id": f"{LIST_URL}#{n}", "statusListCredential": f"{LIST_URL}{n}"} for n in range(100)
        ]

    document = signed(change)
    assert len(missing(as_bytes(document), {})) <= 9
    assert outcome(examined(document)) == ("failed", 1, "status-entries")


def test_sec_070_no_other_address_in_the_document_is_ever_asked_for() -> None:
    def change(document: Document) -> None:
        document["termsOfUse"] = {"id": "https://tracker.example/terms", "type": "https://tracker.example/Terms"}
        document["evidence"].append({"id": "https://tracker.example/evidence", "type": ["Evidence"]})

    assert fetched(as_bytes(signed(change)), published())[1] == [(ACME_DID,), (LIST_URL,)]


def test_sec_070_an_unsigned_file_makes_nobody_ask_for_its_addresses() -> None:
    """Only its issuer's keys: anybody can write a list's address into a file."""
    changed = tampered(signed(), lambda document: document.update(name="Changed"))
    assert fetched(as_bytes(changed), published())[1] == [(ACME_DID,)]
    assert missing(as_bytes(changed), {}, own=True) == (ACME_DID, LIST_URL)


def test_sec_024_what_was_signed_once_cannot_be_shown_twice() -> None:
    """RDF keeps a doubled value once, so the signature would hold; whoever reads the JSON would see two."""

    def double(document: Document) -> None:
        achievement = document["credentialSubject"]["achievement"]
        document["credentialSubject"]["achievement"] = [achievement, {"id": achievement["id"]}]

    for change in (double, lambda document: document["credentialSubject"].update(role=["Intern", "Intern"])):
        assert outcome(examined(tampered(signed(suites=[RDFC]), change))) == ("failed", 1, "said-twice")


# --- "could not check" is neither passed nor failed ------------------------------------------------------------------


@pytest.mark.parametrize("at_hand", [FETCH_FAILED, b"", b"<html>sign in</html>", b"[]", b"\xff\xfe", b"{" * 5000])
def test_sec_083_without_a_readable_key_document_nothing_is_concluded(at_hand: bytes | Unfetched) -> None:
    report = examined(signed(), {ACME_DID: at_hand})
    code = "not-fetched" if at_hand is FETCH_FAILED else "unreadable-controller"
    assert outcome(report) == ("inconclusive", 3, code)
    assert report.says.startswith("Could not check. The issuer's key document")
    assert [check.result.value for check in report.checks[4:6]] == ["inconclusive", "passed"]


def test_dates_still_count_when_the_key_could_not_be_had() -> None:
    expired = signed(lambda document: document.update(validUntil="2026-10-01T00:00:00Z"))
    assert outcome(examined(expired, {ACME_DID: FETCH_FAILED})) == ("failed", 5, "expired")


def test_sec_060_an_issuer_nobody_knows_is_not_forged_and_not_vouched_for() -> None:
    report = examined(signed(by=ACME))
    assert (report.verdict, report.checks[7].result) == (Outcome.PASSED, Outcome.INCONCLUSIVE)
    known = Policy(known_issuers={ACME_DID: "Acme proved its domain acme.example on 2026-01-05."})
    assert examined(signed(), policy=known).checks[7].says == "Acme proved its domain acme.example on 2026-01-05."
    asked_for = Policy(require_known_issuer=True)
    assert outcome(examined(signed(), policy=asked_for)) == ("inconclusive", 7, "unknown-issuer")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'


def test_a_credential_in_a_badge_image_is_judged_like_the_file_itself() -> None:
    """Also which documents are missing is told from inside the image."""
    baked = bake_svg(SVG, as_bytes(signed()))
    assert missing(baked, {}) == missing(as_bytes(signed()), {})
    assert outcome(examined(baked)) == outcome(examined(signed()))
    assert (
        verify(baked, published(), Policy(), NOW).facts == verify(as_bytes(signed()), published(), Policy(), NOW).facts
    )


@pytest.mark.parametrize(("image", "code"), [(SVG, "no-credential"), (b"\x89PNG\r\n\x1a\n\x00", "bad-chunk")])
def test_an_image_without_a_credential_is_none(image: bytes, code: str) -> None:
    assert outcome(examined(image)) == ("failed", 0, code)

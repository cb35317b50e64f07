"""What Mallory got past the rewritten verification: each test is one way in, and fails until it is closed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from refolio.credential.method_keys import did_key
from refolio.credential.policy import DEFAULT
from refolio.credential.proof import ed25519_signature_2020, jwt
from refolio.credential.report import Outcome
from refolio.credential.verification import examine, verify
from refolio.errors import NotVerified
from tests.credential import tokens
from tests.credential.acme import (
    ACME,
    CREATED,
    INDEX,
    JCS,
    NOW,
    RDFC,
    SAM,
    Document,
    as_bytes,
    examined,
    outcome,
    published,
    signed,
    unsigned,
)
from tests.credential.completions import ACME_DID, LIST_URL
from tests.credential.test_sec_meaning import presented

V2, V1 = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"
STATUS, ED25519 = "https://www.w3.org/ns/credentials/status/v1", "https://w3id.org/security/suites/ed25519-2020/v1"


@pytest.mark.parametrize("holder", [{"holder": SAM.did}, {}], ids=["with holder", "without"])
@pytest.mark.parametrize("suite", [RDFC, JCS])
def test_sec_033_a_badge_in_acmes_name_is_not_signed_by_calling_it_a_presentation(suite: str, holder: Document) -> None:
    """SEC-072: with one type more, whoever holds any key signs it as its "holder", and verify() gives Acme's facts."""
    content = {**unsigned(), **holder, "type": [*unsigned()["type"], "VerifiablePresentation"]}
    del content["credentialStatus"]
    forged = as_bytes(SAM.sign(content, [suite], purpose="authentication"))
    assert examine(forged, {}, DEFAULT, NOW).verdict is not Outcome.PASSED
    with pytest.raises(NotVerified):
        verify(forged, {}, DEFAULT, NOW)


def test_sec_032_a_key_for_signing_in_issues_nothing_by_way_of_a_presentation() -> None:
    """Acme lists it under authentication alone; directly it is refused, in a presentation it vouches for a badge."""
    keys = dict(ACME.did_document)
    keys["authentication"] = keys.pop("assertionMethod")
    badge = unsigned(lambda content: content.pop("credentialStatus"))
    assert outcome(examined(ACME.sign(badge), {ACME_DID: keys})) == ("failed", 3, "not-for-purpose")
    wrapped = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": ACME_DID,
        "verifiableCredential": [badge],
    }
    report = examined(ACME.sign(wrapped, [JCS], purpose="authentication"), {ACME_DID: keys})
    assert report.verdict is not Outcome.PASSED
    assert [part.report.verdict for part in report.parts] != [Outcome.PASSED]


@pytest.mark.parametrize("inside", [[], None], ids=["empty", "absent"])
def test_sec_072_a_presentation_of_nothing_is_no_verified_credential(inside: Any) -> None:
    """Anybody can sign one, and it may be called unchanged; verify() hands it out as verified, “Untitled”."""
    document: Document = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": SAM.did}
    if inside is not None:
        document["verifiableCredential"] = inside
    empty = as_bytes(SAM.sign(document, [JCS], purpose="authentication"))
    report = examine(empty, {}, DEFAULT, NOW)
    assert (report.kind, report.parts) == ("presentation", ())
    with pytest.raises(NotVerified):
        verify(empty, {}, DEFAULT, NOW)


def test_sec_073_an_envelope_with_another_credential_written_on_it_is_refused() -> None:
    """The token inside is genuine and gets the verdict; who reads the JSON reads what stands on the outside."""
    did = did_key(tokens.ACME.public)
    content = tokens.badge(issuer={**tokens.badge()["issuer"], "id": did})
    token = jwt.sign(content, tokens.ACME, kid=f"{did}#{did.removeprefix('did:key:')}").decode()
    envelope = {"@context": [V2], "id": f"data:application/vc+jwt,{token}", "type": "EnvelopedVerifiableCredential"}
    assert examined(presented(envelope)).verdict is Outcome.PASSED
    written_on: Document = {
        **envelope,
        "type": ["EnvelopedVerifiableCredential", "VerifiableCredential"],
        "issuer": ACME_DID,
        "credentialSubject": {"id": SAM.did, "name": "Chief executive"},
    }
    for suite in (RDFC, JCS):
        assert examined(presented(written_on, suite=suite)).verdict is not Outcome.PASSED


@pytest.mark.parametrize(
    "dates",
    [
        {"issuanceDate": "2026-10-01T00:00:00Z", "expirationDate": "2026-11-01T00:00:00Z"},
        {"issuanceDate": "2027-01-01T00:00:00Z"},
    ],
    ids=["ended", "not begun"],
)
def test_sec_084_a_list_of_data_model_1_1_that_ended_or_has_not_begun_says_nothing(dates: Document) -> None:
    """Its dates have other names there; an old list of Acme's, replayed, would undo a withdrawal for ever."""

    def older(listed: Document) -> None:
        listed["@context"] = [V1, STATUS, ED25519]
        del listed["validFrom"], listed["validUntil"]
        listed.update(dates)

    content = ACME.status_list(sign=False, change=older)
    proof = ed25519_signature_2020.sign(content, ACME.key, verification_method=ACME.method, created=CREATED)
    report = examined(signed(), {LIST_URL: {**content, "proof": proof}})
    assert (report.verdict, report.decisive.number) == (Outcome.INCONCLUSIVE, 6)


def test_sec_079_a_strangers_list_does_not_speak_in_the_issuers_name() -> None:
    """Whoever answers at the list's address for a while (a CDN, a lapsed host) signs one with a key of his own.

    That may leave the credential unusable; that the issuer withdrew it is not known, and must not be said.
    """
    for listed in (SAM.status_list(INDEX), SAM.status_list(INDEX, list_id="https://sam.example/list")):
        report = examined(signed(), {LIST_URL: listed})
        assert report.verdict is not Outcome.PASSED
        assert "The issuer withdrew it" not in report.checks[6].says


def test_sec_102_a_large_key_document_is_read_once_and_not_for_every_signature() -> None:
    """SEC-004: 75 kB with sixteen credentials of four proofs, each naming seven lists, cost the verifier a minute."""
    urls = [f"{LIST_URL}/{number}" for number in range(7)]

    def change(content: Document) -> None:
        entry = content["credentialStatus"]
        content["credentialStatus"] = [{**entry, "id": f"{url}#1", "statusListCredential": url} for url in urls]

    keys = {**ACME.did_document, "padding": [0] * 170_000}
    lists = {url: ACME.status_list(list_id=url, sign=False) for url in urls}
    found = published() | {ACME_DID: as_bytes(keys)}
    found |= {url: as_bytes(ACME.sign(listed, [RDFC] * 4)) for url, listed in lists.items()}
    raw = as_bytes(signed(change, suites=[RDFC, JCS, RDFC, JCS]))
    started = time.process_time()
    examine(raw, found, DEFAULT, NOW)
    assert time.process_time() - started < 1, "reading it once takes a tenth of a second"

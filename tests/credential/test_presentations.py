"""Presentations: signed by who shows them, and only as good as the credentials in them (SEC-039, SEC-072, SEC-073)."""

from __future__ import annotations

from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.keys import did_key
from refolio.credential.method_keys import did_key as jwk_did_key
from refolio.credential.policy import Policy
from refolio.credential.proof import data_integrity, jwt
from refolio.credential.proof.content import Content, rdfc_hashes
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import missing
from tests.credential.acme import (
    ACME,
    JCS,
    MALLORY,
    RDFC,
    SAM,
    Document,
    Signer,
    as_bytes,
    examined,
    outcome,
    published,
    signed,
    tampered,
    unsigned,
)
from tests.credential.completions import ACME_DID, LIST_URL
from tests.credential.tokens import ACME as EC_KEY

MAYA = SAM  # somebody with a did:key
V2 = "https://www.w3.org/ns/credentials/v2"


def presentation(*credentials: Any, holder: Any = MAYA.did, **members: Any) -> Document:
    document = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": list(credentials)}
    return document | ({"holder": holder} if holder else {}) | members


def presented(document: Document, *, by: Signer = MAYA, suites: Any = (RDFC,), **options: Any) -> Document:
    return by.sign(document, suites, **({"purpose": "authentication"} | options))


def verdicts(report: VerificationReport) -> list[tuple[str, int, str]]:
    return [outcome(part.report) for part in report.parts]


@pytest.mark.parametrize("suites", [(RDFC,), (JCS,), (RDFC, JCS)])
def test_a_presentation_of_good_credentials(suites: Any) -> None:
    other = signed(lambda content: content.update(id="https://portfolio.example/credentials/2"))
    report = examined(presented(presentation(signed(), other), suites=suites))
    assert report.verdict is Outcome.PASSED
    assert (report.kind, report.issuer_id) == ("presentation", MAYA.did)
    assert report.says == "Presented unchanged, and every credential in it (2) passed."
    assert [part.path for part in report.parts] == ["/verifiableCredential/0", "/verifiableCredential/1"]
    assert verdicts(report) == [("passed", 6, "current")] * 2


def test_what_its_credentials_need_is_asked_for() -> None:
    raw = as_bytes(presented(presentation(signed())))
    assert missing(raw, {}) == (ACME_DID,)
    assert missing(raw, {ACME_DID: published()[ACME_DID]}) == (LIST_URL,)


def test_it_falls_with_one_bad_credential() -> None:
    good, changed = signed(), tampered(signed(), lambda content: content.update(name="More"))
    report = examined(presented(presentation(good, changed)))
    assert verdicts(report) == [("passed", 6, "current"), ("failed", 4, "signature")]
    assert outcome(report) == ("failed", 4, "signature")
    assert report.checks[4].result is Outcome.PASSED
    withdrawn = examined(presented(presentation(good)), published(94567))
    assert outcome(withdrawn) == ("failed", 6, "withdrawn")
    unknown = examined(presented(presentation(good)), {ACME_DID: b""})
    assert outcome(unknown) == ("inconclusive", 3, "unreadable-controller")


def test_sec_073_a_credential_swapped_after_signing() -> None:
    other = signed(lambda content: content.update(name="Another"))
    document = tampered(presented(presentation(signed())), lambda content: content.update(verifiableCredential=[other]))
    assert outcome(examined(document)) == ("failed", 4, "signature")
    emptied = tampered(presented(presentation(signed())), lambda content: content.pop("verifiableCredential"))
    assert outcome(examined(emptied)) == ("failed", 4, "signature")


def test_who_presents() -> None:
    stolen = presented(presentation(signed()), by=MALLORY)
    report = examined(stolen, {MALLORY.did: MALLORY.did_document})
    assert outcome(report) == ("failed", 3, "stranger")
    anonymous = examined(presented(presentation(signed(), holder=None)))
    assert anonymous.verdict is Outcome.PASSED
    assert anonymous.checks[3].says == f"The key is published by {MAYA.did}."
    assert outcome(examined(presentation(signed()))) == ("failed", 2, "proof-missing")


def test_sec_032_made_for_the_other_purpose() -> None:
    assert outcome(examined(presented(presentation(signed()), purpose="assertionMethod")))[1:] == (2, "wrong-purpose")
    as_credential = ACME.sign(unsigned(), [RDFC], purpose="authentication")
    assert outcome(examined(as_credential)) == ("failed", 2, "wrong-purpose")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"challenge": "c1"}, "passed"),
        ({"challenge": "c1", "domain": "https://priya.example"}, "passed"),
        ({"challenge": "c2"}, "wrong-challenge"),
        ({"domain": "https://mallory.example"}, "wrong-domain"),
        ({"challenge": ""}, "wrong-challenge"),
    ],
)
def test_sec_039_signed_for_this_occasion(asked: dict[str, str], expected: str) -> None:
    document = presentation(signed())
    configuration = data_integrity.configure(
        RDFC, verification_method=MAYA.method, created="2026-11-23T11:00:00Z", purpose="authentication"
    )
    configuration |= {"challenge": "c1", "domain": "https://priya.example"}
    signature = MAYA.key.sign(rdfc_hashes(configuration, Content(document)))
    document["proof"] = {**configuration, "proofValue": multibase.encode(signature)}
    report = examined(document, policy=Policy(**asked))  # type: ignore[arg-type]
    assert report.verdict is Outcome.PASSED if expected == "passed" else report.decisive.code == expected
    assert outcome(examined(presented(presentation(signed())), policy=Policy(**asked)))[0] == "failed"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"verifiableCredential": ["eyJhbGciOiJFUzI1NiJ9.e30.c2ln"]}, "not-a-credential"),
        ({"verifiableCredential": [{"type": "Report"}]}, "wrong-type"),
        ({"holder": "maya"}, "not-a-url"),
        ({"holder": {"name": "Maya"}}, "not-a-url"),
        ({"salary": "1"}, "undefined-term"),
        ({"@context": "https://www.w3.org/ns/credentials/v2"}, "malformed-context"),
    ],
)
def test_presentations_of_another_shape(change: Document, code: str) -> None:
    document = {**presentation(signed()), **change, "proof": ACME.proof(unsigned())}
    assert outcome(examined(document)) == ("failed", 1, code)


def test_a_token_in_an_envelope() -> None:
    did = jwk_did_key(EC_KEY.public)
    kid = f"{did}#{did.removeprefix('did:key:')}"
    content = unsigned(lambda content: (content.update(issuer=did), content.pop("credentialStatus")))
    token = jwt.sign(content, EC_KEY, kid=kid).decode()
    envelope = {"@context": V2, "id": f"data:application/vc+jwt,{token}", "type": "EnvelopedVerifiableCredential"}
    for report in (
        examined(presented(presentation(envelope))),
        examined(jwt.sign_presentation(presentation(envelope, holder=did), EC_KEY, kid=kid)),
    ):
        assert report.verdict is Outcome.PASSED
        assert verdicts(report) == [("passed", 6, "no-status")]
    spoilt = envelope | {"id": envelope["id"][:-6] + "AAAAAA"}
    assert verdicts(examined(presented(presentation(spoilt)))) == [("failed", 4, "signature")]
    other = envelope | {"id": "data:application/vc+sd-jwt,eyJ~"}
    assert verdicts(examined(presented(presentation(other)))) == [("inconclusive", 0, "unsupported-form")]


def test_sec_075_what_a_holder_says_of_itself_is_called_that() -> None:
    """An unsigned credential is covered by the presentation around it, and is worth what its holder's word is worth."""

    def of(issuer: str) -> Document:
        return unsigned(lambda content: (content.update(issuer=issuer), content.pop("credentialStatus")))

    own = examined(presented(presentation(of(MAYA.did), signed())))
    assert own.verdict is Outcome.PASSED
    assert [part.report.checks[2].code for part in own.parts] == ["self-asserted", "accepted-suites"]
    assert own.parts[0].report.says == "The holder says so of itself; nobody else does."
    for other in (ACME_DID, MALLORY.did):
        assert verdicts(examined(presented(presentation(of(other))))) == [("failed", 2, "proof-missing")]
    nobody = examined(presented(presentation(of(MAYA.did), holder=None)))
    assert verdicts(nobody) == [("failed", 2, "proof-missing")]
    changed = tampered(
        presented(presentation(of(MAYA.did))), lambda content: content["verifiableCredential"][0].update(name="More")
    )
    assert verdicts(examined(changed))[0][0] == "failed"


@pytest.mark.parametrize("media", ["vc", "vp"])
def test_sec_072_a_presentation_in_an_envelope_is_no_credential(media: str) -> None:
    """Nobody would look at what is inside the inner one, so a forged credential could hide there."""
    did = jwk_did_key(EC_KEY.public)
    forged = tampered(signed(), lambda content: content.update(name="Chief executive"))
    inner = jwt.sign_presentation(presentation(forged, holder=did), EC_KEY, kid=f"{did}#{did.removeprefix('did:key:')}")
    envelope = {
        "@context": V2,
        "id": f"data:application/{media}+jwt,{inner.decode()}",
        "type": "EnvelopedVerifiableCredential",
    }
    report = examined(presented(presentation(envelope)))
    assert report.checks[4].result is Outcome.PASSED
    assert report.verdict is not Outcome.PASSED
    assert verdicts(report)[0][0] != "passed"


def test_more_credentials_than_anybody_looks_at() -> None:
    many = [signed(lambda content, n=n: content.update(id=f"urn:uuid:{n}"), suites=[JCS]) for n in range(17)]  # type: ignore[misc]
    report = examined(presented(presentation(*many)))
    assert report.parts[-1].report.decisive.code == "too-many-parts"
    assert report.verdict is Outcome.INCONCLUSIVE
    assert did_key(MAYA.key.public) == MAYA.did

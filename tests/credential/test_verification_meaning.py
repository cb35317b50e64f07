"""Signed, but by whom, about whom, and inside what: attempts that a good signature does not stop."""

from __future__ import annotations

from typing import Any

import pytest

from refolio.credential.facts import read_facts
from refolio.credential.report import Outcome
from tests.credential.acme import ACME, JCS, MALLORY, RDFC, SAM, Document, examined, outcome, signed, tampered, unsigned


def test_sec_060_the_same_name_and_logo_under_another_did_is_another_issuer() -> None:
    document = signed(
        lambda content: content.update(issuer={**content["issuer"], "id": SAM.did}, credentialStatus=[]), by=SAM
    )
    assert outcome(examined(document)) == ("failed", 1, "status-entries")
    document = signed(lambda content: (content["issuer"].update(id=SAM.did), content.pop("credentialStatus")), by=SAM)
    report = examined(document)
    assert (report.verdict, report.checks[7].code) == (Outcome.PASSED, "unknown-issuer")
    assert report.issuer_id == SAM.did
    assert SAM.did in report.checks[7].says


@pytest.mark.parametrize(
    "text",
    ["\u202egnihton\u202c", "x" * 100_000, "did:web:а.example\u200b", "a\nb\tc"],
    ids=["bidi", "long", "homograph", "lines"],
)
def test_sec_061_a_sentence_quotes_nothing_invisible_and_nothing_endless(text: str) -> None:
    """examined() looks at every sentence; here is what a stranger may try to put into one."""
    for change in (
        lambda content: content["proof"][0].update(verificationMethod=f"{text}#key"),
        lambda content: content.update({text: "x"}),
        lambda content: content.update(type=["VerifiableCredential", text]),
        lambda content: content.update(issuer=f"did:x:{text}"),
        lambda content: content["credentialSubject"].update({f"a/{text}": {"b": 1}}),
    ):
        assert examined(tampered(signed(), change)).verdict is not Outcome.PASSED


@pytest.mark.parametrize("members", [("identifier",), ("identifier", "id")])
def test_sec_067_a_badge_about_nobody(members: tuple[str, ...]) -> None:
    document = signed(lambda content: [content["credentialSubject"].pop(name, None) for name in members])
    report = examined(document)
    assert outcome(report) == ("inconclusive", 1, "no-subject-identity")
    assert report.checks[4].result is Outcome.PASSED


@pytest.mark.parametrize(
    "subject", [None, {}, [], "did:example:maya", [{"id": "did:example:maya"}, {"id": "did:example:oscar"}]]
)
def test_sec_067_a_badge_about_nothing_or_several(subject: Any) -> None:
    document = tampered(signed(), lambda content: content.update(credentialSubject=subject))
    assert outcome(examined(document)) == ("failed", 1, "no-subject")


def _endorsement(*proofs: Any) -> Document:
    document = {
        "@context": unsigned()["@context"],
        "id": "urn:uuid:5",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Best intern ever",
        "issuer": {"id": MALLORY.did, "type": ["Profile"], "name": "Sam Rivera"},
        "validFrom": "2026-09-18T00:00:00Z",
        "credentialSubject": {"id": unsigned()["id"], "type": ["EndorsementSubject"], "endorsementComment": "Superb."},
    }
    return document | ({"proof": proofs[0]} if proofs else {})


def test_sec_069_an_endorsement_inside_is_not_shown_as_one() -> None:
    document = signed(lambda content: content.update(endorsement=[_endorsement()]))
    report = examined(document)
    assert report.verdict is Outcome.PASSED
    assert "Superb" not in repr(read_facts(document))
    [part] = report.parts
    assert (part.path, part.subject_id) == ("/endorsement/0", document["id"])
    assert outcome(part.report) == ("failed", 2, "proof-missing")


def test_sec_072_and_073_a_good_credential_inside_something_else_is_not_it() -> None:
    good = signed()
    presentation = {
        "@context": [good["@context"][0]],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [good],
    }
    assert outcome(examined([good])) == ("failed", 0, "not-an-object")
    report = examined(presentation)
    assert outcome(report) == ("failed", 2, "proof-missing")
    assert [outcome(part.report) for part in report.parts] == [("passed", 6, "current")]
    outer: Document = {**unsigned(), "endorsement": [good], "issuer": MALLORY.did}
    assert outcome(examined({**outer, "proof": good["proof"]})) == ("failed", 1, "schema")
    outer["endorsement"] = [_endorsement(good["proof"])]
    assert outcome(examined(outer)) == ("failed", 2, "proof-missing")
    assert outcome(examined({**outer, "proof": good["proof"]})) == ("failed", 3, "stranger")


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        (
            lambda known: [*known, "https://www.w3.org/ns/credentials/undefined-terms/v2"],
            ("inconclusive", 1, "unknown-context"),
        ),
        (lambda known: [*known, "https://evil.example/v1"], ("inconclusive", 1, "unknown-context")),
        (lambda known: known[::-1], ("inconclusive", 1, "unknown-context")),
        (lambda known: [known[0], known[1].replace("https", "http")], ("inconclusive", 1, "unknown-context")),
        (lambda known: [*known, known[1]], ("inconclusive", 1, "unknown-context")),
        (lambda known: [], ("inconclusive", 1, "unknown-context")),
        (lambda known: [*known, {"@vocab": "https://evil.example/"}], ("failed", 1, "malformed-context")),
        (lambda known: [*known, None], ("failed", 1, "malformed-context")),
        (lambda known: known[0], ("failed", 1, "malformed-context")),
        (lambda known: {}, ("failed", 1, "malformed-context")),
        (lambda known: None, ("failed", 1, "malformed-context")),
    ],
)
@pytest.mark.parametrize("suites", [[RDFC], [JCS]], ids="+".join)
def test_sec_017_and_018_other_lists_of_contexts(
    contexts: Any, expected: tuple[str, int, str], suites: list[str]
) -> None:
    document = signed(suites=suites)
    report = examined({**document, "@context": contexts(document["@context"])})
    assert outcome(report) == expected


def test_a_key_document_is_not_a_credential() -> None:
    assert outcome(examined(ACME.did_document)) == ("failed", 1, "wrong-type")

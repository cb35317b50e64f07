"""Well signed, but shown, wrapped or labelled wrongly: occasion, endorsements, presentations, types (area 1.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refolio.credential.facts import read_facts
from refolio.credential.policy import Policy
from refolio.credential.report import Outcome
from tests.credential.acme import (
    ACME,
    INDEX,
    JCS,
    MALLORY,
    RDFC,
    SAM,
    Document,
    as_bytes,
    examined,
    fetched,
    outcome,
    published,
    signed,
    tampered,
    unsigned,
)
from tests.credential.completions import ACME_DID, LIST_URL
from tests.credential.forging import dated

V2 = "https://www.w3.org/ns/credentials/v2"


def presented(*credentials: Any, suite: str = RDFC, **members: Any) -> Document:
    """What Sam presents and signs."""
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": SAM.did,
        "verifiableCredential": list(credentials),
        **members,
    }
    return SAM.sign(document, [suite], purpose="authentication")


# --- SEC-039: the occasion -------------------------------------------------------------------------------------------


def for_occasion(**members: Any) -> Document:
    """A badge whose proof was signed for an occasion; the members are part of what is signed."""
    return dated(JCS, **members)


def asking(name: str, value: str) -> Policy:
    """A policy that asks for this challenge or domain."""
    return Policy(challenge=value) if name == "challenge" else Policy(domain=value)


@pytest.mark.parametrize("name", ["challenge", "domain"])
def test_sec_039_an_occasion_counts_when_it_is_asked_for(name: str) -> None:
    asked = asking(name, "today")
    document = for_occasion(**{name: "today"})
    for policy in (Policy(), asked):
        assert examined(document, policy=policy).verdict is Outcome.PASSED
    for other in ("yesterday", "Today", "today ", ""):
        report = examined(document, policy=asking(name, other))
        assert outcome(report) == ("failed", 2, f"wrong-{name}"), other
    assert outcome(examined(signed(), policy=asked)) == ("failed", 2, f"wrong-{name}"), "said by no proof"
    replayed = {**signed(), "proof": [*signed()["proof"], document["proof"]]}
    assert outcome(examined(replayed, policy=asked)) == ("failed", 2, f"wrong-{name}"), "said by one proof of three"
    later = tampered(signed(), lambda content: content["proof"][0].update({name: "today"}))
    assert examined({**later, "proof": later["proof"][:1]}, policy=asked).verdict is Outcome.FAILED


def test_sec_039_a_domain_among_others_is_not_the_one_asked_for() -> None:
    document = for_occasion(domain=["https://verifier.example", "https://mallory.example"])
    assert examined(document).verdict is Outcome.PASSED
    report = examined(document, policy=Policy(domain="https://verifier.example"))
    assert outcome(report) == ("failed", 2, "wrong-domain")


# --- SEC-069, 072, 073: credentials inside ---------------------------------------------------------------------------


def endorsement(comment: str = "Superb.", issuer: str = SAM.did) -> Document:
    return {
        "@context": unsigned()["@context"],
        "id": "urn:uuid:5",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "A word about Maya",
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Sam Rivera"},
        "validFrom": "2026-09-18T00:00:00Z",
        "credentialSubject": {
            "id": unsigned()["credentialSubject"]["achievement"]["id"],
            "type": ["EndorsementSubject"],
            "endorsementComment": comment,
        },
    }


def test_sec_069_each_endorsement_is_judged_on_its_own() -> None:
    """A good one, one without a signature, one changed, one of a stranger in Sam's name, one that ended."""
    good = SAM.sign(endorsement())
    table: list[tuple[Document, tuple[str, int, str]]] = [
        (good, ("passed", 6, "no-status")),
        (endorsement(), ("failed", 2, "proof-missing")),
        ({**good, "validFrom": "2026-09-19T00:00:00Z"}, ("failed", 4, "signature")),
        (MALLORY.sign(endorsement()), ("failed", 3, "stranger")),
        (SAM.sign({**endorsement(), "validUntil": "2026-10-01T00:00:00Z"}), ("failed", 5, "expired")),
        (SAM.sign(endorsement(issuer=MALLORY.did)), ("failed", 3, "stranger")),
    ]
    for inside, expected in table:
        report = examined(signed(lambda content, inside=inside: content.update(endorsement=[inside])))  # type: ignore[misc]
        [part] = report.parts
        assert outcome(part.report) == expected
        assert report.verdict is Outcome.PASSED, "the badge says nothing of whom it quotes"
        assert part.path == "/endorsement/0"
    assert "Superb" not in repr(read_facts(signed(lambda content: content.update(endorsement=[endorsement()]))))


def test_sec_069_a_bad_badge_gains_nothing_by_a_good_endorsement() -> None:
    document = signed(lambda content: content.update(endorsement=[SAM.sign(endorsement())]))
    report = examined(tampered(document, lambda content: content.update(name="Chief executive")))
    assert outcome(report) == ("failed", 4, "signature")
    assert outcome(report.parts[0].report) == ("passed", 6, "no-status")
    report = examined(document, {LIST_URL: ACME.status_list(INDEX)})
    assert report.withdrawn


@pytest.mark.parametrize("suite", [RDFC, JCS])
def test_sec_072_one_verdict_for_each_credential_presented(suite: str) -> None:
    good, changed = signed(), tampered(signed(), lambda content: content.update(name="Chief executive"))
    expired = signed(lambda content: content.update(validUntil="2026-10-01T00:00:00Z", id="urn:uuid:7"))
    for inside, verdicts in (
        ([good], ["passed"]),
        ([changed], ["failed"]),
        ([good, changed], ["passed", "failed"]),
        ([expired, good], ["failed", "passed"]),
        ([good, unsigned()], ["passed", "failed"]),
    ):
        report = examined(presented(*inside, suite=suite))
        assert report.kind == "presentation"
        assert [part.report.verdict.value for part in report.parts] == verdicts
        assert report.verdict.value == ("failed" if "failed" in verdicts else "passed")


def test_sec_072_an_array_of_credentials_is_none() -> None:
    for document in ([signed()], [signed(), signed()], [], {"verifiableCredential": [signed()]}):
        assert examined(document).verdict is Outcome.FAILED


def test_sec_072_a_presentation_nobody_signed_or_somebody_else_did() -> None:
    whole = presented(signed())
    bare = {name: value for name, value in whole.items() if name != "proof"}
    assert outcome(examined(bare)) == ("failed", 2, "proof-missing")
    assert outcome(examined({**whole, "holder": MALLORY.did})) == ("failed", 3, "stranger")
    stolen = MALLORY.sign(bare, [RDFC], purpose="authentication")
    assert outcome(examined(stolen, {MALLORY.did: MALLORY.did_document})) == ("failed", 3, "stranger")
    issuing = SAM.sign(bare, [RDFC])
    assert outcome(examined(issuing)) == ("failed", 2, "wrong-purpose")


def test_sec_072_more_credentials_than_anybody_shows_are_left_open() -> None:
    alike = [{**signed(), "id": f"urn:uuid:{number}"} for number in range(40)]
    report = examined(presented(*alike, suite=JCS))
    assert report.verdict is not Outcome.PASSED
    assert len(report.parts) <= 17


def test_sec_073_a_good_credential_quoted_in_an_evil_one_lends_it_nothing() -> None:
    good = signed()
    evil: Document = {**unsigned(), "id": "urn:uuid:9", "issuer": MALLORY.did, "name": "Chief executive"}
    for wrapped in (
        {**evil, "endorsement": [good]},
        {**evil, "endorsement": [good], "proof": good["proof"]},
        {**evil, "credentialSubject": {**evil["credentialSubject"], "achievement": good}},
        {**evil, "evidence": [good]},
        {**evil, "credential": good},
        {**good, "credentialSubject": good},
    ):
        report = examined(wrapped)
        assert report.verdict is Outcome.FAILED
        assert report.checks[4].result is not Outcome.PASSED
    signed_by_her = MALLORY.sign({**evil, "endorsement": [good]})
    report = examined(signed_by_her, {MALLORY.did: MALLORY.did_document})
    assert report.issuer_id == MALLORY.did
    assert ACME_DID not in report.checks[3].says


# --- SEC-070, 074 ----------------------------------------------------------------------------------------------------


def test_sec_070_no_address_but_keys_and_lists_is_asked_for_whatever_is_inside() -> None:
    """Refresh services, schemas, evidence, images, terms, endorsements and presentations: read, never followed."""
    spy = "https://tracker.example"

    def change(content: Document) -> None:
        content["refreshService"] = {"id": f"{spy}/refresh", "type": "https://tracker.example/#Refresh"}
        content["credentialSchema"] = [{"id": f"{spy}/schema.json", "type": "https://tracker.example/#Schema"}]
        content["termsOfUse"] = {"id": f"{spy}/terms", "type": "https://tracker.example/#Terms"}
        content["evidence"].append({"id": f"{spy}/evidence", "type": ["Evidence"]})
        content["image"] = {"id": f"{spy}/badge.png", "type": "Image"}
        content["issuer"]["url"] = f"{spy}/issuer"

    document = signed(change)
    for shown in (document, presented(document, suite=JCS)):
        asked = [name for names in fetched(as_bytes(shown), published())[1] for name in names]
        assert set(asked) == {ACME_DID, LIST_URL}
    changed = tampered(document, lambda content: content.update(name="Changed"))
    assert fetched(as_bytes(changed), published())[1] == [(ACME_DID,)]


@pytest.mark.parametrize("suites", [[RDFC], [JCS]], ids="+".join)
def test_sec_074_a_type_of_ones_own_gives_no_label(suites: list[str]) -> None:
    """A word that no context defines is refused; a type by its web address is signed, and shown nowhere."""
    known = unsigned()["type"]
    for type_ in ("DiplomaCredential", "Diploma", "UniversityDegreeCredential", "verifiableCredential"):
        document = tampered(signed(suites=suites), lambda content, type_=type_: content.update(type=[*known, type_]))  # type: ignore[misc]
        assert outcome(examined(document)) == ("failed", 1, "undefined-type")
    own = "https://mallory.example/#DiplomaCredential"
    document = signed(lambda content: content.update(type=[*known, own]), suites=suites)
    report = examined(document)
    assert report.verdict is Outcome.PASSED
    assert "Diploma" not in json.dumps(report.members())
    assert "Diploma" not in repr(read_facts(document))
    assert read_facts(document) == read_facts(signed())

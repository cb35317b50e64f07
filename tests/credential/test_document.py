"""Composing a credential: the mapping of the standards dossier §2, fact by fact, and one id for one thing."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from refolio.credential.document import CONTEXTS, IssuerProfile, compose, email_hash
from refolio.credential.facts import read_facts
from refolio.credential.model import completion_from
from tests.credential.acme import as_bytes
from tests.credential.completions import (
    ACME_DID,
    CREDENTIAL_URL,
    LIST_URL,
    ORIGIN,
    completion,
    issuance,
    members,
)
from tests.credential.composed import achievement_id, assert_one_meaning_per_id, badge_schema, composed

# --- the mapping, fact by fact (standards §2.1) --------------------------------------------------------------------


def test_the_frame() -> None:
    document = composed()
    assert document["@context"] == list(CONTEXTS)
    assert document["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert document["id"] == CREDENTIAL_URL
    assert document["name"] == "Micro-internship: Market scan of recycled textiles"
    assert (
        document["description"] == "Completed a micro-internship (project, remote) of 37.5 hours with Brightline Labs."
    )
    assert document["validFrom"] == document["awardedDate"] == "2026-09-18T12:30:15Z"
    assert "validUntil" not in document
    assert document["issuer"] == {
        "id": ACME_DID,
        "type": ["Profile"],
        "name": "Acme Textiles",
        "url": "https://acme.example",
        "description": "Recycled textiles.",
    }


def test_the_status_entry_is_one_object() -> None:
    assert composed()["credentialStatus"] == {
        "id": f"{LIST_URL}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": LIST_URL,
        "statusReference": f"{CREDENTIAL_URL}/status",
    }


def test_sec_068_the_address_is_a_salted_hash_and_the_name_is_plain() -> None:
    hashed, name = composed()["credentialSubject"]["identifier"]
    digest = hashlib.sha256(b"maya@northfield.example" + b"c2FsdC1leGFtcGxlLTE2Yg").hexdigest()
    assert hashed == {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": "emailAddress",
        "salt": "c2FsdC1leGFtcGxlLTE2Yg",
    }
    assert name == {"type": "IdentityObject", "hashed": False, "identityHash": "Maya Okafor", "identityType": "name"}


def test_sec_068_the_published_vector_and_one_normal_form() -> None:
    vector = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert email_hash("a@example.com", "Kosher") == email_hash(" A@Example.com ", "Kosher") == vector


@pytest.mark.parametrize("salt", ["", "short", "c2FsdC1leGFtcGxlLTE2Y"])
def test_sec_068_a_short_salt_is_refused(salt: str) -> None:
    with pytest.raises(ValueError, match="salt"):
        issuance(salt=salt)


def test_the_dates_of_work_are_midnights() -> None:
    subject = composed()["credentialSubject"]
    assert (subject["activityStartDate"], subject["activityEndDate"]) == (
        "2026-08-24T00:00:00Z",
        "2026-09-11T00:00:00Z",
    )


def test_hours_basis_credit_and_skills_are_results() -> None:
    subject = composed()["credentialSubject"]
    base = subject["achievement"]["id"]
    assert [description["id"].removeprefix(base) for description in subject["achievement"]["resultDescription"]] == [
        *["#status", "#hours", "#hours-basis", "#skill-1", "#skill-2", "#credit"]
    ]
    assert subject["result"] == [
        {"type": ["Result"], "resultDescription": f"{base}#status", "status": "Completed"},
        {"type": ["Result"], "resultDescription": f"{base}#hours", "value": "37.5"},
        {"type": ["Result"], "resultDescription": f"{base}#hours-basis", "value": "logged"},
        {
            "type": ["Result"],
            "resultDescription": f"{base}#skill-1",
            "value": "seen",
            "achievedLevel": f"{base}#skill-1-exceeds",
        },
        {"type": ["Result"], "resultDescription": f"{base}#skill-2", "value": "self-reported"},
        {"type": ["Result"], "resultDescription": f"{base}#credit", "value": "2"},
    ]
    assert "creditsEarned" not in subject
    levels = subject["achievement"]["resultDescription"][3]["rubricCriterionLevel"]
    assert [(level["name"], level["level"]) for level in levels] == [
        ("Developing", "1"),
        ("Proficient", "2"),
        ("Exceeds", "3"),
    ]


@pytest.mark.parametrize(
    ("engagement", "type_"),
    [
        ("project", "Fieldwork"),
        ("placement", "Fieldwork"),
        ("simulation", "Assignment"),
        ("volunteering", "CommunityService"),
    ],
)
def test_real_work_and_simulations_do_not_look_alike(engagement: str, type_: str) -> None:
    skills = [{"name": "sql", "observed": "self-reported"}]
    achievement = composed(engagement=engagement, skills=skills)["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == type_
    assert achievement["tag"] == ["micro-internship", engagement, "remote", "stipend", "sql"]


@pytest.mark.parametrize(
    ("framework", "url", "name", "type_"),
    [
        ("ESCO", "http://data.europa.eu/esco/skill/S1.2", "ESCO", "ext:ESCOSkill"),
        ("ESCO", "http://data.europa.eu/esco/occupation/2431.4", "ESCO", "ext:ESCOOccupation"),
        ("O*NET", "https://www.onetonline.org/find/descriptor/result/4.A.1.a.1", "O*NET", "ext:ONETElement"),
        ("O*NET-SOC", "https://www.onetonline.org/link/summary/13-1161.00", "O*NET-SOC", "ext:ONETOccupation"),
    ],
)
def test_alignments(standards: Path, framework: str, url: str, name: str, type_: str) -> None:
    alignment = {"framework": framework, "url": url, "code": "13-1161.00"}
    document = composed(skills=[{"name": "surveys", "observed": "seen", "alignment": alignment}])
    achievement = document["credentialSubject"]["achievement"]
    expected = {
        "type": ["Alignment"],
        "targetName": "surveys",
        "targetUrl": url,
        "targetFramework": name,
        "targetType": type_,
        "targetCode": "13-1161.00",
    }
    assert achievement["alignment"] == [expected]
    assert achievement["resultDescription"][3]["alignment"] == [expected]
    assert "surveys" not in achievement["tag"]
    assert badge_schema(standards).is_valid({**document, "proof": []})


def test_the_three_roles() -> None:
    document = composed()
    brightline = {"id": "https://brightline.example", "type": ["Profile"], "name": "Brightline Labs"}
    assert document["credentialSubject"]["source"] == {**brightline, "url": "https://brightline.example"}
    assert document["credentialSubject"]["achievement"]["creator"] == brightline
    assert document["evidence"][-1] == {
        "type": ["Evidence"],
        "id": f"{CREDENTIAL_URL}#delivery",
        "name": "Northfield Careers",
        "genre": "Delivery",
        "description": "Kept the record of this micro-internship and delivered it on behalf of the issuer.",
    }
    alone = compose(completion(host=None), issuance(platform=None))
    assert "source" not in alone["credentialSubject"]  # type: ignore[operator]
    assert read_facts(alone).platform is None


def test_evidence_keeps_order_and_names_what_it_is() -> None:
    report, talk, feedback, _ = composed()["evidence"]
    assert (report["id"], report["genre"]) == ("https://files.example/scan.pdf", "Report")
    assert talk["id"] == f"{CREDENTIAL_URL}#deliverable-2"
    assert (feedback["narrative"], feedback["description"]) == ("Careful and quick.", "By Sam Rivera, Head of Product")
    only_role = composed(feedback={"text": "Good.", "author_role": "Head of Product"})
    assert read_facts(only_role).feedback_by == "Head of Product"


def test_one_hour_is_one_hour() -> None:
    assert "of 1 hour with" in composed(hours={"total": "1.0", "basis": "logged"})["description"]


# --- ids ---------------------------------------------------------------------------------------------------------


def test_interns_of_one_project_share_the_achievement_and_nobody_else_does() -> None:
    first = achievement_id(composed())
    assert re.fullmatch(rf"{ORIGIN}/achievements/[a-z2-7]{{32}}", first)
    other = compose(
        completion(intern={"name": "Oscar", "email": "o@n.example"}), issuance(credential_url=f"{ORIGIN}/credentials/2")
    )
    assert achievement_id(other) == first
    for host in ({"name": "Brightline Labs"}, {"name": "Brightline", "url": "https://brightline.example"}, None):
        assert achievement_id(composed(host=host)) != first
    assert achievement_id(composed(mode="hybrid")) != first


def test_interns_at_a_host_without_address_share_the_achievement_too() -> None:
    host = {"name": "Brightline Labs"}
    other = compose(completion(host=host), issuance(credential_url=f"{ORIGIN}/credentials/2"))
    assert achievement_id(other) == achievement_id(composed(host=host))


def test_a_deliverable_cannot_take_the_place_of_the_achievement() -> None:
    """Its id can be worked out beforehand; whatever an intern says under that id would be said of it."""
    taken = achievement_id(composed())
    document = composed(deliverables=[{"title": "Chief Executive Officer", "url": taken}])
    assert achievement_id(document) == taken
    assert_one_meaning_per_id(document)


def test_an_issuer_without_address_or_description() -> None:
    document = compose(completion(), issuance(issuer=IssuerProfile(ACME_DID, "Acme Textiles")))
    assert document["issuer"] == {"id": ACME_DID, "type": ["Profile"], "name": "Acme Textiles"}


def test_composing_is_a_pure_function_of_its_arguments() -> None:
    assert as_bytes(composed()) == as_bytes(compose(completion_from(members()), issuance()))

"""Rules of the Open Badges 3.0 data model: other people's badges, our own, and what a sender is told."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from refolio.credential import base64url
from refolio.credential.baking import is_image, unbake
from refolio.credential.document import compose
from refolio.credential.model import Completion
from refolio.credential.open_badges import require_open_badge
from refolio.credential.open_badges_table import CLASSES, EXTENSIBLE, VC_1, VOCABULARIES
from refolio.errors import DocumentRefused
from tests.credential.badges import badge, badges, endorsement, proof
from tests.credential.completions import issuance, sound_completions
from tests.credential.composed import composed
from tests.credential.open_badge_examples import FILES, Document, example, refusal, schema, validator

# --- other people's badges -------------------------------------------------------------------------------------------

# Where our verdict is not that of the schema, and why.
DISAGREEMENTS = {
    "1edtech/ob30/simple-err-credential-subject-achievement-result-description-type.json": (
        "/credentialSubject/achievement/resultDescription/2/type",
        "its type is the text InvalidResultDescription, and the schema looks for the class only in an array",
    )
}
# What the index says of its own schema verdicts, as the place that we must name.
REFUSED = {
    "1edtech/ob30/simple-err-credential-subject-identifier-type.json": "/credentialSubject/identifier/0/type",
    "1edtech/ob30/simple-err-credential-subject-type.json": "/credentialSubject/type",
    "1edtech/ob30/simple-err-issuer-parentorg-type.json": "/issuer/parentOrg/type",
    "1edtech/ob30/simple-err-issuer-type.json": "/issuer/type",
    "1edtech/ob30/simple-err-issuer.json": "/issuer",
    "dcc/v2/dataIntegrityProof/didKey/legacyRegistry-noStatus-_noExpiry-credSubjName.json": (
        "/credentialSubject/achievement/achievementType"
    ),
    "dcc/v2/dataIntegrityProof/didKey/legacyRegistry-noStatus-noExpiry-credName.json": (
        "/credentialSubject/achievement/achievementType"
    ),
    "dcc/v2/dataIntegrityProof/didKey/legacyRegistry-noStatus-noExpiry-credSubjName.json": (
        "/credentialSubject/achievement/achievementType"
    ),
    "dcc/v2/dataIntegrityProof/didKey/twoOIDF-revoked-notExpired-badSchema.json": "/validFrom",
}


def fixtures(standards: Path) -> Iterator[tuple[dict[str, Any], Document]]:
    """Every row of the index with the credential that its file holds, be it JSON, a token or an image."""
    for row in json.loads((standards / "fixtures/index.json").read_text("utf-8"))["fixtures"]:
        raw = (standards / "fixtures" / row["file"]).read_bytes()
        raw = unbake(raw) if is_image(raw) else raw
        if not raw.lstrip().startswith(b"{"):
            raw = base64url.decode(raw.strip().split(b".")[1].decode())
        document = json.loads(raw)
        yield row, document.get("vc", document)


def published(document: Document) -> str | None:
    """The class whose schema is published for this document of VC Data Model 2.0."""
    if document["@context"][0] == VC_1:
        return None
    words = [word.replace("AchievementCredential", "OpenBadgeCredential") for word in document["type"]]
    return next((word for word in words if word in FILES), None)


def test_fixtures_are_judged_as_the_schema_judges_them(standards: Path) -> None:
    refused, differ = {}, {}
    for row, document in fixtures(standards):
        ours = refusal(document)
        if ours and row["file"] not in DISAGREEMENTS:
            refused[row["file"]] = ours.path
        if (class_ := published(document)) and validator(standards, class_).is_valid(document) != (ours is None):
            differ[row["file"]] = ours.path if ours else "accepted"
    assert refused == REFUSED
    assert differ == {file: path for file, (path, _) in DISAGREEMENTS.items()}


def test_a_fixture_is_refused_where_the_index_says_so_and_only_there(standards: Path) -> None:
    rows = list(fixtures(standards))
    assert len(rows) == 98
    for row, document in rows:
        if "schema" in row["fail"]:
            assert refusal(document), row["file"]
            said = "".join(row["schema_errors"]).replace("(root): ", "")
            named = REFUSED[row["file"]].rpartition("/")[2]
            assert named in said or "type" in said, row["file"]
        elif row["expected"] != "invalid":
            assert refusal(document) is None, row["file"]


def test_the_samples_are_accepted(standards: Path) -> None:
    for file in sorted((standards / "samples").glob("*.json")):
        assert refusal(json.loads(file.read_text("utf-8"))) is None, file.name


# --- our own ---------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(sound_completions())
def test_whatever_we_compose_is_accepted(given: Completion) -> None:
    require_open_badge(compose(given, issuance()))


def test_what_we_compose_satisfies_the_schema_too(standards: Path) -> None:
    document = composed()
    assert list(validator(standards, "OpenBadgeCredential").iter_errors(document)) == []
    require_open_badge(document)


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", FILES)
def test_the_table_names_what_the_schema_names(standards: Path, root: str) -> None:
    """Classes, required members, all members, closedness and words, each against the published definition."""
    published = {root: schema(standards, root)} | schema(standards, root)["$defs"]
    for name in CLASSES.keys() & published.keys():
        facts, definition = CLASSES[name], published[name]
        members = {member: kind for kind, names in facts.members.items() for member in names.split()}
        assert set(facts.required.split()) == set(definition.get("required", [])), name
        assert members.keys() == definition["properties"].keys() - {"proof"}, name
        assert facts.closed is (definition["additionalProperties"] is False), name
        for member in members.keys() & VOCABULARIES.keys():
            forms = definition["properties"][member].get("oneOf", [definition["properties"][member]])
            assert set(VOCABULARIES[member].split()) == set(forms[0]["enum"]), member
            assert (member in EXTENSIBLE) is (len(forms) == 2), member
    assert published.keys() - CLASSES.keys() <= {"Context", "Proof", "ProfileRef"}


# --- what is not refused here ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"issuer": "did:web:portfolio.example:issuers:acme"},
        {"proof": {"type": ["DataIntegrityProof"], "created": "yesterday"}},
        {"proof": 7},
        {"credentialStatus": [badges()["status entry"]["credentialStatus"]] * 2},
        {"type": ["AchievementCredential", "https://example.org/#Extra", "VerifiableCredential"]},
        {"validUntil": "2031-09-30T23:59:59.5+02:00"},
        {"endorsementJwt": "abc.def.ghi"},
        {"@context": [*badge()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]},
    ],
)
def test_accepted(members: Document) -> None:
    require_open_badge(badge(**members))


def test_a_badge_about_nobody_is_another_checks_business() -> None:
    document = badge()
    del document["credentialSubject"]["id"]
    require_open_badge(document)


@pytest.mark.parametrize("types", [["VerifiableCredential"], "VerifiableCredential", [], None, 7, {"a": "b"}, [7]])
def test_what_is_no_badge_passes(types: Any) -> None:
    require_open_badge({"type": types, "credentialSubject": 7})
    require_open_badge({})


def test_of_a_version_1_1_badge_only_the_achievement_is_looked_at() -> None:
    document = badge(**{"@context": [VC_1, badge()["@context"][1]]}, issuanceDate="2026-09-18T00:00:00Z", image="x")
    del document["validFrom"], document["name"]
    document["credentialSubject"]["identifier"] = 7
    require_open_badge(document)
    del document["credentialSubject"]["achievement"]["criteria"]
    refused = refusal(document)
    assert refused
    assert refused.path == "/credentialSubject/achievement/criteria"


# --- what the sender is told -----------------------------------------------------------------------------------------


def put(document: Document, path: str, value: Any) -> Document:
    """A copy with ``value`` at a JSON Pointer; a member whose value is None is taken out."""
    changed = copy.deepcopy(document)
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")[1:]]
    holder: Any = changed
    for step in steps:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return changed


ACHIEVEMENT = "/credentialSubject/achievement"


@pytest.mark.parametrize(
    ("path", "value", "at", "says"),
    [
        (f"{ACHIEVEMENT}/criteria", None, "", "The member criteria of Achievement is missing."),
        (f"{ACHIEVEMENT}/name", 7, "", "The member name of Achievement must be one text."),
        (f"{ACHIEVEMENT}/name", {"id": "https://evil.example"}, "", "The member name of Achievement must be one text."),
        (
            f"{ACHIEVEMENT}/achievementType",
            "Program",
            "",
            "The member achievementType of Achievement must be a word of its list, not 'Program'.",
        ),
        (f"{ACHIEVEMENT}/image", "x", "", "The member image of Achievement must be one object of class Image."),
        (f"{ACHIEVEMENT}/image/colour", "red", "", "The member 'colour' of Image is not allowed."),
        (f"{ACHIEVEMENT}/image/type", ["Image"], "", 'The member type of Image must be the text "Image".'),
        (f"{ACHIEVEMENT}/tag", ["a", 7], "/1", "The member tag of Achievement has a value that must be one text."),
        (
            f"{ACHIEVEMENT}/alignment",
            [7],
            "/0",
            "The member alignment of Achievement has a value that must be one object of class Alignment.",
        ),
        (f"{ACHIEVEMENT}/alignment/0/targetUrl", None, "", "The member targetUrl of Alignment is missing."),
        (f"{ACHIEVEMENT}/inLanguage", "English", "", None),
        ("/credentialSubject/result/0/status", "Done", "", None),
        ("/credentialSubject/identifier/0/hashed", "true", "", None),
        (
            "/credentialSubject/creditsEarned",
            True,
            "",
            "The member creditsEarned of AchievementSubject must be a number.",
        ),
        ("/credentialSubject/activityEndDate", "2026-02-30T00:00:00Z", "", None),
        ("/credentialSubject/activityEndDate", "2026-09-18", "", None),
        ("/issuer/type", ["Organisation"], "", "The member type of Profile does not say Profile."),
        ("/issuer/dateOfBirth", "2001-02-29", "", "The member dateOfBirth of Profile must be a calendar date."),
        ("/issuer/address/geo/latitude", "52.1", "", "The member latitude of GeoCoordinates must be a number."),
        ("/type", ["OpenBadgeCredential"], "", None),
        ("/@context/1", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3", "", None),
        ("/credentialStatus", [], "", "The member credentialStatus of OpenBadgeCredential is empty."),
        ("/endorsementJwt", ["abc"], "/0", None),
        ("/endorsement/0/name", None, "", "The member name of EndorsementCredential is missing."),
        ("/endorsement/0/credentialSubject/id", None, "", "The member id of EndorsementSubject is missing."),
    ],
)
def test_a_refusal_names_place_member_class_reason_and_remedy(path: str, value: Any, at: str, says: str | None) -> None:
    refused = refusal(put(example("OpenBadgeCredential"), path, value))
    assert refused
    holder = {"/@context/1": "/@context"}.get(path, path)
    assert (refused.code, refused.path) == ("schema", holder + at)
    assert says in (None, refused.says)
    assert str(refused) == f"{refused.path}: {refused.says}"
    assert refused.says.endswith(".")
    assert refused.fix.endswith((".", "}"))


def test_names_of_the_senders_own_are_shown_escaped_and_cut() -> None:
    name = "a/b~\u202e" + "x" * 1_000
    refused = refusal(
        put(example("OpenBadgeCredential"), f"{ACHIEVEMENT}/image", {"id": "x", "type": "Image", name: 1})
    )
    assert refused
    assert refused.path.startswith(f"{ACHIEVEMENT}/image/a~1b~0")
    assert len(refused.says) < 120
    assert refused.says.isascii()


def test_an_endorsement_is_held_to_its_own_rules_wherever_it_stands() -> None:
    document = badge(endorsement=endorsement(name="Reference", proof=proof()))
    require_open_badge(document)
    document["credentialSubject"]["achievement"]["creator"] = {
        "id": "https://acme.example",
        "type": "Profile",
        "endorsement": [endorsement()],
    }
    refused = refusal(document)
    assert refused
    assert refused.path == f"{ACHIEVEMENT}/creator/endorsement/0/name"


def test_a_credential_of_two_kinds_must_satisfy_both() -> None:
    document = badge(type=["VerifiableCredential", "OpenBadgeCredential", "EndorsementCredential"])
    with pytest.raises(DocumentRefused, match="EndorsementSubject"):
        require_open_badge(document)

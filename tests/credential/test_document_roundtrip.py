"""Any sound completion: composed without loss under every verifier's contexts, and read back as it was said."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pyld import jsonld

from refolio.credential.canonical import rdfc
from refolio.credential.document import CONTEXTS, compose
from refolio.credential.facts import Deliverable, Facts, Role, SkillFact, read_facts
from refolio.credential.frameworks import FRAMEWORKS
from refolio.credential.model import Completion
from refolio.credential.policy import DEFAULT
from refolio.credential.reading import read
from refolio.credential.rules import normal_number
from refolio.credential.shape import require_credential
from tests.credential.acme import as_bytes
from tests.credential.completions import ACME_DID, CREDENTIAL_URL, issuance, sound_completions
from tests.credential.composed import (
    Document,
    achievement_id,
    assert_one_meaning_per_id,
    badge_schema,
    composed,
    objects,
)


def scalars(value: Any) -> Iterator[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if items is None:
        yield value
    else:
        for item in items:
            yield from scalars(item)


@settings(max_examples=60)
@given(sound_completions())
def test_every_sound_completion_becomes_a_sound_credential(standards: Path, given: Completion) -> None:
    document = compose(given, issuance())
    assert read(as_bytes(document)) == document  # strict JSON: no float, no null, no control character
    require_credential(document, DEFAULT.contexts)  # lossless JSON-LD
    assert rdfc(document)
    assert not [error.message for error in badge_schema(standards).iter_errors({**document, "proof": []})]
    assert {type(value) for value in scalars(document)} <= {str, bool}
    assert "northfield.example" not in json.dumps(document)  # SEC-119
    assert compose(given, issuance()) == document
    assert_one_meaning_per_id(document)
    assert read_facts(document) == expected_facts(given)


def expected_facts(given: Completion) -> Facts:
    """What was said, laid out by hand."""
    acme = Role("Acme Textiles", ACME_DID, "https://acme.example")
    if given.host:
        own = f"{achievement_id(compose(given, issuance()))}#host"
        host = Role(given.host.name, given.host.url or own, given.host.url)
    feedback, credit = given.feedback, given.academic_credit
    return Facts(
        credential_id=CREDENTIAL_URL,
        title=given.project.title,
        intern=given.intern.name,
        issuer=acme,
        host=host if given.host else acme,
        platform=Role("Northfield Careers"),
        description=given.project.description,
        role=given.role,
        started=given.started,
        ended=given.ended,
        signed_on=date(2026, 9, 18),
        hours=normal_number(given.hours.total),
        hours_basis=given.hours.basis.value,
        hours_required=None if given.hours.required is None else str(given.hours.required),
        mode=given.mode.value,
        engagement=given.engagement.value,
        compensation=given.compensation.value,
        field=given.project.field,
        term=given.term,
        story=given.story,
        skills=tuple(
            SkillFact(
                skill.name,
                skill.observed.value == "seen",
                skill.level.value if skill.level else None,
                FRAMEWORKS[skill.alignment.framework].signed_framework if skill.alignment else None,
                skill.alignment.url if skill.alignment else None,
            )
            for skill in given.skills
        ),
        tasks=given.project.tasks,
        deliverables=tuple(
            Deliverable(item.title, item.kind, item.url, item.description) for item in given.deliverables
        ),
        feedback=feedback.text if feedback else None,
        feedback_by=", ".join(filter(None, [feedback.author, feedback.author_role])) or None if feedback else None,
        credit=f"{normal_number(credit.amount)} {credit.system} credits by {credit.given_by}" if credit else None,
    )


@pytest.mark.parametrize("revision", ["ob-v3p0-context-3.0.3.json", "ob-v3p0-context-3.0.3.rev-2024-03-04.json"])
def test_both_byte_revisions_of_the_badge_context_give_the_same_statements(standards: Path, revision: str) -> None:
    """1EdTech adds terms to a published context; a term younger than the copy of a verifier would be lost there."""
    files = dict(zip(CONTEXTS, ["credentials-v2.jsonld", revision], strict=True))

    def load(url: str, _options: object) -> Document:
        text = (standards / "contexts" / files[url]).read_text("utf-8")
        return {"contextUrl": None, "documentUrl": url, "document": json.loads(text)}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    document = composed()
    assert jsonld.normalize(document, options).encode() == rdfc(document)


def test_the_dossiers_sample_says_the_same_in_the_same_places(standards: Path) -> None:
    """Members of our credential are members of the dossier's sample of it, object by object."""
    sample = read((standards / "samples/micro-internship.unsigned.json").read_bytes())
    ours = composed()

    def shapes(document: Document) -> dict[str, set[str]]:
        members_of: dict[str, set[str]] = defaultdict(set)
        for item in objects(document):
            type_ = item.get("type", "Criteria")
            members_of[type_ if isinstance(type_, str) else type_[-1]] |= item.keys()
        return members_of

    theirs = shapes(sample)
    new = {type_: names - theirs[type_] for type_, names in shapes(ours).items() if names - theirs[type_]}
    assert new == {"BitstringStatusListEntry": {"statusReference"}, "AchievementSubject": {"source"}}

"""Compose the Open Badges 3.0 credential that says what a Completion says (docs/decisions/0006).

The mapping, fact by fact: hours, their basis, academic credit and every skill's observation are Results
with a ResultDescription each; skill frameworks are Alignments; tasks are the criteria narrative; mode,
engagement and compensation are tags from closed lists; feedback and delivery are Evidence.
``refolio.credential.facts`` reads the same mapping backwards.

Composing is pure: identifiers, time, salt and status entry come in through :class:`Issuance`.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime

from refolio.credential import timestamps
from refolio.credential.canonical import jcs
from refolio.credential.frameworks import signed_alignment
from refolio.credential.marking import SAYS, TEST_TYPE, marked
from refolio.credential.model import Completion, Engagement, Level, Organisation, Skill
from refolio.credential.reading import JSON
from refolio.credential.rules import normal_email, normal_number
from refolio.credential.status_list import StatusEntry as StatusEntry

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")

ACHIEVEMENT_TYPES = {Engagement.SIMULATION: "Assignment", Engagement.VOLUNTEERING: "CommunityService"}
LEVELS = {
    Level.DEVELOPING: ("Developing", "Needed frequent guidance"),
    Level.PROFICIENT: ("Proficient", "Worked independently to the agreed standard"),
    Level.EXCEEDS: ("Exceeds", "Exceeded the agreed standard"),
}

Credential = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class IssuerProfile:
    """The organisation in whose name the credential is signed."""

    did: str
    name: str
    url: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Issuance:
    """What the service adds to a Completion.

    ``credential_url`` is the credential's id, ``origin`` the public origin without a trailing slash,
    ``valid_from`` an aware datetime, ``salt`` at least 128 random bits as text (SEC-068), ``platform``
    the name of the partner that delivered the record, or None. ``first_signed`` is the date of the first edition when
    this is a later one (Open Badges 3.0, awardedDate). ``is_test`` marks all of it as a test.
    """

    credential_url: str
    origin: str
    issuer: IssuerProfile
    valid_from: datetime
    salt: str
    status: StatusEntry
    platform: str | None = None
    first_signed: datetime | None = None
    is_test: bool = False

    def __post_init__(self) -> None:
        if len(self.salt) < 22:  # 128 bits in base64
            raise ValueError("The salt is too short to protect the e-mail address.")


def compose(completion: Completion, issuance: Issuance) -> Credential:
    """Return the unsigned credential of a completion that ``rules`` finds sound; same arguments, same document."""
    achievement = _achievement(completion, issuance)
    valid_from = timestamps.format(issuance.valid_from)
    issuer = issuance.issuer
    name = f"Micro-internship: {completion.project.title}"
    credential: Credential = {
        "@context": list(CONTEXTS),
        "id": issuance.credential_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": _named(name, issuance),
        "description": _headline(completion, issuance),
        "issuer": profile_members(
            issuer.did, _named(issuer.name, issuance), url=issuer.url, description=issuer.description
        ),
        "validFrom": valid_from,
        "awardedDate": timestamps.format(issuance.first_signed) if issuance.first_signed else valid_from,
        "credentialSubject": _subject(completion, issuance, achievement),
        "credentialStatus": issuance.status.members(),
    }
    if evidence := _evidence(completion, issuance):
        credential["evidence"] = evidence
    return credential


def email_hash(email: str, salt: str) -> str:
    """The ``identityHash`` of an e-mail address: ``sha256$`` and the hex SHA-256 of address and salt (OB 3.0)."""
    return "sha256$" + hashlib.sha256((normal_email(email) + salt).encode()).hexdigest()


def _headline(completion: Completion, issuance: Issuance) -> str:
    hours, kind = normal_number(completion.hours.total), f"{completion.engagement.value}, {completion.mode.value}"
    host = completion.host.name if completion.host else issuance.issuer.name
    says = f"Completed a micro-internship ({kind}) of {hours} hour{'' if hours == '1' else 's'} with {host}."
    return f"{SAYS} {says}" if issuance.is_test else says


def _named(name: str, issuance: Issuance) -> str:
    return marked(name) if issuance.is_test else name


def profile_members(id_: str, name: str, *, url: str | None = None, description: str | None = None) -> Credential:
    """An organisation as a Profile. [OB]"""
    profile: Credential = {"id": id_, "type": ["Profile"], "name": name}
    if url:
        profile["url"] = url
    if description:
        profile["description"] = description
    return profile


def _subject(completion: Completion, issuance: Issuance, achievement: Credential) -> Credential:
    subject: Credential = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": email_hash(completion.intern.email, issuance.salt),
                "identityType": "emailAddress",
                "salt": issuance.salt,
            },
            {"type": "IdentityObject", "hashed": False, "identityHash": completion.intern.name, "identityType": "name"},
        ],
        "role": completion.role,
        "activityStartDate": _midnight(completion.started),
        "activityEndDate": _midnight(completion.ended),
    }
    if completion.term:
        subject["term"] = completion.term
    if completion.story:
        subject["narrative"] = completion.story
    if host := completion.host:
        subject["source"] = profile_members(_host_id(host, str(achievement["id"])), host.name, url=host.url)
    subject["achievement"] = achievement
    subject["result"] = _results(completion, str(achievement["id"]))
    return subject


def _host_id(host: Organisation, achievement_id: str) -> str:
    """The organisation where the work was done; its own DID is unknown, so its web address names it."""
    return host.url or f"{achievement_id}#host"


def _achievement(completion: Completion, issuance: Issuance) -> Credential:
    """The achievement under an id that is the hash of its content.

    Interns of one project share it and any other content gets another id, so two meanings can never
    meet under one id.
    """
    digest = hashlib.sha256(jcs(_achievement_content(completion, issuance, base=""))).digest()
    base = f"{issuance.origin}/achievements/{b32encode(digest[:20]).decode().lower()}"
    return _achievement_content(completion, issuance, base)


def _achievement_content(completion: Completion, issuance: Issuance, base: str) -> Credential:
    project, host = completion.project, completion.host
    issuer = issuance.issuer
    own = profile_members(issuer.did, _named(issuer.name, issuance))
    creator = profile_members(_host_id(host, base), host.name) if host else own
    kind = ACHIEVEMENT_TYPES.get(completion.engagement, "Fieldwork")
    content: Credential = {
        "id": base,
        "type": ["Achievement"],
        "achievementType": TEST_TYPE if issuance.is_test else kind,
        "name": _named(project.title, issuance),
        "description": project.description,
        "criteria": {
            "id": f"{base}#criteria",
            "narrative": "The tasks were:\n\n" + "\n".join(f"- {task}" for task in project.tasks),
        },
        "creator": creator,
        "fieldOfStudy": project.field,
        "inLanguage": project.language,
        "tag": _tags(completion),
    }
    if project.code:
        content["humanCode"] = project.code
    if alignments := [signed_alignment(skill.name, skill.alignment) for skill in completion.skills if skill.alignment]:
        content["alignment"] = list(alignments)
    content["resultDescription"] = _result_descriptions(completion, base)
    return content


def _tags(completion: Completion) -> list[JSON]:
    kinds = ["micro-internship", completion.engagement.value, completion.mode.value, completion.compensation.value]
    return [*kinds, *(skill.name for skill in completion.skills if not skill.alignment)]


def _result_descriptions(completion: Completion, base: str) -> list[JSON]:
    hours = _description(f"{base}#hours", "Hours completed", "ext:HoursCompleted")
    if completion.hours.required is not None:
        hours["requiredValue"] = normal_number(completion.hours.required)
    descriptions = [
        _description(f"{base}#status", "Completion", "Status"),
        hours,
        _description(f"{base}#hours-basis", "How the hours are known", "ext:HoursBasis"),
        *(_skill_description(f"{base}#skill-{n}", skill) for n, skill in enumerate(completion.skills, 1)),
    ]
    if credit := completion.academic_credit:
        name = f"{credit.system} credits by {credit.given_by}"
        descriptions.append(_description(f"{base}#credit", name, "ext:AcademicCredit"))
    return list(descriptions)


def _description(id_: str, name: str, result_type: str) -> Credential:
    return {"id": id_, "type": ["ResultDescription"], "name": name, "resultType": result_type}


def _skill_description(id_: str, skill: Skill) -> Credential:
    description = _description(id_, skill.name, "RubricCriterionLevel" if skill.level else "ext:SkillObservation")
    if skill.level:
        description["rubricCriterionLevel"] = [
            {
                "id": f"{id_}-{level.value}",
                "type": ["RubricCriterionLevel"],
                "name": name,
                "level": str(rank),
                "description": meaning,
            }
            for rank, (level, (name, meaning)) in enumerate(LEVELS.items(), 1)
        ]
    if skill.alignment:
        description["alignment"] = [signed_alignment(skill.name, skill.alignment)]
    return description


def _results(completion: Completion, base: str) -> list[JSON]:
    results: list[Credential] = [
        {"resultDescription": f"{base}#status", "status": "Completed"},
        {"resultDescription": f"{base}#hours", "value": normal_number(completion.hours.total)},
        {"resultDescription": f"{base}#hours-basis", "value": completion.hours.basis.value},
    ]
    for n, skill in enumerate(completion.skills, 1):
        result: Credential = {"resultDescription": f"{base}#skill-{n}", "value": skill.observed.value}
        if skill.level:
            result["achievedLevel"] = f"{base}#skill-{n}-{skill.level.value}"
        results.append(result)
    if completion.academic_credit:
        amount = normal_number(completion.academic_credit.amount)
        results.append({"resultDescription": f"{base}#credit", "value": amount})
    return [{"type": ["Result"], **result} for result in results]


def _evidence(completion: Completion, issuance: Issuance) -> list[JSON]:
    """Deliverables, feedback and delivery; each has an id, so that two alike ones stay two."""
    base = issuance.credential_url
    evidence: list[Credential] = []
    for n, item in enumerate(completion.deliverables, 1):
        # An achievement's address names an achievement: two things under one id could be swapped after signing.
        linked = item.url and not item.url.startswith(f"{issuance.origin}/achievements/")
        id_ = item.url if linked else f"{base}#deliverable-{n}"
        entry: Credential = {"id": id_, "name": item.title, "genre": item.kind}
        if item.description:
            entry["description"] = item.description
        evidence.append(entry)
    if feedback := completion.feedback:
        entry = {"id": f"{base}#feedback", "name": "Supervisor feedback", "genre": "Feedback"}
        entry["narrative"] = feedback.text
        if by := ", ".join(filter(None, [feedback.author, feedback.author_role])):
            entry["description"] = f"By {by}"
        evidence.append(entry)
    if issuance.platform:
        says = "Kept the record of this micro-internship and delivered it on behalf of the issuer."
        evidence.append({"id": f"{base}#delivery", "name": issuance.platform, "genre": "Delivery", "description": says})
    return [{"type": ["Evidence"], **entry} for entry in evidence]


def _midnight(day: date) -> str:
    """A calendar date as the date-time that the OB schema asks for; only the date is meant."""
    return f"{day.isoformat()}T00:00:00Z"

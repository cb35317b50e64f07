"""What may be shown of a credential: an allow-listed projection of the signed document.

Pages, exports and counts read only :class:`Facts`, never the document itself, so that nothing unsigned
or unknown can reach a reader. Works on our own credentials and, with fewer facts,
on other Open Badges 3.0 credentials. Project only documents that passed the signature check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from refolio.credential.document import email_hash
from refolio.credential.model import Compensation, Engagement, HoursBasis, Level, Mode

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?")
_HOURS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?")
_WEB = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:[/?#][!-~]*)?")  # no user name before an @, no white space


@dataclass(frozen=True, slots=True)
class Role:
    """An organisation in one of the three roles: issuer, host or platform. ``id`` is a DID or None."""

    name: str
    id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SkillFact:
    """A skill as signed. ``seen`` means a supervisor observed it; ``level`` is one of model.Level or None."""

    name: str
    seen: bool
    level: str | None = None
    framework: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Deliverable:
    """Something handed in, as signed."""

    title: str
    kind: str
    url: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a page may say about a credential. Texts are plain text to be escaped, never markup.

    ``hours`` and ``hours_required`` are decimal text, ``hours_basis`` one of contracted, logged, estimated.
    """

    credential_id: str
    title: str
    intern: str | None
    issuer: Role
    host: Role
    platform: Role | None
    description: str
    role: str | None
    started: date | None
    ended: date | None
    signed_on: date | None
    hours: str | None
    hours_basis: str | None
    hours_required: str | None
    mode: str | None
    engagement: str | None
    compensation: str | None
    field: str | None
    term: str | None
    story: str | None
    skills: tuple[SkillFact, ...]
    tasks: tuple[str, ...]
    deliverables: tuple[Deliverable, ...]
    feedback: str | None
    feedback_by: str | None
    credit: str | None

    @property
    def skills_seen(self) -> tuple[SkillFact, ...]:
        """The skills a supervisor observed."""
        return tuple(skill for skill in self.skills if skill.seen)


def read_facts(document: Mapping[str, object]) -> Facts:
    """Project a verified credential onto Facts; anything absent or of another shape is left out, never guessed."""
    subject = _object(document.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    host = subject.get("source")
    profiles = _profiles(document.get("issuer"), achievement.get("creator"), host)
    issuer = _role(document.get("issuer"), profiles)
    evidence = _nodes(document.get("evidence"))
    results = _results(achievement, subject)
    tags = [tag for tag in map(_text, _list(achievement.get("tag"))) if tag]
    feedback = next((item for item in evidence if _text(item.get("genre")) == "Feedback"), {})
    delivery = next((item for item in evidence if _text(item.get("genre")) == "Delivery"), {})
    hours, basis = _value(results, "ext:HoursCompleted"), _value(results, "ext:HoursBasis")
    required = _required(results)
    by = _text(feedback.get("description")) or ""
    return Facts(
        credential_id=_text(document.get("id")) or "",
        title=_text(achievement.get("name")) or _text(document.get("name")) or "Untitled",
        intern=_intern(subject),
        issuer=issuer,
        host=_role(host, profiles) if host is not None else issuer,
        platform=Role(name) if (name := _text(delivery.get("name"))) else None,
        description=_text(achievement.get("description")) or _text(document.get("description")) or "",
        role=_text(subject.get("role")),
        started=_day(subject.get("activityStartDate")),
        ended=_day(subject.get("activityEndDate")),
        signed_on=_day(document.get("validFrom") or document.get("issuanceDate")),
        hours=hours if hours and _HOURS.fullmatch(hours) else None,
        hours_basis=basis if basis in set(HoursBasis) else None,
        hours_required=required if required and _HOURS.fullmatch(required) else None,
        mode=_known(tags, Mode),
        engagement=_known(tags, Engagement),
        compensation=_known(tags, Compensation),
        field=_text(achievement.get("fieldOfStudy")),
        term=_text(subject.get("term")),
        story=_text(subject.get("narrative")),
        skills=tuple(_skills(achievement, results)),
        tasks=_tasks(achievement),
        deliverables=tuple(_deliverables(evidence)),
        feedback=_text(feedback.get("narrative")),
        feedback_by=by.removeprefix("By ") or None,
        credit=_credit(results),
    )


Members = Mapping[str, object]
Pair = tuple[Members, Members]  # a ResultDescription and the Result that refers to it


def is_about(document: Mapping[str, object], email: str) -> bool:
    """Does the credential name this e-mail address, by its salted hash? (Open Badges 3.0, IdentityObject)"""
    for item in _list(_object(document.get("credentialSubject")).get("identifier")):
        identity = _object(item)
        if _text(identity.get("identityType")) == "emailAddress":
            salt, signed = _text(identity.get("salt")) or "", _text(identity.get("identityHash")) or ""
            if signed.lower() == email_hash(email, salt):
                return True
    return False


def _plain(value: object) -> object:
    """The value out of the other spellings that a signature over RDF does not tell apart (SEC-024)."""
    while True:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        elif isinstance(value, Mapping) and "@value" in value:
            value = value["@value"]
        else:
            return value


def _object(value: object) -> Members:
    value = _plain(value)
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _nodes(value: object) -> list[Members]:
    """The objects of an array; what is said under one id in several of them is read together (SEC-024)."""
    nodes: dict[str | int, dict[str, object]] = {}
    for n, item in enumerate(map(_object, _list(value))):
        nodes.setdefault(_text(item.get("id")) or n, {}).update(item)
    return list(nodes.values())


def _text(value: object) -> str | None:
    """A non-empty string, also out of a language value object; anything else is no text."""
    value = _plain(value)
    return value if isinstance(value, str) and value.strip() else None


def _day(value: object) -> date | None:
    text = _text(value) or ""
    try:
        return date.fromisoformat(text[:10]) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _profiles(*values: object) -> dict[str | None, Members]:
    """Everything said of each organisation, by id; a bare id stands for an organisation too (VCDM 2.0 §4.7)."""
    stated = [{"id": id_} if (id_ := _text(value)) else value for value in values]
    return {_text(profile.get("id")): profile for profile in _nodes(stated)}


def _role(value: object, profiles: Mapping[str | None, Members]) -> Role:
    id_ = _text(value) or _text(_object(value).get("id"))
    members = profiles[id_] if id_ else _object(value)
    return Role(name=_text(members.get("name")) or id_ or "Unnamed", id=id_, url=_web(members.get("url")))


def _web(value: object) -> str | None:
    """A link only if a browser would treat it as a web page; ``javascript:`` and the like are no links."""
    text = _text(value)
    return text if text and _WEB.fullmatch(text) else None


def _intern(subject: Members) -> str | None:
    for item in _list(subject.get("identifier")):
        identity = _object(item)
        if _text(identity.get("identityType")) == "name" and _plain(identity.get("hashed")) in (False, "false"):
            return _text(identity.get("identityHash"))
    return _text(subject.get("name"))


def _known(tags: list[str], words: type[Mode] | type[Engagement] | type[Compensation]) -> str | None:
    return next((tag for tag in tags if tag in set(words)), None)


def _results(achievement: Members, subject: Members) -> list[Pair]:
    """Every ResultDescription with its Result, in the signed order; a Result without one is left out."""
    by_id = {_text(r.get("resultDescription")): r for r in map(_object, _list(subject.get("result")))}
    descriptions = _nodes(achievement.get("resultDescription"))
    return [(d, by_id[id_]) for d in descriptions if (id_ := _text(d.get("id"))) and id_ in by_id]


def _value(results: list[Pair], result_type: str) -> str | None:
    return next((_text(r.get("value")) for d, r in results if _text(d.get("resultType")) == result_type), None)


def _required(results: list[Pair]) -> str | None:
    hours = (d for d, _ in results if _text(d.get("resultType")) == "ext:HoursCompleted")
    return next((_text(d.get("requiredValue")) for d in hours), None)


def _credit(results: list[Pair]) -> str | None:
    for description, result in results:
        amount, name = _text(result.get("value")), _text(description.get("name"))
        if _text(description.get("resultType")) == "ext:AcademicCredit" and amount and name:
            return f"{amount} {name}"
    return None


def _skills(achievement: Members, results: list[Pair]) -> Iterator[SkillFact]:
    """Our own skill results; a foreign badge without them shows its alignments, as not observed by anyone."""
    observed = [p for p in results if _text(p[0].get("resultType")) in ("ext:SkillObservation", "RubricCriterionLevel")]
    for description, result in observed:
        alignment = next(iter(_nodes(description.get("alignment"))), {})
        level = (_text(result.get("achievedLevel")) or "").rpartition("-")[2]
        yield SkillFact(
            name=_text(description.get("name")) or "Unnamed",
            seen=_text(result.get("value")) == "seen" or level in set(Level),
            level=level if level in set(Level) else None,
            framework=_text(alignment.get("targetFramework")),
            url=_web(alignment.get("targetUrl")),
        )
    if not observed:
        for item in map(_object, _list(achievement.get("alignment"))):
            if name := _text(item.get("targetName")):
                yield SkillFact(name, False, None, _text(item.get("targetFramework")), _web(item.get("targetUrl")))


def _tasks(achievement: Members) -> tuple[str, ...]:
    narrative = _text(_object(achievement.get("criteria")).get("narrative")) or ""
    return tuple(line[2:] for line in narrative.split("\n") if line.startswith("- "))


def _deliverables(evidence: list[Members]) -> Iterator[Deliverable]:
    for item in evidence:
        title, kind = _text(item.get("name")), _text(item.get("genre")) or "Evidence"
        if title and kind not in ("Feedback", "Delivery"):
            url = _web(item.get("id"))
            own = url is not None and "#deliverable-" in url
            yield Deliverable(title, kind, None if own else url, _text(item.get("description")))

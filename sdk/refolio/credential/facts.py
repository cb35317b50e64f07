"""What may be shown of a credential: an allow-listed projection of the signed document.

Pages, exports and counts read only :class:`Facts`, never the document itself, so that nothing unsigned
or unknown can reach a reader (security finding 3). Works on our own credentials and, with fewer facts,
on other Open Badges 3.0 credentials. Project only documents that passed the signature check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from refolio.credential.model import Compensation, Engagement, Level, Mode


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
    issuer = _role(document.get("issuer"))
    evidence = [_object(item) for item in _list(document.get("evidence"))]
    results = _results(achievement, subject)
    tags = [tag for tag in _list(achievement.get("tag")) if isinstance(tag, str)]
    feedback = next((item for item in evidence if item.get("genre") == "Feedback"), {})
    delivery = next((item for item in evidence if item.get("genre") == "Delivery"), {})
    by = _text(feedback.get("description")) or ""
    host = subject.get("source")
    return Facts(
        credential_id=_text(document.get("id")) or "",
        title=_text(achievement.get("name")) or _text(document.get("name")) or "Untitled",
        intern=_intern(subject),
        issuer=issuer,
        host=_role(host) if host is not None else issuer,
        platform=Role(name) if (name := _text(delivery.get("name"))) else None,
        description=_text(achievement.get("description")) or _text(document.get("description")) or "",
        role=_text(subject.get("role")),
        started=_day(subject.get("activityStartDate")),
        ended=_day(subject.get("activityEndDate")),
        signed_on=_day(document.get("validFrom") or document.get("issuanceDate")),
        hours=_value(results, "ext:HoursCompleted"),
        hours_basis=_value(results, "ext:HoursBasis"),
        hours_required=_required(results),
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


def _object(value: object) -> Members:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _text(value: object) -> str | None:
    """A non-empty string, also out of a language value object; anything else is no text."""
    if isinstance(value, Mapping):
        value = value.get("@value")
    return value if isinstance(value, str) and value.strip() else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _role(value: object) -> Role:
    if isinstance(value, str):
        return Role(name=value, id=value)
    members = _object(value)
    id_ = _text(members.get("id"))
    return Role(name=_text(members.get("name")) or id_ or "Unnamed", id=id_, url=_web(members.get("url")))


def _web(value: object) -> str | None:
    """A link only if a browser would treat it as a web page; ``javascript:`` and the like are no links."""
    text = _text(value)
    return text if text and text.startswith(("https://", "http://")) else None


def _intern(subject: Members) -> str | None:
    for item in _list(subject.get("identifier")):
        identity = _object(item)
        if identity.get("identityType") == "name" and identity.get("hashed") is False:
            return _text(identity.get("identityHash"))
    return _text(subject.get("name"))


def _known(tags: list[str], words: type[Mode] | type[Engagement] | type[Compensation]) -> str | None:
    return next((tag for tag in tags if tag in set(words)), None)


def _results(achievement: Members, subject: Members) -> list[Pair]:
    """Every ResultDescription with its Result, in the signed order; a Result without one is left out."""
    by_id = {_text(r.get("resultDescription")): r for r in map(_object, _list(subject.get("result")))}
    descriptions = [_object(item) for item in _list(achievement.get("resultDescription"))]
    return [(d, by_id[id_]) for d in descriptions if (id_ := _text(d.get("id"))) in by_id]


def _value(results: list[Pair], result_type: str) -> str | None:
    return next((_text(r.get("value")) for d, r in results if d.get("resultType") == result_type), None)


def _required(results: list[Pair]) -> str | None:
    return next(
        (_text(d.get("requiredValue")) for d, _ in results if d.get("resultType") == "ext:HoursCompleted"), None
    )


def _credit(results: list[Pair]) -> str | None:
    for description, result in results:
        if description.get("resultType") == "ext:AcademicCredit":
            return f"{_text(result.get('value'))} {_text(description.get('name'))}"
    return None


def _skills(achievement: Members, results: list[Pair]) -> Iterator[SkillFact]:
    """Our own skill results; a foreign badge without them shows its alignments, as not observed by anyone."""
    observed = [p for p in results if p[0].get("resultType") in ("ext:SkillObservation", "RubricCriterionLevel")]
    for description, result in observed:
        alignment = _object(next(iter(_list(description.get("alignment"))), None))
        level = (_text(result.get("achievedLevel")) or "").rpartition("-")[2]
        yield SkillFact(
            name=_text(description.get("name")) or "Unnamed",
            seen=result.get("value") == "seen" or level in set(Level),
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

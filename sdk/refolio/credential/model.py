"""The Completion: what a platform tells us about one finished micro-internship, before anything is signed.

Decode one with :func:`completion_from`; what it means together is judged by ``refolio.credential.rules``.
Field names are the JSON names of ``POST /api/v1/credentials``. Dates are calendar dates (ISO 8601,
``2026-08-24``); hours are decimal text or whole numbers, never floats, because the two canonical forms
that get signed disagree about floats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from refolio.errors import CompletionRefused, Fault

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=4000)]
Url = Annotated[str, Meta(min_length=1, max_length=500)]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$(?!\n)")]  # Python's $ allows \n


class Mode(StrEnum):
    """Where the work was done."""

    REMOTE = "remote"
    HYBRID = "hybrid"
    ON_SITE = "on-site"


class Engagement(StrEnum):
    """What kind of experience it was; real work and simulations must never look alike."""

    PROJECT = "project"
    PLACEMENT = "placement"
    SHADOWING = "shadowing"
    SIMULATION = "simulation"
    VOLUNTEERING = "volunteering"


class Compensation(StrEnum):
    """How the work was rewarded; never an amount, because the credential is public."""

    HOURLY_PAY = "hourly-pay"
    STIPEND = "stipend"
    FIXED_FEE = "fixed-fee"
    EXPENSES_ONLY = "expenses-only"
    ACADEMIC_CREDIT = "academic-credit"
    CREDENTIAL_ONLY = "credential-only"
    UNPAID = "unpaid"


class HoursBasis(StrEnum):
    """How the number of hours is known."""

    CONTRACTED = "contracted"
    LOGGED = "logged"
    ESTIMATED = "estimated"


class Observed(StrEnum):
    """Who says the skill was there."""

    SEEN = "seen"
    SELF_REPORTED = "self-reported"


class Level(StrEnum):
    """The supervisor's rating of a skill, lowest first."""

    DEVELOPING = "developing"
    PROFICIENT = "proficient"
    EXCEEDS = "exceeds"


class Framework(StrEnum):
    """Skill frameworks whose URL form we know (``frameworks.FRAMEWORKS`` holds the forms)."""

    ESCO = "ESCO"
    ONET = "O*NET"
    ONET_SOC = "O*NET-SOC"
    RSD = "RSD"
    CREDENTIAL_REGISTRY = "Credential Registry"
    CASE = "CASE"


class _Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Common settings: an unknown member is an error, never dropped. ``kw_only`` is not inherited in msgspec."""


class Intern(_Record, frozen=True, kw_only=True):
    """The person who did the work. The e-mail address is signed only as a salted hash."""

    name: Line
    email: Annotated[str, Meta(min_length=1, max_length=254)]


class Organisation(_Record, frozen=True, kw_only=True):
    """An organisation named on the credential that is not the issuer."""

    name: Line
    url: Url | None = None


class Alignment(_Record, frozen=True, kw_only=True):
    """Where a skill stands in a published framework."""

    framework: Framework
    url: Url
    name: Line | None = None
    code: Annotated[str, Meta(min_length=1, max_length=60)] | None = None


class Skill(_Record, frozen=True, kw_only=True):
    """A skill used, who observed it, and optionally how well."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    observed: Observed
    level: Level | None = None
    alignment: Alignment | None = None


class Project(_Record, frozen=True, kw_only=True):
    """The work itself: what was to be done, in which field, as which tasks."""

    title: Line
    description: Text
    tasks: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=20)]
    field: Annotated[str, Meta(min_length=1, max_length=80)]
    code: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)")] = "en"


class Hours(_Record, frozen=True, kw_only=True):
    """Hours worked, how they are known, and how many were asked for."""

    total: int | Annotated[str, Meta(max_length=10)]
    basis: HoursBasis
    required: int | Annotated[str, Meta(max_length=10)] | None = None


class Feedback(_Record, frozen=True, kw_only=True):
    """A few lines by the supervisor, signed with the credential."""

    text: Annotated[str, Meta(min_length=1, max_length=1200)]
    author: Line | None = None
    author_role: Line | None = None


class Deliverable(_Record, frozen=True, kw_only=True):
    """Something the intern handed in; a link must point at a fixed copy."""

    title: Line
    url: Url | None = None
    description: Line | None = None
    kind: Annotated[str, Meta(min_length=1, max_length=60)] = "Deliverable"


class AcademicCredit(_Record, frozen=True, kw_only=True):
    """Credit given by a body other than the issuer, in that body's own system."""

    system: Annotated[str, Meta(min_length=1, max_length=40)]
    amount: int | Annotated[str, Meta(max_length=10)]
    given_by: Line


class Completion(_Record, frozen=True, kw_only=True):
    """One finished micro-internship, as the platform's own record describes it.

    ``record`` is the platform's id of it, ``issuer`` the slug of the organisation that signs, ``host``
    the organisation where the work was done when that is not the issuer.
    """

    record: Annotated[str, Meta(min_length=1, max_length=100)]
    issuer: Slug
    intern: Intern
    role: Line
    project: Project
    started: date
    ended: date
    hours: Hours
    mode: Mode
    engagement: Engagement
    compensation: Compensation
    skills: Annotated[tuple[Skill, ...], Meta(min_length=1, max_length=20)]
    feedback: Feedback | None = None
    deliverables: Annotated[tuple[Deliverable, ...], Meta(max_length=10)] = ()
    academic_credit: AcademicCredit | None = None
    host: Organisation | None = None
    term: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    story: Text | None = None


def completion_from(members: Mapping[str, object]) -> Completion:
    """Build a Completion from decoded JSON members.

    Raises CompletionRefused naming the member (dotted path), the reason and the fix; an unknown
    member, a missing one and a value of the wrong kind are all refused.
    """
    try:
        return msgspec.convert(members, Completion)
    except msgspec.ValidationError as error:
        raise CompletionRefused([_fault(str(error))]) from None


def completion_members(completion: Completion) -> dict[str, object]:
    """The JSON members of a Completion; ``completion_from`` of them gives an equal one back."""
    members = msgspec.to_builtins(completion)
    assert isinstance(members, dict)
    return members


_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_CHOICES: dict[str, type[StrEnum]] = {
    "mode": Mode,
    "engagement": Engagement,
    "compensation": Compensation,
    "hours.basis": HoursBasis,
    "skills[].observed": Observed,
    "skills[].level": Level,
    "skills[].alignment.framework": Framework,
}


def _fault(message: str) -> Fault:
    """Turn msgspec's sentence (``Expected `int`, got `str` - at `$.hours.total```) into ours."""
    reason, _, place = message.partition(" - at `$")
    field = place.rstrip("`").lstrip(".")
    if named := re.search(r"(unknown|missing required) field `(.*)`", reason):
        inside = f"{field}.{named[2]}" if field else named[2]
        if named[1] == "unknown":
            return Fault(inside, "There is no member of this name.", "Remove it, or check its spelling.")
        return Fault(inside, "This member is required and missing.", "Add it.")
    field = field or "completion"
    if choices := _CHOICES.get(re.sub(r"\[\d+\]", "[]", field)):
        return Fault(field, "This is not one of the known values.", f"Use one of: {', '.join(choices)}.")
    if "date" in reason:
        return Fault(field, "This is not a calendar date.", "Write it as YYYY-MM-DD, for example 2026-08-24.")
    if size := re.search(r"length (>=|<=) (\d+)", reason):
        if size[1] == ">=":
            return Fault(field, "This must not be empty.", "Fill it in.")
        return Fault(field, "This is too long.", f"Keep it to at most {size[2]} characters or entries.")
    if "regex" in reason:
        example = {"issuer": "acme-textiles", "project.language": "en or pt-BR"}.get(field, "")
        return Fault(field, "This is not in the expected form.", f"Write it like this: {example}.")
    if kinds := re.search(r"Expected `(.*)`, got `(.*)`", reason):
        wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds[1].split(" | ") if kind != "null")
        example = ' such as "37.5"' if kinds[2] == "float" and "str" in kinds[1] else ""
        return Fault(field, f"This is {_KINDS.get(kinds[2], kinds[2])}.", f"Send {wanted}{example}.")
    return Fault(field, f"{reason}.", "Send the kind of value that the API reference names.")

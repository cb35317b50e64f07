"""Placement exports → completions. The layouts are data (``layouts.py``); here is what their fields come to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from refolio.plugin import (
    Completion,
    ConfigKey,
    ConfigRefused,
    Event,
    Frozen,
    IssuerPlugin,
    Manifest,
    Objection,
    RecordRefused,
    complete,
)
from refolio_placement_records.fields import ORDERS, Fields
from refolio_placement_records.layouts import TOTAL, WEBHOOK, WEEKLY, Layout, layout_of

MODES = {"remote": "remote", "hybrid": "hybrid", "on site": "on-site", "onsite": "on-site", "in person": "on-site"}
PAY = {
    "paid": "hourly-pay",
    "hourly": "hourly-pay",
    "salary": "hourly-pay",
    "bursary": "stipend",
    "stipend": "stipend",
    "fixed fee": "fixed-fee",
    "expenses only": "expenses-only",
    "academic credit": "academic-credit",
    "unpaid": "unpaid",
}
RATINGS = ("developing", "proficient", "exceeds")
ENGAGEMENTS = ("placement", "project", "shadowing", "simulation", "volunteering")
SHORT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")


@dataclass(frozen=True)
class PlacementRecords(IssuerPlugin):
    """``issuers`` maps names of employers, in lower case, to the short names in which they issue."""

    manifest: ClassVar[Manifest] = Manifest(
        name="placement-records",
        version="0.1.0",
        api_version=1,
        summary="Reads the placement exports of a careers system.",
        layouts={layout.name: layout.says for layout in (WEEKLY, TOTAL, WEBHOOK)},
        config={
            "issuers": ConfigKey(
                says="Employers and the short names in which they issue, separated by semicolons.",
                required=True,
                example="Acme Textiles = acme-textiles; Fernway Co-op = fernway-coop",
            ),
            "dates": ConfigKey(says=f"How dates are written: {', '.join(ORDERS)}.", required=True),
            "engagement": ConfigKey(says=f"What these are: {', '.join(ENGAGEMENTS)}. Left out: placement."),
        },
    )

    issuers: Mapping[str, str]
    dates: str
    engagement: str = "placement"

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """Take ``issuers``, ``dates`` and ``engagement``; anything else is refused."""
        for key in config:
            if key not in cls.manifest.config:
                raise ConfigRefused(key, "There is no such key.", f"Known are {', '.join(cls.manifest.config)}.")
        dates, engagement = config.get("dates", ""), config.get("engagement", "placement")
        if dates not in ORDERS:
            raise ConfigRefused("dates", "It must say how dates are written.", f"Write one of: {', '.join(ORDERS)}.")
        if engagement not in ENGAGEMENTS:
            raise ConfigRefused("engagement", "It is not known.", f"Write one of: {', '.join(ENGAGEMENTS)}.")
        return cls(_issuers(config.get("issuers", "")), dates, engagement)

    def read(self, record: Mapping[str, Frozen]) -> Completion:
        """One placement. Raises RecordRefused with everything that is wrong, by the record's own names."""
        layout = layout_of(record)
        fields = Fields(record, layout)
        names = [fields.text("intern.forename"), fields.text("intern.surname")]
        dates = "year-month-day" if layout is WEBHOOK else self.dates
        feedback = {name: fields.text(f"feedback.{name}") for name in ("text", "author", "author_role")}
        project = {name: fields.text(f"project.{name}") for name in ("title", "description", "field")}
        members: dict[str, object] = {
            "record": fields.text("record"),
            "issuer": self._issuer(fields),
            "intern": {"name": " ".join(filter(None, names)), "email": fields.text("intern.email")},
            "role": fields.text("role"),
            "project": {**project, "tasks": fields.entries("project.tasks")},
            "started": fields.day("started", dates),
            "ended": fields.day("ended", dates),
            "hours": _hours(fields, layout),
            "mode": fields.choice("mode", MODES),
            "engagement": self.engagement,
            "compensation": fields.choice("compensation", PAY),
            "skills": _skills(fields, layout, seen=bool(feedback["text"] and feedback["author"])),
            "feedback": {name: text for name, text in feedback.items() if text} if feedback["text"] else None,
            "term": fields.text("term"),
        }
        if fields.faults:
            raise RecordRefused(*fields.faults)
        return complete({name: value for name, value in members.items() if value is not None}, _named(layout))

    def review(self, completion: Completion) -> Sequence[Objection]:
        """Object where nobody stands behind the work, or behind its hours."""
        objections = []
        if completion.feedback is None or completion.feedback.author is None:
            reason = "Nobody who supervised the work is named with a comment."
            objections.append(Objection("supervisor", reason, "Ask the employer for a comment and the name."))
        if completion.hours.basis == "estimated":
            reason = "Nobody has confirmed the hours that were worked."
            objections.append(Objection("hours", reason, "Have the hours approved, then send the record again."))
        return objections

    def announce(self, event: Event) -> None:
        """Nothing to tell: these systems take no answers."""

    def _issuer(self, fields: Fields) -> str | None:
        employer = fields.text("issuer")
        if employer is None:
            return None
        slug = self.issuers.get(employer.casefold())
        if slug is None:
            fields.refuse("issuer", "No issuer is set for this employer.", "Ask the operator to add it to issuers.")
        return slug


def _issuers(text: str) -> dict[str, str]:
    issuers: dict[str, str] = {}
    for entry in filter(str.strip, text.split(";")):
        employer, _, slug = (part.strip() for part in entry.partition("="))
        if not employer or not SHORT_NAME.fullmatch(slug):
            raise ConfigRefused("issuers", f"“{entry.strip()}” is not understood.", "Write: Employer = short-name; …")
        if employer.casefold() in issuers:
            raise ConfigRefused("issuers", f"“{employer}” stands there twice.", "Keep the one that is meant.")
        issuers[employer.casefold()] = slug
    if not issuers:
        raise ConfigRefused("issuers", "It names no employer.", "Write: Acme Textiles = acme-textiles; …")
    return issuers


def _hours(fields: Fields, layout: Layout) -> dict[str, object]:
    if layout is WEEKLY:
        weekly, weeks = fields.number("hours.weekly"), fields.number("hours.weeks")
        if weekly is None or weeks is None:
            return {}
        return {"total": f"{(weekly * weeks).normalize():f}", "basis": "contracted"}
    if layout is WEBHOOK and fields.value("hours.total") is None and fields.value("hours.planned") is not None:
        return {"total": str(fields.number("hours.planned")), "basis": "estimated"}
    confirmed = layout is WEBHOOK or bool(fields.text("hours.confirmed"))
    return {"total": str(fields.number("hours.total")), "basis": "logged" if confirmed else "estimated"}


def _skills(fields: Fields, layout: Layout, *, seen: bool) -> list[dict[str, object]]:
    observed = "seen" if seen else "self-reported"
    if layout is WEEKLY:
        return [{"name": name, "observed": observed} for name in fields.entries("skills")]
    if layout is TOTAL:
        names = [fields.text(f"skills.{number}") for number in (1, 2, 3, 4)]
        return [{"name": name, "observed": observed} for name in names if name]
    return _rated(fields, observed)


def _rated(fields: Fields, observed: str) -> list[dict[str, object]]:
    """``[{"name": "…", "rating": "proficient"}, …]``, the rating only where somebody saw the skill."""
    listed, skills = fields.value("skills"), []
    for one in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
        name, rating = (one.get("name"), one.get("rating")) if isinstance(one, Mapping) else (None, None)
        if not isinstance(name, str) or not (rating is None or rating in RATINGS):
            fields.refuse("skills", "A skill has no name, or a rating that is not known.", f"Use {', '.join(RATINGS)}.")
            return []
        rated: dict[str, object] = {"level": rating} if rating is not None and observed == "seen" else {}
        skills.append({"name": name, "observed": observed, **rated})
    if not skills:
        fields.refuse("skills", "No skill is given.", "Give at least one.")
    return skills


def _named(layout: Layout) -> dict[str, str]:
    """Which member each field of the completion came from, for what ``complete`` finds wrong."""
    places = dict(layout.places)
    first = {"intern.name": "intern.surname", "hours": "hours.weekly", "hours.total": "hours.weekly"}
    named = {field: places[place] for field, place in first.items() if place in places}
    return {"skills": places.get("skills.1", ""), **places, **named, "engagement": "engagement"}

"""The three layouts: where in a record each field of a completion stands. ``a.b`` is member b of member a."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from refolio.plugin import Fault, Frozen, RecordRefused


@dataclass(frozen=True, slots=True)
class Layout:
    """One form of record. ``places`` maps fields of a completion, and parts of them, to members of the record."""

    name: str
    says: str
    places: Mapping[str, str]
    optional: frozenset[str] = frozenset()


_SUPERVISION = frozenset({"feedback.text", "feedback.author", "feedback.author_role", "term"})

WEEKLY = Layout(
    "weekly",
    "CSV with hours a week and a number of weeks, skills and tasks separated by semicolons.",
    {
        "record": "Placement ID",
        "issuer": "Employer",
        "intern.forename": "Forename",
        "intern.surname": "Surname",
        "intern.email": "Student email",
        "role": "Job title",
        "project.title": "Placement title",
        "project.description": "Placement summary",
        "project.tasks": "Main duties",
        "project.field": "Sector",
        "started": "Start",
        "ended": "End",
        "hours.weekly": "Hours/week",
        "hours.weeks": "Weeks",
        "mode": "Work pattern",
        "compensation": "Pay",
        "skills": "Skills developed",
        "feedback.author": "Supervisor name",
        "feedback.author_role": "Supervisor job title",
        "feedback.text": "Supervisor comment",
        "term": "Academic term",
    },
    _SUPERVISION,
)

TOTAL = Layout(
    "total",
    "CSV with total hours and a column for each skill.",
    {
        "record": "Experience ID",
        "issuer": "Employer Name",
        "intern.forename": "First Name",
        "intern.surname": "Last Name",
        "intern.email": "Student Email",
        "role": "Position Title",
        "project.title": "Project",
        "project.description": "Project Description",
        "project.tasks": "Responsibilities",
        "project.field": "Industry",
        "started": "Start Date",
        "ended": "End Date",
        "hours.total": "Total Hours",
        "hours.confirmed": "Hours Approved By",
        "mode": "Modality",
        "compensation": "Compensation Type",
        "skills.1": "Skill 1",
        "skills.2": "Skill 2",
        "skills.3": "Skill 3",
        "skills.4": "Skill 4",
        "feedback.author": "Supervisor",
        "feedback.author_role": "Supervisor Title",
        "feedback.text": "Evaluation",
        "term": "Term",
    },
    _SUPERVISION | {"hours.confirmed", "skills.2", "skills.3", "skills.4"},
)

WEBHOOK = Layout(
    "webhook",
    "JSON that the careers system sends when a placement is completed.",
    {
        "record": "data.placement.reference",
        "issuer": "data.employer.name",
        "intern.forename": "data.student.first_name",
        "intern.surname": "data.student.last_name",
        "intern.email": "data.student.email",
        "role": "data.placement.role",
        "project.title": "data.placement.title",
        "project.description": "data.placement.summary",
        "project.tasks": "data.placement.activities",
        "project.field": "data.placement.sector",
        "started": "data.placement.starts_on",
        "ended": "data.placement.ends_on",
        "hours.total": "data.placement.hours.logged",
        "hours.planned": "data.placement.hours.planned",
        "mode": "data.placement.location_type",
        "compensation": "data.placement.pay",
        "skills": "data.skills",
        "feedback.author": "data.supervisor.name",
        "feedback.author_role": "data.supervisor.job_title",
        "feedback.text": "data.supervisor.comment",
        "term": "data.placement.term",
    },
    _SUPERVISION,
)
COMPLETED = "placement.completed"
ENOUGH = 5  # headings in common, to be sure of a layout


def layout_of(record: Mapping[str, Frozen]) -> Layout:
    """The layout of a record. Raises RecordRefused when it is none of them."""
    if "event" in record or "data" in record:
        if record.get("event") != COMPLETED:
            raise RecordRefused(Fault("event", "This is no completed placement.", f"Send only {COMPLETED}."))
        return WEBHOOK
    best = max((WEEKLY, TOTAL), key=lambda layout: sum(place in record for place in layout.places.values()))
    if sum(place in record for place in best.places.values()) < ENOUGH:
        says = "The headings are those of no layout known here."
        fix = f"Export it with those of {WEEKLY.name} ({_some(WEEKLY)} …) or {TOTAL.name} ({_some(TOTAL)} …)."
        raise RecordRefused(Fault("headings", says, fix))
    return best


def _some(layout: Layout) -> str:
    return ", ".join([*layout.places.values()][:4])

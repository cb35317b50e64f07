"""The columns of an import: their names, other headings they go by, and what in a Completion they fill."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from refolio.credential.model import Compensation, Engagement, HoursBasis, Mode
from refolio.csv_import import cells


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``field`` is the dotted field of the Completion, as faults name it."""

    name: str
    field: str
    headings: tuple[str, ...] = ()
    required: bool = False
    read: Callable[[str], object] = cells.plain


COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        column.name: column
        for column in (
            Column("record", "record", ("record id", "placement id", "id", "reference"), required=True),
            Column("issuer", "issuer", ("issuer id", "issuing organisation"), required=True),
            Column("intern_name", "intern.name", ("intern", "student", "student name", "name"), required=True),
            Column(
                "intern_email", "intern.email", ("intern e-mail", "student email", "email", "e-mail"), required=True
            ),
            Column("role", "role", ("job title", "position"), required=True),
            Column("project_title", "project.title", ("title", "project"), required=True),
            Column("project_description", "project.description", ("description",), required=True),
            Column("tasks", "project.tasks", ("task list",), required=True, read=cells.read_list),
            Column("field", "project.field", ("field of work", "area"), required=True),
            Column("project_code", "project.code", ("code",)),
            Column("language", "project.language"),
            Column("started", "started", ("start date", "start", "from"), required=True, read=cells.read_date),
            Column("ended", "ended", ("end date", "end", "until"), required=True, read=cells.read_date),
            Column("hours", "hours.total", ("hours worked", "total hours"), required=True, read=cells.read_hours),
            Column(
                "hours_basis", "hours.basis", ("basis of hours",), required=True, read=cells.read_choice(HoursBasis)
            ),
            Column("hours_required", "hours.required", ("required hours",), read=cells.read_hours),
            Column("mode", "mode", ("work mode",), required=True, read=cells.read_choice(Mode)),
            Column("engagement", "engagement", ("engagement type",), required=True, read=cells.read_choice(Engagement)),
            Column("compensation", "compensation", ("pay",), required=True, read=cells.read_choice(Compensation)),
            Column("skills_seen", "skills", ("skills seen by supervisor",), read=cells.read_list),
            Column("skills_self_reported", "skills", ("self-reported skills",), read=cells.read_list),
            Column("skill_levels", "skills", ("levels",), read=cells.read_pairs),
            Column("skill_links", "skills", ("skill framework links",), read=cells.read_pairs),
            Column("feedback", "feedback.text", ("supervisor feedback",)),
            Column("feedback_by", "feedback.author", ("feedback author", "supervisor", "supervisor name")),
            Column("feedback_by_role", "feedback.author_role", ("feedback author role", "supervisor role")),
            Column("deliverables", "deliverables", ("deliverable", "handed in"), read=cells.read_deliverables),
            Column("credit_system", "academic_credit.system"),
            Column("credit_amount", "academic_credit.amount", ("credits",)),
            Column("credit_by", "academic_credit.given_by", ("credit given by",)),
            Column("host", "host.name", ("host organisation", "organisation", "company")),
            Column("host_url", "host.url", ("host website", "company website")),
            Column("term", "term", ("semester",)),
            Column("story", "story"),
        )
    }
)


def normal_heading(heading: str) -> str:
    """The form in which headings are compared: ``Start date``, ``start-date`` and ``START_DATE`` are the same."""
    return re.sub(r"[\W_]+", " ", heading).strip().casefold()


DEFAULT_COLUMNS: Mapping[str, str] = MappingProxyType(
    {normal_heading(heading): column.name for column in COLUMNS.values() for heading in (column.name, *column.headings)}
)


def column_of(field: str, skills_seen: int) -> str:
    """The column that a fault of a Completion belongs to; ``skills_seen`` is how many skills come from there."""
    if skill := re.match(r"skills\[([0-9]+)\](\.level|\.alignment)?", field):
        if skill[2]:
            return "skill_levels" if skill[2] == ".level" else "skill_links"
        return "skills_seen" if int(skill[1]) < skills_seen else "skills_self_reported"
    field = re.sub(r"\[.*", "", field)
    for column in COLUMNS.values():
        if field == column.field or column.field.startswith(f"{field}."):
            return column.name
    return field

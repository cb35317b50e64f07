"""One row of cells → a Completion, or everything that is wrong with the row at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from refolio.credential import rules
from refolio.credential.model import Completion, Observed, completion_from
from refolio.csv_import.cells import CellRefused, alignment, refuse_spreadsheet_leftovers
from refolio.csv_import.columns import COLUMNS, column_of
from refolio.errors import CompletionRefused, Fault

Value = object

# Stands in for each required cell that cannot be read, so that the rest of the row is still judged. A row with any such
# cell is never issued.
_SOUND: dict[str, Value] = {
    "record": "x",
    "issuer": "x",
    "intern_name": "x",
    "intern_email": "x@example.org",
    "role": "x",
    "project_title": "x",
    "project_description": "x",
    "tasks": ["x"],
    "field": "x",
    "started": "2020-01-01",
    "ended": "2020-01-01",
    "hours": 1,
    "hours_basis": "logged",
    "mode": "remote",
    "engagement": "project",
    "compensation": "unpaid",
    "skills_seen": ["x"],
}
_CREDIT = {name for name, column in COLUMNS.items() if column.field.startswith("academic_credit.")}


class Problem(NamedTuple):
    """One thing wrong in a row: which column, why, and what to do."""

    column: str
    reason: str
    fix: str


def read_row(cells: Mapping[str, str], today: date) -> Completion | list[Problem]:
    """Read the cells of a row, keyed by column name; the answer is a sound Completion or all problems found."""
    values, problems = _values(cells)
    completion = _completion(values, problems)
    spoilt = {problem.column for problem in problems}
    if spoilt & {"started", "ended"}:
        spoilt |= {"started", "ended", "hours"}
    if spoilt & _CREDIT:
        spoilt |= _CREDIT
    for fault in rules.faults(completion, today):
        column = column_of(fault.field, _number_seen(values))
        if column not in spoilt:
            problems.append(Problem(column, fault.reason, fault.fix))
    order = list(COLUMNS)
    return sorted(problems, key=lambda problem: order.index(problem.column)) if problems else completion


def _values(cells: Mapping[str, str]) -> tuple[dict[str, Value], list[Problem]]:
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for name, column in COLUMNS.items():
        text = cells.get(name, "")
        if not text:
            if column.required:
                problems.append(Problem(name, "This is empty.", "Fill it in."))
            continue
        try:
            refuse_spreadsheet_leftovers(text)
            values[name] = column.read(text)
        except CellRefused as error:
            problems.append(Problem(name, error.reason, error.fix))
    if not any(cells.get(name) for name in ("skills_seen", "skills_self_reported")):
        problems.append(Problem("skills_seen", "No skill is given.", "Give at least one skill, seen or self-reported."))
    return values, problems


def _completion(values: dict[str, Value], problems: list[Problem]) -> Completion:
    """Decode; each value the model refuses becomes a problem and is taken out, until the rest can be decoded."""
    while True:
        try:
            return completion_from(_members(values, problems))
        except CompletionRefused as error:
            fault = error.faults[0]
            column = column_of(fault.field, _number_seen(values))
            problems.append(_in_words(column, fault))
            spoilt = [column] if column in values else [name for name in values if _group(name) == _group(column)]
            if not spoilt:
                raise
            for name in spoilt:
                del values[name]


def _group(name: str) -> str:
    return COLUMNS[name].field.partition(".")[0]


def _number_seen(values: Mapping[str, Value]) -> int:
    seen = values.get("skills_seen")
    return len(seen) if isinstance(seen, list) else 0


def _in_words(column: str, fault: Fault) -> Problem:
    if "required and missing" in fault.reason:
        return Problem(column, "This is empty, but cells that belong to it are filled.", "Fill it in, or empty those.")
    return Problem(column, fault.reason, fault.fix)


def _members(values: Mapping[str, Value], problems: list[Problem]) -> dict[str, object]:
    members: dict[str, object] = {}
    usable = {**_SOUND, **values}
    if "skills_self_reported" in values and "skills_seen" not in values:
        usable["skills_seen"] = []
    for name, value in usable.items():
        group, _, field = COLUMNS[name].field.partition(".")
        if group == "skills":
            continue
        if field:
            inside = members.setdefault(group, {})
            assert isinstance(inside, dict)
            inside[field] = value
        else:
            members[group] = value
    members["skills"] = _skills(usable, problems)
    return members


def _skills(values: Mapping[str, Value], problems: list[Problem]) -> list[dict[str, object]]:
    skills: list[dict[str, object]] = []
    for column, observed in (("skills_seen", Observed.SEEN), ("skills_self_reported", Observed.SELF_REPORTED)):
        names = values.get(column)
        if isinstance(names, list):
            skills += [{"name": name, "observed": observed.value} for name in names]
    by_name = {str(skill["name"]).casefold(): skill for skill in skills}
    for column, member in (("skill_levels", "level"), ("skill_links", "alignment")):
        pairs = values.get(column)
        for name, text in pairs.items() if isinstance(pairs, dict) else ():
            skill = by_name.get(name.casefold())
            try:
                if skill is None:
                    raise CellRefused(
                        f"“{name}” is not among the skills of this row.", "Spell it as it is spelt there."
                    )
                skill[member] = text.casefold() if member == "level" else alignment(text)
            except CellRefused as error:
                problem = Problem(column, error.reason, error.fix)
                if problem not in problems:
                    problems.append(problem)
    return skills

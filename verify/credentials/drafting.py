"""The form for a completion: from what was typed to a Completion, or to everything wrong with it, and back.

A field of the form has the name of the member that it fills (``project.title``, ``skills[1].name``), so that a fault
finds its field. Lists that grow have numbered rows; rows left empty are dropped and the others move up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from refolio.credential import rules
from refolio.credential.model import Completion, completion_from
from refolio.csv_import.cells import CellRefused, alignment, read_date, read_hours
from refolio.errors import CompletionRefused, Fault

Typed = dict[str, str]

MOST = {"skills": 20, "deliverables": 10}
MEMBERS = {
    "skills": ("name", "observed", "level", "alignment.url", "alignment.name", "alignment.code"),
    "deliverables": ("title", "url", "description", "kind"),
}
REQUIRED: Mapping[str, str] = {
    "intern.name": "The intern’s name",
    "intern.email": "The e-mail address",
    "role": "The role",
    "project.title": "The project",
    "project.description": "What was to be done",
    "project.tasks": "The list of tasks",
    "project.field": "The field of work",
    "started": "The first day",
    "ended": "The last day",
    "hours.total": "The number of hours",
    "hours.basis": "How the hours are known",
    "mode": "Where it was",
    "engagement": "The kind of work",
    "compensation": "The reward",
    "skills[0].name": "The first skill",
}
OPTIONAL = (
    "record", "project.code", "project.language", "hours.required", "feedback.text", "feedback.author",
    "feedback.author_role", "academic_credit.system", "academic_credit.amount", "academic_credit.given_by", "host.name",
    "host.url", "term", "story",
)  # fmt: skip
ROWS = tuple(
    f"{name}[{number}].{member}" for name, most in MOST.items() for number in range(most) for member in MEMBERS[name]
)
FIELDS = frozenset({*REQUIRED, *OPTIONAL, *ROWS})
_CHOSEN = frozenset({"observed", "kind"})  # always has something in it, also in an empty row
_READERS = {"started": read_date, "ended": read_date, "hours.total": read_hours, "hours.required": read_hours}
_ORDER = (*REQUIRED, *ROWS, *OPTIONAL)

# Stands in for a value that was refused, so that the rest is judged too; such a completion is never used.
_SOUND: Mapping[str, object] = {
    "started": "2020-01-01",
    "ended": "2020-01-01",
    "hours.total": 1,
    "hours.basis": "logged",
    "mode": "remote",
    "engagement": "project",
    "compensation": "unpaid",
    "intern.email": "x@example.org",
    "project.tasks": ["x"],
    "project.language": "en",
    "skills[].observed": "self-reported",
    "academic_credit.amount": 1,
}
_MAY_LACK = re.compile(r"(hours\.required|host\.url|deliverables\[\]\.url|skills\[\]\.(level|alignment.*))")


def blank() -> Typed:
    """The form before anything was typed."""
    return {"project.language": "en"}


def read_draft(typed: Mapping[str, str], issuer: str, record: str, today: date) -> Completion | list[Fault]:
    """The completion in the form, or every fault, each at a field of the form and in the order of its fields.

    ``typed`` went through :func:`tidy`; ``record`` is taken where none was typed.
    """
    faults: dict[str, Fault] = {}
    members = _members(typed, faults)
    members["issuer"] = issuer
    members.setdefault("record", record)
    completion = _decoded(members, faults)
    if completion is not None:
        spoilt = set(faults)
        if spoilt & {"started", "ended"}:
            spoilt |= {"started", "ended", "hours.total"}
        for fault in rules.faults(completion, today):
            field = field_of(fault.field)
            if field not in spoilt:
                faults.setdefault(field, _in_words(fault._replace(field=field)))
    if faults or completion is None:
        order = {name: place for place, name in enumerate(_ORDER)}
        return sorted(faults.values(), key=lambda fault: order.get(fault.field, len(order)))
    return completion


def tidy(form: Mapping[str, str]) -> Typed:
    """What was typed, without blanks at the ends and without the empty rows of lists."""
    typed = {name: text.strip() for name, text in form.items() if name in FIELDS and text.strip()}
    for name, most in MOST.items():
        rows = [{m: typed.pop(f"{name}[{n}].{m}", "") for m in MEMBERS[name]} for n in range(most)]
        filled = [row for row in rows if any(text for member, text in row.items() if member not in _CHOSEN)]
        for n, row in enumerate(filled):
            typed |= {f"{name}[{n}].{member}": text for member, text in row.items() if text}
    return typed


def number_of(typed: Mapping[str, str], name: str) -> int:
    """How many rows of a list are filled."""
    return len({text.partition("]")[0] for text in typed if text.startswith(f"{name}[")})


def draft_of(completion: Completion) -> Typed:
    """The form filled with a completion; reading it gives an equal one back."""
    typed: Typed = {}

    def fill(path: str, value: Any) -> None:
        if value is None:
            return
        if path == "project.tasks":
            typed[path] = "\n".join(value)
        elif isinstance(value, tuple):
            for n, item in enumerate(value):
                fill(f"{path}[{n}]", item)
        elif hasattr(value, "__struct_fields__"):
            for name in value.__struct_fields__:
                fill(f"{path}.{name}".lstrip("."), getattr(value, name))
        else:
            typed[path] = str(value)

    fill("", completion)
    return {name: text for name, text in typed.items() if name in FIELDS}


def field_of(member: str) -> str:
    """The field of the form that a fault of this member belongs to."""
    member = re.sub(r"^project\.tasks\[.*", "project.tasks", member)
    if member in FIELDS:
        return member
    special = {"skills": "skills[0].name", "academic_credit": "academic_credit.system", "host": "host.name"}
    if member in special:
        return special[member]
    return next((name for name in _ORDER if name.startswith(f"{member}.")), member)


def _members(typed: Mapping[str, str], faults: dict[str, Fault]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, meaning in REQUIRED.items():
        if name not in typed:
            faults[name] = Fault(name, f"{meaning} is missing.", "Fill it in.")
            _put(members, name, _sound(name))
    for name, text in typed.items():
        try:
            _put(members, name, _value(name, text))
        except CellRefused as error:
            faults[name] = Fault(name, error.reason, error.fix)
            if not _MAY_LACK.fullmatch(_pattern(name)):
                _put(members, name, _sound(name))
    for n, skill in enumerate(members.get("skills", ())):
        skill.setdefault("observed", "self-reported")
        if isinstance(aligned := skill.get("alignment"), dict) and "framework" not in aligned:
            del skill["alignment"]
            link = f"skills[{n}].alignment.url"
            faults.setdefault(link, Fault(link, "This is empty, but its name or code is filled.", "Add the link."))
    return members


def _value(name: str, text: str) -> object:
    if name == "project.tasks":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if name.endswith(".alignment.url"):
        return alignment(text)
    return _READERS[name](text) if name in _READERS else text


def _put(members: dict[str, Any], name: str, value: object) -> None:
    """Set ``value`` at a dotted name; rows are made as needed. A whole alignment goes where its link stands."""
    here: Any = members
    steps = re.findall(r"[a-z_]+|\[\d+\]", name)
    for step, following in pairwise(steps):
        if step.startswith("["):
            here = here[int(step[1:-1])]
        elif following.startswith("["):
            here = here.setdefault(step, [])
            here.extend({} for _ in range(len(here), int(following[1:-1]) + 1))
        else:
            here = here.setdefault(step, {})
    if isinstance(value, dict):
        here |= value
    else:
        here[steps[-1]] = value


def _decoded(members: dict[str, Any], faults: dict[str, Fault]) -> Completion | None:
    """Decode; each value that the model refuses becomes a fault and is replaced, until the rest can be decoded."""
    for _ in FIELDS:
        try:
            return completion_from(members)
        except CompletionRefused as error:
            fault = error.faults[0]
            field = field_of(fault.field)
            if field not in FIELDS or (field in faults and fault.field == field):
                faults.setdefault(field, fault)
                return None
            faults.setdefault(field, _in_words(fault._replace(field=field)))
            _put(members, field, _sound(field))
    return None


def _sound(name: str) -> object:
    """A value that the rules take; rows get different ones, because they must differ."""
    return _SOUND.get(_pattern(name), "x" + "".join(re.findall(r"\[(\d+)\]", name)))


def _pattern(name: str) -> str:
    return re.sub(r"\[\d+\]", "[]", name)


_REWORDED = {
    "academic_credit.system": Fault(
        "academic_credit.system",
        "The reward is academic credit, but no credit is stated.",
        "Fill in academic credit, or choose another reward.",
    )
}


def _in_words(fault: Fault) -> Fault:
    """Faults of the model speak of members; here are fields."""
    if "required and missing" in fault.reason:
        return Fault(
            fault.field, "This is empty, but fields that belong to it are filled.", "Fill it in, or empty those."
        )
    if "academic_credit with" in fault.fix:
        return _REWORDED["academic_credit.system"]
    return fault

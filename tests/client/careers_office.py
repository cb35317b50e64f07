"""Spreadsheets as a careers office might export them, made cell by cell."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from refolio.csv_import import Import, read_completions

TODAY = date(2026, 11, 23)
EXAMPLE = Path(__file__).parents[2] / "examples" / "placements.csv"

GOOD = {
    "record": "NF-1",
    "issuer": "acme-textiles",
    "intern_name": "Maya Okafor",
    "intern_email": "maya@northfield.example",
    "role": "Marketing intern",
    "project_title": "Market scan",
    "project_description": "Compare twelve suppliers.",
    "tasks": "Compare suppliers; Present findings",
    "field": "Marketing",
    "started": "2026-08-24",
    "ended": "2026-09-11",
    "hours": "40",
    "hours_basis": "logged",
    "mode": "remote",
    "engagement": "project",
    "compensation": "stipend",
    "skills_seen": "market research",
}


def table(*rows: dict[str, str], separator: str = ",") -> str:
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, delimiter=separator, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(*rows: dict[str, str]) -> Import:
    return read_completions(table(*rows), today=TODAY)


def only_fault(found: Import) -> tuple[int, str, str]:
    """Line, column and ``reason fix`` of the only fault there is."""
    (fault,) = found.faults
    assert not found.rows
    assert fault.reason.endswith(".")
    assert fault.fix.endswith(".")
    return fault.line, fault.column, f"{fault.reason} {fault.fix}"

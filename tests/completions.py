"""Completions as Northfield sends them: Maya's whole one, a plain one, and as many different ones as a test likes."""

from __future__ import annotations

from itertools import count
from typing import Any

Members = dict[str, Any]


def maya(**changes: Any) -> Members:
    """Maya's finished work at Acme, as Northfield sends it, with every optional member used; ``changes`` on top."""
    return {
        "record": "NF-2026-001",
        "issuer": "acme",
        "intern": {"name": "Maya Okafor", "email": "maya@northfield.example"},
        "role": "Market research intern",
        "project": {
            "title": "Market scan of recycled textiles",
            "description": "Compare twelve suppliers and recommend two markets.",
            "tasks": ["Compare twelve suppliers", "Present the findings"],
            "field": "Marketing",
            "code": "MKT-7",
            "language": "en",
        },
        "started": "2026-08-24",
        "ended": "2026-09-11",
        "hours": {"total": "42.5", "basis": "logged", "required": 40},
        "mode": "remote",
        "engagement": "project",
        "compensation": "academic-credit",
        "skills": [
            {
                "name": "market research",
                "observed": "seen",
                "level": "exceeds",
                "alignment": {
                    "framework": "ESCO",
                    "url": "http://data.europa.eu/esco/skill/0d2d1c5e-0000-4000-8000-000000000001",
                    "name": "conduct market research",
                    "code": "S2.7",
                },
            },
            {"name": "presenting", "observed": "self-reported"},
        ],
        "feedback": {"text": "Asked the right questions.", "author": "Sam Rivera", "author_role": "Head of Product"},
        "deliverables": [
            {
                "title": "Supplier report",
                "url": "https://files.acme.example/report.pdf",
                "description": "Twenty-two pages",
                "kind": "Report",
            }
        ],
        "academic_credit": {"system": "ECTS", "amount": "2.5", "given_by": "Northfield University"},
        "host": {"name": "Acme Outlet", "url": "https://outlet.example"},
        "term": "Autumn 2026",
        "story": "I learned to ask first.",
        **changes,
    }


def plain(**changes: Any) -> Members:
    """Maya's work with nothing but what is required; ``changes`` on top."""
    whole = maya()
    optional = ("feedback", "deliverables", "academic_credit", "host", "term", "story")
    project = {name: value for name, value in whole["project"].items() if name not in ("code", "language")}
    required: Members = {name: value for name, value in whole.items() if name not in optional}
    return required | {
        "project": project,
        "hours": {"total": 40, "basis": "logged"},
        "compensation": "stipend",
        "skills": [{"name": "market research", "observed": "seen"}],
        **changes,
    }


numbers = count(1)


def another(**changes: Any) -> Members:
    """Work of Maya's that nobody has sent before."""
    number = next(numbers)
    return plain(record=f"NF-{number}", project={**plain()["project"], "title": f"Project {number}"}, **changes)

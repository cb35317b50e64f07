"""A completion to begin with, as JSON: what ``refolio init`` writes and the description of the API shows."""

from __future__ import annotations

COMPLETION: dict[str, object] = {
    "record": "2026-001",
    "issuer": "acme-textiles",
    "intern": {"name": "Maya Okafor", "email": "maya@northfield.example"},
    "role": "Market research intern",
    "project": {
        "title": "Market scan of recycled textiles",
        "description": "Compare twelve suppliers and recommend two markets.",
        "tasks": ["Compare suppliers", "Present the findings"],
        "field": "Marketing",
    },
    "started": "2026-08-24",
    "ended": "2026-09-11",
    "hours": {"total": 40, "basis": "logged"},
    "mode": "remote",
    "engagement": "project",
    "compensation": "stipend",
    "skills": [{"name": "market research", "observed": "seen", "level": "proficient"}],
}

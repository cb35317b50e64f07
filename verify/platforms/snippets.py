"""Ready lines for a new API key: copied, pasted, and they do something."""

from __future__ import annotations

import json
from datetime import date, timedelta


def curl(url: str, key: str, issuer: str, today: date) -> str:
    """A shell command that issues one test credential. JSON without an apostrophe stands safely in single quotes."""
    record = f"try-{today}"  # tomorrow's is another one, with other dates
    body = json.dumps(_completion(issuer, record, "Market scan", today), indent=1)
    return (
        f"curl {url}/api/v1/credentials \\\n"
        f'  -H "Authorization: Bearer {key}" \\\n'
        f'  -H "Idempotency-Key: {record}" -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )


def python(url: str, key: str, issuer: str, today: date) -> str:
    """The same by the SDK: it issues, and prints the link to the verdict page."""
    body = json.dumps(_completion(issuer, f"try-{today}-2", "Survey of suppliers", today), indent=4)
    return (
        "import refolio\n\n"
        f"completion = refolio.completion_from({body})\n\n"
        f'with refolio.Client("{key}", "{url}") as client:\n'
        "    issued = client.credentials.issue(completion)\n\n"
        "print(issued.links.verify)"
    )


def look(url: str, key: str) -> str:
    """A shell command that changes nothing: whose key it is, and what it is good for."""
    return f'curl {url}/api/v1/key -H "Authorization: Bearer {key}"'


def _completion(issuer: str, record: str, title: str, today: date) -> dict[str, object]:
    return {
        "record": record,
        "issuer": issuer,
        "intern": {"name": "Maya Okafor", "email": "maya@example.org"},
        "role": "Market research intern",
        "project": {
            "title": title,
            "description": "Compare twelve suppliers and recommend two.",
            "tasks": ["Compare suppliers", "Present the findings"],
            "field": "Marketing",
        },
        "started": str(today - timedelta(days=20)),
        "ended": str(today - timedelta(days=2)),
        "hours": {"total": 40, "basis": "logged"},
        "mode": "remote",
        "engagement": "project",
        "compensation": "stipend",
        "skills": [{"name": "market research", "observed": "seen"}],
    }

"""Two answers side by side."""

from __future__ import annotations

import httpx


def alike(answer: httpx.Response, *names: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body without what is new in each answer, and without ``names``: to compare answers by."""
    own = ("request-id", "ratelimit", "ratelimit-policy", "content-length")
    text = answer.text
    for name in (answer.headers["request-id"], *names):
        text = text.replace(name, "…")
    return answer.status_code, {name: value for name, value in answer.headers.items() if name not in own}, text

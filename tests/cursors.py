"""What Mallory makes of a cursor: of the same list, because she knows how it is built, with a place of her choice."""

from __future__ import annotations

import base64
import json


def forged(cursor: str, place: object) -> str:
    """The cursor, with another place in it."""
    bound, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(json.dumps([bound, place]).encode()).decode().rstrip("=")


WRONG_NUMBERS = (-1, 2**31, 2**63, 10**30, True, 1.5, "1", None, [], {})
WRONG_MOMENTS = (
    [], ["x", "y"], ["\0", "y"], ["2026-11-23T10:00:00+00:00", "\0"], ["2026-11-23T10:00:00", "y"], ["y"], "y", None, 7
)  # fmt: skip

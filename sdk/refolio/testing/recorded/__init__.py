"""Requests to the real service and its answers, one JSON file each: for tests in any language.

Each file holds ``name``, ``says``, ``request`` (``method``, ``path``, ``headers``, ``body``) and ``response``
(``status``, ``headers``, ``body``). A body is JSON; a text that is none stands as a string. What changes from answer to
answer (times, ids, codes) is as it was when it was recorded. The files are made from the running service, and a test
of the service holds them true.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, NamedTuple


class Exchange(NamedTuple):
    """One request and its answer."""

    name: str
    says: str
    request: dict[str, Any]
    response: dict[str, Any]


def exchanges() -> list[Exchange]:
    """All recorded exchanges, in the order in which they were made."""
    files = sorted(
        (file for file in resources.files(__package__).iterdir() if file.name.endswith(".json")),
        key=lambda file: file.name,
    )
    return [Exchange(**json.loads(file.read_text("utf-8"))) for file in files]

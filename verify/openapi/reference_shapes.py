"""Bodies and answers about references, and examples of them. As shapes.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from verify.openapi.shapes import Moment

ReferenceState = Literal["asked", "declined", "written", "shown", "withdrawn", "cancelled", "expired"]
Line = Annotated[str, Meta(min_length=1, max_length=100, description="One line, nothing like an address in it.")]


class ReferenceQuestion(Struct, kw_only=True):
    """Who is asked about which credential (its UUID or URL). `role` is what she was to the work: `Head of Product`."""

    credential: Annotated[str, Meta(min_length=36, max_length=300)]
    name: Line
    email: Annotated[str, Meta(min_length=3, max_length=254)]
    role: Line


class Reference(Struct, kw_only=True):
    """What became of the question. `domain` is that of the referee's mailbox.

    Once it is signed it is `written`, and `shown` while the intern shows it; then it stands at `url`. Its words are
    told to nobody before.
    """

    id: str
    credential: str
    name: str
    role: str
    domain: str
    state: ReferenceState
    asked_at: Moment
    expires_at: Moment
    answered_at: Moment | None
    withdrawn_at: Moment | None
    url: str | None


REQUEST: Mapping[str, object] = {
    "credential": "0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41",
    "name": "Sam Rivera",
    "email": "sam@acme.example",
    "role": "Head of Product",
}


def answer(credential: str) -> Mapping[str, object]:
    """An example about the credential at this URL."""
    return {
        "id": "91c2a7d4-0d7f-4b53-9c6e-6b1f0e2a5d10",
        "credential": credential,
        "name": "Sam Rivera",
        "role": "Head of Product",
        "domain": "acme.example",
        "state": "asked",
        "asked_at": "2026-11-23T10:00:00Z",
        "expires_at": "2026-12-23T10:00:00Z",
        "answered_at": None,
        "withdrawn_at": None,
        "url": None,
    }

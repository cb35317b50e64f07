"""What a service says of the API key that a client has."""

from __future__ import annotations

from datetime import datetime

import msgspec

from refolio.client.requests import Answer, Request, get, read


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its secret.

    ``mode`` is ``test`` or ``live``; ``scopes`` are like ``credentials:write``; ``issuers`` the short names that it may
    deliver for; ``addresses`` the networks that it may be used from, None for anywhere. ``expires_at`` is aware, in
    UTC, None for never; ``hint`` the first characters of the key, ``name`` what whoever made it calls it.
    """

    platform: str
    mode: str
    scopes: tuple[str, ...]
    issuers: tuple[str, ...]
    hint: str
    name: str | None = None
    addresses: tuple[str, ...] | None = None
    expires_at: datetime | None = None


def key_request() -> Request:
    """Ask whose key this is."""
    return get("/api/v1/key")


def key_in(answer: Answer) -> ApiKey:
    """Read the answer. Raises ServiceError when it is not a Refolio service's."""
    return read(answer, ApiKey)

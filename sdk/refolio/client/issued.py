"""A credential as the service knows it, and the ways to name one."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from refolio.client.requests import Answer, read
from refolio.errors import RequestRefused

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_REFERENCE = re.compile(rf"(?:urn:uuid:|https?://[^\s?#]+/)?({_UUID})", re.I)


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Absolute URLs around one credential; ``portfolio`` is None while the intern's page is not public."""

    credential: str
    verify: str
    qr: str
    portfolio: str | None = None


class IssuedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential as the service knows it.

    ``id`` is the credential's URL and ``uuid`` the last part of it; ``record`` the platform's own id; ``state`` is
    ``current`` or ``withdrawn``; ``code`` the short code printed under the QR code. ``edition`` counts from 1; later
    ones are corrections. ``kind`` and ``reason`` say why it was withdrawn, ``replaces`` and ``replaced_by`` are URLs of
    other credentials. Times are aware, in UTC.
    """

    id: str
    uuid: str
    record: str
    issuer: str
    state: str
    issued_at: datetime
    code: str
    edition: int = 1
    corrected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    kind: str | None = None
    reason: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    links: Links


def uuid_of(credential: str | IssuedCredential) -> str:
    """The UUID of a credential given as its UUID, its URL or what ``issue`` returned. RequestRefused otherwise."""
    if isinstance(credential, IssuedCredential):
        credential = credential.uuid
    if found := _REFERENCE.fullmatch(credential.strip().rstrip("/")):
        return found[1].lower()
    raise RequestRefused(
        f"“{credential[:80]}” does not name a credential. Give its UUID, its URL, or the object that issue() returned."
    )


def credential_in(answer: Answer) -> IssuedCredential:
    """Read the answer to issue, withdraw, replace and get."""
    return read(answer, IssuedCredential)

"""Sessions of signed-in people: one row each, found by the hash of a secret that only the browser has.

A new secret at every sign-in (SEC-155), a row that is gone when it is closed and never comes back (SEC-156), and an
end of its own: after some idle time, and at the latest some time after it began (SEC-168).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from refolio.credential import base64url
from verify.database import tx
from verify.http.cookies import cookie_name
from verify.people.tables import Session as SessionRow
from verify.runtime import Runtime

SECRET_BYTES = 32
CSRF_BYTES = 24
FRESH_FOR = timedelta(minutes=15)
NOTED_EVERY = timedelta(minutes=1)  # so that reading pages does not write to the database each time


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session may lie idle, and how long it may last at all."""

    idle: timedelta
    absolute: timedelta


FOR_STAFF = Lifetime(timedelta(hours=1), timedelta(hours=12))
FOR_INTERNS = Lifetime(timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that still holds. ``csrf`` stands in every form of it, ``fresh`` says that it is of a moment ago."""

    id: str
    person: str
    method: str
    staff: bool
    csrf: str
    opened_at: datetime
    strong_at: datetime
    fresh: bool


async def open_session(runtime: Runtime, person: str, *, method: str, staff: bool) -> str:
    """Open a session and return the secret for the cookie. ``method`` is ``link`` or ``passkey``.

    With ``staff`` the person may use her roles, and it lasts for a working day at most.
    """
    secret = base64url.encode(runtime.random_bytes(SECRET_BYTES))
    now = runtime.now()
    async with tx():
        await SessionRow(
            id=_fingerprint(secret),
            person=person,
            method=method,
            staff=staff,
            csrf=base64url.encode(runtime.random_bytes(CSRF_BYTES)),
            opened_at=now,
            seen_at=now,
            strong_at=now,
        ).save()
    return secret


async def session_of(runtime: Runtime, cookies: Mapping[str, str]) -> Session | None:
    """The session of a request, or None; ids that we did not make are nobody's."""
    secret = cookies.get(cookie_name(runtime))
    if not secret:
        return None
    row = await SessionRow.select().where(SessionRow.id == _fingerprint(secret)).first()
    if row is None:
        return None
    now, lifetime = runtime.now(), lifetime_of(staff=row["staff"])
    if now >= row["opened_at"] + lifetime.absolute or now >= row["seen_at"] + lifetime.idle:
        await close(row["id"])
        return None
    if now >= row["seen_at"] + NOTED_EVERY:
        async with tx():  # an update, so that a session that was closed meanwhile stays closed
            await SessionRow.update({SessionRow.seen_at: now}).where(SessionRow.id == row["id"])
    return Session(
        id=row["id"],
        person=row["person"],
        method=row["method"],
        staff=row["staff"],
        csrf=row["csrf"],
        opened_at=row["opened_at"],
        strong_at=row["strong_at"],
        fresh=now < row["strong_at"] + FRESH_FOR,
    )


def lifetime_of(*, staff: bool) -> Lifetime:
    """The limits of a session."""
    return FOR_STAFF if staff else FOR_INTERNS


async def open_roles(session_id: str) -> None:
    """Let the person use her roles in this session, with the shorter life that goes with them. Call inside ``tx()``."""
    await SessionRow.update({SessionRow.staff: True}).where(SessionRow.id == session_id)


async def close(session_id: str) -> None:
    """End one session for good."""
    async with tx():
        await SessionRow.delete().where(SessionRow.id == session_id)


async def close_all(person: str) -> None:
    """End all sessions of a person."""
    async with tx():
        await SessionRow.delete().where(SessionRow.person == person)


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

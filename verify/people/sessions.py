"""Sessions of signed-in people: one row each, found by the hash of a secret that only the browser has.

A new secret at every sign-in (SEC-155), a row that is gone when it is closed and never comes back (SEC-156), and an
end of its own: after some idle time, and at the latest some time after it began (SEC-168).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from refolio.credential import base64url
from verify.database import tx
from verify.http.cookies import cookie_name
from verify.http.refusals import Refused
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
    seen_at: datetime
    strong_at: datetime
    fresh: bool


async def open_session(runtime: Runtime, person: str, *, method: str, staff: bool) -> str:
    """Open a session and return the secret for the cookie. ``method`` is ``link`` or ``passkey``.

    With ``staff`` the person may use her roles, and it lasts for a working day at most.
    """
    async with tx():
        return await begin(runtime, person, method=method, staff=staff)


async def begin(
    runtime: Runtime,
    person: str,
    *,
    method: str,
    staff: bool,
    strong_at: datetime | None = None,
    secret: str | None = None,
) -> str:
    """``open_session`` inside the caller's ``tx()``. ``strong_at`` is by default now, ``secret`` a new one.

    What she opened so long ago that it has surely ended is forgotten: nobody comes back to close it.
    """
    secret = secret or base64url.encode(runtime.random_bytes(SECRET_BYTES))
    now = runtime.now()
    await SessionRow.delete().where(SessionRow.person == person, SessionRow.opened_at < now - FOR_INTERNS.absolute)
    await SessionRow(
        id=_fingerprint(secret),
        person=person,
        method=method,
        staff=staff,
        csrf=base64url.encode(runtime.random_bytes(CSRF_BYTES)),
        opened_at=now,
        seen_at=now,
        strong_at=strong_at or now,
    ).save()
    return secret


async def renew(
    runtime: Runtime, session: Session, *, staff: bool | None = None, secret: str | None = None
) -> str | None:
    """Give a session a new secret, because what it may do changes (SEC-155); None when it was closed meanwhile.

    Call inside ``tx()``. With ``staff`` it may use the person's roles from now on, and lasts no longer than such do.
    """
    gone = await SessionRow.delete().where(SessionRow.id == session.id).returning(SessionRow.id)
    if not gone:
        return None
    staff = session.staff if staff is None else staff
    return await begin(
        runtime, session.person, method=session.method, staff=staff, strong_at=session.strong_at, secret=secret
    )


def successor(session_id: str, seed: str) -> str:
    """The secret that a session gets from a form with ``seed``: the same for the same form sent twice.

    Whoever knows the old secret but not the seed does not come to it (SEC-155), so a seed must be hard to guess too.
    """
    return base64url.encode(hashlib.sha256(f"{session_id}\x1f{seed}".encode()).digest())


async def succeeded(runtime: Runtime, cookies: Mapping[str, str], seed: str) -> str | None:
    """The secret that took the place of the one in the cookies by the form with ``seed``, if it still holds."""
    old = cookies.get(cookie_name(runtime))
    if not old or not seed:
        return None
    secret = successor(_fingerprint(old), seed)
    return secret if await session_of(runtime, {cookie_name(runtime): secret}) else None


async def session_of(runtime: Runtime, cookies: Mapping[str, str]) -> Session | None:
    """The session of a request, or None; ids that we did not make are nobody's."""
    secret = cookies.get(cookie_name(runtime))
    if not secret:
        return None
    row = (
        await SessionRow.select(*SessionRow.all_columns(), SessionRow.person.disabled_at.as_alias("disabled_at"))
        .where(SessionRow.id == _fingerprint(secret))
        .first()
    )
    if row is None or row["disabled_at"]:
        return None
    now = runtime.now()
    if _is_over(row, now):
        await close(row["id"])
        return None
    if now >= row["seen_at"] + NOTED_EVERY:
        async with tx():  # an update, so that a session that was closed meanwhile stays closed
            await SessionRow.update({SessionRow.seen_at: now}).where(SessionRow.id == row["id"])
    return _session(row, now)


async def sessions_of(runtime: Runtime, person: str) -> list[Session]:
    """The sessions of a person that still hold, the latest used first."""
    now = runtime.now()
    rows = await SessionRow.select().where(SessionRow.person == person).order_by(SessionRow.seen_at, ascending=False)
    return [_session(row, now) for row in rows if not _is_over(row, now)]


def _is_over(row: dict[str, Any], now: datetime) -> bool:
    lifetime = lifetime_of(staff=row["staff"])
    return bool(now >= row["opened_at"] + lifetime.absolute or now >= row["seen_at"] + lifetime.idle)


def _session(row: dict[str, Any], now: datetime) -> Session:
    return Session(
        id=row["id"],
        person=row["person"],
        method=row["method"],
        staff=row["staff"],
        csrf=row["csrf"],
        opened_at=row["opened_at"],
        seen_at=row["seen_at"],
        strong_at=row["strong_at"],
        fresh=now < row["strong_at"] + FRESH_FOR,
    )


def require_fresh(session: Session) -> None:
    """Raise Refused ``sign-in-again`` when the sign-in is not of a moment ago."""
    if not session.fresh:
        raise Refused("sign-in-again", "Your sign-in is older than fifteen minutes.")


def lifetime_of(*, staff: bool) -> Lifetime:
    """The limits of a session."""
    return FOR_STAFF if staff else FOR_INTERNS


async def close(session_id: str) -> None:
    """End one session for good."""
    async with tx():
        await end(session_id)


async def end(session_id: str) -> None:
    """``close`` inside the caller's ``tx()``."""
    await SessionRow.delete().where(SessionRow.id == session_id)


async def close_all(person: str) -> None:
    """End all sessions of a person."""
    async with tx():
        await end_all(person)


async def end_all(person: str, *, but: str = "") -> None:
    """``close_all`` inside the caller's ``tx()``, with the exception of the session ``but``."""
    await SessionRow.delete().where(SessionRow.person == person, SessionRow.id != but)


async def close_everybodys() -> None:
    """End all sessions of all people."""
    async with tx():
        await SessionRow.delete(force=True)


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""Make, roll and revoke API keys. A key is shown once, when it is made; only its hash is kept (SEC-177, SEC-179)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from refolio.api_keys import SECRET_BYTES, compose_key
from refolio.errors import Fault
from verify.database import UniqueViolation, tx
from verify.http.access import OPERATOR, Actor, Mode, Scope
from verify.http.refusals import Refused
from verify.platforms.admitting import OWN, hold_platform
from verify.platforms.tables import ApiKey, Mandate, Platform
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

HINT = len("rf_live_") + 4
MOST_KEYS = 50  # of one platform, in use at a time
LONGEST_NAME = 80
MOST_ADDRESSES = 20
LONGEST_LIFE = timedelta(days=3650)
LONGEST_OVERLAP = timedelta(days=7)
NOT_THERE = "There is no such API key."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a key shall be good for. None is: no name, every scope, every issuer, every address, no end."""

    mode: Mode = Mode.LIVE
    name: str | None = None
    scopes: Collection[str] | None = None
    issuers: Collection[str] | None = None
    addresses: Collection[str] | None = None
    life: timedelta | None = None


EVERYTHING = Wanted()


async def new_api_key(
    runtime: Runtime,
    platform: str,
    wanted: Wanted = EVERYTHING,
    *,
    actor: Actor = OPERATOR,
) -> str:
    """Make an API key and return it: this is the one time it can be shown.

    Raises Refused: 404 for an unknown platform; ``form-refused`` with a fault for each field that cannot be.
    """
    columns = await _columns(platform, wanted)
    now = runtime.now()
    secret = compose_key(wanted.mode, runtime.random_bytes(SECRET_BYTES))
    row = _row(secret, platform, now, **columns, expires_at=now + wanted.life if wanted.life else None)
    row.made_by = actor.person
    async with tx():
        await hold_platform(platform)
        if len([one for one in await rows_of(platform) if is_good(one, now)]) >= MOST_KEYS:
            raise _refused("name", "There are fifty keys in use already.", "Revoke some that nobody needs.")
        await row.save()
        detail = {"mode": str(wanted.mode), "hint": row.hint}
        scope = await trail_of(platform)
        await record(runtime, actor.name, "api-key-made", scope, about=platform, detail=detail, rows=[_of(row.sha256)])
    return secret


async def roll(runtime: Runtime, platform: str, key: str, overlap: timedelta, *, actor: Actor = OPERATOR) -> str:
    """Make a key that is good for the same in place of another, which goes on for ``overlap`` (up to 7 days) and ends.

    Returns the new key. One with an end gets as long a life again. Raises Refused: 404 for an unknown key, 422 for one
    that is not good any more or was rolled before.
    """
    now = runtime.now()
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise _refused("hours", "The old key can go on for 0 to 168 hours.", "Choose one of the times.")
    old = await one_of(platform, key)
    if not is_good(old, now):
        raise _refused("hours", "This key is not good any more.", "Make a new one.")
    secret = compose_key(mode_of(old), runtime.random_bytes(SECRET_BYTES))
    kept = {name: old[name] for name in ("name", "mode", "scopes", "issuers", "addresses")}
    life = old["expires_at"] - old["created_at"] if old["expires_at"] else None
    row = _row(secret, platform, now, **kept, expires_at=now + life if life else None)
    row.made_by, row.replaces = actor.person, key
    ends = min(filter(None, (now + overlap, old["expires_at"])))
    try:
        async with tx():
            await row.save()
            still = (
                await ApiKey.update({ApiKey.expires_at: ends})
                .where(ApiKey.sha256 == key, ApiKey.revoked_at.is_null())
                .returning(ApiKey.sha256)
            )
            if not still:
                raise _refused("hours", "This key was revoked a moment ago.", "Make a new one.")
            detail = {"mode": str(mode_of(old)), "hint": row.hint, "rolled": old["hint"]}
            rows = [_of(row.sha256), _of(key)]
            scope = await trail_of(platform)
            await record(runtime, actor.name, "api-key-rolled", scope, about=platform, detail=detail, rows=rows)
    except UniqueViolation:
        raise _refused("hours", "This key was rolled before.", "Roll the one that came in its place.") from None
    return secret


async def revoke(runtime: Runtime, platform: str, key: str, *, actor: Actor = OPERATOR) -> None:
    """End a key at once; harmless when it was revoked before. Raises Refused (404) for an unknown key."""
    row = await one_of(platform, key)
    async with tx():
        done = (
            await ApiKey.update({ApiKey.revoked_at: runtime.now()})
            .where(ApiKey.sha256 == key, ApiKey.revoked_at.is_null())
            .returning(ApiKey.sha256)
        )
        if done:
            detail = {"hint": row["hint"]}
            scope = await trail_of(platform)
            await record(runtime, actor.name, "api-key-revoked", scope, about=platform, detail=detail, rows=[_of(key)])


async def rows_of(platform: str) -> list[dict[str, Any]]:
    """All keys of a platform, the newest first, with who made each (``maker``)."""
    return (
        await ApiKey.select(*ApiKey.all_columns(), ApiKey.made_by.name.as_alias("maker"))
        .where(ApiKey.platform == platform)
        .order_by(ApiKey.created_at, ascending=False)
        .order_by(ApiKey.sha256)
    )


async def one_of(platform: str, key: str) -> dict[str, Any]:
    """The row of a platform's key, by its SHA-256. Raises Refused (404)."""
    row = await ApiKey.select().where(ApiKey.sha256 == key, ApiKey.platform == platform).first()
    if row is None:
        raise Refused("not-found", NOT_THERE)
    return row


def is_good(row: Mapping[str, Any], now: datetime) -> bool:
    """Does this key open anything now?"""
    return row["revoked_at"] is None and (row["expires_at"] is None or row["expires_at"] > now)


def fingerprint(secret: str) -> str:
    """What is stored of an API key. Plain SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mode_of(row: Mapping[str, Any]) -> Mode:
    """The mode of a key's row."""
    return Mode(row["mode"] or Mode.LIVE)


def scopes_of(row: Mapping[str, Any]) -> frozenset[Scope]:
    """The scopes of a key's row; keys from before there were any have all."""
    return frozenset(Scope) if row["scopes"] is None else frozenset(map(Scope, row["scopes"].split()))


async def trail_of(platform: str) -> str:
    """The scope of the audit trail for a platform's keys: its organisation's if that opened it, else the service's.

    It never changes, because all that happens to a row stands in one chain; a platform that the operator linked stays
    with the service.
    """
    if not platform.startswith(OWN):
        return SERVICE
    row = await Platform.select(Platform.organisation).where(Platform.slug == platform).first()
    return row["organisation"] if row else SERVICE


def _row(secret: str, platform: str, now: datetime, **columns: Any) -> ApiKey:
    return ApiKey(sha256=fingerprint(secret), platform=platform, hint=secret[:HINT], created_at=now, **columns)


def _of(key: str) -> tuple[type[ApiKey], str]:
    return ApiKey, key


async def _columns(platform: str, wanted: Wanted) -> dict[str, str | None]:
    """The columns of a wanted key, or Refused with everything wrong with it."""
    faults: list[Fault] = []
    name = (wanted.name or "").strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        faults.append(Fault("name", "This cannot be the name of a key.", f"Use up to {LONGEST_NAME} plain characters."))
    if wanted.scopes is not None and (not wanted.scopes or not set(wanted.scopes) <= {scope.value for scope in Scope}):
        faults.append(Fault("scopes", "These are no scopes.", f"Choose some of: {', '.join(Scope)}."))
    if wanted.issuers is not None:
        open_ = (Mandate.platform == platform) & Mandate.ended_at.is_null()
        known = await Mandate.select(Mandate.issuer).where(open_).output(as_list=True)
        if not wanted.issuers or not set(wanted.issuers) <= set(known):
            fix = f"Name some of: {', '.join(sorted(known)) or 'none yet'}."
            faults.append(Fault("issuers", "The platform has no mandate for one of these.", fix))
    addresses, fault = _networks(wanted.addresses)
    faults += [fault] if fault else []
    if wanted.life is not None and not timedelta(0) < wanted.life <= LONGEST_LIFE:
        faults.append(Fault("days", "A key lives for 1 to 3650 days.", "Choose another number, or no end."))
    if faults:
        raise Refused("form-refused", "No key was made.", faults)
    return {
        "name": name or None,
        "mode": wanted.mode.value,
        "scopes": _words(wanted.scopes),
        "issuers": _words(wanted.issuers),
        "addresses": addresses,
    }


def _networks(texts: Collection[str] | None) -> tuple[str | None, Fault | None]:
    if texts is None:
        return None, None
    try:
        networks = [str(ip_network(text)) for text in texts]
    except ValueError as error:
        fix = "Write addresses or networks like 203.0.113.7, 198.51.100.0/24 or 2001:db8::/32."
        return None, Fault("addresses", f"{error}.", fix)
    if not 0 < len(networks) <= MOST_ADDRESSES:
        fault = Fault("addresses", f"A list has 1 to {MOST_ADDRESSES} addresses.", "Use networks, or leave it empty.")
        return None, fault
    return _words(networks), None


def _words(values: Collection[str] | None) -> str | None:
    return None if values is None else " ".join(sorted(values))


def _refused(field: str, reason: str, fix: str) -> Refused:
    return Refused("form-refused", reason, [Fault(field, reason, fix)])

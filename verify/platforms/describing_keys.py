"""API keys as they are shown: to the program that holds one, and to the admins of its organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from refolio.credential import timestamps
from verify.http.access import Actor, Mode, Scope
from verify.http.refusals import Refused
from verify.platforms import keying
from verify.platforms.authenticating import reach
from verify.platforms.tables import ApiKey


@dataclass(frozen=True, slots=True)
class Listed:
    """A key in the list of an organisation's. ``id`` is its SHA-256; ``rolled`` when another came in its place.

    None is: every scope, every issuer, every address.
    """

    id: str
    hint: str
    name: str | None
    mode: Mode
    scopes: list[str] | None
    issuers: list[str] | None
    addresses: list[str] | None
    maker: str | None
    made_at: datetime
    last_used_on: date | None
    expires_at: datetime | None
    revoked_at: datetime | None
    is_good: bool
    rolled: bool


async def members_of(actor: Actor) -> dict[str, object]:
    """The answer to ``GET /api/v1/key``. The issuers go by the short names that requests name them by."""
    row = await ApiKey.select().where(ApiKey.sha256 == actor.key).first()
    if row is None:
        raise Refused("api-key-unknown", "There is no such API key here.")
    return {
        "platform": row["platform"],
        "name": row["name"],
        "mode": actor.mode.value,
        "scopes": _sorted(actor.scopes),
        "issuers": await reach({**row, "mode": None}),  # also where their twins are meant
        "addresses": _split(row["addresses"]),
        "expires_at": timestamps.format(row["expires_at"]) if row["expires_at"] else None,
        "hint": row["hint"],
    }


async def listed(platform: str, now: datetime) -> list[Listed]:
    """The keys of a platform: those that are good first, each group with the newest first."""
    rows = await keying.rows_of(platform)
    replaced = {row["replaces"] for row in rows}
    found = [_listed(row, row["sha256"] in replaced, now) for row in rows]
    return sorted(found, key=lambda one: not one.is_good)


def _listed(row: Mapping[str, Any], rolled: bool, now: datetime) -> Listed:
    return Listed(
        id=row["sha256"],
        hint=row["hint"],
        name=row["name"],
        mode=keying.mode_of(row),
        scopes=_split(row["scopes"]),
        issuers=_split(row["issuers"]),
        addresses=_split(row["addresses"]),
        maker=row["maker"],
        made_at=row["created_at"],
        last_used_on=row["last_used_on"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        is_good=keying.is_good(row, now),
        rolled=rolled,
    )


def _sorted(scopes: frozenset[Scope]) -> list[str]:
    return sorted(scope.value for scope in scopes)


def _split(words: str | None) -> list[str] | None:
    return None if words is None else words.split()

"""Read the audit trail back, for the people it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from piccolo.table import Table

from refolio.credential.reading import JSON
from verify.trail.digesting import digest
from verify.trail.signing_keys import SERVICE
from verify.trail.tables import TrailEntry

SPOILT = "entry-spoilt"  # stands for the act of an entry whose text cannot be read


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who (``Actor.name``) did what, when, about what (an id), with what details."""

    number: int
    at: datetime
    actor: str
    act: str
    about: str
    detail: Mapping[str, JSON]


class _Body(msgspec.Struct):
    """What is read back of an entry's text."""

    actor: str
    act: str
    about: str
    detail: dict[str, Any]


async def entries(
    scope: str,
    *,
    most: int,
    before: int | None = None,
    act: str | None = None,
    about: str | None = None,
    wrote: tuple[type[Table], str] | None = None,
) -> list[Entry]:
    """The newest ``most`` entries of a scope, newest first: those below ``before``, of one act, about one id.

    ``wrote`` is a row (table, UUID) that the act wrote. Ask for it together with ``about``, which is indexed.
    """
    query = TrailEntry.select().where(TrailEntry.scope == scope)
    if before is not None:
        query = query.where(TrailEntry.number < before)
    if act is not None:
        query = query.where(TrailEntry.act == act)
    if about is not None:
        query = query.where(TrailEntry.about == about)
    if wrote is not None:
        query = query.where(TrailEntry.body.like(f'%["{wrote[0]._meta.tablename}","{wrote[1]}",%'))
    rows = await query.order_by(TrailEntry.number, ascending=False).limit(most)
    return [_entry(row) for row in rows]


async def acts(scope: str) -> list[str]:
    """The kinds of acts that a scope has seen, in the order of their names."""
    rows = await TrailEntry.select(TrailEntry.act).where(TrailEntry.scope == scope).group_by(TrailEntry.act)
    return sorted(row["act"] for row in rows)


async def is_as_left(scope: str, table: type[Table], row: Mapping[str, Any]) -> bool:
    """Whether a row is still as the newest entry about it left it, in its scope or, before it had one, the service's.

    Ask before the service changes a row by itself: what somebody did to it by hand must not become an act. The
    entry itself is not checked here; the audit does that.
    """
    key = row[table._meta.primary_key._meta.name]
    written = f'["{table._meta.tablename}","{key}","'
    for chain in (scope, SERVICE):
        entry = (
            await TrailEntry.select(TrailEntry.body)
            .where(TrailEntry.scope == chain, TrailEntry.body.like(f"%{written}%"))
            .order_by(TrailEntry.number, ascending=False)
            .first()
        )
        if entry:
            return f"{written}{digest(table, row)}" in str(entry["body"])
    return False


def _entry(row: Mapping[str, Any]) -> Entry:
    try:
        body = msgspec.json.decode(row["body"], type=_Body)
    except msgspec.DecodeError:  # a spoilt row says so, and takes no other from the list (SEC-205)
        body = _Body("database", SPOILT, "", {})
    return Entry(row["number"], row["at"], body.actor, body.act, body.about, body.detail)

"""Compare every row with what the audit trail last said of it, and name each that differs (SEC-205, SEC-206)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from piccolo.columns import Serial
from piccolo.table import Table

from verify.audit.coverage import CHAIN, covered, tables
from verify.database import tx
from verify.issuers import did_history
from verify.issuers.tables import Issuer
from verify.runtime import Runtime
from verify.trail.checking import UNREADABLE, Ends, Trail, begin_walk, check_ends, hold, walk_on
from verify.trail.digesting import digest

PAGE = 500


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome: how much was compared, everything that does not fit, and the ends of all chains to be noted."""

    entries: int
    rows: int
    mismatches: tuple[str, ...]
    ends: Ends


async def audit(runtime: Runtime, witnessed: Ends | None = None) -> Audit:
    """Recompute the trail and compare all covered rows with it.

    The service may go on meanwhile: an act between two of our looks would seem a mismatch. So whatever does not fit is
    looked at again at the end, for a moment in which no act can finish.
    """
    trail = await begin_walk(runtime, witnessed)
    await walk_on(trail)
    suspects: list[tuple[type[Table], str]] = []
    count = 0
    for table in tables():
        if table in CHAIN or not covered(table):
            continue
        name, seen = table._meta.tablename, set()
        try:
            async for row in rows_of(table):
                count += 1
                seen.add(key := key_of(table, row))
                if trail.digests.get((name, key)) != digest(table, row):
                    suspects.append((table, key))
        except UNREADABLE:
            trail.mismatches.append(f"{name}: some of its rows cannot be read")
        else:
            suspects.extend((table, key) for known, key in trail.digests if known == name and key not in seen)
    rewritten = await _rewritten([row["slug"] for row in await Issuer.select(Issuer.slug)], trail)
    async with tx():
        await hold()
        await walk_on(trail)
        await check_ends(trail)
        for table, key in suspects:
            if reason := await _fault(table, key, trail):
                trail.mismatches.append(f"{table._meta.tablename} {key}: {reason}")
        for slug in rewritten:
            trail.mismatches.extend(await did_history.mismatches(slug))
    return Audit(trail.entries, count, tuple(trail.mismatches), trail.ends)


async def _rewritten(slugs: list[str], trail: Trail) -> list[str]:
    """The issuers whose history of DID documents seems not to hold (SEC-229)."""
    try:
        return [slug for slug in slugs if await did_history.mismatches(slug)]
    except UNREADABLE:
        trail.mismatches.append("did_version: some of its rows cannot be read")
        return []


async def _fault(table: type[Table], key: str, trail: Trail) -> str | None:
    """Why the row is not what an act left behind; None when it is, by now."""
    column = table._meta.primary_key
    row = await table.select().where(column == (int(key) if isinstance(column, Serial) else key)).first()
    known = trail.digests.get((table._meta.tablename, key))
    if row is None:
        return "the row is gone" if known else None
    if known is None:
        return "no act tells of this row"
    return None if known == digest(table, row) else "it is not as the last act left it"


async def rows_of(table: type[Table]) -> AsyncIterator[Mapping[str, Any]]:
    """All rows, in pages by primary key."""
    key = table._meta.primary_key
    page = await table.select().order_by(key).limit(PAGE)
    while page:
        for row in page:
            yield row
        page = await table.select().where(key > page[-1][key._meta.name]).order_by(key).limit(PAGE)


def key_of(table: type[Table], row: Mapping[str, Any]) -> str:
    """The primary key of a row, as entries write it."""
    return str(row[table._meta.primary_key._meta.name])

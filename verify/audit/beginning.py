"""Begin the trail of a database that is older than the trail: as it is now, from now on."""

from __future__ import annotations

from verify.audit.checking import key_of, rows_of
from verify.audit.coverage import CHAIN, covered, tables
from verify.database import tx
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record
from verify.trail.tables import TrailHead, TrailKey

AT_ONCE = 200


async def predates_the_trail() -> bool:
    """Has this database no tables of the trail yet? Ask before migrating.

    A trail that is merely empty was wiped, and does not begin anew: that would vouch for whatever stands in the rows.
    """
    return not await TrailHead.table_exists()


async def begin(runtime: Runtime) -> int:
    """Where there is no trail yet, record every row as it stands; return how many rows that were."""
    if await TrailHead.exists():
        return 0
    rows = [
        (table, key_of(table, row))
        for table in tables()
        if table not in (*CHAIN, TrailKey) and covered(table)
        async for row in rows_of(table)
    ]
    for start in range(0, len(rows), AT_ONCE):
        async with tx():
            await record(runtime, "operator", "trail-begun", SERVICE, rows=rows[start : start + AT_ONCE])
    return len(rows)

"""Look after questions that wait: remind the referee once, and end what nobody has answered in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from verify.credentials import finding
from verify.credentials.finding import Stored
from verify.database import tx
from verify.references.answering import state_for
from verify.references.asking import is_quiet
from verify.references.linking import new_link
from verify.references.tables import Reference
from verify.references.telling import tell_referee
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

REMIND_AFTER = timedelta(days=10)
LOOKS_EVERY = 3600.0  # seconds between two looks at what waits


async def remind(runtime: Runtime) -> int:
    """Write to those who have not answered in ten days; return how many. Any number of processes may do so."""
    unreminded = (Reference.state == "asked") & Reference.reminded_at.is_null()
    rows = await Reference.select().where(unreminded, Reference.asked_at <= runtime.now() - REMIND_AFTER)
    written = 0
    for row in rows:
        credential = await finding.by_id(row["credential"])
        assert credential, "only about issued credentials is anybody asked"
        if await state_for(runtime, row, credential) == "asked" and not await is_quiet(
            row["mailbox"], credential.person
        ):
            written += await _remind(runtime, row, credential)
    return written


async def _remind(runtime: Runtime, row: Mapping[str, Any], credential: Stored) -> bool:
    async with tx():
        mine = (
            await Reference.update({Reference.reminded_at: runtime.now()})
            .where(Reference.id == row["id"], Reference.state == "asked", Reference.reminded_at.is_null())
            .returning(Reference.id)
        )
        if mine:
            link, links = await new_link(runtime, row["id"])
            await tell_referee(runtime, row, link, again=True)
            rows: Rows = [(Reference, row["id"]), *links]
            await record(runtime, "service", "reference-reminded", credential.issuer, about=row["id"], rows=rows)
    return bool(mine)


async def expire(runtime: Runtime) -> int:
    """End the questions that were not answered in time, and forget whom they went to; return how many."""
    late = (Reference.state == "asked") & (Reference.expires_at <= runtime.now())
    found = await Reference.select(Reference.id, Reference.credential.issuer.as_alias("issuer")).where(late)
    ended = 0
    for row in found:
        async with tx():
            mine = (
                await Reference.update({Reference.state: "expired", Reference.email: None})
                .where(Reference.id == row["id"], late)
                .returning(Reference.id)
            )
            if mine:
                rows = [(Reference, row["id"])]
                await record(runtime, "service", "reference-expired", row["issuer"], about=row["id"], rows=rows)
                ended += 1
    return ended

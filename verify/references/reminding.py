"""Remind a referee who has not answered: once, by a mail with a link of its own."""

from __future__ import annotations

from datetime import timedelta

from verify.credentials.tables import Credential
from verify.database import tx
from verify.platforms.granting import grantee_of, has_allowed
from verify.references.asking import is_quiet
from verify.references.linking import new_link
from verify.references.tables import Reference
from verify.references.telling import tell_referee
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

REMIND_AFTER = timedelta(days=10)
REMINDS_EVERY = 3600.0  # seconds between two looks at who is late


async def remind(runtime: Runtime) -> int:
    """Write to those who have not answered in ten days; return how many. Any number of processes may do so."""
    now = runtime.now()
    late = (Reference.state == "asked") & Reference.reminded_at.is_null() & (Reference.expires_at > now)
    rows = await Reference.select().where(late, Reference.asked_at <= now - REMIND_AFTER)
    written = 0
    for row in rows:
        credential = await Credential.select().where(Credential.id == row["credential"]).first()
        assert credential, "a foreign key keeps the credential"
        person, issuer = credential["person"], credential["issuer"]
        if (
            credential["state"] != "issued"
            or await is_quiet(row["mailbox"], person)
            or not await has_allowed(person, grantee_of(row["platform"], issuer))
        ):
            continue
        async with tx():
            mine = (
                await Reference.update({Reference.reminded_at: now})
                .where(Reference.id == row["id"], late)
                .returning(Reference.id)
            )
            if mine:
                link, links = await new_link(runtime, row["id"])
                await tell_referee(runtime, row, link, again=True)
                rows_written: Rows = [(Reference, row["id"]), *links]
                await record(runtime, "service", "reference-reminded", issuer, about=row["id"], rows=rows_written)
                written += 1
    return written

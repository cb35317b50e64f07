"""Give issuers of an earlier release what new ones have from the start: a status key, and a DID document history."""

from __future__ import annotations

import logging

from verify.database import UniqueViolation, tx
from verify.issuers import did_history
from verify.issuers.key_states import STATUS, State
from verify.issuers.rotating import PUBLISHED_BEFORE_USE, Rows, key_row, settle
from verify.issuers.tables import Issuer, IssuerKey
from verify.outside.key_custody import DESTROYED, new_key
from verify.outside.key_service import asked
from verify.runtime import KeyServiceDown, Runtime
from verify.trail.recording import record

log = logging.getLogger(__name__)


async def equip(runtime: Runtime) -> int:
    """Do so at every start; return how many issuers were lacking something. Safe beside other processes that start.

    Until its status key has been published for a day, the other key of such an issuer goes on signing its lists.
    """
    issuers = await Issuer.select(Issuer.slug).where(Issuer.did.not_like("did:key:%"), Issuer.closed_at.is_null())
    keys = await IssuerKey.select(IssuerKey.issuer, IssuerKey.purpose, IssuerKey.wrapped)
    with_status_key = {row["issuer"] for row in keys if row["purpose"] == STATUS}
    held_elsewhere = {row["issuer"] for row in keys if bytes(row["wrapped"]) == DESTROYED}
    lacking = [row["slug"] for row in issuers if row["slug"] not in with_status_key | held_elsewhere]
    for slug in lacking:
        try:
            await _equip(runtime, slug)
        except UniqueViolation:
            continue  # another process did it
        except KeyServiceDown as error:
            log.error("Issuers without a status key get it at the next start: %s", error)
            break
    await settle(runtime)
    return len(lacking)


async def _equip(runtime: Runtime, slug: str) -> None:
    now = runtime.now()
    key, wrapped = await asked(runtime, new_key, slug, STATUS)
    key_id = key.public.multibase
    async with tx():
        if await IssuerKey.exists().where(IssuerKey.issuer == slug, IssuerKey.purpose == STATUS):
            return
        rows: Rows = list(await did_history.add_version(runtime, slug))
        await key_row(slug, key_id, STATUS, State.PENDING, wrapped, now, now + PUBLISHED_BEFORE_USE).save()
        rows += [(IssuerKey, key_id), *await did_history.add_version(runtime, slug)]
        await record(runtime, "operator", "status-key-added", slug, about=key_id, rows=rows)

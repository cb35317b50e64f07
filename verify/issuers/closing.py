"""An organisation ends: it signs nothing any more, and what it signed keeps verifying (SEC-231)."""

from __future__ import annotations

from verify.database import tx
from verify.http.access import Actor
from verify.http.refusals import Refused
from verify.issuers import did_history
from verify.issuers.key_states import CREDENTIALS, State, move
from verify.issuers.members import hold
from verify.issuers.rotating import Rows, require_keys_here, require_may
from verify.issuers.tables import Issuer, IssuerKey
from verify.outside.key_custody import DESTROYED
from verify.runtime import Runtime
from verify.trail.recording import record


async def close(runtime: Runtime, actor: Actor, slug: str) -> int:
    """Destroy every key that could sign a credential, and say so to readers; return how many keys that were.

    The public halves stay published. The status key stays whole, because a status list holds for two weeks only and
    has to be signed anew for ever. Raises Refused: ``not-found``; ``issuer-closed``; ``bad-request`` where its name
    is its key, which signs the lists too.
    """
    require_may(actor, slug)
    await require_keys_here(slug)
    now = runtime.now()
    async with tx():
        await hold(slug)
        closed = (
            await Issuer.update({Issuer.closed_at: now})
            .where(Issuer.slug == slug, Issuer.closed_at.is_null())
            .returning(Issuer.slug)
        )
        if not closed:
            raise Refused("issuer-closed", f"{slug} is closed.")
        rows: Rows = [(Issuer, slug)]
        keys = await IssuerKey.select(IssuerKey.id, IssuerKey.state).where(
            IssuerKey.issuer == slug, IssuerKey.purpose == CREDENTIALS
        )
        for key in keys:
            if key["state"] != State.DESTROYED and await move(key["id"], State.DESTROYED, now, wrapped=DESTROYED):
                rows.append((IssuerKey, key["id"]))
        destroyed = len(rows) - 1
        rows += await did_history.add_version(runtime, slug)
        await record(runtime, actor.name, "issuer-closed", slug, about=slug, rows=rows)
    return destroyed

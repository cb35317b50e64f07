"""The key an issuer signs with, opened only for the moment of signing."""

from __future__ import annotations

import logging

from refolio.credential.keys import PrivateKey
from verify.http.refusals import Refused
from verify.issuers.key_states import CREDENTIALS, SIGNING, State
from verify.issuers.tables import Issuer, IssuerKey
from verify.outside.key_custody import DESTROYED, KeyUnreadable, open_key
from verify.outside.key_service import asked
from verify.runtime import KeyServiceDown, Runtime

log = logging.getLogger(__name__)

TRIED_AT_START = 20


class KeyNotUsable(Exception):
    """This key signs nothing any more: it was retired, compromised or destroyed, or does not sign yet."""


async def active_key_id(slug: str, purpose: str = CREDENTIALS) -> str:
    """The public key (multibase) with which this issuer signs now. Raises LookupError when it has none,
    Refused ``issuer-closed`` when it is closed.

    Where an issuer has no key for status lists (did:key, or a new one that is not due yet), the other one signs them.
    Call rotating.promote_due() before.
    """
    rows = await IssuerKey.select(IssuerKey.id, IssuerKey.purpose).where(
        IssuerKey.issuer == slug, IssuerKey.state == State.ACTIVE.value
    )
    active = {row["purpose"]: str(row["id"]) for row in rows}
    found = active.get(purpose) or active.get(CREDENTIALS)
    if found is None:
        if await Issuer.exists().where(Issuer.slug == slug, Issuer.closed_at.is_not_null()):
            raise Refused("issuer-closed", f"The issuer {slug!r} is closed.")
        raise LookupError(f"Issuer {slug} has no active key.")
    return found


async def signs_still(key_id: str) -> bool:
    """Whether this key may finish what was reserved with it."""
    row = await IssuerKey.select(IssuerKey.state).where(IssuerKey.id == key_id).first()
    return row is not None and row["state"] in SIGNING


async def require_readable_keys(runtime: Runtime) -> None:
    """Raise KeyUnreadable when none of the newest issuer keys opens: then the key-encryption key is another one.

    A single key that does not open is a damaged row; it must not keep the other issuers from working. While a key
    service does not answer, readers are served all the same.
    """
    rows = (
        await IssuerKey.select()
        .where(IssuerKey.wrapped != DESTROYED)
        .order_by(IssuerKey.created_at, ascending=False)
        .limit(TRIED_AT_START)
    )
    unreadable = None
    for row in rows:
        try:
            await asked(runtime, open_key, bytes(row["wrapped"]), row["issuer"], row["id"], row["purpose"])
            return
        except KeyServiceDown as error:
            log.error("Whether the keys open cannot be told: %s", error)
            return
        except KeyUnreadable as error:
            unreadable = error
            log.error("The key %s of issuer %s does not open", row["id"], row["issuer"])
    if unreadable:
        raise unreadable


async def private_key(runtime: Runtime, slug: str, key_id: str) -> PrivateKey:
    """Open a key by its id, to sign what was reserved with it or, while it is active, anything of its purpose.

    Raises KeyUnreadable when it does not open, KeyServiceDown, KeyNotUsable in a state that does not sign, LookupError
    when it is not this issuer's, or is not here because the issuer holds it.
    """
    row = await IssuerKey.select().where(IssuerKey.id == key_id, IssuerKey.issuer == slug).first()
    if row is None:
        raise LookupError(f"Issuer {slug} has no key {key_id}.")
    if row["state"] not in SIGNING:
        raise KeyNotUsable(f"The key {key_id} of issuer {slug} is {row['state']}.")
    if not row["wrapped"]:
        raise LookupError(f"Issuer {slug} holds the key {key_id} itself.")
    return await asked(runtime, open_key, bytes(row["wrapped"]), slug, key_id, row["purpose"])

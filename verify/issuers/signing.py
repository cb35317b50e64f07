"""The key an issuer signs with, opened only for the moment of signing."""

from __future__ import annotations

import logging

from refolio.credential.keys import PrivateKey
from verify.issuers.registering import PURPOSE
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import KeyUnreadable, open_key
from verify.runtime import Runtime

log = logging.getLogger(__name__)

TRIED_AT_START = 20


async def active_key_id(slug: str) -> str:
    """The public key (multibase) with which this issuer signs now. Raises LookupError when it has none."""
    row = (
        await IssuerKey.select(IssuerKey.id)
        .where(IssuerKey.issuer == slug, IssuerKey.purpose == PURPOSE, IssuerKey.state == "active")
        .first()
    )
    if row is None:
        raise LookupError(f"Issuer {slug} has no active key.")
    return str(row["id"])


async def require_readable_keys(runtime: Runtime) -> None:
    """Raise KeyUnreadable when none of the newest issuer keys opens: then the key-encryption key is another one.

    A single key that does not open is a damaged row; it must not keep the other issuers from working.
    """
    here = IssuerKey.wrapped != b""  # an issuer that holds its own keys has none here
    rows = await IssuerKey.select().where(here).order_by(IssuerKey.created_at, ascending=False).limit(TRIED_AT_START)
    unreadable = None
    for row in rows:
        try:
            open_key(runtime, bytes(row["wrapped"]), row["issuer"], row["id"], row["purpose"])
            return
        except KeyUnreadable as error:
            unreadable = error
            log.error("The key %s of issuer %s does not open", row["id"], row["issuer"])
    if unreadable:
        raise unreadable


async def private_key(runtime: Runtime, slug: str, key_id: str) -> PrivateKey:
    """Open a key by its id. Raises KeyUnreadable when it does not open, LookupError when it is not this issuer's."""
    row = await IssuerKey.select(IssuerKey.wrapped).where(IssuerKey.id == key_id, IssuerKey.issuer == slug).first()
    if row is None or not row["wrapped"]:
        raise LookupError(f"Issuer {slug} has no key {key_id} here.")
    return open_key(runtime, bytes(row["wrapped"]), slug, key_id, PURPOSE)

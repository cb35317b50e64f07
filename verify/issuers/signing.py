"""The key an issuer signs with, opened only for the moment of signing."""

from __future__ import annotations

from refolio.credential.keys import PrivateKey
from verify.issuers.registering import PURPOSE
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import open_key
from verify.runtime import Runtime


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


async def private_key(runtime: Runtime, slug: str, key_id: str) -> PrivateKey:
    """Open a key by its id. Raises KeyUnreadable when it does not open, LookupError when it is not this issuer's."""
    row = await IssuerKey.select(IssuerKey.wrapped).where(IssuerKey.id == key_id, IssuerKey.issuer == slug).first()
    if row is None:
        raise LookupError(f"Issuer {slug} has no key {key_id}.")
    return open_key(runtime, bytes(row["wrapped"]), slug, key_id, PURPOSE)

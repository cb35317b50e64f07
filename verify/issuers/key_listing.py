"""The keys of an issuer as people see them: no private half, wrapped or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from refolio.credential.keys import did_web_url
from verify.issuers.tables import Issuer, IssuerKey, KeyDocument


@dataclass(frozen=True, slots=True)
class Key:
    """One key; ``id`` is the public half. ``due_at`` is when a pending one begins to sign."""

    id: str
    purpose: str
    state: str
    created_at: datetime
    changed_at: datetime | None
    due_at: datetime | None
    compromised_since: datetime | None


async def keys_of(slug: str) -> list[Key] | None:
    """All keys, those for credentials first, newest first; None when there is no such issuer."""
    if not await Issuer.exists().where(Issuer.slug == slug):
        return None
    rows = (
        await IssuerKey.select(
            IssuerKey.id,
            IssuerKey.purpose,
            IssuerKey.state,
            IssuerKey.created_at,
            IssuerKey.changed_at,
            IssuerKey.due_at,
            IssuerKey.compromised_since,
        )
        .where(IssuerKey.issuer == slug)
        .order_by(IssuerKey.purpose)
        .order_by(IssuerKey.created_at, ascending=False)
        .order_by(IssuerKey.id)
    )
    return [Key(**row) for row in rows]


async def document_elsewhere(slug: str) -> str | None:
    """Where an issuer publishes its key document, if it does so on a domain of its own."""
    row = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if row is None or not await KeyDocument.exists().where(KeyDocument.did == row["did"]):
        return None
    return did_web_url(row["did"])


async def is_named_by_key(slug: str) -> bool:
    """Whether the key of this issuer is its name (did:key), so that it can have no other."""
    return await Issuer.exists().where(Issuer.slug == slug, Issuer.did.like("did:key:%"))

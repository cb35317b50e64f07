"""The DID document of an issuer: every key that signs or has signed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from refolio.credential.controllers import did_document, did_key_document
from refolio.credential.keys import decode_multikey, did_web
from verify.issuers.tables import Issuer, IssuerKey
from verify.runtime import Runtime


@dataclass(frozen=True, slots=True)
class IssuerProfile:
    """What readers may know of an issuer. ``how_known`` is one sentence for the reader."""

    slug: str
    did: str
    name: str
    url: str | None
    description: str | None
    how_known: str


async def profile(*, slug: str | None = None, did: str | None = None) -> IssuerProfile | None:
    """Find an issuer by short name or by DID."""
    where = Issuer.did == did if did is not None else Issuer.slug == slug
    row = await Issuer.select().where(where).first()
    if row is None:
        return None
    by = f"by {row['vouched_by']}" if row["vouched_by"] else "by the operator of this site"
    how = f"Registered here {by}; its web domain is not proven yet."
    return IssuerProfile(row["slug"], row["did"], row["name"], row["url"], row["description"], how)


def is_hosted(runtime: Runtime, did: str) -> bool:
    """Whether the DID is under our own host, so that only we publish its keys."""
    return did.startswith(did_web(runtime.settings.host) + ":")


async def document(slug: str) -> bytes | None:
    """The DID document as served at ``/issuers/{slug}/did.json``, or None when there is no such issuer.

    Active key first, then retired ones, newest first; retired keys stay so that what they signed keeps verifying.
    """
    row = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if row is None:
        return None
    keys = (
        await IssuerKey.select(IssuerKey.id)
        .where(IssuerKey.issuer == slug, IssuerKey.state.is_in(["active", "retired"]))
        .order_by(IssuerKey.state)
        .order_by(IssuerKey.created_at, ascending=False)
    )
    if row["did"].startswith("did:key:"):
        return msgspec.json.encode(did_key_document(row["did"]))
    return msgspec.json.encode(did_document(row["did"], [decode_multikey(key["id"]) for key in keys]))

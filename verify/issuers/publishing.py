"""The DID document of an issuer: every key that signs or has signed."""

from __future__ import annotations

from dataclasses import dataclass

from refolio.credential.keys import did_web
from verify.issuers import did_history
from verify.issuers.tables import Issuer
from verify.runtime import Runtime
from verify.web.filters import day


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
    if row["closed_at"]:
        how += f" The issuer closed on {day(row['closed_at'])}; what it signed before stays valid."
    return IssuerProfile(row["slug"], row["did"], row["name"], row["url"], row["description"], how)


def is_hosted(runtime: Runtime, did: str) -> bool:
    """Whether the DID is under our own host, so that only we publish its keys."""
    return did.startswith(did_web(runtime.settings.host) + ":")


async def document(slug: str) -> bytes | None:
    """The DID document as served at ``/issuers/{slug}/did.json``, or None when there is no such issuer."""
    return await did_history.current(slug)

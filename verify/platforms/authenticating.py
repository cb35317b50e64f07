"""Who is calling? An API key becomes an Actor."""

from __future__ import annotations

from verify.http.access import Actor
from verify.http.refusals import Refused
from verify.platforms.admitting import fingerprint
from verify.platforms.tables import ApiKey, Mandate


async def authenticate(authorization: str | None) -> Actor:
    """Return the platform behind an ``Authorization: Bearer rf_…`` header and the issuers it may deliver for.

    Raises Refused (401) when the header is missing or malformed, or the key is unknown or revoked.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refused("api-key-missing", "The request carries no API key.")
    row = (
        await ApiKey.select(ApiKey.platform, ApiKey.revoked_at)
        .where(ApiKey.sha256 == fingerprint(secret.strip()))
        .first()
    )
    if row is None or row["revoked_at"] is not None:
        raise Refused("api-key-unknown", "The API key is not known, or it was revoked.")
    mandates = await Mandate.select(Mandate.issuer).where(Mandate.platform == row["platform"])
    return Actor(platform=row["platform"], issuers=frozenset(m["issuer"] for m in mandates))

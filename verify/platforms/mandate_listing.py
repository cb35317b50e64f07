"""The issuers that a platform may deliver for, as its programs see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refolio.credential import timestamps
from refolio.credential.keys import did_web_url
from verify.http.access import Action, Actor, can
from verify.http.paging import Asked
from verify.http.refusals import Refused
from verify.issuers.key_states import HELD
from verify.issuers.tables import Issuer
from verify.runtime import Runtime


async def issuers_of(runtime: Runtime, actor: Actor, asked: Asked) -> dict[str, object]:
    """One page of them, by short name."""
    slugs = sorted(slug for slug in actor.issuers if can(actor, Action.READ_ISSUERS, slug))
    if asked.place:
        slugs = [slug for slug in slugs if slug > asked.place[0]]
    slugs = slugs[: asked.limit + 1]
    rows = await Issuer.select().where(Issuer.slug.is_in(slugs)).order_by(Issuer.slug) if slugs else []
    page = asked.page(rows, lambda row: (row["slug"],))
    return {**page, "items": [_members(runtime, row) for row in page["items"]]}  # type: ignore[attr-defined]


async def issuer_of(runtime: Runtime, actor: Actor, slug: str) -> dict[str, object]:
    """One of them. Raises Refused (404) for one that is not the platform's, as for one that does not exist."""
    row = await Issuer.select().where(Issuer.slug == slug).first() if can(actor, Action.READ_ISSUERS, slug) else None
    if row is None:
        raise Refused("not-found", "Your platform has a mandate for no issuer of this name.")
    return _members(runtime, row)


def _members(runtime: Runtime, row: Mapping[str, Any]) -> dict[str, object]:
    page = f"{runtime.settings.public_url}/issuers/{row['slug']}"
    keys = did_web_url(row["did"]) if row["did"].startswith("did:web:") else None
    return {
        "slug": row["slug"],
        "did": row["did"],
        "name": row["name"],
        "url": row["url"],
        "description": row["description"],
        "holds_own_key": row["custody"] == HELD,
        "state": "closed" if row["closed_at"] else "open",
        "registered_at": timestamps.format(row["created_at"]),
        "links": {"page": page, "keys": keys},
    }

"""The issuers that a platform may deliver for, as its programs see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from refolio.credential import timestamps
from refolio.credential.keys import did_web_url
from verify.http.access import Action, Actor, can
from verify.http.paging import Asked
from verify.http.refusals import Refused
from verify.issuers.key_states import HELD
from verify.issuers.tables import Issuer
from verify.issuers.twins import reached
from verify.platforms.announcing import mandated
from verify.runtime import Runtime


async def issuers_of(runtime: Runtime, actor: Actor, asked: Asked) -> dict[str, object]:
    """One page of them, by short name."""
    mandates = await mandated(actor.platform or "")
    slugs = sorted(slug for slug in mandates if can(actor, Action.READ_ISSUERS, reached(actor, slug)))
    if asked.place:
        slugs = [slug for slug in slugs if slug > asked.place[0]]
    slugs = slugs[: asked.limit + 1]
    rows = await Issuer.select().where(Issuer.slug.is_in(slugs)).order_by(Issuer.slug) if slugs else []
    page = asked.page(rows, lambda row: (row["slug"],))
    dids = await _dids(actor, [row["slug"] for row in rows])
    return {**page, "items": [_members(runtime, row, dids) for row in page["items"]]}  # type: ignore[attr-defined]


async def issuer_of(runtime: Runtime, actor: Actor, slug: str) -> dict[str, object]:
    """One of them. Raises Refused (404) for one that is not the platform's, as for one that does not exist."""
    may = can(actor, Action.READ_ISSUERS, reached(actor, slug))
    row = await Issuer.select().where(Issuer.slug == slug).first() if may else None
    if row is None:
        raise Refused("not-found", "Your platform has a mandate for no issuer of this name.")
    return _members(runtime, row, await _dids(actor, [slug]))


async def _dids(actor: Actor, slugs: Sequence[str]) -> dict[str, str]:
    """The DIDs that sign in the actor's mode; a twin that was not needed yet has none."""
    in_mode = {reached(actor, slug): slug for slug in slugs}
    rows = await Issuer.select(Issuer.slug, Issuer.did).where(Issuer.slug.is_in([*in_mode])) if slugs else []
    return {in_mode[row["slug"]]: row["did"] for row in rows}


def _members(runtime: Runtime, row: Mapping[str, Any], dids: Mapping[str, str]) -> dict[str, object]:
    did = dids.get(row["slug"])
    page = f"{runtime.settings.public_url}/issuers/{row['slug']}"
    keys = did_web_url(did) if did and did.startswith("did:web:") else None
    return {
        "slug": row["slug"],
        "did": did,
        "name": row["name"],
        "url": row["url"],
        "description": row["description"],
        "holds_own_key": row["custody"] == HELD,
        "state": "closed" if row["closed_at"] else "open",
        "registered_at": timestamps.format(row["created_at"]),
        "links": {"page": page, "keys": keys},
    }

"""Who an issuer is, from what this service knows itself: how it is known, with which keys, what it issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from verify.credentials.tallying import Tally, tally
from verify.issuers import comparing, domains, publishing
from verify.issuers.describing import PLEDGE
from verify.issuers.domains import Domain
from verify.issuers.publishing import IssuerProfile, KeyAge
from verify.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Introduction:
    """Everything that the page of an issuer shows. ``domains`` are those that are or were proven.

    ``site_warning`` says whose domain its web site may be taken for, mostly None.
    """

    issuer: IssuerProfile
    domains: list[Domain]
    keys: KeyAge
    tally: Tally
    pledge: str | None
    site_warning: str | None
    did_path: str
    on: date

    @property
    def key_days(self) -> int:
        """For how many days the issuer has signed with its present key."""
        return (self.on - self.keys.since.date()).days if self.keys.since else 0


async def introduce(runtime: Runtime, slug: str) -> Introduction | None:
    """Gather it, or None when there is no such issuer."""
    issuer = await publishing.profile(slug=slug)
    if issuer is None:
        return None
    return Introduction(
        issuer=issuer,
        domains=[one for one in await domains.history(slug) if one.proven_at],
        keys=await publishing.key_age(slug),
        tally=await tally(slug),
        pledge=PLEDGE if issuer.pledged_at else None,
        site_warning=(await comparing.address_warnings([issuer.url])).get(issuer.url or ""),
        did_path=f"/issuers/{slug}/did.json",
        on=runtime.now().date(),
    )


def as_members(introduction: Introduction) -> dict[str, Any]:
    """The same for programs. Dates are UTC, names as in docs/api.md."""
    issuer, keys, counts = introduction.issuer, introduction.keys, introduction.tally
    return {
        "slug": issuer.slug,
        "mode": "test" if issuer.is_test else "live",
        "id": issuer.did,
        "name": issuer.name,
        "url": issuer.url,
        "description": issuer.description,
        "how_known": issuer.how,
        "warning": issuer.warning,
        "registered_at": _text(issuer.registered_at),
        "domains": [
            {
                "domain": one.domain,
                "method": one.method,
                "proven_at": _text(one.proven_at),
                "confirmed_at": _text(one.confirmed_at),
                "ended_at": _text(one.ended_at),
            }
            for one in introduction.domains
        ],
        "keys": {"active_since": _text(keys.since), "rotations": keys.rotations},
        "credentials": {
            "issued": counts.issued,
            "withdrawn": counts.withdrawn,
            "withdrawn_percent": counts.share_withdrawn,
            "median_days_to_issue": None if counts.days is None else f"{counts.days:g}",
        },
        "pledge": {"says": introduction.pledge, "since": _text(issuer.pledged_at)} if introduction.pledge else None,
    }


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None

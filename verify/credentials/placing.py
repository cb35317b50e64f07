"""Where a credential stands: on the portfolio of its person, once she has allowed those who issued it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from verify.credentials.finding import Stored
from verify.credentials.tables import UNSIGNED, Credential
from verify.people import profiles
from verify.platforms import granting

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Work:
    """A credential in a list for its person."""

    code: str
    title: str
    issuer: str


async def portfolio_of(stored: Stored) -> str | None:
    """The handle of the published portfolio on which it stands; nobody else learns that the person has one."""
    handle = await profiles.published_handle(stored.person)
    grantee = granting.grantee_of(stored.platform, stored.issuer)
    return handle if handle and grantee in await granting.on_page(stored.person) else None


async def portfolios_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """``portfolio_of`` for many rows of the table, by the credential's id; those on none are left out."""
    people = [row["person"] for row in rows]
    handles, allowed = await profiles.published_handles(people), await granting.on_pages(people)
    return {
        row["id"]: handles[row["person"]]
        for row in rows
        if row["person"] in handles and (row["person"], granting.grantee_of(row["platform"], row["issuer"])) in allowed
    }


async def works_by_grantee(person: str) -> dict[str, list[Work]]:
    """What each grantee has issued for a person, newest first, withdrawn or not."""
    rows = (
        await Credential.select(
            Credential.code,
            Credential.completion,
            Credential.platform,
            Credential.issuer,
            Credential.issuer.name.as_alias("issuer_name"),
        )
        .where(Credential.person == person, Credential.state.not_in(UNSIGNED))
        .order_by(Credential.issued_at, ascending=False)
        .limit(MOST_LISTED)
    )
    works: dict[str, list[Work]] = {}
    for row in rows:
        work = Work(row["code"], msgspec.json.decode(row["completion"])["project"]["title"], row["issuer_name"])
        works.setdefault(granting.grantee_of(row["platform"], row["issuer"]), []).append(work)
    return works

"""What the rooms below ask about a person's roles."""

from __future__ import annotations

from verify.http.access import Role
from verify.issuers.tables import Membership


async def holds_role(person: str) -> bool:
    """Is the person a member of any issuer now?"""
    return bool(await Membership.exists().where(Membership.person == person, Membership.ended_at.is_null()))


async def admins_beside(person: str) -> list[str]:
    """The other admins of the issuers that the person is a member of, as ids."""
    hers = await Membership.select(Membership.issuer).where(Membership.person == person, Membership.ended_at.is_null())
    if not hers:
        return []
    rows = await Membership.select(Membership.person).where(
        Membership.issuer.is_in([row["issuer"] for row in hers]),
        Membership.role == Role.ADMIN.value,
        Membership.person != person,
        Membership.ended_at.is_null(),
    )
    return sorted({str(row["person"]) for row in rows})

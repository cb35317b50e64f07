"""Who acts for which issuer: from the cookie of a request to an Actor with roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.database import tx
from verify.http.access import NO_ROLES, Action, Actor, Role, can, would
from verify.http.refusals import Refused
from verify.issuers.tables import Issuer, Membership
from verify.people.sessions import Session, session_of
from verify.runtime import Runtime
from verify.trail.recording import record


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at work: who she is to the service, and the session she has."""

    actor: Actor
    session: Session

    @property
    def person(self) -> str:
        """The id of the person."""
        return self.session.person


async def signed_in(runtime: Runtime, cookies: Mapping[str, str]) -> SignedIn:
    """The signed-in person with her roles. Raises Refused ``sign-in-needed`` for nobody."""
    session = await session_of(runtime, cookies)
    if session is None:
        raise Refused("sign-in-needed", "Nobody is signed in here, or the sign-in has ended.")
    roles = await roles_of(session.person) if session.staff else NO_ROLES
    return SignedIn(Actor(person=session.person, roles=roles, fresh=session.fresh), session)


async def member_of(runtime: Runtime, cookies: Mapping[str, str], action: Action, slug: str) -> SignedIn:
    """The signed-in person, who may do ``action`` for the issuer ``slug``.

    Raises Refused: ``sign-in-needed``; ``not-found`` where she may not, the same as for an issuer that does not exist;
    ``sign-in-again`` where only a fresh sign-in lacks.
    """
    member = await signed_in(runtime, cookies)
    if can(member.actor, action, slug):
        return member
    if would(member.actor, action, slug):
        raise Refused("sign-in-again", "Your sign-in is older than fifteen minutes.")
    raise Refused("not-found", "There is nothing at this address.")


async def roles_of(person: str) -> Mapping[str, Role]:
    """What a person is now, by issuer."""
    rows = await Membership.select(Membership.issuer, Membership.role).where(
        Membership.person == person, Membership.ended_at.is_null()
    )
    return {row["issuer"]: Role(row["role"]) for row in rows}


async def add(runtime: Runtime, actor: Actor, slug: str, person: str, role: Role) -> None:
    """Make a person a member. Raises Refused for an unknown issuer and for somebody who is a member already."""
    membership = Membership(id=runtime.new_id(), issuer=slug, person=person, role=role.value, created_at=runtime.now())
    async with tx():
        if not await Issuer.exists().where(Issuer.slug == slug):
            raise Refused("not-found", f"There is no issuer {slug!r}.")
        present = (Membership.issuer == slug) & (Membership.person == person) & Membership.ended_at.is_null()
        if await Membership.exists().where(present):
            raise Refused("bad-request", "This person is a member already.")
        await membership.save()
        await record(
            runtime,
            actor.name,
            "member-added",
            slug,
            about=person,
            detail={"role": role.value},
            rows=[(Membership, membership.id)],
        )

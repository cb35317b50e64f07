"""Who acts for which issuer: from the cookie of a request to an Actor with roles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from verify.database import tx
from verify.http.access import NO_ROLES, Action, Actor, Role, can, would
from verify.http.refusals import Refused
from verify.issuers.announcing import announce_admin
from verify.issuers.naming import form_of
from verify.issuers.tables import Issuer, Membership
from verify.people.passkeys import passkeys_of
from verify.people.profiles import address_of
from verify.people.sessions import Session, renew, session_of, succeeded, successor
from verify.runtime import Runtime
from verify.trail.recording import record

NOT_THERE = "There is nothing at this address."


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
    raise Refused("not-found", NOT_THERE)


async def roles_of(person: str) -> Mapping[str, Role]:
    """What a person is now, by issuer."""
    rows = await Membership.select(Membership.issuer, Membership.role).where(
        Membership.person == person, Membership.ended_at.is_null()
    )
    return {row["issuer"]: Role(row["role"]) for row in rows}


async def organisations_of(member: SignedIn) -> dict[str, object]:
    """For the start page: the issuers that a person acts for, by name, and her address, by which she can be invited.

    ``resting`` is true where she has roles that her sign-in does not open.
    """
    rows = (
        await Membership.select(
            Membership.issuer.as_alias("slug"), Membership.issuer.name.as_alias("name"), Membership.role
        )
        .where(Membership.person == member.person, Membership.ended_at.is_null())
        .order_by(Membership.issuer.name)
    )
    opened = [row for row in rows if row["slug"] in member.actor.roles]
    return {
        "organisations": opened,
        "resting": len(opened) < len(rows),
        "address": await address_of(member.person),
    }


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the list of those who act for an issuer."""

    person: str
    name: str
    address: str
    role: Role
    since: datetime


async def team(slug: str) -> list[Member]:
    """Everybody who acts for an issuer now, by name."""
    rows = (
        await Membership.select(
            Membership.person,
            Membership.person.name.as_alias("name"),
            Membership.person.email.as_alias("address"),
            Membership.role,
            Membership.created_at.as_alias("since"),
        )
        .where(Membership.issuer == slug, Membership.ended_at.is_null())
        .order_by(Membership.person.name)
    )
    return [Member(**{**row, "role": Role(row["role"])}) for row in rows]


async def names_of(slug: str) -> dict[str, str]:
    """Person id → name, of everybody who is or was a member of the issuer, and nobody else.

    With the address where two names look the same: everybody says herself what she is called.
    """
    rows = await Membership.select(
        Membership.person, Membership.person.name.as_alias("name"), Membership.person.email.as_alias("address")
    ).where(Membership.issuer == slug)
    people = {row["person"]: row for row in rows}
    times = Counter(form_of(row["name"]) for row in people.values())
    return {
        person: row["name"] if times[form_of(row["name"])] == 1 else f"{row['name']} ({row['address']})"
        for person, row in people.items()
    }


async def hold(slug: str) -> str:
    """Keep others from changing who acts for an issuer until this transaction ends; return the issuer's name.

    Call it inside ``tx()``, first. Raises Refused for an unknown issuer.
    """
    held = await Issuer.update({Issuer.name: Issuer.name}).where(Issuer.slug == slug).returning(Issuer.name)
    if not held:
        raise Refused("not-found", f"There is no issuer {slug!r}.")
    return str(held[0]["name"])


async def hold_for(actor: Actor, action: Action, slug: str) -> str:
    """``hold``, for whoever may do ``action`` there: her role is looked up again, it may have ended since the page.

    Raises Refused ``not-found`` for everybody else.
    """
    name = await hold(slug)
    now = replace(actor, roles=await roles_of(actor.person)) if actor.person else actor
    if not (can(actor, action, slug) and can(now, action, slug)):
        raise Refused("not-found", NOT_THERE)
    return name


async def join(runtime: Runtime, slug: str, session: Session, role: Role) -> str:
    """Make the person of a sign-in a member, who was none; return the id of the membership. Call inside ``tx()``."""
    row = Membership(id=runtime.new_id(), issuer=slug, person=session.person, role=role.value, created_at=runtime.now())
    await row.save()
    return str(row.id)


async def open_first_role(runtime: Runtime, member: SignedIn, cookies: Mapping[str, str], seed: str = "") -> str | None:
    """The new secret of a sign-in in which a person got her first role anywhere, so that she may use it (SEC-155).

    It is made of the old one and ``seed``, which the form held, so that a double click comes to one sign-in and not to
    its end; without a seed it is a random one. None where nothing changes. Who had roles already keeps to how she
    signed in: a sign-in that does not open them must not come to them by one more. Neither does one by mail of somebody
    with a passkey (SEC-167).
    """
    if member.session.staff or len(await roles_of(member.person)) != 1:
        return None
    if member.session.method == "link" and await passkeys_of(member.person):
        return None
    secret = successor(member.session.id, seed) if seed else None
    async with tx():
        opened = await renew(runtime, member.session, staff=True, secret=secret)
    return opened or await succeeded(runtime, cookies, seed)


async def add(runtime: Runtime, actor: Actor, slug: str, person: str, role: Role) -> None:
    """Make a person a member. Raises Refused for an unknown issuer and for somebody who is a member already."""
    membership = Membership(id=runtime.new_id(), issuer=slug, person=person, role=role.value, created_at=runtime.now())
    async with tx():
        name = await hold(slug)
        present = (Membership.issuer == slug) & (Membership.person == person) & Membership.ended_at.is_null()
        if await Membership.exists().where(present):
            raise Refused("bad-request", "This person is a member already.")
        await membership.save()
        if role is Role.ADMIN:
            await announce_admin(runtime, slug, name, person)
        await record(
            runtime,
            actor.name,
            "member-added",
            slug,
            about=person,
            detail={"role": role.value},
            rows=[(Membership, membership.id)],
        )

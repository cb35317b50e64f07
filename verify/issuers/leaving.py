"""Members change their role, are removed, or leave; an issuer is never left without an admin by its own members."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from refolio.errors import Fault
from verify.database import tx
from verify.http.access import Action, Actor, Role
from verify.http.refusals import Refused
from verify.issuers.announcing import announce_admin, announce_removal
from verify.issuers.members import NOT_THERE, SignedIn, hold_for
from verify.issuers.tables import Invitation, Membership
from verify.people.sessions import end_all
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

REMOVED, LEFT = "member-removed", "member-left"
ENDS = {REMOVED: Action.MANAGE_MEMBERS, LEFT: Action.SEE_ISSUER}  # a membership, for whoever may do this
LAST_ADMIN = "An organisation needs an admin."


async def change_role(runtime: Runtime, actor: Actor, slug: str, person: str, role: Role) -> None:
    """Give a member another role from now on; the open invitations of an admin that was end.

    Raises Refused for no member, and for the last admin.
    """
    now = runtime.now()
    new = Membership(id=runtime.new_id(), issuer=slug, person=person, role=role.value, created_at=now)
    async with tx():
        name = await hold_for(actor, Action.MANAGE_MEMBERS, slug)
        old_id, old = await _membership(slug, person)
        if old is role:
            return
        if old is Role.ADMIN:
            await _require_another_admin(actor, slug, person)
        await Membership.update({Membership.ended_at: now}).where(Membership.id == old_id)
        await new.save()
        if role is Role.ADMIN:
            await announce_admin(runtime, slug, name, person)
        ended = await _end_invitations(slug, person, now) if old is Role.ADMIN else []
        await record(
            runtime,
            actor.name,
            "role-changed",
            slug,
            about=person,
            detail={"from": old.value, "to": role.value, "invitations_ended": len(ended)},
            rows=[(Membership, old_id), (Membership, new.id), *ended],
        )


# Called in the transaction in which somebody goes: ``told(runtime, slug, person)`` says what she leaves behind.
Told = Callable[[Runtime, str, str], Awaitable[None]]


async def remove(runtime: Runtime, actor: Actor, slug: str, person: str, told: Told | None = None) -> None:
    """End a membership, the open invitations that the member made, and all her sessions everywhere (SEC-176).

    The operator may remove the last admin too; who has left already stays so. Raises Refused for who never was a
    member, and for the last admin.
    """
    await _end(runtime, actor, slug, person, REMOVED, told)


async def leave(runtime: Runtime, member: SignedIn, slug: str, told: Told | None = None) -> None:
    """The member goes of her own will; her open invitations end. Raises Refused for the last admin."""
    await _end(runtime, member.actor, slug, member.person, LEFT, told)


async def has_left(slug: str, person: str) -> bool:
    """Was the person a member, and is none now?"""
    rows = await Membership.select(Membership.ended_at).where(Membership.issuer == slug, Membership.person == person)
    return bool(rows) and all(row["ended_at"] for row in rows)


async def _end(runtime: Runtime, actor: Actor, slug: str, person: str, act: str, told: Told | None) -> None:
    now = runtime.now()
    async with tx():
        name = await hold_for(actor, ENDS[act], slug)
        if await has_left(slug, person):
            return
        membership_id, role = await _membership(slug, person)
        if role is Role.ADMIN:
            await _require_another_admin(actor, slug, person)
        await Membership.update({Membership.ended_at: now}).where(Membership.id == membership_id)
        ended = await _end_invitations(slug, person, now)
        if act == REMOVED:
            await end_all(person)
            await announce_removal(runtime, name, person)
        rows: Rows = [(Membership, membership_id), *ended]
        if told:
            await told(runtime, slug, person)
        detail = {"role": role.value, "invitations_ended": len(ended)}
        await record(runtime, actor.name, act, slug, about=person, detail=detail, rows=rows)


async def _end_invitations(slug: str, person: str, now: datetime) -> Rows:
    """End the open invitations that the person made; the rows of them."""
    ended = (
        await Invitation.update({Invitation.ended_at: now})
        .where(
            Invitation.issuer == slug,
            Invitation.invited_by == person,
            Invitation.accepted_at.is_null(),
            Invitation.ended_at.is_null(),
        )
        .returning(Invitation.id)
    )
    return [(Invitation, row["id"]) for row in ended]


async def _membership(slug: str, person: str) -> tuple[str, Role]:
    row = (
        await Membership.select(Membership.id, Membership.role)
        .where(Membership.issuer == slug, Membership.person == person, Membership.ended_at.is_null())
        .first()
    )
    if row is None:
        raise Refused("not-found", NOT_THERE)
    return row["id"], Role(row["role"])


async def _require_another_admin(actor: Actor, slug: str, person: str) -> None:
    if not actor.operator and not await Membership.exists().where(
        Membership.issuer == slug,
        Membership.role == Role.ADMIN.value,
        Membership.person != person,
        Membership.person.disabled_at.is_null(),
        Membership.ended_at.is_null(),
    ):
        fault = Fault("role", LAST_ADMIN, "Make somebody else an admin first.")
        raise Refused("form-refused", LAST_ADMIN, [fault])

"""Invite somebody to act for an issuer: a link for one address, good once and for a week (SEC-176)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from piccolo.columns.combination import And

from refolio.credential import base64url
from refolio.credential.rules import normal_email
from refolio.errors import Fault
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Role
from verify.http.refusals import Refused
from verify.issuers.announcing import announce_admin
from verify.issuers.members import NOT_THERE, SignedIn, hold_for, join, roles_of
from verify.issuers.tables import Invitation, Membership
from verify.outside.mail import is_address, send_mail
from verify.people.limiting import spend
from verify.people.recognising import person_with
from verify.runtime import Runtime
from verify.trail.recording import record
from verify.web.filters import one_line

FIELDS = ("email", "role")
SECRET_BYTES = 24
GOOD_FOR = timedelta(days=7)
A_DAY = timedelta(days=1)
MOST_A_DAY = 30  # of one issuer: nobody is to send mail through us to whom they like
MOST_BY_ONE_PERSON, MOST_TO_ONE_ADDRESS = 60, 5  # a day, of all issuers together
NOT_AGAIN_FOR = timedelta(minutes=1)

GONE = "This invitation was used or taken back, is older than a week, or never was."


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as the person sees it who has its link; ``hers`` when she is signed in with the address."""

    issuer: str
    name: str
    role: Role
    hers: bool


async def invite(runtime: Runtime, member: SignedIn, slug: str, form: Mapping[str, str]) -> str:
    """Invite the address of a form in its role; mail the link, and return it to be passed on by hand as well.

    An earlier invitation of the same address ends. Raises Refused with faults at ``email`` or ``role``.
    """
    typed, role = form.get("email", "").strip(), read_role(form)
    if not is_address(typed):
        raise _refused("email", "This does not look like an e-mail address.", "Write it like sam@acme.example.")
    address = normal_email(typed)
    person, now = await person_with(address), runtime.now()
    secret = base64url.encode(runtime.random_bytes(SECRET_BYTES))
    row = Invitation(
        id=fingerprint(secret),
        issuer=slug,
        address=address,
        role=role.value,
        invited_by=member.person,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    link = f"{runtime.settings.public_url}/join/{secret}"
    async with tx():
        name = await hold_for(member.actor, Action.MANAGE_MEMBERS, slug)
        if person and await Membership.exists().where(_membership(slug, person)):
            raise _refused("email", "This person is a member already.", "Change the role on her page instead.")
        recent = Invitation.issuer == slug, Invitation.created_at > now - A_DAY
        if await Invitation.count().where(*recent) >= MOST_A_DAY:
            raise _refused("email", "Thirty people were invited in the last 24 hours.", "Invite more tomorrow.")
        earlier = (
            await Invitation.update({Invitation.ended_at: now})
            .where(_is_open(now), Invitation.issuer == slug, Invitation.address == address)
            .returning(Invitation.id, Invitation.created_at)
        )
        if any(now < one["created_at"] + NOT_AGAIN_FOR for one in earlier):
            raise _refused("email", "This address was invited a moment ago.", "Wait a minute for the mail to come.")
        if not await spend(runtime, f"invitation to {address}", MOST_TO_ONE_ADDRESS, A_DAY):
            raise _refused("email", "This address was invited often today.", "Wait for an answer until tomorrow.")
        if not await spend(runtime, f"invitation by {member.person}", MOST_BY_ONE_PERSON, A_DAY):
            raise _refused("email", "You have invited sixty people today.", "Invite more tomorrow.")
        await row.save()
        await send_mail(runtime, typed, *_mail(name, role, link), useless_after=GOOD_FOR)
        await record(
            runtime,
            member.actor.name,
            "member-invited",
            slug,
            about=row.id,
            detail={"role": role.value},
            rows=[(Invitation, row.id), *((Invitation, one["id"]) for one in earlier)],
        )
    return link


async def look_at(runtime: Runtime, member: SignedIn, secret: str) -> Offer:
    """What the link offers. Raises Refused ``not-found`` for one that is used, taken back, too old or invented."""
    row = (
        await Invitation.select(
            Invitation.issuer, Invitation.issuer.name.as_alias("name"), Invitation.role, Invitation.address
        )
        .where(Invitation.id == fingerprint(secret), _is_open(runtime.now()))
        .first()
    )
    if row is None:
        raise Refused("not-found", GONE)
    hers = await person_with(row["address"]) == member.person
    return Offer(row["issuer"], row["name"], Role(row["role"]), hers)


async def accept(runtime: Runtime, member: SignedIn, secret: str) -> str:
    """Become a member by the link; return the short name of the issuer, also when she has just done so (double click).

    Raises Refused ``not-found`` as ``look_at``, and for somebody else than the invited, who learns nothing.
    """
    try:
        return await _accept(runtime, member, secret)
    except Refused:
        if slug := await accepted_by(member, secret):
            return slug
        raise


async def accepted_by(member: SignedIn, secret: str) -> str | None:
    """The issuer that she acts for since she accepted this very invitation."""
    row = (
        await Invitation.select(Invitation.issuer)
        .where(Invitation.id == fingerprint(secret), Invitation.accepted_by == member.person)
        .first()
    )
    return row["issuer"] if row and row["issuer"] in await roles_of(member.person) else None


async def _accept(runtime: Runtime, member: SignedIn, secret: str) -> str:
    invitation_id = fingerprint(secret)
    offer = await look_at(runtime, member, secret)
    if not offer.hers:
        raise Refused("not-found", GONE)
    now = runtime.now()
    try:
        async with tx():
            used = (
                await Invitation.update({Invitation.accepted_at: now, Invitation.accepted_by: member.person})
                .where(Invitation.id == invitation_id, _is_open(now))
                .returning(Invitation.issuer, Invitation.role)
            )
            if not used:
                raise Refused("not-found", GONE)
            slug, role = used[0]["issuer"], Role(used[0]["role"])
            membership = await join(runtime, slug, member.session, role)
            if role is Role.ADMIN:
                await announce_admin(runtime, slug, offer.name, member.person)
            rows = [(Invitation, invitation_id), (Membership, membership)]
            detail = {"role": role.value, "invitation": invitation_id}
            await record(
                runtime, member.actor.name, "invitation-accepted", slug, about=member.person, detail=detail, rows=rows
            )
    except UniqueViolation:
        raise Refused("bad-request", "You are a member already; the invitation is still good.") from None
    return str(slug)


async def take_back(runtime: Runtime, member: SignedIn, slug: str, invitation_id: str) -> None:
    """End an invitation that was not accepted yet; one that has ended stays ended. Raises Refused for any other."""
    now = runtime.now()
    async with tx():
        await hold_for(member.actor, Action.MANAGE_MEMBERS, slug)
        ended = (
            await Invitation.update({Invitation.ended_at: now})
            .where(_is_open(now), Invitation.issuer == slug, Invitation.id == invitation_id)
            .returning(Invitation.id)
        )
        if not ended:
            here = Invitation.issuer == slug, Invitation.id == invitation_id, Invitation.ended_at.is_not_null()
            if await Invitation.exists().where(*here):
                return
            raise Refused("not-found", NOT_THERE)
        await record(
            runtime,
            member.actor.name,
            "invitation-taken-back",
            slug,
            about=invitation_id,
            rows=[(Invitation, invitation_id)],
        )


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation, as admins see it."""

    id: str
    address: str
    role: str
    invited_by: str
    expires_at: datetime


async def invited(runtime: Runtime, slug: str) -> list[Invited]:
    """The open invitations of an issuer, newest first."""
    rows = (
        await Invitation.select(
            Invitation.id, Invitation.address, Invitation.role, Invitation.invited_by, Invitation.expires_at
        )
        .where(_is_open(runtime.now()), Invitation.issuer == slug)
        .order_by(Invitation.created_at, ascending=False)
    )
    return [Invited(**row) for row in rows]


def _is_open(now: datetime) -> And:
    return (Invitation.expires_at > now) & Invitation.accepted_at.is_null() & Invitation.ended_at.is_null()


def _membership(slug: str, person: str) -> And:
    return (Membership.issuer == slug) & (Membership.person == person) & Membership.ended_at.is_null()


def _refused(field: str, reason: str, fix: str) -> Refused:
    return Refused("form-refused", "Nobody was invited.", [Fault(field, reason, fix)])


def _mail(name: str, role: Role, link: str) -> tuple[str, str]:
    """Subject and text. The name is cut short, so that nobody sends letters of their own through it."""
    name = one_line(name, 80)
    may = {
        Role.ADMIN: "issue and withdraw credentials, and decide about members and keys",
        Role.ISSUER: "issue and withdraw credentials",
        Role.VIEWER: "see its credentials",
    }
    text = f"""\
Hello,

you are invited to act for {name} on Refolio. You could then {may[role]}.

If you want that, open this link within seven days and sign in with this address:

{link}

It works once. If you do not know {name}, do nothing.
"""
    return f"Invitation to {name}", text


def fingerprint(secret: str) -> str:
    """What is stored of a link's secret. Plain SHA-256 suffices for 192 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_role(form: Mapping[str, str]) -> Role:
    """The role that was chosen. Raises Refused with a fault at ``role``."""
    try:
        return Role(form.get("role", ""))
    except ValueError:
        raise _refused("role", "This is not a role.", "Choose admin, issuer or viewer.") from None

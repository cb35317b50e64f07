"""A platform asks people for permission to add to their records, looks at the answers, and gives a permission up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from refolio.credential.model import Intern
from refolio.credential.reading import JSON
from refolio.credential.rules import normal_email, text_fault
from refolio.errors import CompletionRefused, Fault
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.outside.mail import is_address
from verify.people.limiting import spend
from verify.people.recognising import recognise
from verify.platforms import granting
from verify.platforms.tables import Grant
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

ATTEMPTS = 20
HOUR = timedelta(hours=1)
ASKED_IN_AN_HOUR = 2000  # people, by one platform
LONGEST_NAME = 200
FIELDS = ("email", "name")
NOT_THERE = "Your platform has no grant with this id."


@dataclass(frozen=True, slots=True)
class Asked:
    """A grant as the platform sees it. ``email`` is the address under which it asked first."""

    id: str
    email: str
    state: str
    asked_at: datetime
    decided_at: datetime | None
    used_at: datetime | None


async def request_grant(runtime: Runtime, actor: Actor, members: Mapping[str, JSON]) -> Asked:
    """Ask the person with this ``email``, called ``name``, once: asking again changes nothing.

    Raises CompletionRefused naming the field; Refused (429) for more people in an hour than a service asks for.
    """
    if not can(actor, Action.ASK_FOR_GRANT):
        raise Refused("not-found", NOT_THERE)
    intern = _intern(members)
    grantee = f"platform:{actor.platform}"
    for _ in range(ATTEMPTS):
        try:
            async with tx():
                person = await recognise(runtime, intern)
                known = await _of(person, grantee)
                if known is None:
                    if not await spend(runtime, f"grants\x1f{grantee}", ASKED_IN_AN_HOUR, HOUR):
                        raise Refused(
                            "too-many-requests", f"More than {ASKED_IN_AN_HOUR} people in an hour were asked."
                        )
                    grant = await granting.ask(runtime, person, grantee, intern.email)
                    await record(runtime, actor.name, "grant-asked", SERVICE, about=grant)
                elif known["invited_at"] is None:
                    await granting.invite(runtime, person, grantee)
                row = await _of(person, grantee)
                assert row, "written a moment ago"
                return _asked(row)
        except UniqueViolation:
            continue  # somebody was faster with the person or the grant: look again
    raise Refused("unavailable", "Too many requests wanted the same thing at once; nobody was asked.")


async def _of(person: str, grantee: str) -> dict[str, Any] | None:
    return await Grant.select().where(Grant.person == person, Grant.grantee == grantee).first()


async def requested(actor: Actor, grant: str) -> Asked:
    """One grant of this platform. Raises Refused (404): another platform's looks absent."""
    row = await Grant.select().where(Grant.id == grant, Grant.grantee == f"platform:{actor.platform}").first()
    if row is None or not can(actor, Action.READ_GRANTS):
        raise Refused("not-found", NOT_THERE)
    return _asked(row)


async def all_requested(
    actor: Actor, *, state: str | None, email: str | None, after: str | None, most: int
) -> list[Asked]:
    """The platform's grants, the first asked for first; those behind the grant ``after``. Raises Refused (400)."""
    if not can(actor, Action.READ_GRANTS):
        raise Refused("not-found", NOT_THERE)
    if state is not None and state not in granting.STATES:
        says = f"There is no state {state[:40]!r}."
        raise Refused("bad-request", says, [Fault("state", says, f"Give one of {', '.join(granting.STATES)}.")])
    query = Grant.select().where(Grant.grantee == f"platform:{actor.platform}")
    if state is not None:
        query = query.where(Grant.state == state)
    if email is not None:
        query = query.where(Grant.email == normal_email(email))
    if after is not None:
        last = await requested(actor, after)
        query = query.where(Grant.asked_at >= last.asked_at, (Grant.asked_at > last.asked_at) | (Grant.id > last.id))
    return [_asked(row) for row in await query.order_by(Grant.asked_at).order_by(Grant.id).limit(most)]


async def give_up(runtime: Runtime, actor: Actor, grant: str) -> Asked:
    """End a permission, or a question that waits, because the person is no longer the platform's. Again is harmless.

    What was issued stays. Only she can open it again.
    """
    asked = await requested(actor, grant)
    if not can(actor, Action.ASK_FOR_GRANT):
        raise Refused("not-found", NOT_THERE)
    ended = {granting.ASKED: granting.REFUSED, granting.ALLOWED: granting.TAKEN_BACK}
    if asked.state in ended:
        async with tx():
            changed = (
                await Grant.update({Grant.state: ended[asked.state], Grant.decided_at: runtime.now()})
                .where(Grant.id == grant, Grant.state == asked.state)
                .returning(Grant.id)
            )
            if changed:
                await record(runtime, actor.name, "grant-given-up", SERVICE, about=grant)
    return await requested(actor, grant)


def _intern(members: Mapping[str, JSON]) -> Intern:
    faults = [
        Fault(name, "There is no member of this name.", "Send email and name.")
        for name in members
        if name not in FIELDS
    ]
    for name in FIELDS:
        value = members.get(name)
        if not isinstance(value, str) or not value.strip():
            faults.append(Fault(name, "It is required and must be text.", "Send the person's email and name."))
        elif name == "email" and not is_address(value.strip()):
            faults.append(Fault(name, "Mail cannot be sent there.", "Write one address like maya@example.org."))
        elif len(value) > LONGEST_NAME:
            faults.append(Fault(name, "It is too long.", f"Keep it to {LONGEST_NAME} characters."))
        elif fault := text_fault(name, value):
            faults.append(fault)
    if faults:
        raise CompletionRefused(faults)
    return Intern(name=str(members["name"]).strip(), email=str(members["email"]).strip())


def _asked(row: Mapping[str, Any]) -> Asked:
    return Asked(**{name: row[name] for name in Asked.__slots__})

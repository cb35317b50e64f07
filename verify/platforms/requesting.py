"""A platform asks people for permission to add to their records, looks at the answers, and gives a permission up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from refolio.credential import timestamps
from refolio.credential.model import Intern
from refolio.credential.reading import JSON
from refolio.credential.rules import normal_email, text_fault
from refolio.errors import CompletionRefused, Fault
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor, Mode, can
from verify.http.paging import Asked, refused
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
FILTERS = ("state", "email")
NOT_THERE = "Your platform has no grant with this id."


async def request_grant(runtime: Runtime, actor: Actor, members: Mapping[str, JSON]) -> dict[str, object]:
    """Ask the person with this ``email``, called ``name``, once: asking again changes nothing.

    Raises CompletionRefused naming the field; Refused (429) for more people in an hour than a service asks for.
    """
    if not can(actor, Action.ASK_FOR_GRANT):
        raise Refused("not-found", NOT_THERE)
    if actor.mode is Mode.TEST:
        raise Refused("not-in-test-mode", "Nobody is asked in test mode, because what is tested is nobody's.")
    intern = _intern(members)
    grantee = actor.platform or ""
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
                return _told(row)
        except UniqueViolation:
            continue  # somebody was faster with the person or the grant: look again
    raise Refused("unavailable", "Too many requests wanted the same thing at once; nobody was asked.")


async def _of(person: str, grantee: str) -> dict[str, Any] | None:
    return await Grant.select().where(Grant.person == person, Grant.grantee == grantee).first()


async def requested(actor: Actor, grant: str) -> dict[str, object]:
    """One grant of this platform. Raises Refused (404): another platform's looks absent."""
    row = await Grant.select().where(Grant.id == grant, Grant.grantee == (actor.platform or "")).first()
    if row is None or actor.mode is Mode.TEST or not can(actor, Action.READ_GRANTS):
        raise Refused("not-found", NOT_THERE)
    return _told(row)


async def all_requested(actor: Actor, asked: Asked) -> dict[str, object]:
    """One page of the platform's grants, the first asked for first. Filters: ``state``, ``email``. Raises Refused."""
    if not can(actor, Action.READ_GRANTS):
        raise Refused("not-found", NOT_THERE)
    query = Grant.select().where(Grant.grantee == (actor.platform or ""))
    state = asked.filters.get("state")
    if state is not None and state not in granting.STATES:
        raise refused([Fault("state", "There is no such state.", f"Send one of {', '.join(granting.STATES)}.")])
    if state is not None:
        query = query.where(Grant.state == state)
    if "email" in asked.filters:
        query = query.where(Grant.email == normal_email(asked.filters["email"]))
    if (place := asked.moment()) is not None:
        at, last = place
        query = query.where(Grant.asked_at >= at, (Grant.asked_at > at) | (Grant.id > last))
    if actor.mode is Mode.TEST:  # nobody is asked for a test
        query = query.where(Grant.id == "")
    rows = await query.order_by(Grant.asked_at).order_by(Grant.id).limit(asked.limit + 1)
    page = asked.page(rows, lambda row: (row["asked_at"].isoformat(), row["id"]))
    return {**page, "items": [_told(row) for row in page["items"]]}  # type: ignore[attr-defined]


async def give_up(runtime: Runtime, actor: Actor, grant: str) -> dict[str, object]:
    """End a permission, or a question that waits, because the person is no longer the platform's. Again is harmless.

    What was issued stays. Only she can open it again.
    """
    state = str((await requested(actor, grant))["state"])
    if not can(actor, Action.ASK_FOR_GRANT):
        raise Refused("not-found", NOT_THERE)
    ended = {granting.ASKED: granting.REFUSED, granting.ALLOWED: granting.TAKEN_BACK}
    if state in ended:
        async with tx():
            changed = (
                await Grant.update({Grant.state: ended[state], Grant.decided_at: runtime.now()})
                .where(Grant.id == grant, Grant.state == state)
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


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    """A grant as its platform sees it; ``email`` is the address under which it asked first."""
    times = {name: row[name] and timestamps.format(row[name]) for name in ("asked_at", "decided_at", "used_at")}
    return {"id": row["id"], "email": row["email"], "state": row["state"], **times}

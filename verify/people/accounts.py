"""An account as its owner sees it, and what she or the operator does to the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refolio.credential.rules import normal_email
from refolio.errors import Fault
from verify.database import tx
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.people import sessions
from verify.people.notifying import tell
from verify.people.passkeys import passkeys_of
from verify.people.recognising import person_with
from verify.people.recovering import recovery_of
from verify.people.sessions import Session
from verify.people.tables import Mailbox, Person
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

LONGEST_NAME = 200

CLOSED = "Your Refolio account was closed"
CLOSED_BODY = """\
Hello,

the operator of this site has closed your account and signed you out everywhere. Your credentials stay what they are. \
Write to the operator if this is a mistake.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Everything on the account page. ``recovery`` is the row of one that runs."""

    name: str
    mailboxes: list[dict[str, Any]]
    passkeys: list[dict[str, Any]]
    sessions: list[Session]
    recovery: dict[str, Any] | None


async def account(runtime: Runtime, person: str) -> Account:
    """The account of a person."""
    row = await Person.select(Person.name).where(Person.id == person).first()
    return Account(
        name=row["name"] if row else "",
        mailboxes=await Mailbox.select().where(Mailbox.person == person).order_by(Mailbox.confirmed_at),
        passkeys=await passkeys_of(person),
        sessions=await sessions.sessions_of(runtime, person),
        recovery=await recovery_of(runtime, person),
    )


async def rename(runtime: Runtime, person: str, name: str) -> None:
    """Let a person say what she is called. Credentials keep the names that were signed. Raises Refused."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        says = f"A name has 1 to {LONGEST_NAME} characters that can be seen."
        raise Refused("bad-request", says, [Fault("name", says, "Change the name.")])
    async with tx():
        await Person.update({Person.name: name}).where(Person.id == person)
        await record(runtime, f"person:{person}", "person-renamed", SERVICE, about=person)


async def sign_out_everywhere(runtime: Runtime, person: str, actor: str) -> None:
    """End all sessions of a person."""
    async with tx():
        await sessions.end_all(person)
        await record(runtime, actor, "person-signed-out", SERVICE, about=person)


async def disable(runtime: Runtime, email: str) -> None:
    """Close an account for the operator: all sessions end, and nobody signs in to it. Its owner is told."""
    person = await _person(email)
    async with tx():
        await Person.update({Person.disabled_at: runtime.now()}).where(Person.id == person)
        await sessions.end_all(person)
        await tell(runtime, [person], CLOSED, CLOSED_BODY)
        await record(runtime, OPERATOR.name, "person-disabled", SERVICE, about=person)


async def enable(runtime: Runtime, email: str) -> None:
    """Open a closed account again."""
    person = await _person(email)
    async with tx():
        await Person.update({Person.disabled_at: None}).where(Person.id == person)
        await record(runtime, OPERATOR.name, "person-enabled", SERVICE, about=person)


async def sign_out_by_operator(runtime: Runtime, email: str) -> None:
    """End all sessions of whoever has this address. Raises Refused when nobody has."""
    await sign_out_everywhere(runtime, await _person(email), OPERATOR.name)


async def _person(email: str) -> str:
    person = await person_with(normal_email(email))
    if person is None:
        raise Refused("not-found", "Nobody here has this address.")
    return person

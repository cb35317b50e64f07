"""The public side of a person: a handle, a headline, and whether anything is shown at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from piccolo.columns import Column

from refolio.credential.rules import normal_email
from verify.database import tx
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.people.recognising import person_with
from verify.people.tables import FormerMailbox, Mailbox, Person, Profile
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
LONGEST_HEADLINE = 200


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """A published profile."""

    person: str
    name: str
    handle: str
    headline: str | None


async def publish(runtime: Runtime, email: str, handle: str, headline: str | None = None) -> None:
    """Publish the portfolio of the person with this address under ``handle``; without a headline the last one stays.

    Raises Refused when nobody has this address, when the handle is unusable, or when it is somebody else's.
    """
    if not HANDLE.fullmatch(handle) or len(headline or "") > LONGEST_HEADLINE:
        raise Refused(
            "bad-request", "A handle has 1 to 60 lower-case letters, digits and inner hyphens; a headline at most 200."
        )
    async with tx():
        person = await person_with(normal_email(email))
        if person is None:
            raise Refused("not-found", "Nobody with this address has a credential here.")
        owner = await Profile.select(Profile.person).where(Profile.handle == handle).first()
        if owner and owner["person"] != person:
            raise Refused("bad-request", f"The handle {handle!r} is taken.")
        if await Profile.exists().where(Profile.person == person):
            changes: dict[Column | str, Any] = {Profile.handle: handle, Profile.published: True}
            if headline is not None:
                changes[Profile.headline] = headline
            await Profile.update(changes).where(Profile.person == person)
        else:
            profile = Profile(handle=handle, person=person, headline=headline, published=True, created_at=runtime.now())
            await profile.save()
        await record(runtime, OPERATOR.name, "portfolio-published", SERVICE, about=person)


async def hide(runtime: Runtime, handle: str) -> None:
    """Take a portfolio off the public pages; its credentials stay as they are. Raises Refused for an unknown handle."""
    async with tx():
        found = (
            await Profile.update({Profile.published: False}).where(Profile.handle == handle).returning(Profile.person)
        )
        if not found:
            raise Refused("not-found", f"There is no portfolio {handle!r}.")
        await record(runtime, OPERATOR.name, "portfolio-hidden", SERVICE, about=found[0]["person"])


async def published(handle: str) -> PublicProfile | None:
    """The profile under this handle if it is published, else None: private and absent look the same (SEC-109)."""
    row = (
        await Profile.select(Profile.person, Profile.person.name.as_alias("name"), Profile.handle, Profile.headline)
        .where(Profile.handle == handle.lower(), Profile.published == True)  # noqa: E712 - Piccolo builds SQL from ==
        .first()
    )
    return PublicProfile(row["person"], row["name"], row["handle"], row["headline"]) if row else None


async def address_of(person_id: str) -> str:
    """The main address of a person, in its normal form; never shown to others."""
    row = await Person.select(Person.email).where(Person.id == person_id).first()
    return row["email"] if row else ""


async def addresses_of(person_id: str) -> set[str]:
    """All addresses that are a person's or once were, to compare with what a credential names; never shown."""
    mailboxes = await Mailbox.select(Mailbox.address).where(Mailbox.person == person_id).output(as_list=True)
    former = await FormerMailbox.select(FormerMailbox.address).where(FormerMailbox.person == person_id)
    return {await address_of(person_id), *mailboxes, *(row["address"] for row in former)}


async def published_handle(person_id: str) -> str | None:
    """The handle of a person's portfolio if it is published."""
    row = (
        await Profile.select(Profile.handle)
        .where(Profile.person == person_id, Profile.published == True)  # noqa: E712
        .first()
    )
    return row["handle"] if row else None


async def published_handles(person_ids: Sequence[str]) -> dict[str, str]:
    """The handles of those among these people whose portfolio is published, by person."""
    if not person_ids:
        return {}
    rows = await Profile.select(Profile.person, Profile.handle).where(
        Profile.person.is_in(list(set(person_ids))),
        Profile.published == True,  # noqa: E712
    )
    return {row["person"]: row["handle"] for row in rows}

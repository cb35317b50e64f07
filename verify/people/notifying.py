"""Letters to people about their own accounts, to every mailbox that is theirs."""

from __future__ import annotations

from collections.abc import Sequence

from verify.outside.mail import is_address, send_mail
from verify.people.tables import Mailbox, Person
from verify.runtime import Runtime


async def mailboxes_of(person: str) -> list[str]:
    """The addresses of a person as she spells them, the oldest first."""
    rows = await Mailbox.select(Mailbox.spelled).where(Mailbox.person == person).order_by(Mailbox.confirmed_at)
    return [str(row["spelled"]) for row in rows]


async def tell(runtime: Runtime, persons: Sequence[str], subject: str, body: str) -> None:
    """Write to all mailboxes of these people. Call inside ``tx()``.

    Who has never signed in is written to at the address by which she is known.
    """
    for person in persons:
        for address in await mailboxes_of(person) or await _known_by(person):
            await send_mail(runtime, address, subject, body)


async def _known_by(person: str) -> list[str]:
    rows = await Person.select(Person.email).where(Person.id == person)
    return [row["email"] for row in rows if is_address(row["email"])]

"""Know a person again by an address: the one that a platform names, or the one that she has proven."""

from __future__ import annotations

from refolio.credential.model import Intern
from refolio.credential.rules import normal_email
from verify.people.addresses import Spelled
from verify.people.tables import Mailbox, Person
from verify.runtime import Runtime


async def recognise(runtime: Runtime, intern: Intern) -> str:
    """Return the id of the person with this address, made now if there is none. Call inside ``tx()``.

    The name first given is kept here; each credential carries the name of its own record. Raises
    UniqueViolation when another process makes the same person at this moment: end the transaction and retry.
    """
    email = normal_email(intern.email)
    known = await person_with(email)
    if known:
        return known
    person = Person(id=runtime.new_id(), email=email, name=intern.name, created_at=runtime.now())
    await person.save()
    return str(person.id)


async def rename(person: str, old: str, new: str) -> None:
    """Know the person by her corrected name, if ``old`` is what she is known by. Call inside ``tx()``."""
    await Person.update({Person.name: new}).where(Person.id == person, Person.name == old)


async def person_with(email: str) -> str | None:
    """The id of the person with this address (normal form): the one who has proven it, else the one it names."""
    mailbox = await Mailbox.select(Mailbox.person).where(Mailbox.address == email).first()
    if mailbox:
        return str(mailbox["person"])
    person = await Person.select(Person.id).where(Person.email == email).first()
    return str(person["id"]) if person else None


async def prove(runtime: Runtime, address: Spelled) -> str:
    """Return the id of the person whose mailbox this is now, because she has read mail in it. Call inside ``tx()``.

    What platforms had recorded under the address is hers from then on, and nobody else's (SEC-164). Raises
    UniqueViolation like ``recognise``.
    """
    person = await recognise(runtime, Intern(name=address.typed.partition("@")[0], email=address.normal))
    if not await Mailbox.exists().where(Mailbox.address == address.normal):
        await add_mailbox(runtime, person, address)
    return person


async def add_mailbox(runtime: Runtime, person: str, address: Spelled) -> None:
    """Write down that the mailbox is the person's. Call inside ``tx()``."""
    await Mailbox(address=address.normal, spelled=address.typed, person=person, confirmed_at=runtime.now()).save()

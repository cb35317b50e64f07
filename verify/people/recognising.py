"""Know a person again by the address that a platform names."""

from __future__ import annotations

from refolio.credential.model import Intern
from refolio.credential.rules import normal_email
from verify.people.tables import Person
from verify.runtime import Runtime


async def recognise(runtime: Runtime, intern: Intern) -> str:
    """Return the id of the person with this address, made now if there is none. Call inside ``tx()``.

    The name first given is kept here; each credential carries the name of its own record. Raises
    UniqueViolation when another process makes the same person at this moment: end the transaction and retry.
    """
    email = normal_email(intern.email)
    known = await Person.select(Person.id).where(Person.email == email).first()
    if known:
        return str(known["id"])
    person = Person(id=runtime.new_id(), email=email, name=intern.name, created_at=runtime.now())
    await person.save()
    return str(person.id)


async def rename(person: str, old: str, new: str) -> None:
    """Know the person by her corrected name, if ``old`` is what she is known by. Call inside ``tx()``."""
    await Person.update({Person.name: new}).where(Person.id == person, Person.name == old)


async def person_with(email: str) -> str | None:
    """The id of the person with this address (normal form)."""
    person = await Person.select(Person.id).where(Person.email == email).first()
    return str(person["id"]) if person else None

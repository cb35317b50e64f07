"""The operator says who acts for an issuer: above all the first admin of one registered on the command line."""

from __future__ import annotations

from refolio.credential.model import Intern
from refolio.credential.rules import normal_email
from verify.database import tx
from verify.http.access import OPERATOR, Role
from verify.http.refusals import Refused
from verify.issuers import leaving, members
from verify.outside.mail import is_address
from verify.people.recognising import person_with, recognise
from verify.runtime import Runtime


async def appoint(runtime: Runtime, slug: str, email: str, role: Role) -> None:
    """Make the person with this address a member, or give a member another role.

    Raises Refused for an address that is none and for an issuer that is not there.
    """
    if not is_address(email):
        raise Refused("bad-request", f"{email!r} is not an e-mail address.")
    async with tx():
        await members.hold(slug)
        person = await recognise(runtime, Intern(name=email.partition("@")[0], email=email))
    if any(member.person == person for member in await members.team(slug)):
        await leaving.change_role(runtime, OPERATOR, slug, person, role)
    else:
        await members.add(runtime, OPERATOR, slug, person, role)


async def dismiss(runtime: Runtime, slug: str, email: str, told: leaving.Told | None = None) -> None:
    """Remove the member with this address, even the last admin. Raises Refused when there is no such member."""
    person = await person_with(normal_email(email))
    if person is None or all(member.person != person for member in await members.team(slug)):
        raise Refused("not-found", f"{email} is no member of {slug!r}.")
    await leaving.remove(runtime, OPERATOR, slug, person, told)

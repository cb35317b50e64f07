"""Letters to the admins of an issuer: what they should not find out by chance."""

from __future__ import annotations

from verify.http.access import Role
from verify.issuers.tables import Membership
from verify.people.notifying import tell
from verify.people.tables import Person
from verify.runtime import Runtime
from verify.web.filters import one_line

NEW_ADMIN = "A new admin of {name}"
NEW_ADMIN_BODY = """\
Hello,

{who} is an admin of {name} from now on, and can decide about members and keys. If you did not expect that, ask \
your colleagues, and remove that person from the members:

{url}
"""
PROPOSED = "{name}: a proposal waits for you"
PROPOSED_BODY = """\
Hello,

{who} wants to {act} in the name of {name}. That takes a second person. Look at it within seven days, and agree or \
refuse:

{url}
"""
REMOVED = "You no longer act for {name}"
REMOVED_BODY = """\
Hello,

an admin has removed you from the members of {name}, and you are signed out everywhere. Your account and your own \
credentials stay what they are. If you did not expect that, ask your colleagues.
"""


async def announce_removal(runtime: Runtime, name: str, person: str) -> None:
    """Tell a member that she is none any more. Call inside ``tx()``."""
    short = one_line(name, 80)
    await tell(runtime, [person], REMOVED.format(name=short), REMOVED_BODY.format(name=short))


async def admins_of(slug: str) -> list[str]:
    """The admins of an issuer now, as ids of people."""
    rows = await Membership.select(Membership.person).where(
        Membership.issuer == slug, Membership.role == Role.ADMIN.value, Membership.ended_at.is_null()
    )
    return sorted(row["person"] for row in rows)


async def announce_admin(runtime: Runtime, slug: str, name: str, person: str) -> None:
    """Tell the other admins of a new one, also the one who made her that. Call inside ``tx()``."""
    short, url = one_line(name, 80), f"{runtime.settings.public_url}/console/{slug}/members"
    body = NEW_ADMIN_BODY.format(who=await _who(person), name=short, url=url)
    await _tell_others(runtime, slug, person, NEW_ADMIN.format(name=short), body)


async def announce_proposal(runtime: Runtime, slug: str, name: str, person: str, act: str) -> None:
    """Tell the admins of what somebody proposed. ``act`` reads on from "wants to". Call inside ``tx()``."""
    short, url = one_line(name, 80), f"{runtime.settings.public_url}/console/{slug}/proposals"
    body = PROPOSED_BODY.format(who=await _who(person), name=short, act=act, url=url)
    await _tell_others(runtime, slug, person, PROPOSED.format(name=short), body)


async def _tell_others(runtime: Runtime, slug: str, person: str, subject: str, body: str) -> None:
    await tell(runtime, [admin for admin in await admins_of(slug) if admin != person], subject, body)


async def _who(person: str) -> str:
    row = await Person.select(Person.name, Person.email).where(Person.id == person).first()
    return f"{one_line(row['name'], 80)} ({row['email']})" if row else "Somebody"

"""The way back for a member who has lost her passkey: by mail, after a day, and nobody can hide it (SEC-167).

Otherwise a stolen mailbox would be worth as much as a passkey. Until her roles open again she can use her own account.
Nobody can make it shorter, the operator neither.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from verify.database import tx
from verify.http.refusals import Refused
from verify.people.notifying import mailboxes_of, tell
from verify.people.sessions import Session
from verify.people.staffing import Staffing
from verify.people.tables import Passkey, Recovery
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record
from verify.web.filters import moment

WAIT = timedelta(hours=24)
OPEN_FOR = timedelta(days=7)

SUBJECT = "Your roles on Refolio open again in a day"
FOR_HER = """\
Hello,

somebody came to your Refolio account by a link in a mail, without your passkey. If that was you because you have \
lost the passkey: your roles open again on {opens}. Sign in by mail then, and register a new passkey.

If it was not you, somebody reads your mail. Sign in with your passkey before that time and call it off:

{url}
"""
ABOUT_HER = "A colleague has lost her passkey"
FOR_ADMINS = """\
Hello,

somebody came to the account of a member of your organisation by a link in a mail, without her passkey. Her roles \
open again to her on {opens}. Please ask her whether it was she, by another way than mail:

{who}

If it was not, remove her from the members before that time:

{url}
"""


async def may_use_roles(runtime: Runtime, staffing: Staffing, person: str) -> tuple[bool, str]:
    """May a sign-in by mail use the person's roles, and what the trail says about it. Call inside ``tx()``.

    Begins a recovery, with its letters, where a member with a passkey comes without it.
    """
    if not await staffing.holds_role(person):
        return False, ""
    running = await recovery_of(runtime, person)
    if running:
        is_open = bool(runtime.now() >= running["opens_at"])
        return is_open, "opened" if is_open else "waiting"
    if not await Passkey.exists().where(Passkey.person == person):
        return True, ""
    await begin(runtime, staffing, person)
    return False, "begun"


async def begin(runtime: Runtime, staffing: Staffing, person: str) -> None:
    """From now on a member waits for her roles, and all concerned know; one that runs goes on. Call inside ``tx()``."""
    now = runtime.now()
    await Recovery.delete().where(Recovery.person == person, Recovery.ends_at <= now)
    if await Recovery.exists().where(Recovery.person == person) or not await staffing.holds_role(person):
        return
    opens = now + WAIT
    await Recovery(id=runtime.new_id(), person=person, begun_at=now, opens_at=opens, ends_at=opens + OPEN_FOR).save()
    await _write_letters(runtime, staffing, person, opens)


async def require_roles_open(staffing: Staffing, session: Session) -> None:
    """Raise Refused ``roles-not-open`` for a sign-in of a member that does not open her roles.

    It must change neither passkeys nor mailboxes: with a passkey of his own, or without hers, whoever reads her mail
    would not have to wait.
    """
    if not session.staff and await staffing.holds_role(session.person):
        raise Refused("roles-not-open", "So it cannot change the passkeys and addresses of your account either.")


async def _write_letters(runtime: Runtime, staffing: Staffing, person: str, opens: datetime) -> None:
    url = runtime.settings.public_url
    await tell(runtime, [person], SUBJECT, FOR_HER.format(opens=moment(opens), url=f"{url}/account"))
    who = ", ".join(await mailboxes_of(person))
    letter = FOR_ADMINS.format(opens=moment(opens), who=who, url=f"{url}/console")
    await tell(runtime, await staffing.admins_beside(person), ABOUT_HER, letter)


async def recovery_of(runtime: Runtime, person: str) -> dict[str, Any] | None:
    """The recovery that runs for a person, for her account page."""
    return await Recovery.select().where(Recovery.person == person, Recovery.ends_at > runtime.now()).first()


async def call_off(runtime: Runtime, person: str, actor: str) -> None:
    """End the recovery of a person, so that her passkey is needed again. Raises Refused when none runs."""
    async with tx():
        gone = await Recovery.delete().where(Recovery.person == person).returning(Recovery.id)
        if not gone:
            raise Refused("not-found", "Nothing of that kind is under way.")
        await record(runtime, actor, "recovery-called-off", SERVICE, about=person)


async def is_over(person: str) -> None:
    """A new passkey ends it. Call inside ``tx()``."""
    await Recovery.delete().where(Recovery.person == person)

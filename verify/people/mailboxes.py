"""The mailboxes of an account: added by proof, taken away, and brought back by whoever had them before (SEC-165).

Whoever gets into an account for a moment must not be able to keep it: each change takes a fresh sign-in, is told to
every mailbox of before, can be taken back from there for three days, with all that came after it, and ends all other
sessions. A mailbox that can itself still be taken back has no such say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from refolio.credential import base64url
from refolio.credential.rules import normal_email
from verify.database import UniqueViolation, tx
from verify.http.refusals import Refused
from verify.outside.mail import send_mail
from verify.people import recovering, sessions
from verify.people.addresses import Spelled
from verify.people.limiting import network_of, spend
from verify.people.notifying import mailboxes_of
from verify.people.recognising import add_mailbox, person_with
from verify.people.sessions import Session
from verify.people.signing_in import (
    HOUR,
    LASTS,
    MAILS_FOR_ONE_NETWORK,
    MAILS_TO_ONE_ADDRESS,
    SECRET_BYTES,
    hashed,
    new_link,
    new_nonce,
    proven,
    use_up,
)
from verify.people.staffing import Staffing
from verify.people.tables import FormerMailbox, Mailbox, MailboxChange, Passkey, Person
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record
from verify.web.filters import moment

TAKEN_BACK_FOR = timedelta(hours=72)
MOST = 5

ADD_SUBJECT = "Add this address to your Refolio account"
ADD_BODY = """\
Hello,

somebody wants to add this address to a Refolio account. If it is you, open this link in the browser that you came from:

{url}

Or type this code there: {code}

Both work once, until {until}. If it is not you, do nothing and tell nobody the code.
"""
CHANGE_SUBJECT = "The addresses of your Refolio account have changed"
CHANGE_BODY = """\
Hello,

the address {address} was {change} your Refolio account. If you did that, all is well.

{advice}
"""
TAKE_IT_BACK = """\
If it was not you, take it back here until {until}. That also takes back later changes, signs everybody \
out, and takes away passkeys that were added since:

{url}"""
LOOK = """\
If it was not you, look at your account:

{url}"""


async def ask_to_add(runtime: Runtime, staffing: Staffing, session: Session, address: Spelled, client: str) -> str:
    """Send a mail to the new address and return the nonce for this browser. The answer is the same for every address.

    Raises Refused: ``sign-in-again``; ``roles-not-open``; ``bad-request`` for too many mailboxes.
    """
    sessions.require_fresh(session)
    await recovering.require_roles_open(staffing, session)
    nonce = new_nonce(runtime)
    async with tx():
        if await Mailbox.count().where(Mailbox.person == session.person) >= MOST:
            raise Refused("bad-request", f"An account has at most {MOST} addresses. Remove one first.")
        if not await spend(runtime, f"mail for {network_of(client)}", MAILS_FOR_ONE_NETWORK, HOUR):
            raise Refused("too-many-requests", "Too many mails were asked for from your network this hour.")
        if await spend(runtime, f"mail to {address.normal}", MAILS_TO_ONE_ADDRESS, HOUR):
            code, url, until = await new_link(runtime, nonce, address, person=session.person)
            body = ADD_BODY.format(url=url, code=code, until=until)
            await send_mail(runtime, address.typed, ADD_SUBJECT, body, useless_after=LASTS)
    return nonce


async def add(
    runtime: Runtime,
    staffing: Staffing,
    session: Session,
    cookies: Mapping[str, str],
    client: str,
    *,
    secret: str | None,
    code: str,
) -> str:
    """Add the mailbox that the link was sent to, and return the session's new secret.

    The browser that asked must be the one that answers, so that nobody can be talked into giving her mailbox to
    somebody else's account by a link. Raises Refused as ``signing_in.sign_in``, ``roles-not-open``, and ``bad-request``
    when the address belongs to another account (SEC-164).
    """
    await recovering.require_roles_open(staffing, session)
    row = await proven(runtime, cookies, client, secret=secret, code=code, same_browser=True)
    if row["person"] != session.person:
        raise Refused("link-used", "This link belongs to another account.")
    address = Spelled(row["address"], row["spelled"])
    try:
        async with tx():
            await use_up(runtime, row)
            owner = await person_with(address.normal)
            if owner not in (None, session.person):
                raise Refused(
                    "bad-request",
                    "This address has an account, or credentials, of its own. Sign in with it; two accounts cannot be "
                    "joined yet.",
                )
            before = await mailboxes_of(session.person)
            await add_mailbox(runtime, session.person, address)
            return await _changed(runtime, session, address.typed, address.normal, "added", before)
    except UniqueViolation:
        raise Refused("bad-request", "This address belongs to an account already.") from None


async def remove(runtime: Runtime, staffing: Staffing, session: Session, address: str) -> str:
    """Take a mailbox from the signed-in person's account and return the session's new secret.

    Raises Refused: ``sign-in-again``, ``roles-not-open``, ``not-found``, ``bad-request`` for the last one.
    """
    sessions.require_fresh(session)
    await recovering.require_roles_open(staffing, session)
    async with tx():
        before = await mailboxes_of(session.person)
        gone = (
            await Mailbox.delete()
            .where(Mailbox.address == address, Mailbox.person == session.person)
            .returning(Mailbox.spelled)
        )
        if not gone:
            raise Refused("not-found", "There is no such address in your account.")
        await _keep_a_main_address(session.person)
        former_id = runtime.new_id()
        await FormerMailbox(id=former_id, person=session.person, address=address, left_at=runtime.now()).save()
        return await _changed(runtime, session, gone[0]["spelled"], address, "removed", before)


async def _changed(
    runtime: Runtime, session: Session, spelled: str, address: str, change: str, before: list[str]
) -> str:
    """Tell the mailboxes of before, end the other sessions, record; the last statements of a change."""
    until, site = runtime.now() + TAKEN_BACK_FOR, runtime.settings.public_url
    newcomers = await _newcomers(runtime, session.person)
    for mailbox in before:
        if normal_email(mailbox) in newcomers:
            advice = LOOK.format(url=f"{site}/account")
        else:
            secret = base64url.encode(runtime.random_bytes(SECRET_BYTES))
            await MailboxChange(
                id=hashed(secret), person=session.person, address=address, change=change, expires_at=until
            ).save()
            advice = TAKE_IT_BACK.format(until=moment(until), url=f"{site}/account/undo/{secret}")
        says = "added to" if change == "added" else "removed from"
        body = CHANGE_BODY.format(address=spelled, change=says, advice=advice)
        await send_mail(runtime, mailbox, CHANGE_SUBJECT, body, useless_after=TAKEN_BACK_FOR)
    await sessions.end_all(session.person, but=session.id)
    new = await sessions.renew(runtime, session)
    if new is None:
        raise Refused("sign-in-needed", "The sign-in has ended.")
    await record(runtime, f"person:{session.person}", f"mailbox-{change}", SERVICE, about=session.person)
    return new


async def _newcomers(runtime: Runtime, person: str) -> set[str]:
    """The addresses whose adding can still be taken back."""
    rows = await MailboxChange.select(MailboxChange.address).where(
        MailboxChange.person == person, MailboxChange.change == "added", MailboxChange.expires_at > runtime.now()
    )
    return {row["address"] for row in rows}


async def _keep_a_main_address(person: str) -> None:
    """The address on the person's own row is one that she still has. Raises Refused when there is none."""
    left = await Mailbox.select(Mailbox.address).where(Mailbox.person == person).order_by(Mailbox.confirmed_at)
    if not left:
        raise Refused("bad-request", "This is the only address of your account. Add another one first.")
    main = await Person.select(Person.email).where(Person.id == person).first()
    if main and main["email"] not in {row["address"] for row in left}:
        await Person.update({Person.email: left[0]["address"]}).where(Person.id == person)


async def change_of(runtime: Runtime, secret: str) -> tuple[str, str]:
    """What a link to take back is about: the address, and ``added`` or ``removed``. Raises Refused ``link-used``."""
    row = (
        await MailboxChange.select()
        .where(MailboxChange.id == hashed(secret), MailboxChange.expires_at > runtime.now())
        .first()
    )
    if row is None:
        raise Refused("link-used", "This link was used already, or it is too old.")
    return row["address"], row["change"]


async def take_back(runtime: Runtime, staffing: Staffing, secret: str) -> None:
    """Undo the change that a letter told of and all later ones, and sign everybody out. Raises Refused ``link-used``.

    Passkeys that were added since then go too: they may be of whoever made the change. A mailbox alone must not open
    roles by that, so where no passkey is left they wait.
    """
    async with tx():
        found = (
            await MailboxChange.delete()
            .where(MailboxChange.id == hashed(secret), MailboxChange.expires_at > runtime.now())
            .returning(*MailboxChange.all_columns())
        )
        if not found:
            raise Refused("link-used", "This link was used already, or it is too old.")
        person, since = str(found[0]["person"]), found[0]["expires_at"]
        later = (
            await MailboxChange.delete()
            .where(MailboxChange.person == person, MailboxChange.expires_at >= since)
            .returning(*MailboxChange.all_columns())
        )
        await _undo(runtime, person, [*found, *later])
        await _keep_a_main_address(person)
        gone = (
            await Passkey.delete()
            .where(Passkey.person == person, Passkey.created_at >= since - TAKEN_BACK_FOR)
            .returning(Passkey.id)
        )
        if gone and not await Passkey.exists().where(Passkey.person == person):
            await recovering.begin(runtime, staffing, person)
        await sessions.end_all(person)
        await record(runtime, f"person:{person}", "mailbox-change-taken-back", SERVICE, about=person)


async def _undo(runtime: Runtime, person: str, changes: Sequence[Mapping[str, Any]]) -> None:
    """Bring the mailboxes back to what they were before these changes: of each the first one tells."""
    first: dict[str, str] = {}
    for row in sorted(changes, key=lambda row: row["expires_at"]):
        first.setdefault(row["address"], row["change"])
    for address, change in first.items():
        if change == "added":
            await Mailbox.delete().where(Mailbox.address == address, Mailbox.person == person)
        elif await person_with(address) is None:
            await add_mailbox(runtime, person, Spelled(address, address))
            await FormerMailbox.delete().where(FormerMailbox.address == address, FormerMailbox.person == person)

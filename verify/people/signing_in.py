"""Sign in by a link and a code in a mail: whoever reads the mailbox, in the browser that asked, is the person.

Three secrets take part: the link's, the code's six digits, and the nonce of the browser that asked. Two of them are
needed: link and nonce (the usual way), code and nonce (she types it), or link and code (she opens the mail on another
device). A scanner that follows the link has one (SEC-160), so has a page that the link leaked to (SEC-161).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from refolio.credential import base64url
from refolio.errors import Fault
from verify.database import UniqueViolation, tx
from verify.http.cookies import begun_name
from verify.http.refusals import Refused
from verify.outside.mail import send_mail
from verify.people import recovering, sessions
from verify.people.addresses import Spelled
from verify.people.limiting import forget_spans_that_ended, network_of, spend
from verify.people.recognising import prove
from verify.people.staffing import Staffing
from verify.people.tables import Person, SignInLink
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record
from verify.web.filters import moment

LASTS = timedelta(minutes=10)
TRIES = 5
HOUR = timedelta(hours=1)
MAILS_TO_ONE_ADDRESS, MAILS_FOR_ONE_NETWORK, MAILS_AT_ALL = 5, 100, 2000  # an hour; a campus is one network
TRIES_FROM_ONE_NETWORK = 60  # wrong codes an hour
SECRET_BYTES = 32

_CODE = re.compile(r"[0-9]{6}", re.ASCII)
# Where a sign-in may lead: own pages for people, spelled plainly (SEC-137).
_OWN_PATH = re.compile(r"/(?:account|console|join)(?:/[A-Za-z0-9_-]{1,80}){0,4}", re.ASCII)

SUBJECT = "Sign in to Refolio"
BODY = """\
Hello,

somebody, we hope you, wants to sign in to Refolio with this address. Open this link in the browser that you came from:

{url}

Or type this code there: {code}

Both work once, until {until}. If it was not you, you need not do anything; tell nobody the code.
"""


@dataclass(frozen=True, slots=True)
class Done:
    """Signed in: the new session's ``secret`` for the cookie, and where to go on."""

    secret: str
    next_path: str
    staff: bool


def own_path(wanted: str | None) -> str:
    """``wanted`` when it is a page of ours that a sign-in may lead to, else nothing."""
    return wanted if wanted and len(wanted) <= 200 and _OWN_PATH.fullmatch(wanted) else ""


def new_nonce(runtime: Runtime) -> str:
    """A secret for the cookie of a browser that begins."""
    return base64url.encode(runtime.random_bytes(SECRET_BYTES))


async def ask_for_mail(runtime: Runtime, address: Spelled, client: str, next_path: str = "") -> str:
    """Send a mail with link and code, and return the nonce for the browser that asked.

    Known or unknown, every address is treated alike, so neither answer nor time tells them apart (SEC-113, SEC-114).
    Above the limits no mail is sent, and nothing is said either but of the network's own. Raises Refused
    ``too-many-requests`` for that.
    """
    nonce = new_nonce(runtime)
    async with tx():
        await forget_spans_that_ended(runtime)
        await SignInLink.delete().where(SignInLink.expires_at < runtime.now() - HOUR)
        if not await spend(runtime, f"mail for {network_of(client)}", MAILS_FOR_ONE_NETWORK, HOUR):
            raise Refused("too-many-requests", "Too many sign-in mails were asked for from your network this hour.")
        if await spend(runtime, f"mail to {address.normal}", MAILS_TO_ONE_ADDRESS, HOUR) and await spend(
            runtime, "mail", MAILS_AT_ALL, HOUR
        ):
            code, url, until = await new_link(runtime, nonce, address, next_path=own_path(next_path))
            body = BODY.format(url=url, code=code, until=until)
            await send_mail(runtime, address.typed, SUBJECT, body, useless_after=LASTS)
    return nonce


async def new_link(
    runtime: Runtime, nonce: str, address: Spelled, *, next_path: str = "", person: str | None = None
) -> tuple[str, str, str]:
    """Make a link; return its code, its URL and until when it lasts, for the mail. Call inside ``tx()``.

    With ``person`` it adds the mailbox to her account, without it signs in.
    """
    secret = base64url.encode(runtime.random_bytes(SECRET_BYTES))
    code = f"{runtime.random_below(10**6):06}"
    expires = runtime.now() + LASTS
    await SignInLink(
        id=hashed(secret),
        nonce=hashed(nonce),
        code=hashed(hashed(secret) + code),
        address=address.normal,
        spelled=address.typed,
        person=person,
        next_path=next_path,
        expires_at=expires,
    ).save()
    return f"{code[:3]} {code[3:]}", f"{runtime.settings.public_url}/sign-in/link/{secret}", moment(expires)


async def find(runtime: Runtime, cookies: Mapping[str, str], secret: str | None) -> tuple[Mapping[str, Any], bool]:
    """The link with this secret, or the newest of this browser; and whether this browser asked for it.

    Changes nothing. Raises Refused ``link-used`` when it no longer works, or never did.
    """
    nonce = hashed(cookies.get(begun_name(runtime), ""))
    wanted = SignInLink.id == hashed(secret) if secret else SignInLink.nonce == nonce
    row = await SignInLink.select().where(wanted).order_by(SignInLink.expires_at, ascending=False).first()
    if row is None or row["used_at"] or row["expires_at"] <= runtime.now() or row["tries"] >= TRIES:
        raise Refused("link-used", "This link was used already, or it is too old.")
    return row, hmac.compare_digest(row["nonce"], nonce)


async def sign_in(
    runtime: Runtime,
    staffing: Staffing,
    cookies: Mapping[str, str],
    client: str,
    *,
    secret: str | None = None,
    code: str = "",
) -> Done:
    """Use up a link, by two of its three secrets, and open a session; the one this browser had is closed (SEC-155).

    Raises Refused: ``link-used``; ``code-wrong`` when the code is needed and is another; ``account-closed``.
    """
    row = await proven(runtime, cookies, client, secret=secret, code=code)
    if row["person"]:
        raise Refused("link-used", "This link adds a mailbox to an account. Open it there.")
    last = await sessions.session_of(runtime, cookies)
    for _ in range(2):
        try:
            return await _open(runtime, staffing, row, last.id if last else "")
        except UniqueViolation:  # somebody else made the same person at this moment
            continue
    raise Refused("unavailable", "Too much at once.")


async def proven(
    runtime: Runtime,
    cookies: Mapping[str, str],
    client: str,
    *,
    secret: str | None,
    code: str,
    same_browser: bool = False,
) -> Mapping[str, Any]:
    """The link, when two of its secrets were shown; with ``same_browser`` one of them must be the nonce."""
    row, asked_here = await find(runtime, cookies, secret)
    if same_browser and not asked_here:
        raise Refused("link-used", "Open this link in the browser in which you asked for it.")
    if not (secret and asked_here):
        await _require_code(runtime, row, code, client)
    return row


async def _require_code(runtime: Runtime, row: Mapping[str, Any], code: str, client: str) -> None:
    """A try is counted before the code is looked at, so that parallel guesses are not free (SEC-162).

    What cannot be a code is no try: a scanner that presses the button must not use the link up.
    """
    digits = "".join(code.split())
    if not _CODE.fullmatch(digits):
        says = "The code has six digits."
        raise Refused("code-wrong", says, [Fault("code", says, "It stands in the mail, below the link.")])
    async with tx():
        counted = (
            await SignInLink.update({SignInLink.tries: SignInLink.tries + 1})
            .where(
                SignInLink.id == row["id"],
                SignInLink.tries < TRIES,
                SignInLink.used_at.is_null(),
            )
            .returning(SignInLink.tries)
        )
        allowed = await spend(runtime, f"code from {network_of(client)}", TRIES_FROM_ONE_NETWORK, HOUR)
    if not counted:
        raise Refused("link-used", "The code was typed wrongly too often.")
    if not allowed:
        raise Refused("too-many-requests", "Too many codes were tried from here.")
    if not hmac.compare_digest(hashed(row["id"] + digits), row["code"]):
        left = TRIES - counted[0]["tries"]
        says = "The code is not right." if left else "The code is not right, and that was the last try."
        raise Refused("code-wrong", says, [Fault("code", says, "Type the six digits of the newest mail.")])


async def use_up(runtime: Runtime, row: Mapping[str, Any]) -> None:
    """Mark the link as used, once and for all (SEC-159). Call inside ``tx()``. Raises Refused ``link-used``."""
    now = runtime.now()
    used = (
        await SignInLink.update({SignInLink.used_at: now})
        .where(SignInLink.id == row["id"], SignInLink.used_at.is_null(), SignInLink.expires_at > now)
        .returning(SignInLink.id)
    )
    if not used:
        raise Refused("link-used", "This link was used already, or it is too old.")


async def _open(runtime: Runtime, staffing: Staffing, row: Mapping[str, Any], last: str) -> Done:
    async with tx():
        await use_up(runtime, row)
        person = await prove(runtime, Spelled(row["address"], row["spelled"]))
        await require_open_account(person)
        staff, recovery = await recovering.may_use_roles(runtime, staffing, person)
        await sessions.end(last)
        secret = await sessions.begin(runtime, person, method="link", staff=staff)
        detail = {"method": "link", **({"recovery": recovery} if recovery else {})}
        await record(runtime, f"person:{person}", "signed-in", SERVICE, about=person, detail=detail)
    return Done(secret, row["next_path"] or ("/console" if staff else "/account"), staff)


async def require_open_account(person: str) -> None:
    """Raise Refused when the operator has closed the account."""
    row = await Person.select(Person.disabled_at).where(Person.id == person).first()
    if row is None or row["disabled_at"]:
        raise Refused("account-closed", "The operator of this site has closed this account.")


def hashed(secret: str) -> str:
    """SHA-256 in hexadecimal: what is kept of a secret of ours."""
    return hashlib.sha256(secret.encode()).hexdigest()

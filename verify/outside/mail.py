"""Mail, written down in the transaction that causes it and sent afterwards, so that neither comes without the other.

Plain text only. At least once: a worker that dies between sending and noting it sends again, with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from weakref import WeakSet

from verify.database import after_commit
from verify.outside.tables import OutgoingMail
from verify.runtime import Runtime

USELESS_AFTER = timedelta(days=30)
LONGEST_SUBJECT = 150
LONGEST_BODY = 20_000
# The mailboxes that we write to: what SMTP takes without extensions (RFC 5321 §4.1.2), without quoted local parts.
_ADDRESS = re.compile(
    r"(?=.{1,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    re.ASCII,
)

# One event for each worker of this process; the other processes look into the table now and then.
_bells: WeakSet[asyncio.Event] = WeakSet()


async def send_mail(
    runtime: Runtime, address: str, subject: str, body: str, *, useless_after: timedelta = USELESS_AFTER
) -> None:
    """Write a mail into the outbox. Call inside ``tx()``; it is sent after the commit, as soon as it can be.

    ``useless_after`` is how long it is worth sending: as long as a secret in it works, for a letter a month. Raises
    ValueError when it cannot be a mail: an address that is none, a line break or another control character in a header
    (SEC-130), too long.
    """
    now = runtime.now()
    mail = OutgoingMail(
        id=runtime.new_id(),
        address=address,
        subject=subject,
        body=body,
        state="waiting",
        created_at=now,
        due_at=now,
        useless_at=now + useless_after,
    )
    composed(runtime, mail.id, address, subject, body, now)  # what cannot be sent is refused where it is caused
    await mail.save()
    after_commit(_ring)


def is_address(text: str) -> bool:
    """Is this an address that we can write to?"""
    return _ADDRESS.fullmatch(text) is not None


def composed(runtime: Runtime, mail_id: str, address: str, subject: str, body: str, at: datetime) -> EmailMessage:
    """The mail as it is sent, the same at every attempt. Raises ValueError as ``send_mail``."""
    if not is_address(address):
        raise ValueError("This is not an address that mail can be sent to.")
    if not subject.isprintable() or not 0 < len(subject) <= LONGEST_SUBJECT or len(body) > LONGEST_BODY:
        raise ValueError("The subject must be one printable line, and neither it nor the text too long.")
    settings = runtime.settings
    mail = EmailMessage(policy=SMTP)
    name, _, domain = settings.mail_from.partition("<")
    try:
        mail["From"] = Address(name.strip(), addr_spec=(domain.rstrip("> ") or settings.mail_from).strip())
        mail["To"] = Address(addr_spec=address)
    except MessageError:
        raise ValueError("This is not an address that mail can be sent to.") from None
    mail["Subject"] = subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{mail_id}@{settings.host.partition(':')[0]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office answers, please
    mail.set_content(body, cte="quoted-printable" if not body.isascii() else None)
    return mail


def bell() -> asyncio.Event:
    """An event that is set whenever this process has written a mail down and kept it."""
    made = asyncio.Event()
    _bells.add(made)
    return made


def _ring() -> None:
    for one in _bells:
        one.set()

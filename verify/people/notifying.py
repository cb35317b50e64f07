"""Letters to people about their own accounts, to every mailbox that they have proven."""

from __future__ import annotations

from collections.abc import Sequence

from verify.outside.mail import send_mail
from verify.people.tables import Mailbox
from verify.runtime import Runtime


async def mailboxes_of(person: str) -> list[str]:
    """The addresses of a person as she spells them, the oldest first."""
    rows = await Mailbox.select(Mailbox.spelled).where(Mailbox.person == person).order_by(Mailbox.confirmed_at)
    return [str(row["spelled"]) for row in rows]


async def tell(runtime: Runtime, persons: Sequence[str], subject: str, body: str, *, but: str = "") -> None:
    """Write to all mailboxes of these people except ``but``. Call inside ``tx()``."""
    for person in persons:
        for address in await mailboxes_of(person):
            if address != but:
                await send_mail(runtime, address, subject, body)

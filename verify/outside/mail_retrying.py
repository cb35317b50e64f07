"""Mails that were given up: seen by the operator, and sent again once the mail server works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from piccolo.query.functions.aggregate import Count

from verify.database import tx
from verify.outside.tables import OutgoingMail
from verify.runtime import Runtime

LATE_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A mail that was not sent, and why. ``can_be_retried`` while what it says or holds is still worth something."""

    id: str
    created_at: datetime
    address: str
    subject: str
    attempts: int
    fault: str
    can_be_retried: bool


async def given_up(runtime: Runtime) -> list[GivenUp]:
    """The mails that were given up, the oldest first."""
    columns = (getattr(OutgoingMail, name) for name in GivenUp.__annotations__ if name != "can_be_retried")
    rows = (
        await OutgoingMail.select(*columns, OutgoingMail.useless_at)
        .where(OutgoingMail.state == "dead")
        .order_by(OutgoingMail.created_at, OutgoingMail.subject)
    )
    now = runtime.now()
    return [GivenUp(can_be_retried=row.pop("useless_at") > now, **row) for row in rows]


async def mail_counts() -> dict[str, int]:
    """How many mails wait to be sent, and how many were given up."""
    rows = await OutgoingMail.select(OutgoingMail.state, Count()).group_by(OutgoingMail.state)
    found = {row["state"]: row["count"] for row in rows}
    return {"waiting": found.get("waiting", 0), "given_up": found.get("dead", 0)}


async def mail_state(runtime: Runtime) -> str:
    """``late`` while the mail server does not take our mails, else ``ok``; no number, because strangers read it.

    What was refused at once says nothing about the server. What was given up counts for an hour, for a link in a
    mail is worth only minutes.
    """
    tried_again = OutgoingMail.attempts > 1
    given_up_now = (OutgoingMail.state == "dead") & (OutgoingMail.created_at > runtime.now() - LATE_FOR)
    late = await OutgoingMail.exists().where(tried_again & ((OutgoingMail.state == "waiting") | given_up_now))
    return "late" if late else "ok"


async def retry(runtime: Runtime, mail_id: str | None = None) -> int:
    """Let the workers try one mail, or all, as if they were new; return how many that are.

    Not those that were worth something for a time that is over.
    """
    now = runtime.now()
    ones = (OutgoingMail.state == "dead") & (OutgoingMail.useless_at > now)
    async with tx():
        retried = (
            await OutgoingMail.update(
                {OutgoingMail.state: "waiting", OutgoingMail.attempts: 0, OutgoingMail.due_at: now}
            )
            .where(ones & (OutgoingMail.id == mail_id) if mail_id else ones)
            .returning(OutgoingMail.id)
        )
    return len(retried)

"""Tell the intern by mail what happened to her credential, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from verify.credentials import links
from verify.credentials.reasons import Reason, words_for
from verify.issuers import publishing
from verify.issuers.twins import is_twin
from verify.outside.mail import is_address, send_mail
from verify.people import profiles
from verify.people.limiting import spend
from verify.platforms import granting
from verify.runtime import Runtime

MOST_MAILS = 20  # to one address
DAY = timedelta(days=1)
SUBJECT = "A credential of yours was withdrawn"
BODY = """Hello,

{issuer} has withdrawn your credential for “{title}”.

Reason given: {reason}

The credential stays readable at its address, and says that it was withdrawn:
{verdict}

You may answer once. Your words are then shown beside the reason, to everybody who opens that page:
{reply}

If you believe that this is a mistake, please write to {issuer}.
"""


async def tell_withdrawn(runtime: Runtime, row: Mapping[str, Any], reason: Reason) -> None:
    """Write the intern a mail with the reason and the way to her right of reply. Call inside ``tx()``.

    Of a test nobody is told.
    """
    if is_twin(row["issuer"]):
        return
    address = await profiles.address_of(row["person"])
    if not is_address(address):
        return  # taken from a platform before addresses were looked at closely: nothing can be sent there
    if not await spend(runtime, f"withdrawal told to {address}", MOST_MAILS, DAY):
        return  # anybody can make an issuer, and issue and withdraw all day: that must flood nobody
    issuer = await publishing.profile(slug=row["issuer"])
    words = words_for(reason.kind)
    body = BODY.format_map(
        {
            "issuer": issuer.name if issuer else row["issuer"],
            "title": msgspec.json.decode(row["completion"])["project"]["title"],
            "reason": f"{words}. {reason.text}" if words else reason.text,
            "verdict": links.verdict(runtime, row["code"]),
            "reply": links.reply(runtime, row["id"]),
        }
    )
    await send_mail(runtime, address, SUBJECT, body)


async def invite_to_allow(runtime: Runtime, row: Mapping[str, Any], code: str) -> None:
    """Ask the intern, once, whether those who issued this may add to her record. Call inside ``tx()``.

    Of a test nobody is asked.
    """
    if is_twin(row["issuer"]):
        return
    issuer = await publishing.profile(slug=row["issuer"])
    work = granting.Work(
        title=msgspec.json.decode(row["completion"])["project"]["title"],
        issuer=issuer.name if issuer else row["issuer"],
        verdict=links.verdict(runtime, code),
    )
    await granting.invite(runtime, row["person"], granting.grantee_of(row["platform"], row["issuer"]), work)

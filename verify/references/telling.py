"""The mails about references. All sentences are ours; of others there are names, and nothing to click on (SEC-131)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from verify.credentials.tables import Credential
from verify.issuers import publishing
from verify.outside.mail import is_address, send_mail
from verify.people import profiles
from verify.platforms.tables import Platform
from verify.runtime import Runtime
from verify.web.filters import day, one_line

# What a mail program makes a link of: nobody is to send links to strangers through us.
_LIKE_ADDRESS = re.compile(r"://|@|\bwww\.|[^\W_][\w-]+\.[^\W\d_]{2,}", re.IGNORECASE)

ASKS_SUBJECT = "A reference for {intern}?"
ASKS = """Hello {name},

{intern} did a micro-internship at {issuer}. {platform} asks whether you, as {role}, would write a few sentences about
that work. It takes a minute and no account:

{link}

The link is yours alone; please do not pass it on. It is good until {until}. You can also say no there, or that we are
never to write to you again.
"""
COPY_SUBJECT = "Your reference for {intern}"
COPY = """Hello {name},

Thank you. {intern} reads your reference first and decides whether others see it. This is what was signed:

{text}

Should you ever want to take it back, open this link:

{link}
"""
WRITTEN_SUBJECT = "{name} has written a reference about you"
WRITTEN = """Hello,

{name}, {role}, has written a reference about your work at {issuer}. Nobody else can read it until you show it:

{account}
"""


def is_like_address(text: str) -> bool:
    """Would a mail program make a link of it?"""
    return _LIKE_ADDRESS.search(text) is not None


async def tell_referee(runtime: Runtime, reference: Mapping[str, Any], link: str, *, again: bool = False) -> None:
    """Ask the referee, or remind her. Call inside ``tx()``."""
    words = await _words(reference)
    platform = await Platform.select(Platform.name).where(Platform.slug == reference["platform"]).first()
    assert platform, "a foreign key keeps the platform"
    until: datetime = reference["expires_at"]
    body = ASKS.format(**words, platform=one_line(platform["name"], 100), link=link, until=day(until))
    subject = ("Reminder: " if again else "") + ASKS_SUBJECT.format(**words)
    await send_mail(runtime, reference["email"], subject, body, useless_after=until - runtime.now())


async def tell_signed(runtime: Runtime, reference: Mapping[str, Any], link: str) -> None:
    """Send the referee her copy, and the intern word of it. Call inside ``tx()``."""
    words = await _words(reference)
    copy = COPY.format(**words, text=reference["statement"], link=link)
    await send_mail(runtime, reference["email"], COPY_SUBJECT.format(**words), copy)
    address = await profiles.address_of(words["person"])
    if is_address(address):
        account = f"{runtime.settings.public_url}/account/references"
        await send_mail(runtime, address, WRITTEN_SUBJECT.format(**words), WRITTEN.format(**words, account=account))


async def _words(reference: Mapping[str, Any]) -> dict[str, str]:
    row = (
        await Credential.select(Credential.completion, Credential.issuer, Credential.person)
        .where(Credential.id == reference["credential"])
        .first()
    )
    assert row, "a foreign key keeps the credential"
    issuer = await publishing.profile(slug=row["issuer"])
    assert issuer, "a foreign key keeps the issuer"
    intern = str(msgspec.json.decode(row["completion"])["intern"]["name"])
    return {
        "intern": "an intern" if is_like_address(intern) else one_line(intern, 80),
        "issuer": one_line(issuer.name, 100),
        "name": reference["name"],
        "role": reference["role"],
        "person": row["person"],
    }

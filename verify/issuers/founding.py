"""A person makes her organisation an issuer: name, web site and short name in, ready to issue out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from refolio.credential.rules import text_fault
from refolio.errors import Fault
from verify.database import tx
from verify.http.access import Role
from verify.http.refusals import Refused
from verify.issuers.members import SignedIn, roles_of
from verify.issuers.naming import name_fault
from verify.issuers.registering import RESERVED, SLUG, register
from verify.issuers.tables import Issuer, Membership
from verify.people.limiting import spend
from verify.runtime import Runtime
from verify.web.filters import safe_link

FIELDS = ("name", "url", "slug")
LONGEST_NAME, LONGEST_URL, LONGEST_SLUG = 200, 500, 48
NOT_MADE = "The organisation was not made."
A_MOMENT = timedelta(minutes=10)
MOST_A_PERSON, MOST_AN_HOUR = 20, 10  # short names are few and stand for ever
HOUR = timedelta(hours=1)
NOT_SPELLED_OUT = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "&": " and ", "'": "", "’": ""})


async def found(runtime: Runtime, member: SignedIn, form: Mapping[str, str]) -> str:
    """Make the issuer of a form with its first keys and the person as its admin; return its short name.

    The same form again, as by a double click, comes to the same issuer. Raises Refused as described() does.
    """
    name, url, slug = await described(member, form)
    if not await _make(runtime, member, slug, name, url) and not await _made_just_now(runtime, member, slug, name, url):
        raise await taken(slug)
    return slug


async def described(member: SignedIn, form: Mapping[str, str], more: Sequence[Fault] = ()) -> tuple[str, str, str]:
    """Name, web site and short name of a new organisation, as a form has them.

    An empty ``slug`` is made from the name. Raises Refused ``form-refused`` with a fault for each field in the way, and
    ``more`` that were found in other fields.
    """
    name = " ".join(form.get("name", "").split())
    url = with_scheme(form.get("url", "").strip())
    slug = form.get("slug", "").strip().lower() or suggested(name)
    faults = [
        fault for fault in (_name_fault(name), url_fault(url), slug_fault(slug) if slug or name else None) if fault
    ]
    if len(await roles_of(member.person)) >= MOST_A_PERSON:
        faults.append(Fault("name", "You are in twenty organisations already.", "Ask the operator of this site."))
    if faults or more:
        raise Refused("form-refused", NOT_MADE, [*faults, *more])
    return name, url, slug


async def taken(slug: str) -> Refused:
    """What is said of a short name that somebody has."""
    return Refused("form-refused", NOT_MADE, [Fault("slug", f"{slug} is taken.", f"{await free(slug)} is free.")])


async def _make(runtime: Runtime, member: SignedIn, slug: str, name: str, url: str) -> bool:
    """Register it, unless the short name is taken; one of so many an hour."""
    if await Issuer.exists().where(Issuer.slug == slug):
        return False
    await count_one_more(runtime, member)
    return await register(runtime, slug, name, url=url, actor=member.actor, admin=member.session)


async def count_one_more(runtime: Runtime, member: SignedIn) -> None:
    """Take an organisation off what a person may make in an hour. Raises Refused when that was all."""
    async with tx():
        if not await spend(runtime, f"organisation by {member.person}", MOST_AN_HOUR, HOUR):
            fault = Fault("name", "You have made ten organisations in this hour.", "Wait an hour.")
            raise Refused("form-refused", NOT_MADE, [fault])


async def _made_just_now(runtime: Runtime, member: SignedIn, slug: str, name: str, url: str) -> bool:
    """Did this very person make this very issuer a moment ago?"""
    return bool(
        await Membership.exists().where(
            Membership.issuer == slug,
            Membership.issuer.name == name,
            Membership.issuer.url == url,
            Membership.issuer.created_at > runtime.now() - A_MOMENT,
            Membership.person == member.person,
            Membership.role == Role.ADMIN.value,
            Membership.ended_at.is_null(),
        )
    )


def suggested(name: str) -> str:
    """A short name for ``name``: its letters without accents, or ``""`` when it has no Latin letters or digits."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(NOT_SPELLED_OUT))
    ascii_only = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "-".join(re.findall(r"[a-z0-9]+", ascii_only))[:LONGEST_SLUG].strip("-")


async def free(slug: str) -> str:
    """A short name like ``slug`` that nobody has: with the first number that is free behind it."""
    stem = slug[: LONGEST_SLUG - 4].rstrip("-")
    rows = await Issuer.select(Issuer.slug).where(Issuer.slug.like(f"{stem}-%"))
    taken = {row["slug"] for row in rows}
    return next(name for number in range(2, len(taken) + 3) if (name := f"{stem}-{number}") not in taken)


def with_scheme(url: str) -> str:
    """What people type is ``acme.example``; what is stored begins with https."""
    return url if not url or "://" in url else f"https://{url}"


def url_fault(url: str) -> Fault | None:
    """What is wrong with the address of a web site."""
    if len(url) <= LONGEST_URL and safe_link(url) and "." in (urlsplit(url).hostname or ""):
        return None
    return Fault("url", "This is not the address of a web site.", "Write it like https://acme.example.")


def slug_fault(slug: str) -> Fault | None:
    """What is wrong with a short name, before anybody looks whether it is taken."""
    if not SLUG.fullmatch(slug):
        fix = "Use up to 48 lower-case letters, digits and inner hyphens, such as acme-textiles."
        return Fault("slug", "This cannot be a short name." if slug else "A short name is missing.", fix)
    return Fault("slug", "This word has another use here.", "Choose another one.") if slug in RESERVED else None


def _name_fault(name: str) -> Fault | None:
    if not name:
        return Fault("name", "The name is missing.", "Write it as it shall stand on credentials.")
    if len(name) > LONGEST_NAME:
        return Fault("name", "The name is too long.", f"Use at most {LONGEST_NAME} characters.")
    return text_fault("name", name) or name_fault(name)

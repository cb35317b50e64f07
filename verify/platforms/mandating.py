"""Say which platform may deliver for an issuer, and take that back. What was delivered before stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verify.database import tx
from verify.http.access import OPERATOR, Actor, Role
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.issuers.members import hold
from verify.issuers.publishing import IssuerProfile
from verify.issuers.tables import Membership
from verify.people.notifying import tell
from verify.platforms.admitting import CONSOLE, require_platform
from verify.platforms.tables import Mandate, Platform
from verify.runtime import Runtime
from verify.trail.recording import record
from verify.web.filters import one_line


@dataclass(frozen=True, slots=True)
class Mandated:
    """A platform that may deliver for an issuer, or once might: until ``ended_at``. ``own`` is the issuer's own one."""

    platform: str
    name: str
    url: str | None
    own: bool
    since: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A platform as somebody sees it who is to give it a mandate. ``organisation`` is who runs it, if that is known."""

    slug: str
    name: str
    url: str | None
    organisation: IssuerProfile | None
    has_mandate: bool


async def mandate(runtime: Runtime, platform: str, issuer: str, *, actor: Actor = OPERATOR) -> None:
    """Let ``platform`` deliver for ``issuer``; harmless when it already may. Raises Refused when either is unknown."""
    open_ = (Mandate.platform == platform) & (Mandate.issuer == issuer) & Mandate.ended_at.is_null()
    async with tx():
        await require_platform(platform)
        name = await hold(issuer)
        if not await Mandate.exists().where(open_):
            row = Mandate(platform=platform, issuer=issuer, created_at=runtime.now())
            await row.save()
            if actor.person:
                await _tell(runtime, platform, issuer, f"{one_line(name, 80)}: a platform may deliver", _GIVEN, name)
            await record(runtime, actor.name, "mandate-given", issuer, about=platform, rows=[(Mandate, row.id)])


async def end_mandate(runtime: Runtime, platform: str, issuer: str, *, actor: Actor = OPERATOR) -> None:
    """Let ``platform`` deliver no more for ``issuer``, from now on. Raises Refused (404) when it may not anyway."""
    open_ = (Mandate.platform == platform) & (Mandate.issuer == issuer) & Mandate.ended_at.is_null()
    async with tx():
        name = await hold(issuer)
        ended = await Mandate.update({Mandate.ended_at: runtime.now()}).where(open_).returning(Mandate.id)
        if not ended:
            raise Refused("not-found", f"The platform {platform!r} has no mandate for {issuer!r}.")
        if actor.person:
            await _tell(runtime, platform, issuer, f"{one_line(name, 80)}: a mandate has ended", _ENDED, name)
        rows = [(Mandate, row["id"]) for row in ended]
        await record(runtime, actor.name, "mandate-ended", issuer, about=platform, rows=rows)


async def mandates_of(issuer: str) -> list[Mandated]:
    """The platforms of an issuer: those that may deliver first, then those that once might, the latest first."""
    rows = (
        await Mandate.select(
            Mandate.platform,
            Mandate.platform.name.as_alias("name"),
            Mandate.platform.url.as_alias("url"),
            Mandate.platform.organisation.as_alias("organisation"),
            Mandate.created_at,
            Mandate.ended_at,
        )
        .where(Mandate.issuer == issuer)
        .order_by(Mandate.created_at, ascending=False)
    )
    found = [
        Mandated(
            row["platform"], row["name"], row["url"], row["organisation"] == issuer, row["created_at"], row["ended_at"]
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.ended_at is not None)


async def candidate(slug: str, issuer: str) -> Candidate:
    """A platform by its short name. Raises Refused (404) when there is none."""
    row = await Platform.select().where(Platform.slug == slug, Platform.slug != CONSOLE).first()
    if row is None:
        raise Refused("not-found", f"There is no platform with the short name {slug[:60]!r}.")
    organisation = await publishing.profile(slug=row["organisation"]) if row["organisation"] else None
    has = any(one.platform == slug and one.ended_at is None for one in await mandates_of(issuer))
    return Candidate(row["slug"], row["name"], row["url"], organisation, has)


async def _tell(runtime: Runtime, platform: str, issuer: str, subject: str, body: str, name: str) -> None:
    """Write to the admins of both sides. Call inside ``tx()``."""
    row = await Platform.select(Platform.name, Platform.organisation).where(Platform.slug == platform).first()
    assert row, "looked up a moment ago"
    sides = [one for one in {issuer, row["organisation"]} if one]
    admins = await Membership.select(Membership.person).where(
        Membership.issuer.is_in(sides), Membership.role == Role.ADMIN.value, Membership.ended_at.is_null()
    )
    link = f"{runtime.settings.public_url}/console/{issuer}/platforms"
    text = body.format(issuer=one_line(name, 80), platform=one_line(row["name"], 80), slug=platform, link=link)
    await tell(runtime, sorted({one["person"] for one in admins}), subject, text)


_GIVEN = """\
Hello,

from now on the platform {platform} (short name {slug}) may issue and withdraw credentials in the name of {issuer}.

An admin of {issuer} allowed it. Admins of {issuer} can take it back here:
{link}
"""
_ENDED = """\
Hello,

from now on the platform {platform} (short name {slug}) issues nothing more in the name of {issuer}.

An admin of {issuer} took the mandate back. Credentials that were delivered before stay as they are.

{link}
"""

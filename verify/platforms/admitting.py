"""Let a partner in: the platform of the operator's making, and that of an organisation."""

from __future__ import annotations

import hashlib

from verify.database import UniqueViolation, tx
from verify.http.access import OPERATOR, Actor
from verify.http.refusals import Refused
from verify.issuers.naming import name_fault
from verify.issuers.registering import SLUG
from verify.issuers.tables import Issuer
from verify.platforms.tables import Mandate, Platform
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, Rows, record

LONGEST_SLUG = 48
OWN = "own."  # begins the short names of organisations' own platforms
CONSOLE = "console"  # the platform of what an issuer's own members issue here: no partner, no mandate, no API key


async def admit(runtime: Runtime, slug: str, name: str, *, url: str | None = None) -> bool:
    """Add a platform; return False and change nothing when the slug is taken.

    Raises Refused for an unusable slug, and for a name that is not plain text: it is signed into what it delivers.
    """
    if not SLUG.fullmatch(slug) or slug == CONSOLE:
        raise Refused("bad-request", f"{slug!r} is not a short name. Use lower-case letters, digits and hyphens.")
    if fault := name_fault(name):
        raise Refused("bad-request", f"This name cannot be used. {fault.reason} {fault.fix}", [fault])
    async with tx():
        if await Platform.exists().where(Platform.slug == slug):
            return False
        await Platform(slug=slug, name=name, url=url, created_at=runtime.now()).save()
        await record(runtime, OPERATOR.name, "platform-admitted", SERVICE, about=slug, rows=[(Platform, slug)])
    return True


async def open_console(runtime: Runtime) -> None:
    """See to it that there is the platform through which members issue; call it whenever the service starts."""
    row = Platform(slug=CONSOLE, name="The issuer itself", created_at=runtime.now())
    async with tx():
        if await Platform.insert(row).on_conflict(action="DO NOTHING").returning(Platform.slug):
            await record(
                runtime, OPERATOR.name, "platform-admitted", SERVICE, about=CONSOLE, rows=[(Platform, CONSOLE)]
            )


async def platform_of(runtime: Runtime, actor: Actor, slug: str) -> str:
    """The platform of the organisation ``slug``, made now with a mandate for itself if it has none yet; its short name.

    That begins with ``own.``, which no operator can give, so nobody gets hold of a partner's platform by founding an
    organisation of the same name; only the operator links one that there is (``belong_to``).
    """
    if known := await known_platform_of(slug):
        return known
    row = Platform(slug=own_slug(slug), organisation=slug, created_at=runtime.now())
    async with tx():
        issuer = await Issuer.select(Issuer.name, Issuer.url).where(Issuer.slug == slug).first()
        if issuer is None:
            raise Refused("not-found", f"There is no issuer {slug!r}.")
        row.name, row.url = issuer["name"], issuer["url"]
        if await Platform.insert(row).on_conflict(action="DO NOTHING").returning(Platform.slug):
            own = Mandate(platform=row.slug, issuer=slug, created_at=runtime.now())
            await own.save()
            rows: Rows = [(Platform, row.slug), (Mandate, own.id)]
            await record(runtime, actor.name, "platform-opened", slug, about=row.slug, rows=rows)
    return str(row.slug)


async def known_platform_of(slug: str) -> str | None:
    """The short name of the organisation's platform, if it has one."""
    row = await Platform.select(Platform.slug).where(Platform.organisation == slug).first()
    return str(row["slug"]) if row else None


async def belong_to(runtime: Runtime, platform: str, slug: str) -> None:
    """Let the admins of the organisation ``slug`` look after a platform. Raises Refused when either is unknown, or when
    the organisation has a platform."""
    try:
        async with tx():
            await require_platform(platform)
            if platform.startswith(OWN):
                raise Refused("bad-request", f"The platform {platform!r} is an organisation's own and stays so.")
            if not await Issuer.exists().where(Issuer.slug == slug, Issuer.twin_of.is_null()):
                raise Refused("not-found", f"There is no issuer {slug!r}.")
            await Platform.update({Platform.organisation: slug}).where(Platform.slug == platform)
            rows, detail = [(Platform, platform)], {"organisation": slug}
            await record(runtime, OPERATOR.name, "platform-linked", SERVICE, about=platform, detail=detail, rows=rows)
    except UniqueViolation:
        raise Refused("bad-request", f"The organisation {slug!r} has a platform of its own already.") from None


async def require_platform(slug: str) -> None:
    """Raise Refused (404) unless there is such a partner."""
    if slug == CONSOLE or not await Platform.exists().where(Platform.slug == slug):
        raise Refused("not-found", f"There is no platform {slug!r}.")


async def hold_platform(slug: str) -> None:
    """Keep others from adding to a platform until this transaction ends, so that what is counted stays counted.

    Call it inside ``tx()``, first. Raises Refused (404) unless there is such a partner.
    """
    await require_platform(slug)
    await Platform.update({Platform.name: Platform.name}).where(Platform.slug == slug)


def own_slug(slug: str) -> str:
    """The short name that an organisation's own platform has, made or not; a long one is cut, and told by a hash."""
    whole = OWN + slug
    if len(whole) <= LONGEST_SLUG:
        return whole
    return f"{whole[: LONGEST_SLUG - 9]}.{hashlib.sha256(slug.encode()).hexdigest()[:8]}"

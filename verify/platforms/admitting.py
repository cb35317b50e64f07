"""Let a partner in: the platform, its mandates for issuers, its API keys. All of it is the operator's doing."""

from __future__ import annotations

import base64
import hashlib

from verify.database import tx
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers.registering import SLUG
from verify.issuers.tables import Issuer
from verify.platforms.tables import ApiKey, Mandate, Platform
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

KEY_PREFIX = "rf_live_"
KEY_BYTES = 32
HINT = len(KEY_PREFIX) + 4

CONSOLE = "console"  # the platform of what an issuer's own members issue here: no partner, no mandate, no API key


async def admit(runtime: Runtime, slug: str, name: str, *, url: str | None = None) -> bool:
    """Add a platform; return False and change nothing when the slug is taken. Raises Refused for an unusable slug."""
    if not SLUG.fullmatch(slug) or slug == CONSOLE:
        raise Refused("bad-request", f"{slug!r} is not a short name. Use lower-case letters, digits and hyphens.")
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


async def mandate(runtime: Runtime, platform: str, issuer: str) -> None:
    """Let ``platform`` deliver for ``issuer``; harmless when it already may. Raises Refused when either is unknown."""
    async with tx():
        if platform == CONSOLE or not await Platform.exists().where(Platform.slug == platform):
            raise Refused("not-found", f"There is no platform {platform!r}.")
        if not await Issuer.exists().where(Issuer.slug == issuer):
            raise Refused("not-found", f"There is no issuer {issuer!r}.")
        if not await Mandate.exists().where(Mandate.platform == platform, Mandate.issuer == issuer):
            row = Mandate(platform=platform, issuer=issuer, created_at=runtime.now())
            await row.save()
            await record(runtime, OPERATOR.name, "mandate-given", issuer, about=platform, rows=[(Mandate, row.id)])


async def new_api_key(runtime: Runtime, platform: str) -> str:
    """Make an API key and return it. Only its hash is kept, so this is the one time it can be shown.

    Raises Refused when the platform is unknown.
    """
    secret = KEY_PREFIX + base64.urlsafe_b64encode(runtime.random_bytes(KEY_BYTES)).decode().rstrip("=")
    async with tx():
        if platform == CONSOLE or not await Platform.exists().where(Platform.slug == platform):
            raise Refused("not-found", f"There is no platform {platform!r}.")
        row = ApiKey(sha256=fingerprint(secret), platform=platform, hint=secret[:HINT], created_at=runtime.now())
        await row.save()
        await record(runtime, OPERATOR.name, "api-key-made", SERVICE, about=platform, rows=[(ApiKey, row.sha256)])
    return secret


def fingerprint(secret: str) -> str:
    """What is stored of an API key. Plain SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Let a partner in: the platform, its mandates for issuers, its API keys."""

from __future__ import annotations

import base64
import hashlib

from verify.database import tx
from verify.http.refusals import Refused
from verify.issuers.registering import SLUG
from verify.issuers.tables import Issuer
from verify.platforms.tables import ApiKey, Mandate, Platform
from verify.runtime import Runtime

KEY_PREFIX = "rf_live_"
KEY_BYTES = 32
HINT = len(KEY_PREFIX) + 4


async def admit(runtime: Runtime, slug: str, name: str, *, url: str | None = None) -> bool:
    """Add a platform; return False and change nothing when the slug is taken. Raises Refused for an unusable slug."""
    if not SLUG.fullmatch(slug):
        raise Refused("bad-request", f"{slug!r} is not a short name. Use lower-case letters, digits and hyphens.")
    async with tx():
        if await Platform.exists().where(Platform.slug == slug):
            return False
        await Platform(slug=slug, name=name, url=url, created_at=runtime.now()).save()
    return True


async def mandate(runtime: Runtime, platform: str, issuer: str) -> None:
    """Let ``platform`` deliver for ``issuer``; harmless when it already may. Raises Refused when either is unknown."""
    async with tx():
        if not await Platform.exists().where(Platform.slug == platform):
            raise Refused("not-found", f"There is no platform {platform!r}.")
        if not await Issuer.exists().where(Issuer.slug == issuer):
            raise Refused("not-found", f"There is no issuer {issuer!r}.")
        if not await Mandate.exists().where(Mandate.platform == platform, Mandate.issuer == issuer):
            await Mandate(platform=platform, issuer=issuer, created_at=runtime.now()).save()


async def new_api_key(runtime: Runtime, platform: str) -> str:
    """Make an API key and return it. Only its hash is kept, so this is the one time it can be shown.

    Raises Refused when the platform is unknown.
    """
    secret = KEY_PREFIX + base64.urlsafe_b64encode(runtime.random_bytes(KEY_BYTES)).decode().rstrip("=")
    async with tx():
        if not await Platform.exists().where(Platform.slug == platform):
            raise Refused("not-found", f"There is no platform {platform!r}.")
        await ApiKey(sha256=fingerprint(secret), platform=platform, hint=secret[:HINT], created_at=runtime.now()).save()
    return secret


def fingerprint(secret: str) -> str:
    """What is stored of an API key. Plain SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""A platform says that it knows an issuer: for organisations that have no web domain to prove. And takes it back.

One platform vouches at a time. Readers see who does, and until when one did: what was signed meanwhile shows it.
"""

from __future__ import annotations

from typing import Any

from verify.database import tx
from verify.http.access import Action, Actor, Mode, can
from verify.http.refusals import Refused
from verify.issuers.members import hold
from verify.issuers.tables import Issuer
from verify.platforms.tables import Platform
from verify.runtime import Runtime
from verify.trail.recording import record


async def vouch(runtime: Runtime, actor: Actor, slug: str, platform: str) -> None:
    """Let readers know that ``platform`` vouches for the issuer; harmless when it already does.

    Raises Refused: ``not-found`` for an issuer that it has no mandate for; ``already-vouched`` while another one does.
    """
    _require_may(actor, slug, platform)
    known = await Platform.select(Platform.name).where(Platform.slug == platform).first()
    if known is None:
        raise Refused("not-found", f"There is no platform {platform!r}.")
    async with tx():
        await hold(slug)
        row = await _of(slug)
        if row["vouched_by"] and row["vouch_ended_at"] is None:
            if platform == row["voucher"] or (row["voucher"] is None and known["name"] == row["vouched_by"]):
                return
            raise Refused("already-vouched", f"{row['vouched_by']} vouches for {slug!r} already.")
        changes: dict[Any, Any] = {
            Issuer.vouched_by: known["name"],
            Issuer.voucher: platform,
            Issuer.vouched_at: runtime.now(),
            Issuer.vouch_ended_at: None,
        }
        await Issuer.update(changes).where(Issuer.slug == slug)
        await record(runtime, actor.name, "issuer-vouched-for", slug, about=platform, rows=[(Issuer, slug)])


async def take_back(runtime: Runtime, actor: Actor, slug: str, platform: str | None) -> None:
    """End it; harmless when it has ended. The operator ends anybody's by giving no ``platform``.

    Raises Refused ``not-found`` where ``platform`` does not vouch for the issuer, and never did last.
    """
    _require_may(actor, slug, platform)
    known = await Platform.select(Platform.name).where(Platform.slug == platform).first() if platform else None
    async with tx():
        await hold(slug)
        row = await _of(slug)
        by_name = row["voucher"] is None and known is not None and known["name"] == row["vouched_by"]
        if row["vouched_by"] is None or not (platform is None or row["voucher"] == platform or by_name):
            raise Refused("not-found", f"{slug!r} has nobody of this name who vouches for it.")
        if row["vouch_ended_at"] is not None:
            return
        await Issuer.update({Issuer.vouch_ended_at: runtime.now()}).where(Issuer.slug == slug)
        about = platform or str(row["voucher"] or "")
        await record(runtime, actor.name, "vouching-ended", slug, about=about, rows=[(Issuer, slug)])


def _require_may(actor: Actor, slug: str, platform: str | None) -> None:
    """A twin is nobody to be vouched for: what it signs counts for nothing."""
    may = can(actor, Action.VOUCH, slug) and (actor.operator or actor.platform == platform is not None)
    if not may or actor.mode is Mode.TEST:
        in_mode = " that could be vouched for in test mode" * (actor.mode is Mode.TEST)
        raise Refused("not-found", f"Your platform delivers for no issuer of this name{in_mode}.")


async def _of(slug: str) -> dict[str, Any]:
    row = (
        await Issuer.select(Issuer.vouched_by, Issuer.voucher, Issuer.vouch_ended_at).where(Issuer.slug == slug).first()
    )
    assert row, "held a moment ago"
    return dict(row)

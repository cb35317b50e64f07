"""Whose events and webhooks they are: a platform in a mode, and who acts for it just now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers.twins import reached
from verify.platforms.admitting import known_platform_of
from verify.platforms.announcing import LIVE, mandated


@dataclass(frozen=True, slots=True)
class Owner:
    """``issuers`` are those whose events may be seen, ``whole`` is true where those are all that the platform has.

    ``by`` is the name of who acts, for the trail.
    """

    platform: str
    issuers: frozenset[str]
    whole: bool
    by: str
    mode: str = LIVE

    def sees(self, row: Mapping[str, Any]) -> bool:
        """Is this webhook (a row) within what may be seen here?"""
        if (row["platform"], row["mode"]) != (self.platform, self.mode):
            return False
        if row["issuers"] is None:
            return self.whole
        return self.issuers.issuperset(msgspec.json.decode(row["issuers"]))

    def narrowed(self, issuers: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """What is kept of a wish for issuers: who has only some of them can have a webhook for no more."""
        return issuers if issuers is not None or self.whole else tuple(sorted(self.issuers))


async def owner_of(actor: Actor, action: Action) -> Owner:
    """The platform behind an API key. Raises Refused (404) when the key may not do ``action``."""
    if actor.platform is None or not can(actor, action):
        raise Refused("not-found", "There is nothing at this address.")
    all_of_them = await mandated(actor.platform)
    seen = frozenset(slug for slug in all_of_them if reached(actor, slug) in actor.issuers)
    return Owner(actor.platform, seen, seen == all_of_them, actor.name, actor.mode.value)


async def owner_in_console(slug: str, by: str) -> Owner | None:
    """The platform of an organisation in live mode, for its admin. None when it has none yet."""
    platform = await known_platform_of(slug)
    return Owner(platform, await mandated(platform), True, by) if platform else None

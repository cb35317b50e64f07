"""What happened to a credential, for the platform that delivered it, whoever did it and through which door."""

from __future__ import annotations

from collections.abc import Iterable

from verify.credentials import finding
from verify.credentials.answering import members_without_words
from verify.issuers.twins import is_twin, wire_name
from verify.platforms import announcing
from verify.platforms.admitting import CONSOLE
from verify.platforms.announcing import IN_TEST, LIVE, Happening
from verify.runtime import Runtime


async def announce(runtime: Runtime, acts: Iterable[tuple[str, str]]) -> None:
    """Tell of ``acts``, pairs of an event's type and a credential's id, as they stand in this transaction.

    Call once in ``tx()``, after all rows are written and before ``record``.
    """
    happenings = []
    for type_, credential_id in acts:
        stored = await finding.by_id(credential_id)
        if stored is not None and stored.platform != CONSOLE:
            members = await members_without_words(runtime, stored)
            mode = IN_TEST if is_twin(stored.issuer) else LIVE
            issuer = await wire_name(stored.issuer)
            happenings.append(Happening(type_, stored.platform, issuer, members, mode))
    await announcing.announce(runtime, happenings)

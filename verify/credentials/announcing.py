"""What happened to a credential, for the platform that delivered it, whoever did it and through which door."""

from __future__ import annotations

from collections.abc import Iterable

from verify.credentials.answering import TOLD, members_without_words_of_all
from verify.credentials.tables import UNSIGNED, Credential
from verify.issuers.twins import is_twin
from verify.platforms import announcing
from verify.platforms.admitting import CONSOLE
from verify.platforms.announcing import IN_TEST, LIVE, Happening
from verify.runtime import Runtime


async def announce(runtime: Runtime, acts: Iterable[tuple[str, str]]) -> None:
    """Tell of ``acts``, pairs of an event's type and a credential's id, as they stand in this transaction.

    Call once in ``tx()``, after all rows are written and before ``record``.
    """
    told = list(acts)
    which = Credential.id.is_in([credential for _, credential in told] or [""])
    partners = (Credential.platform != CONSOLE) & Credential.state.not_in(UNSIGNED)
    rows = await Credential.select(*TOLD).where(which & partners)
    members = await members_without_words_of_all(runtime, rows)
    known = {row["id"]: (row, said) for row, said in zip(rows, members, strict=True)}
    happenings = []
    for type_, credential in told:
        if credential in known:
            row, said = known[credential]
            mode = IN_TEST if is_twin(row["issuer"]) else LIVE
            happenings.append(Happening(type_, row["platform"], str(said["issuer"]), said, mode))
    await announcing.announce(runtime, happenings)

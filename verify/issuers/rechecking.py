"""Look for the proofs of domains again when their time has come, once among all processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from verify.database import tx
from verify.issuers.domains import look_again
from verify.issuers.tables import DomainProof
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime

RECHECKS_EVERY = 600.0  # seconds between two looks at what is due
LEASE = timedelta(hours=1)  # after which another process takes on what a crash left undone
ACTOR = "service"


async def recheck(
    runtime: Runtime, fetcher: Fetcher, *, all_of_them: bool = False
) -> list[tuple[str, str, str | None]]:
    """Check every proven domain that is due, or all; return (issuer, domain, method found or None) of each."""
    proven = DomainProof.proven_at.is_not_null() & DomainProof.ended_at.is_null()
    due = proven if all_of_them else proven & (DomainProof.next_check_at <= runtime.now())
    done = []
    rows = await DomainProof.select().where(due).order_by(DomainProof.next_check_at).order_by(DomainProof.id)
    for row in rows:
        if await _lease(runtime, row):
            evidence = await look_again(runtime, fetcher, ACTOR, row)
            done.append((row["issuer"], row["domain"], evidence.method))
    return done


async def _lease(runtime: Runtime, row: Mapping[str, Any]) -> bool:
    """Take this check on, unless another process was faster. Only one of them finds the time that it read."""
    async with tx():
        unchanged = (DomainProof.id == row["id"]) & (DomainProof.next_check_at == row["next_check_at"])
        taken = (
            await DomainProof.update({DomainProof.next_check_at: runtime.now() + LEASE})
            .where(unchanged, DomainProof.ended_at.is_null())
            .returning(DomainProof.id)
        )
    return bool(taken)

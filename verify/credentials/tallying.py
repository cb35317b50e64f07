"""What an issuer has issued, in numbers that anybody can recompute from the public files."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

import msgspec

from refolio.credential.model import Completion
from verify.credentials.tables import Credential

LATEST = 1_000  # for the median, so that a page costs the same whatever was issued


@dataclass(frozen=True, slots=True)
class Tally:
    """``withdrawn`` of ``issued``; ``days`` is the median from the last day of work to the day of issue, if any."""

    issued: int
    withdrawn: int
    days: float | None

    @property
    def share_withdrawn(self) -> str:
        """The share in per cent, as text with one decimal."""
        return f"{100 * self.withdrawn / self.issued:.1f}" if self.issued else "0.0"


async def tally(slug: str) -> Tally:
    """Count the credentials of an issuer."""
    own = (Credential.issuer == slug) & (Credential.state != "reserved")
    rows = (
        await Credential.select(Credential.completion, Credential.issued_at)
        .where(own)
        .order_by(Credential.issued_at, ascending=False)
        .limit(LATEST)
    )
    days = [
        (row["issued_at"].date() - msgspec.json.decode(row["completion"], type=Completion).ended).days for row in rows
    ]
    return Tally(
        issued=await Credential.count().where(own),
        withdrawn=await Credential.count().where(Credential.issuer == slug, Credential.withdrawn_at.is_not_null()),
        days=statistics.median(days) if days else None,
    )

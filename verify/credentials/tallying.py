"""What an issuer has issued, in numbers that anybody can recompute from the public files."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import date

import msgspec

from verify.credentials.tables import UNSIGNED, Credential

LATEST = 1_000  # for the median, so that a page costs the same whatever was issued


class _Ended(msgspec.Struct):
    ended: date


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
    own = Credential.issuer == slug
    signed = Credential.state.not_in(UNSIGNED)
    # By columns of one index, so that nothing is opened but the latest: the page is public.
    latest = (
        await Credential.select(Credential.completion, Credential.issued_at)
        .where(own, signed)
        .order_by(Credential.reserved_at, ascending=False)
        .limit(LATEST)
    )
    days = [(row["issued_at"].date() - ended).days for row in latest if (ended := _ended(row["completion"]))]
    return Tally(
        issued=await Credential.count().where(own, signed),
        withdrawn=await Credential.count().where(own, Credential.state == "withdrawn"),
        days=statistics.median(days) if days else None,
    )


def _ended(completion_json: str) -> date | None:
    """The last day of work; None of a row that somebody spoilt (SEC-205)."""
    try:
        return msgspec.json.decode(completion_json, type=_Ended).ended
    except msgspec.DecodeError:
        return None

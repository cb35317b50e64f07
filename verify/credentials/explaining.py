"""What a reader is told of a withdrawal, the same on the verdict page and in a portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from verify.credentials import links, replying
from verify.credentials.examining import Examined, public_successor
from verify.credentials.reasons import words_for
from verify.credentials.replying import Given
from verify.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When and why the issuer withdrew it, what the intern replied, and where its successor is shown (a path)."""

    on: date
    words: str
    reason: str
    reply: Given | None
    successor_path: str | None


async def withdrawal_of(runtime: Runtime, examined: Examined) -> Withdrawal | None:
    """The withdrawal of a credential that was found to be withdrawn."""
    stored = examined.stored
    if not examined.report.withdrawn or stored.withdrawn_at is None:
        return None
    successor = await public_successor(stored)
    return Withdrawal(
        on=stored.withdrawn_at.date(),
        words=words_for(stored.kind),
        reason=stored.reason or "none",
        reply=await replying.given(stored.id),
        successor_path=links.path_of(runtime, links.verdict(runtime, successor.code)) if successor else None,
    )

"""Who may do what: one question, asked in one place, answered no unless a rule says yes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

# Whatever can be fetched answers HEAD too, as RFC 9110 §9.1 asks; the server drops the body.
READS: tuple[Literal["GET"], Literal["HEAD"]] = ("GET", "HEAD")


class Action(StrEnum):
    """Everything a handler can do. Each handler declares its action; ``create_app`` refuses one that does not."""

    READ_PUBLIC = "read-public"
    ISSUE = "issue"
    WITHDRAW = "withdraw"
    READ_ISSUED = "read-issued"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a platform with the issuers it may deliver for, or nobody in particular."""

    platform: str | None = None
    issuers: frozenset[str] = frozenset()


ANYBODY = Actor()


def can(actor: Actor, action: Action, issuer: str | None = None) -> bool:
    """May ``actor`` do ``action`` for this issuer? What is public is for everybody, the rest takes a mandate."""
    if action is Action.READ_PUBLIC:
        return True
    return actor.platform is not None and issuer in actor.issuers

"""The states of a key and the moves between them: one table, enforced here and by a trigger of the database.

``pending`` is published and signs nothing yet, so that whoever keeps a copy of the DID document learns of it in time.
``active`` alone signs; ``retiring`` finishes what was reserved before, and ``retired`` only verifies. ``compromised``
was in other hands since a time that the DID document names. Of a ``destroyed`` key the private
half is gone, the public stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from verify.issuers.tables import IssuerKey

CREDENTIALS, STATUS = "credentials", "status"


class State(StrEnum):
    """Where a key is in its life."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"
    COMPROMISED = "compromised"
    DESTROYED = "destroyed"


MOVES: Mapping[State, frozenset[State]] = {
    State.PENDING: frozenset({State.ACTIVE, State.RETIRED, State.COMPROMISED, State.DESTROYED}),
    State.ACTIVE: frozenset({State.RETIRING, State.COMPROMISED, State.DESTROYED}),
    State.RETIRING: frozenset({State.RETIRED, State.COMPROMISED, State.DESTROYED}),
    State.RETIRED: frozenset({State.COMPROMISED, State.DESTROYED}),
    State.COMPROMISED: frozenset({State.DESTROYED}),
    State.DESTROYED: frozenset({State.COMPROMISED}),  # it is found out later
}
SIGNING = frozenset({State.ACTIVE, State.RETIRING})


async def move(key_id: str, to: State, at: datetime, **also: Any) -> bool:
    """Move a key, if it is where the table lets it go from; one statement, so that of two at once one moves it.

    ``also`` are other columns to set. Call it inside a transaction that records it.
    """
    allowed = [state.value for state, targets in MOVES.items() if to in targets]
    if not allowed:
        return False
    values: dict[Any, Any] = {IssuerKey.state: to.value, IssuerKey.changed_at: at, **also}
    moved = (
        await IssuerKey.update(values)
        .where(IssuerKey.id == key_id, IssuerKey.state.is_in(allowed))
        .returning(IssuerKey.id)
    )
    return bool(moved)

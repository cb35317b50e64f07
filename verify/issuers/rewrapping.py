"""Move every stored private key under the current key-encryption key, while the service works.

Row by row, each in a transaction of its own and only if nobody changed it meanwhile: whenever it is stopped, every row
is readable by a process that has both keys, and the next run goes on with what is left (SEC-209).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from piccolo.columns import Bytea, Varchar
from piccolo.table import Table

from verify.database import tx
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import KeyUnreadable, is_current, rewrapped
from verify.outside.key_service import asked
from verify.runtime import Runtime
from verify.trail import signing_keys
from verify.trail.recording import SERVICE, record
from verify.trail.tables import TrailKey


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys were moved, how many lay there already, and those that do not open, by id."""

    moved: int
    current: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    table: type[Table]
    id_column: Varchar
    wrapped_column: Bytea
    id: str
    owner: str
    purpose: str


async def rewrap(runtime: Runtime, progress: Callable[[int, int], None]) -> Rewrapped:
    """Re-wrap what is not yet under the current key; ``progress`` is told how many of how many are done, after each.

    Raises KeyServiceDown; what was moved before that stays moved.
    """
    places = await _places()
    moved, current, unreadable = 0, 0, []
    for done, place in enumerate(places, 1):
        try:
            if await _rewrap(runtime, place):
                moved += 1
            else:
                current += 1
        except KeyUnreadable:
            unreadable.append(place.id)
        progress(done, len(places))
    return Rewrapped(moved, current, tuple(unreadable))


async def _rewrap(runtime: Runtime, place: _Place) -> bool:
    row = await place.table.select(place.wrapped_column).where(place.id_column == place.id).first()
    old = bytes(row["wrapped"]) if row else b""
    if is_current(runtime, old):
        return False
    new = await asked(runtime, rewrapped, old, place.owner, place.id, place.purpose)
    async with tx():
        changed = (
            await place.table.update({place.wrapped_column: new})
            .where(place.id_column == place.id, place.wrapped_column == old)
            .returning(place.id_column)
        )
        if changed:
            rows, detail = [(place.table, place.id)], {"kek": runtime.kek.kek_id}
            await record(runtime, "operator", "key-rewrapped", place.owner, about=place.id, detail=detail, rows=rows)
    return bool(changed)


async def _places() -> list[_Place]:
    trail = await TrailKey.select(TrailKey.id).order_by(TrailKey.id)
    issuers = await IssuerKey.select(IssuerKey.id, IssuerKey.issuer, IssuerKey.purpose).order_by(IssuerKey.id)
    return [
        *(_Place(TrailKey, TrailKey.id, TrailKey.wrapped, row["id"], SERVICE, signing_keys.PURPOSE) for row in trail),
        *(
            _Place(IssuerKey, IssuerKey.id, IssuerKey.wrapped, row["id"], row["issuer"], row["purpose"])
            for row in issuers
        ),
    ]

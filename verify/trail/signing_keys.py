"""The keys that sign the audit trail, open before they are needed.

An act is recorded inside its transaction, where nobody may wait for a key service. So a process opens the newest key
when it starts, looks now and then for a newer one, and keeps them for as long as it lives. Until it has opened a
newer one it signs with the one it has: entries of either are believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from piccolo.table import Table

from refolio.credential.keys import PrivateKey
from verify.database import Engine
from verify.database.binding import bound_engine
from verify.outside.key_custody import is_at_hand, new_key, open_key
from verify.outside.key_service import asked
from verify.runtime import KeyServiceDown, Runtime
from verify.trail.tables import TrailKey

SERVICE = "service"  # the scope of what concerns no single issuer
PURPOSE = "trail"
LOOKS_EVERY = 30.0  # seconds between two looks for a newer key

Rows = Sequence[tuple[type[Table], object]]
Made = tuple[PrivateKey, bytes]  # a key with its wrapped form


@dataclass
class _Open:
    """What this process has open for a database, by public key; ``spare`` is for one that has no key yet."""

    keys: dict[str, PrivateKey] = field(default_factory=dict)
    spare: Made | None = None


_open: WeakKeyDictionary[Engine, _Open] = WeakKeyDictionary()


async def prepare(runtime: Runtime) -> None:
    """Open the newest key, or make one for a database that has none. Call it outside of transactions.

    Raises KeyUnreadable and KeyServiceDown.
    """
    known = _open.setdefault(bound_engine(), _Open())
    row = await TrailKey.select().order_by(TrailKey.created_at, ascending=False).first()
    if row is None:
        known.spare = known.spare or await made(runtime)
    elif row["id"] not in known.keys:
        known.keys[row["id"]] = await asked(runtime, open_key, bytes(row["wrapped"]), SERVICE, row["id"], PURPOSE)


async def made(runtime: Runtime) -> Made:
    """A new key, which nothing is signed with before add()."""
    return await asked(runtime, new_key, SERVICE, PURPOSE)


async def add(runtime: Runtime, new: Made) -> Rows:
    """Inside tx(): let ``new`` sign from now on; the row written, for the entry that tells of it.

    The older ones stay, because entries are held against them.
    """
    key, wrapped = new
    await TrailKey(id=key.public.multibase, wrapped=wrapped, created_at=runtime.now()).save()
    _open.setdefault(bound_engine(), _Open()).keys[key.public.multibase] = key
    return [(TrailKey, key.public.multibase)]


async def current(runtime: Runtime) -> tuple[PrivateKey, Rows]:
    """Inside tx(): the key to sign with; where there is none, one is added, and told as a row written.

    Raises KeyUnreadable; KeyServiceDown while none has been opened.
    """
    known = _open.setdefault(bound_engine(), _Open())
    rows = await TrailKey.select().order_by(TrailKey.created_at, ascending=False)
    for row in rows:
        if row["id"] not in known.keys and is_at_hand(runtime, bytes(row["wrapped"])):
            known.keys[row["id"]] = open_key(runtime, bytes(row["wrapped"]), SERVICE, row["id"], PURPOSE)
        if row["id"] in known.keys:
            return known.keys[row["id"]], ()
    if not rows and (known.spare or is_at_hand(runtime)):
        new, known.spare = known.spare or new_key(runtime, SERVICE, PURPOSE), None
        return new[0], await add(runtime, new)
    raise KeyServiceDown("The key of the audit trail could not be opened yet.")

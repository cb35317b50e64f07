"""Write an act into the audit trail, in the transaction that does it.

Every scope (an issuer, or the service) has a chain of its own: each entry holds the hash of the one before, and the
digests of the rows that the act wrote. Entries are signed with the trail key, which lies under the key-encryption key:
whoever can only edit the database can neither change an act nor invent one (``python -m verify audit``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from piccolo.columns import Serial
from piccolo.table import Table

from refolio.credential import base64url
from refolio.credential.reading import JSON
from verify.runtime import Runtime
from verify.trail import signing_keys
from verify.trail.digesting import digest
from verify.trail.signing_keys import SERVICE as SERVICE
from verify.trail.signing_keys import Rows as Rows
from verify.trail.tables import TrailEntry, TrailHead

FIRST = "0" * 64


async def record(
    runtime: Runtime,
    actor: str,
    act: str,
    scope: str,
    *,
    about: str = "",
    detail: Mapping[str, JSON] | None = None,
    rows: Rows = (),
) -> None:
    """Append one entry to the chain of ``scope``. Call it once in a transaction, as its last statement.

    ``actor`` is ``Actor.name``, ``act`` a past participle (``key-rotated``), ``about`` the id of what it was done to.
    ``rows`` names (table, primary key) of all that the transaction wrote; they are read back, so that the trail knows
    what the database keeps. ``detail`` holds no names, addresses or secrets: an entry cannot be taken back.
    """
    key, new = await signing_keys.current(runtime)
    written = [await _written(table, key_of_row) for table, key_of_row in [*rows, *new]]
    number, previous = await _next_place(scope)
    now = runtime.now()
    body = msgspec.json.encode(
        {
            "scope": scope,
            "number": number,
            "previous": previous,
            "at": now.isoformat(),
            "actor": actor,
            "act": act,
            "about": about,
            "detail": dict(detail or {}),
            "rows": written,
        }
    )
    entry_hash = hashlib.sha256(body).hexdigest()
    await TrailEntry(
        hash=entry_hash,
        scope=scope,
        number=number,
        act=act,
        about=about,
        at=now,
        body=body.decode(),
        key=key.public.multibase,
        signature=base64url.encode(key.sign(bytes.fromhex(entry_hash))),
    ).save()
    await TrailHead.update({TrailHead.hash: entry_hash}).where(TrailHead.scope == scope)


async def _next_place(scope: str) -> tuple[int, str]:
    """The number of the next entry and the hash of the last one.

    The update locks the end of the chain until this transaction ends, so that entries of a scope never branch.
    """
    for _ in range(2):
        head = (
            await TrailHead.update({TrailHead.number: TrailHead.number + 1})
            .where(TrailHead.scope == scope)
            .returning(TrailHead.number, TrailHead.hash)
        )
        if head:
            return head[0]["number"], head[0]["hash"]
        await TrailHead.insert(TrailHead(scope=scope, number=0, hash=FIRST)).on_conflict(action="DO NOTHING")
    raise AssertionError("the row was inserted a moment ago")


async def _written(table: type[Table], key: object) -> list[str]:
    column = table._meta.primary_key
    row = await table.select().where(column == (int(str(key)) if isinstance(column, Serial) else key)).first()
    assert row, f"{table._meta.tablename} has no row {key}, although this transaction wrote it"
    return [table._meta.tablename, str(key), digest(table, row)]

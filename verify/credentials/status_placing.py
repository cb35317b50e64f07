"""Where the status of a document goes: an issuer's newest list, a free random index in it, the next list in time."""

from __future__ import annotations

import base64

from refolio.credential.status_list import MINIMUM_ENTRIES
from verify.credentials.tables import Credential, StatusList, StatusPlace
from verify.runtime import Runtime
from verify.trail.recording import Rows

CANDIDATES = 16


async def place_for(runtime: Runtime, issuer: str, holds: str | None = None) -> tuple[str, int, Rows]:
    """A free random index in the issuer's newest list; the next list, told as a row written, when chance finds none.

    ``holds`` is None for a credential; other documents have lists of their own, so no index is ever taken twice.
    Random, so that indexes tell neither order nor number of credentials (SEC-088). Unique indexes decide
    races for an index and for the next list.
    """
    lists = (
        await StatusList.select(StatusList.id, StatusList.length, StatusList.number, StatusList.holds)
        .where(StatusList.issuer == issuer)
        .order_by(StatusList.number, ascending=False)
    )
    if newest := next((one for one in lists if one["holds"] == holds), None):
        table = StatusPlace if holds else Credential
        candidates = [runtime.random_below(newest["length"]) for _ in range(CANDIDATES)]
        taken = await table.select(table.status_index).where(
            table.status_list == newest["id"], table.status_index.is_in(candidates)
        )
        if free := [index for index in candidates if index not in {row["status_index"] for row in taken}]:
            return newest["id"], free[0], ()
    # The number that was read above: of two who found no list, only one makes it.
    row = await new_list(runtime, issuer, lists[0]["number"] + 1 if lists else 1, holds=holds)
    return str(row[1]), runtime.random_below(MINIMUM_ENTRIES), [row]


async def new_list(
    runtime: Runtime,
    issuer: str,
    number: int,
    *,
    holds: str | None = None,
    list_id: str = "",
    length: int = MINIMUM_ENTRIES,
) -> tuple[type[StatusList], str]:
    """Make the issuer's list of this number, into which such documents go from now on, in the caller's transaction.

    Returns the row written. Raises UniqueViolation when another process makes it at this moment.
    """
    list_id = list_id or base64.b32encode(runtime.random_bytes(15)).decode().lower()
    row = StatusList(id=list_id, issuer=issuer, number=number, length=length, holds=holds, created_at=runtime.now())
    await row.save()
    return StatusList, list_id


async def next_number(issuer: str) -> int:
    """The number of the issuer's next list."""
    last = (
        await StatusList.select(StatusList.number)
        .where(StatusList.issuer == issuer)
        .order_by(StatusList.number, ascending=False)
        .first()
    )
    return last["number"] + 1 if last else 1

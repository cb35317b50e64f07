"""Status lists: composed from the withdrawals, signed by the issuer, kept until something changes.

Publishing is lazy and safe to repeat: whoever asks for a list that is behind, or near the end of its day,
makes the next edition first. A list is never replaced by an older edition (SEC-089), and what was published once is
remembered outside the database too, so that an older copy of that takes nothing back (SEC-086, restoring.py). For
issuers that hold their own keys nothing is signed here: what they signed last is served (list_signing.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.issuing import LIST_VALID_FOR
from refolio.credential.proof import eddsa_rdfc_2022
from verify.credentials import links
from verify.credentials.own_output import require_own_output
from verify.credentials.remembering import RememberedList, remember_list, remembered_list, union
from verify.credentials.tables import Credential, StatusList, StatusPlace
from verify.database import tx
from verify.issuers import publishing
from verify.issuers.key_states import STATUS
from verify.issuers.rotating import promote_due
from verify.issuers.signing import active_key_id, private_key
from verify.runtime import KeyServiceDown, Runtime
from verify.trail.recording import record

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(days=1)  # how long we serve it before signing a new one


async def current(runtime: Runtime, list_id: str) -> bytes | None:
    """The signed list with every withdrawal committed so far, or None when there is no such list."""
    row = await StatusList.select().where(StatusList.id == list_id).first()
    if row is None:
        return None
    if await publishing.holds_key(row["issuer"]):
        return bytes(row["document"]) if row["document"] is not None else None
    await promote_due(runtime, row["issuer"])
    key_id = await active_key_id(row["issuer"], STATUS)
    if _is_due(runtime, row, key_id):
        async with _turn(list_id):  # of many who wait here, the first makes the edition that all of them need
            row = await StatusList.select().where(StatusList.id == list_id).first()
            if row and _is_due(runtime, row, key_id):
                await _publish_if_possible(runtime, row, key_id)
                row = await StatusList.select(StatusList.document).where(StatusList.id == list_id).first()
    return bytes(row["document"]) if row and row["document"] is not None else None


def _is_due(runtime: Runtime, row: Mapping[str, Any], key_id: str) -> bool:
    behind: bool = row["published"] < row["version"] or row["key"] != key_id
    return behind or row["fresh_until"] is None or row["fresh_until"] <= runtime.now()


_turns: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()


def _turn(list_id: str) -> asyncio.Lock:
    """The lock of this list in this event loop. Other processes do not wait for us: the database decides between us."""
    return _turns.setdefault((id(asyncio.get_running_loop()), list_id), asyncio.Lock())


async def address(runtime: Runtime, list_id: str) -> str:
    """Where the list is published: the address that its credentials were signed with, also after a move (SEC-092)."""
    row = await StatusList.select(StatusList.document).where(StatusList.id == list_id).first()
    if row and (stated := _stated(row["document"], "id")):
        return stated
    issued = (
        await Credential.select(Credential.document)
        .where(Credential.status_list == list_id, Credential.document.is_not_null())
        .first()
    )
    stated = _stated(issued["document"], "credentialStatus", "statusListCredential") if issued else None
    return stated or links.status_list(runtime, list_id)


def _stated(document: bytes | None, *path: str) -> str | None:
    """The text at ``path`` in a stored document; None also where somebody spoilt the row (SEC-205)."""
    try:
        found = msgspec.json.decode(document or b"null")
        for name in path:
            found = found[name]
    except (msgspec.DecodeError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) else None


async def withdrawn_bits(runtime: Runtime, row: Mapping[str, Any]) -> bytes:
    """What the next edition of a list has to say: every bit ever published, and every withdrawal until now."""
    withdrawn = await Credential.select(Credential.status_index).where(
        Credential.status_list == row["id"], Credential.state == "withdrawn"
    )
    withdrawn += await StatusPlace.select(StatusPlace.status_index).where(
        StatusPlace.status_list == row["id"], StatusPlace.withdrawn_at.is_not_null()
    )
    bits = status_list.with_bits(row["length"], (one["status_index"] for one in withdrawn))
    if row["document"]:
        last = status_list.decode(msgspec.json.decode(row["document"])["credentialSubject"]["encodedList"])
        bits = union(bits, last)
    if remembered := await remembered_list(runtime, row["id"]):
        bits = union(bits, remembered.bits)
    return bits


async def _publish_if_possible(runtime: Runtime, row: Mapping[str, Any], key_id: str) -> None:
    """While the key service is silent, the last edition serves on if it lacks no withdrawal; it holds for two weeks."""
    try:
        await _publish(runtime, row, key_id)
    except KeyServiceDown as error:
        if row["document"] is None or row["published"] < row["version"]:
            raise
        log.error("The status list %s could not be signed anew: %s", row["id"], error)


async def _publish(runtime: Runtime, row: Mapping[str, Any], key_id: str) -> None:
    """Sign the next edition: every bit of the last one, and every withdrawal up to the version in ``row`` at least.

    The withdrawals are read after the version was, so an edition may hold more than it says, never less; a row
    that somebody set back by hand takes no bit away (SEC-086).
    """
    list_id, issuer, version = row["id"], row["issuer"], row["version"]
    bits = await withdrawn_bits(runtime, row)
    profile = await publishing.profile(slug=issuer)
    assert profile, "a foreign key keeps the issuer of every list"
    now = runtime.now()
    unsigned = status_list.compose(
        list_id=await address(runtime, list_id),
        issuer=profile.did,
        valid_from=timestamps.format(now),
        valid_until=timestamps.format(now + LIST_VALID_FOR),
        bits=bits,
    )
    proof = eddsa_rdfc_2022.sign(
        unsigned,
        await private_key(runtime, issuer, key_id),
        verification_method=f"{profile.did}#{key_id}",
        created=timestamps.format(now),
    )
    document = msgspec.json.encode({**unsigned, "proof": proof})
    await require_own_output(runtime, document, issuer, profile.did)
    # Outside first: nobody is ever shown a bit that a restored database could take back.
    await remember_list(runtime, RememberedList(list_id, issuer, row["length"], version, document.decode()))
    async with tx():
        published = (
            await StatusList.update(
                {
                    StatusList.document: document,
                    StatusList.key: key_id,
                    StatusList.published: version,
                    StatusList.fresh_until: now + FRESH_FOR,
                }
            )
            .where(
                StatusList.id == list_id,
                (StatusList.published < version)
                | (
                    (StatusList.published == version)
                    & (
                        StatusList.fresh_until.is_null()
                        | (StatusList.fresh_until <= now)
                        | StatusList.key.is_null()
                        | (StatusList.key != key_id)
                    )
                ),
            )
            .returning(StatusList.id)
        )
        if published:
            detail, rows = {"key": key_id, "version": version}, [(StatusList, list_id)]
            await record(runtime, "service", "status-list-published", issuer, about=list_id, detail=detail, rows=rows)

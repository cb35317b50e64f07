"""Status lists: composed from the withdrawals, signed by the issuer, kept until something changes.

Publishing is lazy and safe to repeat: whoever asks for a list that is behind, or near the end of its day,
makes the next edition first. A list is never replaced by an older edition (SEC-089).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.proof import eddsa_rdfc_2022
from verify.credentials import links
from verify.credentials.tables import Credential, StatusList
from verify.database import tx
from verify.issuers import publishing
from verify.issuers.signing import active_key_id, private_key
from verify.runtime import Runtime
from verify.trail.recording import record

VALID_FOR = timedelta(days=14)  # how long a copy may serve a verifier who cannot reach us
FRESH_FOR = timedelta(days=1)  # how long we serve it before signing a new one


async def current(runtime: Runtime, list_id: str) -> bytes | None:
    """The signed list with every withdrawal committed so far, or None when there is no such list."""
    row = await StatusList.select().where(StatusList.id == list_id).first()
    if row is None:
        return None
    if row["published"] < row["version"] or row["fresh_until"] is None or row["fresh_until"] <= runtime.now():
        await _publish(runtime, row)
        row = await StatusList.select(StatusList.document).where(StatusList.id == list_id).first()
    return bytes(row["document"]) if row else None


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


async def _publish(runtime: Runtime, row: Mapping[str, Any]) -> None:
    """Sign the next edition: every bit of the last one, and every withdrawal up to the version in ``row`` at least.

    The withdrawals are read after the version was, so an edition may hold more than it says, never less; a row
    that somebody set back by hand takes no bit away (SEC-086).
    """
    list_id, issuer, version = row["id"], row["issuer"], row["version"]
    withdrawn = await Credential.select(Credential.status_index).where(
        Credential.status_list == list_id, Credential.state == "withdrawn"
    )
    bits = status_list.with_bits(row["length"], (credential["status_index"] for credential in withdrawn))
    if row["document"]:
        last = status_list.decode(msgspec.json.decode(row["document"])["credentialSubject"]["encodedList"])
        bits = bytes(new | old for new, old in zip(bits, last, strict=True))
    profile = await publishing.profile(slug=issuer)
    assert profile, "a foreign key keeps the issuer of every list"
    key_id = await active_key_id(issuer)
    now = runtime.now()
    unsigned = status_list.compose(
        list_id=await address(runtime, list_id),
        issuer=profile.did,
        valid_from=timestamps.format(now),
        valid_until=timestamps.format(now + VALID_FOR),
        bits=bits,
    )
    proof = eddsa_rdfc_2022.sign(
        unsigned,
        await private_key(runtime, issuer, key_id),
        verification_method=f"{profile.did}#{key_id}",
        created=timestamps.format(now),
    )
    async with tx():
        published = (
            await StatusList.update(
                {
                    StatusList.document: msgspec.json.encode({**unsigned, "proof": proof}),
                    StatusList.published: version,
                    StatusList.fresh_until: now + FRESH_FOR,
                }
            )
            .where(
                StatusList.id == list_id,
                (StatusList.published < version)
                | (
                    (StatusList.published == version)
                    & (StatusList.fresh_until.is_null() | (StatusList.fresh_until <= now))
                ),
            )
            .returning(StatusList.id)
        )
        if published:
            detail, rows = {"key": key_id, "version": version}, [(StatusList, list_id)]
            await record(runtime, "service", "status-list-published", issuer, about=list_id, detail=detail, rows=rows)

"""Revocation lists: composed from the withdrawals, signed by the issuer, kept until something changes.

Publishing is lazy and safe to repeat: whoever asks for a list that is behind, or near the end of its day,
makes the next edition first. A list is never replaced by an older edition (SEC-089).
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.proof import eddsa_rdfc_2022
from verify.credentials import links
from verify.credentials.tables import Credential, StatusList
from verify.database import tx
from verify.issuers import publishing
from verify.issuers.signing import active_key_id, private_key
from verify.runtime import Runtime

VALID_FOR = timedelta(days=14)  # how long a copy may serve a verifier who cannot reach us
FRESH_FOR = timedelta(days=1)  # how long we serve it before signing a new one


async def current(runtime: Runtime, list_id: str) -> bytes | None:
    """The signed list with every withdrawal committed so far, or None when there is no such list."""
    row = await StatusList.select().where(StatusList.id == list_id).first()
    if row is None:
        return None
    if row["published"] < row["version"] or row["fresh_until"] is None or row["fresh_until"] <= runtime.now():
        await _publish(runtime, list_id, row["issuer"], row["length"], row["version"])
        row = await StatusList.select(StatusList.document).where(StatusList.id == list_id).first()
    return bytes(row["document"]) if row else None


async def _publish(runtime: Runtime, list_id: str, issuer: str, length: int, version: int) -> None:
    """Sign an edition holding at least the withdrawals of ``version``: the bits are read after the version was."""
    withdrawn = await Credential.select(Credential.status_index).where(
        Credential.status_list == list_id, Credential.state == "withdrawn"
    )
    bits = status_list.with_bits(length, (row["status_index"] for row in withdrawn))
    profile = await publishing.profile(slug=issuer)
    assert profile, "a foreign key keeps the issuer of every list"
    key_id = await active_key_id(issuer)
    now = runtime.now()
    unsigned = status_list.compose(
        list_id=links.status_list(runtime, list_id),
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
        await StatusList.update(
            {
                StatusList.document: msgspec.json.encode({**unsigned, "proof": proof}),
                StatusList.published: version,
                StatusList.fresh_until: now + FRESH_FOR,
            }
        ).where(
            StatusList.id == list_id,
            (StatusList.published < version)
            | (
                (StatusList.published == version) & (StatusList.fresh_until.is_null() | (StatusList.fresh_until <= now))
            ),
        )

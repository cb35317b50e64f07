"""A reservation keeps the key that it was made with, unless that key may not sign any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.credentials.tables import Credential, CredentialEdition
from verify.database import tx
from verify.issuers.rotating import promote_due
from verify.issuers.signing import active_key_id, signs_still
from verify.runtime import Runtime
from verify.trail.recording import record


async def key_that_signs(
    runtime: Runtime,
    table: type[Credential] | type[CredentialEdition],
    row: Mapping[str, Any],
    *,
    issuer: str,
    credential_id: str,
) -> str:
    """The key of a reservation; bound to the active one where its own was given up. Nobody has seen it signed yet."""
    if await signs_still(row["key"]):
        return str(row["key"])
    await promote_due(runtime, issuer)
    key = await active_key_id(issuer)
    async with tx():
        bound = (
            await table.update({table.key: key})
            .where(table.id == row["id"], table.state == "reserved", table.key == row["key"])
            .returning(table.id)
        )
        if bound:
            rows, detail = [(table, row["id"])], {"key": key}
            await record(
                runtime, "service", "reservation-rekeyed", issuer, about=credential_id, detail=detail, rows=rows
            )
    return key

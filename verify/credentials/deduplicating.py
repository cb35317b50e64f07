"""What was issued before from the same record, with other facts (SEC-152)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refolio.errors import Fault
from verify.credentials.tables import Credential
from verify.http.refusals import Refused

RECORD_TAKEN = Fault(
    "record",
    "This record was issued before, with other facts.",
    "Look at the earlier credential. Replace it if it is wrong; leave the row out if it is right.",
)


async def refuse_second_record(issuer: str, platform: str, record: str, credential_id: str) -> None:
    """Raise Refused (409) when another current credential was issued from the same record, with other facts."""
    others = current_from(issuer, platform, [record])
    if await Credential.exists().where(*others, Credential.id != credential_id):
        raise Refused("duplicate-completion", RECORD_TAKEN.reason, [RECORD_TAKEN])


def current_from(issuer: str, platform: str, records: Sequence[str]) -> tuple[Any, ...]:
    """The condition for credentials from these records that are neither withdrawn nor given up."""
    return (
        Credential.issuer == issuer,
        Credential.record.is_in(list(records)),
        Credential.platform == platform,
        Credential.state.not_in(["withdrawn", "lapsed"]),
    )

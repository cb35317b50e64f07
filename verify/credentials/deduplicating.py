"""What was issued before: the same work, or the same record with other facts (SEC-152, SEC-181)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from refolio.credential.canonical import jcs
from refolio.credential.model import Completion
from refolio.credential.rules import normal_email
from refolio.errors import Fault
from verify.credentials.tables import Credential
from verify.http.refusals import Refused
from verify.trail.recording import Rows

RECORD_TAKEN = Fault(
    "record",
    "This record was issued before, with other facts.",
    "Look at the earlier credential. Replace it if it is wrong; leave the row out if it is right.",
)


def natural_key_of(completion: Completion) -> str:
    """What makes two completions the same piece of work: issuer, person, project and dates (SEC-181)."""
    return hashlib.sha256(
        jcs(
            [
                completion.issuer,
                normal_email(completion.intern.email),
                completion.project.title.casefold(),
                completion.started.isoformat(),
                completion.ended.isoformat(),
            ]
        )
    ).hexdigest()


async def refuse_duplicate(natural_key: str, platform: str, now: datetime) -> Rows:
    """Raise Refused (409) where this work is issued, or reserved and may still be; what was given up for it (rows)."""
    found = Credential.select(Credential.completion, Credential.platform, Credential.lease_until)
    row = await found.where(Credential.natural_key == natural_key).first()
    given_up: Rows = ()
    if row and row["lease_until"] and row["lease_until"] <= now and (given_up := await _give_up(now, natural_key)):
        row = None
    if row:  # another platform's record id is none of the caller's business
        own = row["platform"] == platform
        known_as = f"as record {msgspec.json.decode(row['completion'])['record']!r}" if own else "by another platform"
        raise Refused(
            "duplicate-completion",
            f"This person, project and dates were already issued {known_as}.",
            [
                Fault(
                    "project.title", "The same work was issued before.", "Withdraw the earlier one, or allow_duplicate."
                )
            ],
        )
    return given_up


async def _give_up(now: datetime, natural_key: str) -> Rows:
    """Free the work of a reservation that was not signed in time; the rows written. Its index stays taken (SEC-189)."""
    given_up = (
        await Credential.update({Credential.state: "lapsed", Credential.natural_key: None})
        .where(Credential.natural_key == natural_key, Credential.state == "reserved", Credential.lease_until <= now)
        .returning(Credential.id)
    )
    return [(Credential, row["id"]) for row in given_up]


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

"""Look up issued credentials. A reservation is never found: nothing of it is public."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verify.credentials.tables import UNSIGNED, Credential, CredentialEdition
from verify.platforms.granting import grantee_of

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A credential as it is kept: ``document`` are the signed bytes, the rest is what we know about it."""

    id: str
    issuer: str
    platform: str
    person: str
    record_json: str
    code: str
    document: bytes
    issued_at: datetime
    withdrawn_at: datetime | None
    reason: str | None
    kind: str | None  # of the reason (reasons.py)
    edition: int  # which edition ``document`` is, from 1
    corrected_at: datetime | None  # when it came in the place of an earlier edition
    replaces: str | None  # id of the withdrawn credential that this one succeeds

    @property
    def recorded_at(self) -> datetime:
        """Since when ``document`` is on record here."""
        return self.corrected_at or self.issued_at


async def by_id(credential_id: str) -> Stored | None:
    """Find by UUID (lower-case text); anything else is simply not there."""
    if not UUID.fullmatch(credential_id):
        return None
    return _stored(await Credential.select().where(Credential.id == credential_id).first())


async def by_code(code: str) -> Stored | None:
    """Find by verification code, without hyphens and in upper case.

    The code of an earlier edition finds the credential as it is now, under another code.
    """
    row = await Credential.select().where(Credential.code == code).first()
    if row is None and (earlier := (await by_earlier_codes([code])).get(code)):
        row = await Credential.select().where(Credential.id == earlier).first()
    return _stored(row)


async def by_earlier_codes(codes: Collection[str]) -> dict[str, str]:
    """Code → id of the credential that has, or had before it was corrected, an edition with this code."""
    rows = await CredentialEdition.select(CredentialEdition.credential, CredentialEdition.code).where(
        CredentialEdition.code.is_in(list(codes))
    )
    return {row["code"]: row["credential"] for row in rows}


async def successor_of(stored: Stored) -> Stored | None:
    """The credential that was issued in the place of this withdrawn one."""
    return _stored(await Credential.select().where(Credential.replaces == stored.id).first())


async def successors(credential_ids: Sequence[str]) -> dict[str, str]:
    """The ids of the credentials that were issued in the place of these, by the id of the earlier one."""
    if not credential_ids:
        return {}
    rows = await Credential.select(Credential.id, Credential.replaces, Credential.state).where(
        Credential.replaces.is_in(list(credential_ids))
    )
    return {row["replaces"]: row["id"] for row in rows if row["state"] not in UNSIGNED}


async def by_person(person_id: str, most: int, grantees: Collection[str]) -> tuple[list[Stored], int]:
    """The ``most`` credentials of a person issued last, also withdrawn ones, and how many came before.

    Only those from ``grantees``, whom she has allowed to add to her record (verify/platforms/granting.py).
    """
    own = (Credential.person == person_id) & Credential.state.not_in(UNSIGNED)
    found = (
        await Credential.select(Credential.id, Credential.platform, Credential.issuer)
        .where(own)
        .order_by(Credential.issued_at, ascending=False)
    )
    ids = [row["id"] for row in found if grantee_of(row["platform"], row["issuer"]) in grantees]
    newest = Credential.select().where(Credential.id.is_in(ids[:most] or [""]))
    rows = await newest.order_by(Credential.issued_at, ascending=False)
    earlier = len(ids) - len(rows)
    return [stored for row in rows if (stored := _stored(row))], earlier


async def by_achievement(achievement: str) -> Stored | None:
    """Any credential of this achievement."""
    return _stored(await Credential.select().where(Credential.achievement == achievement).first())


def _stored(row: Mapping[str, Any] | None) -> Stored | None:
    if row is None or row["state"] in UNSIGNED:
        return None
    return Stored(
        id=row["id"],
        issuer=row["issuer"],
        platform=row["platform"],
        person=row["person"],
        record_json=row["completion"],
        code=row["code"],
        document=bytes(row["document"]),
        issued_at=row["issued_at"],
        withdrawn_at=row["withdrawn_at"],
        reason=row["reason"],
        kind=row["reason_kind"],
        edition=row["edition"],
        corrected_at=row["corrected_at"],
        replaces=row["replaces"],
    )

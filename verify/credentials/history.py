"""What happened to a credential, in dates and kinds, for those who issued it. Nobody can take a line out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verify.credentials.tables import Credential, CredentialEdition, Reply


@dataclass(frozen=True, slots=True)
class Act:
    """``what``: issued, corrected, withdrawn, replied, reply-taken-back or replaced; ``kind`` of a withdrawal."""

    what: str
    at: datetime
    kind: str | None = None


async def history_of(credential_id: str) -> list[Act]:
    """The acts on an issued credential, oldest first. Neither earlier editions nor replies are told of in words."""
    row = await Credential.select().where(Credential.id == credential_id).first()
    if row is None or row["state"] == "reserved":
        return []
    editions = await CredentialEdition.select(CredentialEdition.issued_at).where(
        CredentialEdition.credential == credential_id,
        CredentialEdition.number > 1,
        CredentialEdition.state.is_in(["current", "superseded"]),
    )
    acts = [Act("issued", row["issued_at"]), *(Act("corrected", edition["issued_at"]) for edition in editions)]
    if row["withdrawn_at"]:
        acts.append(Act("withdrawn", row["withdrawn_at"], row["reason_kind"]))
    successor = await Credential.select(Credential.issued_at).where(Credential.replaces == credential_id).first()
    if successor and successor["issued_at"]:
        acts.append(Act("replaced", successor["issued_at"]))
    if reply := await Reply.select().where(Reply.credential == credential_id).first():
        acts.append(Act("replied", reply["given_at"]))
        if reply["taken_back_at"]:
            acts.append(Act("reply-taken-back", reply["taken_back_at"]))
    return sorted(acts, key=lambda act: act.at)

"""Withdraw a credential: final, with a reason, visible at once; the signed document stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.credentials.announcing import announce
from verify.credentials.reasons import Reason, reason_from
from verify.credentials.remembering import remember_act
from verify.credentials.status_publishing import current
from verify.credentials.tables import UNSIGNED, Credential, StatusList
from verify.credentials.telling import tell_withdrawn
from verify.database import tx
from verify.http.access import Action, Actor, Mode, can
from verify.http.refusals import Refused
from verify.platforms.announcing import WITHDRAWN
from verify.runtime import Runtime
from verify.trail.recording import Rows, record


async def withdraw(runtime: Runtime, actor: Actor, credential_id: str, members: Mapping[str, object]) -> None:
    """Withdraw with the reason in ``members`` (reasons.py); the same withdrawal again changes nothing.

    Raises CompletionRefused for a missing or unusable reason, Refused (404) for a credential that this platform
    did not deliver, Refused (409) when it was withdrawn for another reason.
    """
    reason = reason_from(members)
    row = await own_credential(actor, Action.WITHDRAW, credential_id)
    async with tx():
        if rows := await set_withdrawn(runtime, row, reason):
            await tell_withdrawn(runtime, row, reason)
            await announce(runtime, [(WITHDRAWN, credential_id)])
            detail = {"kind": reason.kind}
            await record(
                runtime,
                actor.name,
                "credential-withdrawn",
                row["issuer"],
                about=credential_id,
                detail=detail,
                rows=rows,
            )
    if rows:
        await remember_act(runtime, row["issuer"])
        await current(runtime, row["status_list"])
        return
    now = (
        await Credential.select(Credential.reason, Credential.reason_kind).where(Credential.id == credential_id).first()
    )
    if now != {"reason": reason.text, "reason_kind": reason.kind}:
        raise Refused("already-withdrawn", "It was withdrawn before, for another reason.")


async def set_withdrawn(runtime: Runtime, row: Mapping[str, Any], reason: Reason) -> Rows:
    """Mark the credential and make its list due, inside the caller's transaction; return the rows written.

    None is written when it is not ``issued``: of two at the same moment, one withdraws.
    """
    if not await mark_withdrawn(runtime, row["id"], reason):
        return ()
    return [(Credential, row["id"]), *await make_due({row["status_list"]: 1})]


async def mark_withdrawn(runtime: Runtime, credential_id: str, reason: Reason) -> bool:
    """Mark the credential inside the caller's transaction; False when it is not ``issued``."""
    done = (
        await Credential.update(
            {
                Credential.state: "withdrawn",
                Credential.withdrawn_at: runtime.now(),
                Credential.reason: reason.text,
                Credential.reason_kind: reason.kind,
                Credential.natural_key: None,  # the work may be issued again, corrected
            }
        )
        .where(Credential.id == credential_id, Credential.state == "issued")
        .returning(Credential.id)
    )
    return bool(done)


async def make_due(withdrawn: Mapping[str, int]) -> Rows:
    """Count so many withdrawals in each list; the rows written.

    In one order, and after all credentials were marked: so no two acts ever wait for each other.
    """
    for list_id, number in sorted(withdrawn.items()):
        await StatusList.update({StatusList.version: StatusList.version + number}).where(StatusList.id == list_id)
    return [(StatusList, list_id) for list_id in sorted(withdrawn)]


async def own_credential(actor: Actor, action: Action, credential_id: str) -> Mapping[str, Any]:
    """The row of an issued credential that ``actor`` may do ``action`` with; others look absent (404)."""
    row = await Credential.select().where(Credential.id == credential_id).first()
    if row is None or not is_own(actor, action, row["issuer"], row["platform"]) or row["state"] in UNSIGNED:
        raise Refused("not-found", not_yours(actor))
    return row


def not_yours(actor: Actor) -> str:
    """Of a credential that is not there, or not this actor's; those of the other mode are neither."""
    return f"Your platform has delivered no credential with this id{' in test mode' * (actor.mode is Mode.TEST)}."


def is_own(actor: Actor, action: Action, issuer: str, platform: str) -> bool:
    """A platform has what it delivered in its hands, a member what her issuer issued, whoever delivered it."""
    return can(actor, action, issuer) and actor.platform in (None, platform)

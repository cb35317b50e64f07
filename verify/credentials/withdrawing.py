"""Withdraw a credential: final, with a reason, visible at once; the signed document stays as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping

from refolio.errors import CompletionRefused, Fault
from verify.credentials.status_publishing import current
from verify.credentials.tables import Credential, StatusList
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.runtime import Runtime

LONGEST_REASON = 500
_CONTROL = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


async def withdraw(runtime: Runtime, actor: Actor, credential_id: str, members: Mapping[str, object]) -> None:
    """Withdraw with the reason in ``members``; the same withdrawal again changes nothing.

    Raises CompletionRefused for a missing or unusable reason, Refused (404) for a credential that this platform
    did not deliver, Refused (409) when it was withdrawn for another reason.
    """
    reason = _reason(members)
    row = await Credential.select().where(Credential.id == credential_id).first()
    visible = row is not None and row["platform"] == actor.platform and can(actor, Action.WITHDRAW, row["issuer"])
    if row is None or not visible or row["state"] == "reserved":
        raise Refused("not-found", "Your platform has delivered no credential with this id.")
    async with tx():
        done = (
            await Credential.update(
                {
                    Credential.state: "withdrawn",
                    Credential.withdrawn_at: runtime.now(),
                    Credential.reason: reason,
                    Credential.natural_key: None,  # the work may be issued again, corrected
                }
            )
            .where(Credential.id == credential_id, Credential.state == "issued")
            .returning(Credential.id)
        )
        if done:
            await StatusList.update({StatusList.version: StatusList.version + 1}).where(
                StatusList.id == row["status_list"]
            )
    if done:
        await current(runtime, row["status_list"])
        return
    now = await Credential.select(Credential.reason).where(Credential.id == credential_id).first()
    if now is None or now["reason"] != reason:
        raise Refused("already-withdrawn", "It was withdrawn before, for another reason.")


def _reason(members: Mapping[str, object]) -> str:
    if unknown := sorted(set(members) - {"reason"}):
        raise CompletionRefused([Fault(unknown[0], "There is no member of this name.", "Send only a reason.")])
    reason = members.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise CompletionRefused(
            [Fault("reason", "A reason is required and missing.", "Say in a sentence why it is withdrawn.")]
        )
    if len(reason) > LONGEST_REASON:
        raise CompletionRefused(
            [Fault("reason", "The reason is too long.", f"Keep it to {LONGEST_REASON} characters.")]
        )
    if _CONTROL.search(reason):
        raise CompletionRefused([Fault("reason", "The reason holds control characters.", "Type it again on one line.")])
    return reason.strip()

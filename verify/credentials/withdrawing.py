"""Withdraw a credential: final, with a reason, visible at once; the signed document stays as it was."""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential.rules import text_fault
from refolio.errors import CompletionRefused, Fault
from verify.credentials.status_publishing import current
from verify.credentials.tables import Credential, StatusList
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.runtime import Runtime
from verify.trail.recording import record

LONGEST_REASON = 500


async def withdraw(runtime: Runtime, actor: Actor, credential_id: str, members: Mapping[str, object]) -> None:
    """Withdraw with the reason in ``members``; the same withdrawal again changes nothing.

    Raises CompletionRefused for a missing or unusable reason, Refused (404) for a credential that this platform
    did not deliver, Refused (409) when it was withdrawn for another reason.
    """
    reason = _reason(members)
    row = await Credential.select().where(Credential.id == credential_id).first()
    if row is None or not may_withdraw(actor, row["issuer"], row["platform"]) or row["state"] == "reserved":
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
            rows = [(Credential, credential_id), (StatusList, row["status_list"])]
            await record(runtime, actor.name, "credential-withdrawn", row["issuer"], about=credential_id, rows=rows)
    if done:
        await current(runtime, row["status_list"])
        return
    now = await Credential.select(Credential.reason).where(Credential.id == credential_id).first()
    if now is None or now["reason"] != reason:
        raise Refused("already-withdrawn", "It was withdrawn before, for another reason.")


def may_withdraw(actor: Actor, issuer: str, platform: str) -> bool:
    """A platform may withdraw what it delivered, a member what her issuer issued, whoever delivered it."""
    return can(actor, Action.WITHDRAW, issuer) and actor.platform in (None, platform)


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
    if fault := text_fault("reason", reason):
        raise CompletionRefused([fault])
    return reason.strip()

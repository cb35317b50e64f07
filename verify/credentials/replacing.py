"""Put right what was signed: a newer edition under the same id, or a successor under its own (decision 0015).

Like issuing, a replacement is reserved before anything is signed: a crash leaves either nothing, a reservation that
``resume`` finishes, or the finished replacement (docs/issuance-cycle.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from refolio.credential.model import Completion
from refolio.credential.reading import JSON
from refolio.credential.rules import normal_email, require_sound
from refolio.errors import CompletionRefused, Fault
from verify.credentials import issuing
from verify.credentials.announcing import announce
from verify.credentials.correcting import finish_correction, is_void, reserve_correction
from verify.credentials.reasons import Reason, reason_from
from verify.credentials.reserving import ATTEMPTS, Request, answered, set_aside
from verify.credentials.status_publishing import current
from verify.credentials.tables import Credential
from verify.credentials.telling import tell_withdrawn
from verify.credentials.withdrawing import own_credential, set_withdrawn
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.issuers.twins import is_twin, wire_name
from verify.platforms.admitting import CONSOLE
from verify.platforms.announcing import WITHDRAWN
from verify.runtime import Runtime
from verify.trail.recording import Rows, record


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to stand instead. ``body`` are the raw bytes of the request under its Idempotency-Key.

    ``edition`` is the one that was corrected, where the request knows: a form that stood open while others corrected.
    """

    idempotency_key: str
    body: bytes
    completion: Completion
    edition: int | None = None


async def correct(runtime: Runtime, actor: Actor, credential_id: str, replacement: Replacement) -> None:
    """Give the credential a newer edition: same id, same place in its status list, newer validFrom.

    The earlier edition is then nowhere public. The same replacement again changes nothing. Raises CompletionRefused
    for what cannot be signed, and for another issuer or another person's address, which takes a successor; Refused:
    404 for what is not the actor's own, 409 once it is withdrawn, for work that has another credential, and for another
    edition than the one that is known.
    """
    row = await own_credential(actor, Action.REPLACE, credential_id)
    await _require_key_here(row["issuer"])
    request = _request(actor, row, replacement, "correct")
    if await answered(request) is None:
        completion = replacement.completion
        require_sound(completion, runtime.now().date())
        await _require_issuer(row, completion)
        _require_same_person(row, completion)
        await reserve_correction(runtime, credential_id, request, replacement.edition)
    await finish_correction(runtime, credential_id)
    if await is_void(credential_id):
        raise Refused("already-withdrawn", "It was withdrawn before the correction could be signed.")


async def succeed(
    runtime: Runtime, actor: Actor, credential_id: str, replacement: Replacement, why: Mapping[str, object]
) -> str:
    """Withdraw the credential, unless it is withdrawn, and issue another in its place; return the id of that one.

    ``why`` holds reason and kind of the withdrawal; of one that is withdrawn already they stay as they were, so it may
    be empty. The same again gives the same successor. Raises as ``correct``; 409 when there is a successor already.
    """
    row = await own_credential(actor, Action.REPLACE, credential_id)
    await _require_key_here(row["issuer"])
    request = _request(actor, row, replacement, "succeed")
    successor = await answered(request)
    if successor is None:
        require_sound(replacement.completion, runtime.now().date())
        await _require_issuer(row, replacement.completion)
        reason = None if row["state"] == "withdrawn" and not why else reason_from(why)
        successor = await _reserve_successor(runtime, actor, credential_id, request, reason)
    await issuing.finish(runtime, successor)
    await current(runtime, row["status_list"])
    return successor


async def _reserve_successor(
    runtime: Runtime, actor: Actor, credential_id: str, request: Request, reason: Reason | None
) -> str:
    for _ in range(ATTEMPTS):
        try:
            async with tx():
                if twin := await answered(request):
                    return twin
                row = await Credential.select().where(Credential.id == credential_id).first()
                assert row, "credentials are never removed"
                rows = await _withdrawn(runtime, row, reason)
                successor, more = await set_aside(runtime, request, replaces=credential_id)
                if rows:
                    await announce(runtime, [(WITHDRAWN, credential_id)])
                detail: dict[str, JSON] = {"replaces": credential_id, "withdrawn": bool(rows)}
                await record(
                    runtime,
                    actor.name,
                    "successor-reserved",
                    row["issuer"],
                    about=successor,
                    detail=detail,
                    rows=[*rows, *more],
                )
                return successor
        except UniqueViolation:
            continue  # somebody was faster with the key, the person, the index or the place of the successor
    raise Refused("unavailable", "Too many requests wanted the same thing at once; nothing was replaced.")


async def _withdrawn(runtime: Runtime, row: Mapping[str, Any], reason: Reason | None) -> Rows:
    """See to it that it is withdrawn and has no successor yet; the rows written for that."""
    if await Credential.exists().where(Credential.replaces == row["id"]):
        raise Refused("already-replaced", "It has a successor; correct or replace that one.")
    if row["state"] == "issued" and reason is None:
        raise CompletionRefused([Fault("reason", "A reason is required and missing.", "Say why it is withdrawn.")])
    rows: Rows = ()
    if row["state"] == "issued" and reason is not None:
        rows = await set_withdrawn(runtime, row, reason)
        if rows:
            await tell_withdrawn(runtime, row, reason)
            return rows
        stands = await Credential.select(Credential.reason, Credential.reason_kind).where(Credential.id == row["id"])
        row = {**row, **stands[0]}
    if reason is not None and (row["reason"], row["reason_kind"]) != (reason.text, reason.kind):
        raise Refused("already-withdrawn", "It was withdrawn before, for another reason. Leave reason and kind out.")
    return rows


def _request(actor: Actor, row: Mapping[str, Any], replacement: Replacement, how: str) -> Request:
    key = replacement.idempotency_key
    return Request(
        platform=actor.platform or CONSOLE,
        idempotency_key=key if actor.platform else f"{row['issuer']}/{key}",
        body=replacement.body,
        completion=replacement.completion,
        by=actor.name,
        about=f"{how} {row['id']}",
        twin=row["issuer"] if is_twin(row["issuer"]) else None,
    )


async def _require_key_here(slug: str) -> None:
    if await publishing.holds_key(slug):
        raise Refused("other-custody", "The issuer holds its own key; this service cannot sign for it.")


async def _require_issuer(row: Mapping[str, Any], completion: Completion) -> None:
    issuer = await wire_name(row["issuer"])
    if completion.issuer != issuer:
        says = "The credential was signed by another issuer."
        raise CompletionRefused([Fault("issuer", says, f"Leave it as it was: {issuer}.")])


def _require_same_person(row: Mapping[str, Any], completion: Completion) -> None:
    before = msgspec.json.decode(row["completion"])["intern"]["email"]
    if normal_email(completion.intern.email) != normal_email(before):
        says = "A correction cannot make it somebody else's credential."
        fix = "Send the address as it was, or replace it by a successor with the kind wrong-person."
        raise CompletionRefused([Fault("intern.email", says, fix)])

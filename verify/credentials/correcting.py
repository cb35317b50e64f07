"""The two steps of a correction: set aside what signing the next edition needs; sign it and let it take the place."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from refolio.credential import timestamps
from refolio.credential.model import completion_members
from refolio.credential.reading import read
from verify.credentials import issuing
from verify.credentials.announcing import announce
from verify.credentials.codes import code_of
from verify.credentials.listing import entry_of
from verify.credentials.rekeying import key_that_signs
from verify.credentials.remembering import remember_act
from verify.credentials.reserving import (
    ATTEMPTS,
    Request,
    answered,
    keep_answer,
    natural_key_of,
    new_salt,
    refuse_duplicate,
)
from verify.credentials.tables import Credential, CredentialEdition
from verify.database import UniqueViolation, tx
from verify.http.refusals import Refused
from verify.issuers.rotating import promote_due
from verify.issuers.signing import active_key_id
from verify.issuers.twins import is_twin
from verify.people.recognising import rename
from verify.platforms.announcing import REPLACED
from verify.platforms.granting import grantee_of, require_open
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

MOST_COMPARED = 500  # credentials of one person whose names are looked at
MOST_AHEAD = timedelta(seconds=30)  # of the clock; what is dated further ahead, others would not take yet
SIGNED_FROM_IT = ("completion", "salt", "key", "reserved_at")

log = logging.getLogger(__name__)


async def reserve_correction(
    runtime: Runtime, credential_id: str, request: Request, edition: int | None = None
) -> None:
    """Reserve the next edition for this request, once, however often it is called.

    Raises Refused (409) when the credential is withdrawn, when another edition than ``edition`` is the current one, or
    when the work as corrected has another credential; 503 when it was corrected too often just now.
    """
    row = await Credential.select(Credential.issuer).where(Credential.id == credential_id).first()
    assert row, "credentials are never removed"
    await promote_due(runtime, row["issuer"])
    for _ in range(ATTEMPTS):
        await finish_correction(runtime, credential_id)  # one edition after the other
        try:
            async with tx():
                if await answered(request) is None:
                    await _reserve(runtime, credential_id, request, edition)
                return
        except UniqueViolation:
            continue  # somebody was faster with the key, the number or the work: look again
    raise Refused("unavailable", "Too many requests wanted the same thing at once; nothing was corrected.")


async def _reserve(runtime: Runtime, credential_id: str, request: Request, known: int | None) -> None:
    row = await Credential.select().where(Credential.id == credential_id).first()
    assert row, "credentials are never removed"
    if not is_twin(row["issuer"]):
        grantee = grantee_of(request.platform, row["issuer"])
        await require_open(runtime, row["person"], grantee, request.completion.intern.email)
    natural_key = natural_key_of(request.completion, request.issuer) if row["natural_key"] else None
    if natural_key and natural_key != row["natural_key"]:
        await refuse_duplicate(natural_key, request.platform, runtime.now())
    still = (
        await Credential.update({Credential.natural_key: natural_key})
        .where(Credential.id == credential_id, Credential.state == "issued")
        .returning(Credential.id)
    )
    if not still:
        raise Refused("already-withdrawn", "It is withdrawn, and a withdrawal is final. Issue a successor instead.")
    if known not in (None, row["edition"]):  # what was reserved meanwhile is caught by the number of the edition
        raise Refused("edition-changed", "Somebody corrected it while this form was open; nothing was changed.")
    # The newer edition is told by its validFrom, which counts whole seconds.
    reserved_at = max(runtime.now().replace(microsecond=0), row["reserved_at"] + timedelta(seconds=1))
    if reserved_at > runtime.now() + MOST_AHEAD:
        raise Refused("unavailable", "It was corrected too often just now; a credential has one edition a second.")
    first_signed = timestamps.parse(str(read(bytes(row["document"]))["awardedDate"]))
    edition = CredentialEdition(
        id=runtime.new_id(),
        credential=credential_id,
        number=row["edition"] + 1,
        state="reserved",
        completion=msgspec.json.encode(completion_members(request.completion)).decode(),
        salt=new_salt(runtime),
        key=await active_key_id(row["issuer"]),
        first_at=first_signed,
        reserved_at=reserved_at,
    )
    await edition.save()
    answer = await keep_answer(runtime, request, credential_id)
    rows: Rows = [(Credential, credential_id), (CredentialEdition, edition.id), answer]
    detail = {"edition": edition.number}
    await record(
        runtime, request.actor, "correction-reserved", row["issuer"], about=credential_id, detail=detail, rows=rows
    )


async def resume_corrections(runtime: Runtime) -> int:
    """Finish every correction that a crash left behind and return how many there were."""
    rows = await CredentialEdition.select(CredentialEdition.credential).where(CredentialEdition.state == "reserved")
    for row in rows:
        try:
            await finish_correction(runtime, row["credential"])
        except Exception:  # as in issuing.resume: one must not keep the others from working
            log.exception("The correction of %s could not be finished", row["credential"])
    return len(rows)


async def finish_correction(runtime: Runtime, credential_id: str) -> None:
    """Sign the reserved edition and let it take the place of the current one; does nothing when none is reserved."""
    edition = await _reserved(credential_id)
    if edition is None:
        return
    row = await Credential.select().where(Credential.id == credential_id).first()
    assert row, "a foreign key keeps the credential of every edition"
    if row["state"] == "issued":
        key = await key_that_signs(
            runtime, CredentialEdition, edition, issuer=row["issuer"], credential_id=credential_id
        )
        edition = {**edition, "key": key}
        to_sign = {**row, **{name: edition[name] for name in SIGNED_FROM_IT}}
        document, achievement = await issuing.signed(runtime, to_sign, edition["first_at"])
        await _take_place(runtime, edition, document, achievement)
    if row["state"] == "withdrawn" or await _reserved(credential_id):
        await _void(runtime, row, edition)
    await remember_act(runtime, row["issuer"])


async def is_void(credential_id: str) -> bool:
    """Was the last correction overtaken by a withdrawal?"""
    return await CredentialEdition.exists().where(
        CredentialEdition.credential == credential_id, CredentialEdition.state == "void"
    )


async def _reserved(credential_id: str) -> Mapping[str, Any] | None:
    return (
        await CredentialEdition.select()
        .where(CredentialEdition.credential == credential_id, CredentialEdition.state == "reserved")
        .first()
    )


async def _take_place(runtime: Runtime, edition: Mapping[str, Any], document: bytes, achievement: str) -> None:
    credential_id, number, now = edition["credential"], edition["number"], runtime.now()
    async with tx():
        before = await Credential.select().where(Credential.id == credential_id).first()
        assert before, "a foreign key keeps the credential of every edition"
        done = (
            await Credential.update(
                {
                    **{getattr(Credential, name): edition[name] for name in SIGNED_FROM_IT},
                    Credential.document: document,
                    Credential.code: code_of(document),
                    Credential.achievement: achievement,
                    Credential.edition: number,
                    Credential.corrected_at: now,
                    **entry_of(edition["completion"]),
                }
            )
            .where(Credential.id == credential_id, Credential.state == "issued", Credential.edition == number - 1)
            .returning(Credential.id)
        )
        if done:
            earlier = await _put_away(runtime, before)
            await CredentialEdition.update(
                {
                    CredentialEdition.state: "current",
                    CredentialEdition.code: code_of(document),
                    CredentialEdition.issued_at: now,
                }
            ).where(CredentialEdition.id == edition["id"])
            await _rename(before, edition)
            await announce(runtime, [(REPLACED, credential_id)])
            rows: Rows = [(Credential, credential_id), (CredentialEdition, edition["id"]), earlier]
            detail = {"edition": number, "key": edition["key"]}
            issuer = before["issuer"]
            await record(
                runtime, "service", "credential-corrected", issuer, about=credential_id, detail=detail, rows=rows
            )


async def _put_away(runtime: Runtime, before: Mapping[str, Any]) -> tuple[type[CredentialEdition], str]:
    """Keep the bytes that stood until now where nobody outside finds them."""
    which = (CredentialEdition.credential == before["id"]) & (CredentialEdition.number == before["edition"])
    kept = (
        await CredentialEdition.update(
            {
                CredentialEdition.state: "superseded",
                CredentialEdition.document: bytes(before["document"]),
                CredentialEdition.superseded_at: runtime.now(),
            }
        )
        .where(which)
        .returning(CredentialEdition.id)
    )
    if kept:
        return CredentialEdition, kept[0]["id"]
    first = CredentialEdition(
        id=runtime.new_id(),
        credential=before["id"],
        number=before["edition"],
        state="superseded",
        code=before["code"],
        document=bytes(before["document"]),
        first_at=before["reserved_at"],
        issued_at=before["issued_at"],
        superseded_at=runtime.now(),
        **{name: before[name] for name in SIGNED_FROM_IT},
    )
    await first.save()
    return CredentialEdition, str(first.id)


async def _void(runtime: Runtime, row: Mapping[str, Any], edition: Mapping[str, Any]) -> None:
    """Give the reservation up, if a withdrawal came first; what was signed of it meanwhile is gone with our memory."""
    async with tx():
        withdrawn = Credential.exists().where(Credential.id == row["id"], Credential.state == "withdrawn")
        if await withdrawn:
            voided = (
                await CredentialEdition.update({CredentialEdition.state: "void"})
                .where(CredentialEdition.id == edition["id"], CredentialEdition.state == "reserved")
                .returning(CredentialEdition.id)
            )
            if voided:
                rows = [(CredentialEdition, edition["id"])]
                await record(runtime, "service", "correction-voided", row["issuer"], about=row["id"], rows=rows)


async def _rename(before: Mapping[str, Any], edition: Mapping[str, Any]) -> None:
    """Let the person be known by her corrected name, unless another credential of hers still bears the earlier one.

    So no platform renames anybody whom others know under that name.
    """
    old, new = (msgspec.json.decode(row["completion"])["intern"]["name"] for row in (before, edition))
    if old == new or is_twin(before["issuer"]):
        return
    others = (
        await Credential.select(Credential.completion)
        .where(
            Credential.person == before["person"],
            Credential.id != before["id"],
            Credential.state.not_in(["withdrawn", "lapsed"]),
        )
        .limit(MOST_COMPARED)
    )
    if all(msgspec.json.decode(row["completion"])["intern"]["name"] != old for row in others):
        await rename(before["person"], old, new)

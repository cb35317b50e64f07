"""The intern's right of reply: her words beside the reason of a withdrawal, once, hers to take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from piccolo.columns.combination import Where

from refolio.credential.rules import text_fault
from refolio.errors import Fault
from verify.credentials.announcing import announce
from verify.credentials.finding import UUID
from verify.credentials.tables import UNSIGNED, Credential, Reply
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.platforms.announcing import REPLIED, REPLY_TAKEN_BACK
from verify.runtime import Runtime
from verify.trail.recording import record

LONGEST_REPLY = 1000
FIELDS = ("text",)
MOST_LISTED = 200
NOT_THERE = "There is nothing at this address."


@dataclass(frozen=True, slots=True)
class Given:
    """A reply that stands."""

    text: str
    on: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """A credential as its intern sees it in her account. ``has_replied`` is true also when she took the reply back."""

    id: str
    code: str
    title: str
    issuer: str
    withdrawn_at: datetime | None
    reason: str | None
    kind: str | None
    reply: Given | None
    has_replied: bool


async def reply(runtime: Runtime, actor: Actor, credential_id: str, form: Mapping[str, str]) -> None:
    """Give the reply in ``form`` (``text``); the same again changes nothing.

    Raises Refused: 404 for a credential that is not hers or is not withdrawn, 409 when she gave another before, 422 for
    a text that cannot be shown.
    """
    text = _text(form.get("text", ""))
    one = await own(actor, credential_id)
    if one.withdrawn_at is None:
        raise Refused("not-found", NOT_THERE)
    row = Reply(id=runtime.new_id(), credential=credential_id, text=text, given_at=runtime.now())
    try:
        async with tx():
            await row.save()
            await announce(runtime, [(REPLIED, credential_id)])
            await record(
                runtime,
                actor.name,
                "reply-given",
                await _slug(credential_id),
                about=credential_id,
                rows=[(Reply, row.id)],
            )
    except UniqueViolation:
        stands = await given(credential_id)
        if stands and stands.text == text:
            return  # the same form, sent twice
        raise Refused("already-replied", "You have replied to this withdrawal before.") from None


async def take_back(runtime: Runtime, actor: Actor, credential_id: str) -> None:
    """Take her reply back: nothing of it is kept or shown. Harmless when that was done before."""
    await own(actor, credential_id)
    async with tx():
        taken = (
            await Reply.update({Reply.text: "", Reply.taken_back_at: runtime.now()})
            .where(Reply.credential == credential_id, Reply.taken_back_at.is_null())
            .returning(Reply.id)
        )
        if taken:
            await announce(runtime, [(REPLY_TAKEN_BACK, credential_id)])
            rows = [(Reply, taken[0]["id"])]
            await record(
                runtime, actor.name, "reply-taken-back", await _slug(credential_id), about=credential_id, rows=rows
            )


async def given(credential_id: str) -> Given | None:
    """The reply that stands, for readers."""
    row = await Reply.select().where(Reply.credential == credential_id, Reply.taken_back_at.is_null()).first()
    return Given(row["text"], row["given_at"]) if row else None


async def own(actor: Actor, credential_id: str) -> Own:
    """The credential, if it is the signed-in person's. Raises Refused (404): somebody else's looks absent."""
    if can(actor, Action.USE_ACCOUNT) and UUID.fullmatch(credential_id):
        for one in await _owned(Credential.id == credential_id, Credential.person == actor.person):
            return one
    raise Refused("not-found", NOT_THERE)


async def owned(actor: Actor) -> list[Own]:
    """All credentials of the signed-in person, newest first."""
    return await _owned(Credential.person == actor.person) if can(actor, Action.USE_ACCOUNT) else []


async def _owned(*where: Where) -> list[Own]:
    rows = (
        await Credential.select(
            Credential.id,
            Credential.code,
            Credential.completion,
            Credential.withdrawn_at,
            Credential.reason,
            Credential.reason_kind,
            Credential.issuer.name.as_alias("issuer_name"),
        )
        .where(Credential.state.not_in(UNSIGNED), *where)
        .order_by(Credential.issued_at, ascending=False)
        .limit(MOST_LISTED)
    )
    replies = (
        {
            row["credential"]: row
            for row in await Reply.select().where(Reply.credential.is_in([row["id"] for row in rows]))
        }
        if rows
        else {}
    )
    return [
        Own(
            id=row["id"],
            code=row["code"],
            title=msgspec.json.decode(row["completion"])["project"]["title"],
            issuer=row["issuer_name"],
            withdrawn_at=row["withdrawn_at"],
            reason=row["reason"],
            kind=row["reason_kind"],
            reply=_given(replies.get(row["id"])),
            has_replied=row["id"] in replies,
        )
        for row in rows
    ]


def _given(row: Mapping[str, object] | None) -> Given | None:
    if row is None or row["taken_back_at"] is not None:
        return None
    text, at = row["text"], row["given_at"]
    assert isinstance(text, str)
    assert isinstance(at, datetime)
    return Given(text, at)


async def _slug(credential_id: str) -> str:
    row = await Credential.select(Credential.issuer).where(Credential.id == credential_id).first()
    assert row, "looked up a moment ago"
    return str(row["issuer"])


def _text(text: str) -> str:
    text = text.strip()
    fault = text_fault("text", text, lines=True)
    if len(text) > LONGEST_REPLY:
        fault = Fault("text", "The reply is too long.", f"Keep it to {LONGEST_REPLY} characters.")
    if fault:
        raise Refused("form-refused", "The reply cannot be shown as it is.", [fault])
    return text

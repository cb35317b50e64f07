"""What a referee does with the link in her mail: look, sign once, decline, take back, or want no more mail (SEC-191).

Nothing happens by opening the link, because scanners of mail open all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from refolio.credential.endorsing import Relation
from refolio.credential.facts import Facts
from refolio.credential.rules import text_fault
from refolio.errors import Fault
from verify.credentials import finding, status_publishing
from verify.credentials.examining import examine_stored
from verify.credentials.finding import Stored
from verify.credentials.remembering import remember_act
from verify.credentials.status_placing import place_for
from verify.credentials.tables import REFERENCES, StatusPlace
from verify.credentials.withdrawing import make_due
from verify.database import UniqueViolation, tx
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.platforms.announcing import REFERENCE_DECLINED, REFERENCE_WITHDRAWN, mandated
from verify.platforms.granting import grantee_of, has_allowed, require_allowed
from verify.references import signing
from verify.references.announcing import announce
from verify.references.asking import is_own_mailbox
from verify.references.linking import opened
from verify.references.tables import QuietMailbox, Reference
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, Rows, record

REFEREE = "referee"  # as the trail writes who did it
ATTEMPTS = 20
SHORTEST, LONGEST = 20, 2000  # characters of a reference
FIELDS = ("relation", "text", "agreed")
# What other programs that show such documents would take for markup.
REFUSED_CHARACTERS = "<>[]`\\"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of a link shows.

    ``state`` is ``asked``, ``signing``, ``signed``, ``withdrawn``, ``declined`` or ``over``.
    """

    state: str
    name: str
    role: str
    domain: str
    text: str
    facts: Facts
    until: date
    wants_mail: bool


async def look(runtime: Runtime, secret: str) -> Offer:
    """What a link leads to. Raises Refused ``not-found``."""
    row = await opened(secret)
    credential = await _credential(row)
    facts = (await examine_stored(runtime, credential)).facts
    if facts is None:
        raise Refused("unavailable", "The credential that this is about cannot be read at the moment.")
    return Offer(
        state=await state_for(runtime, row, credential),
        name=row["name"],
        role=row["role"],
        domain=row["domain"],
        text=row["statement"] or "",
        facts=facts,
        until=row["expires_at"].date(),
        wants_mail=not await QuietMailbox.exists().where(QuietMailbox.mailbox == row["mailbox"]),
    )


async def sign(runtime: Runtime, secret: str, form: Mapping[str, str]) -> None:
    """Take the answer in ``form`` and sign it; the same form again changes nothing.

    Raises Refused: ``form-refused`` naming field, reason and fix; ``link-used`` when it was answered before or is over.
    """
    row = await opened(secret)
    relation, text = _answer(form)
    try:
        await _reserve(runtime, row, relation, text)
    except Refused as refused:
        if refused.kind == "grant-refused":  # taken back a moment ago, which is nothing to tell a referee
            raise _used() from None
        if refused.kind != "link-used":
            raise
        now = await opened(secret)
        if (now["state"], now["relation"], now["statement"]) not in {
            (state, relation, text) for state in ("signing", "signed")
        }:
            raise
    await signing.finish(runtime, row["id"])


async def _reserve(runtime: Runtime, row: Mapping[str, Any], relation: str, text: str) -> None:
    """Keep the one answer, with all that signing needs."""
    credential = await _credential(row)
    if await state_for(runtime, row, credential) != "asked":
        raise _used()
    for _ in range(ATTEMPTS):
        try:
            async with tx():
                await _reserve_in_tx(runtime, row, credential, relation, text)
                return
        except UniqueViolation:
            continue  # somebody was faster with the place or the list: draw another one
    raise Refused("unavailable", "Too many people wanted the same thing at once. Please send it again.")


async def _reserve_in_tx(
    runtime: Runtime, row: Mapping[str, Any], credential: Stored, relation: str, text: str
) -> None:
    now = runtime.now().replace(microsecond=0)
    answered = (
        await Reference.update(
            {
                Reference.state: "signing",
                Reference.relation: relation,
                Reference.statement: text,
                Reference.answered_at: now,
            }
        )
        .where(Reference.id == row["id"], Reference.state == "asked", Reference.expires_at > runtime.now())
        .returning(Reference.id)
    )
    if not answered:  # of two at the same moment, one answers
        raise _used()
    await require_allowed(runtime, credential.person, grantee_of(credential.platform, credential.issuer), "credential")
    list_id, index, new_list = await place_for(runtime, credential.issuer, REFERENCES)
    place = StatusPlace(id=runtime.new_id(), status_list=list_id, status_index=index)
    await place.save()
    await Reference.update({Reference.place: place.id}).where(Reference.id == row["id"])
    rows: Rows = [(Reference, row["id"]), (StatusPlace, place.id), *new_list]
    await record(runtime, REFEREE, "reference-answered", credential.issuer, about=row["id"], rows=rows)


async def decline(runtime: Runtime, secret: str) -> None:
    """Say no, for good; again is harmless. Raises Refused ``link-used`` when it was signed before."""
    row = await opened(secret)
    credential = await _credential(row)
    async with tx():
        declined = (
            await Reference.update(
                {Reference.state: "declined", Reference.email: None, Reference.answered_at: runtime.now()}
            )
            .where(Reference.id == row["id"], Reference.state == "asked")
            .returning(Reference.id)
        )
        if declined:
            await announce(runtime, REFERENCE_DECLINED, row, credential.issuer)
            rows = [(Reference, row["id"])]
            await record(runtime, REFEREE, "reference-declined", credential.issuer, about=row["id"], rows=rows)
    if not declined and row["state"] != "declined":
        raise _used()


async def withdraw(runtime: Runtime, secret: str) -> None:
    """Take the signed reference back, for good: its bit is set, and no page shows it. Again is harmless."""
    row = await opened(secret)
    credential = await _credential(row)
    await signing.finish(runtime, row["id"])
    async with tx():
        withdrawn = (
            await StatusPlace.update({StatusPlace.withdrawn_at: runtime.now()})
            .where(StatusPlace.id == (row["place"] or ""), StatusPlace.withdrawn_at.is_null())
            .returning(StatusPlace.id, StatusPlace.status_list)
        )
        if withdrawn:
            due = await make_due({withdrawn[0]["status_list"]: 1})
            await announce(runtime, REFERENCE_WITHDRAWN, row, credential.issuer)
            rows: Rows = [(StatusPlace, withdrawn[0]["id"]), *due]
            await record(runtime, REFEREE, "reference-withdrawn", credential.issuer, about=row["id"], rows=rows)
    if withdrawn:
        await remember_act(runtime, credential.issuer)
        await status_publishing.current(runtime, withdrawn[0]["status_list"])


async def want_no_mail(runtime: Runtime, secret: str) -> None:
    """Nobody is asked at this mailbox any more, by whomever; again is harmless."""
    row = await opened(secret)
    quiet = QuietMailbox(id=runtime.new_id(), mailbox=row["mailbox"], since=runtime.now())
    try:
        async with tx():
            await quiet.save()
            rows = [(QuietMailbox, quiet.id)]
            await record(runtime, REFEREE, "mailbox-quieted", SERVICE, about=quiet.id, rows=rows)
    except UniqueViolation:
        return


async def _credential(row: Mapping[str, Any]) -> Stored:
    stored = await finding.by_id(row["credential"])
    assert stored, "only about issued credentials is anybody asked"
    return stored


async def state_for(runtime: Runtime, row: Mapping[str, Any], credential: Stored) -> str:
    """The state of a reference as its referee meets it (Offer)."""
    if row["state"] in ("signing", "signed"):
        back = StatusPlace.id == row["place"], StatusPlace.withdrawn_at.is_not_null()
        return "withdrawn" if await StatusPlace.exists().where(*back) else str(row["state"])
    if row["state"] != "asked":
        return "declined" if row["state"] == "declined" else "over"
    is_over = (
        row["expires_at"] <= runtime.now()
        or credential.withdrawn_at is not None
        or credential.issuer not in await mandated(row["platform"])
        or await publishing.holds_key(credential.issuer)
        or await publishing.is_closed(credential.issuer)
        or not await has_allowed(credential.person, grantee_of(credential.platform, credential.issuer))
        or await is_own_mailbox(row["mailbox"], credential.person)  # she may have added it since
    )
    return "over" if is_over else "asked"


def _answer(form: Mapping[str, str]) -> tuple[str, str]:
    """The relation and the text of a form."""
    faults = []
    relation, text = form.get("relation", ""), form.get("text", "").strip()
    if relation not in set(Relation):
        faults.append(Fault("relation", "Nothing is chosen here.", "Say how you know the work."))
    if fault := text_fault("text", text, lines=True):
        faults.append(fault)
    elif not SHORTEST <= len(text) <= LONGEST:
        much = "too long" if len(text) > LONGEST else "very short"
        faults.append(Fault("text", f"The text is {much}.", f"Write {SHORTEST} to {LONGEST:,} characters."))
    elif found := sorted(set(text) & set(REFUSED_CHARACTERS)):
        named = " ".join(found)
        faults.append(Fault("text", f"These characters cannot be taken: {named}", "Write it without them."))
    elif "://" in text or "www." in text.lower():
        faults.append(Fault("text", "It holds an address of the web.", "Write it without."))
    if form.get("agreed") != "yes":
        faults.append(Fault("agreed", "Your agreement is missing.", "Tick the box, or decline."))
    if faults:
        raise Refused("form-refused", "Some of it cannot be taken.", faults)
    return relation, text


def _used() -> Refused:
    return Refused("link-used", "It was answered before, or the question is over.")

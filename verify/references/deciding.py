"""The intern reads what was written about her before anybody else, and decides what is shown (SEC-192)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from refolio.credential.endorsing import Statement, read_statement
from refolio.credential.reading import read
from verify.credentials.replying import Own, owned
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.references.reading import shown_among, state_of
from verify.references.tables import Reference, ReferenceShowing
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

NOT_THERE = "There is nothing at this address."
CHOICES = ("show", "hide")


@dataclass(frozen=True, slots=True)
class Received:
    """A reference as the intern sees it. ``statement`` is None as long as there is none, and once it is withdrawn."""

    id: str
    name: str
    role: str
    state: str
    asked_at: datetime
    statement: Statement | None
    credential: Own


async def received(runtime: Runtime, actor: Actor) -> list[Received]:
    """All references about the signed-in person's work, the newest first."""
    credentials = {one.id: one for one in await owned(actor)}
    rows = (
        await Reference.select(*Reference.all_columns(), Reference.place.withdrawn_at.as_alias("withdrawn_at"))
        .where(Reference.credential.is_in(list(credentials) or [""]))
        .order_by(Reference.asked_at, ascending=False)
    )
    shown = await shown_among([row["id"] for row in rows])
    return [_received(runtime, row, credentials[row["credential"]], row["id"] in shown) for row in rows]


def _received(runtime: Runtime, row: Mapping[str, Any], credential: Own, is_shown: bool) -> Received:
    state = state_of(row, row["withdrawn_at"], credential.withdrawn_at is None, is_shown, runtime.now())
    return Received(
        id=row["id"],
        name=row["name"],
        role=row["role"],
        state=state,
        asked_at=row["asked_at"],
        statement=read_statement(read(bytes(row["document"]))) if state in ("written", "shown") else None,
        credential=credential,
    )


async def decide(runtime: Runtime, actor: Actor, reference: str, choice: str) -> None:
    """``show`` or ``hide`` it; the same again changes nothing.

    Raises Refused: 404 for a reference that is not about her, or is not signed, or was withdrawn; 400 for another word.
    """
    if choice not in CHOICES:
        raise Refused("bad-request", "The choice is show or hide.")
    await require_hers(actor, reference)
    shown_at = runtime.now() if choice == "show" else None
    showing = ReferenceShowing(id=runtime.new_id(), reference=reference, shown_at=None)
    async with tx():
        if shown_at:
            await ReferenceShowing.insert(showing).on_conflict(action="DO NOTHING")
        mine = ReferenceShowing.reference == reference
        other = ReferenceShowing.shown_at.is_null() if shown_at else ReferenceShowing.shown_at.is_not_null()
        changed = (
            await ReferenceShowing.update({ReferenceShowing.shown_at: shown_at})
            .where(mine, other)
            .returning(ReferenceShowing.id)
        )
        if changed:
            act = "reference-shown" if shown_at else "reference-hidden"
            rows = [(ReferenceShowing, changed[0]["id"])]
            await record(runtime, actor.name, act, SERVICE, about=reference, rows=rows)


async def require_hers(actor: Actor, reference: str) -> None:
    """Raise Refused (404) unless this is a signed reference about a credential of hers that was not taken back."""
    hers = Reference.exists().where(
        Reference.id == reference,
        Reference.credential.person == (actor.person or ""),
        Reference.state == "signed",
        Reference.place.withdrawn_at.is_null(),
    )
    if not can(actor, Action.USE_ACCOUNT) or not await hers:
        raise Refused("not-found", NOT_THERE)

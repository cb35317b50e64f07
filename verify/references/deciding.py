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
from verify.references.reading import state_of
from verify.references.tables import Reference
from verify.runtime import Runtime
from verify.trail.recording import record

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
    return [_received(runtime, row, credentials[row["credential"]]) for row in rows]


def _received(runtime: Runtime, row: Mapping[str, Any], credential: Own) -> Received:
    state = state_of(row, row["withdrawn_at"], credential.withdrawn_at is None, runtime.now())
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
    issuer = await require_hers(actor, reference)
    shown, at = choice == "show", runtime.now()
    condition = Reference.shown_at.is_null() if shown else Reference.shown_at.is_not_null()
    async with tx():
        changed = (
            await Reference.update({Reference.shown_at: at if shown else None})
            .where(Reference.id == reference, Reference.state == "signed", condition)
            .returning(Reference.id)
        )
        if changed:
            act = "reference-shown" if shown else "reference-hidden"
            rows = [(Reference, reference)]
            await record(runtime, actor.name, act, issuer, about=reference, rows=rows)


async def require_hers(actor: Actor, reference: str) -> str:
    """The issuer of the credential that a reference is about. Raises Refused (404) unless the credential is hers."""
    row = (
        await Reference.select(Reference.credential.issuer.as_alias("issuer"))
        .where(
            Reference.id == reference,
            Reference.credential.person == (actor.person or ""),
            Reference.state == "signed",
            Reference.place.withdrawn_at.is_null(),
        )
        .first()
    )
    if row is None or not can(actor, Action.USE_ACCOUNT):
        raise Refused("not-found", NOT_THERE)
    return str(row["issuer"])

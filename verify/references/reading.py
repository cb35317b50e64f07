"""What a platform is told of a reference: who was asked and what became of it, never a word that the referee wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from refolio.credential import timestamps
from refolio.errors import Fault
from verify.credentials import finding, links
from verify.credentials.finding import UUID
from verify.credentials.tables import Credential, StatusPlace
from verify.http.access import Action, Actor, can
from verify.http.paging import Asked, refused
from verify.http.refusals import Refused
from verify.references.tables import Reference, ReferenceShowing
from verify.runtime import Runtime

# As the platform sees it; ``shown`` is a written one that the intern shows.
STATES = ("asked", "declined", "written", "shown", "withdrawn", "cancelled", "expired")
FILTERS = ("credential", "state")
NOT_THERE = "Your platform has no reference with this id."


async def asked_for(runtime: Runtime, actor: Actor, reference: str) -> dict[str, object]:
    """One reference of this platform. Raises Refused (404): another platform's looks absent."""
    return (await told(runtime, [await own(actor, Action.READ_REFERENCES, reference)]))[0]


async def all_asked_for(runtime: Runtime, actor: Actor, asked: Asked) -> dict[str, object]:
    """One page of the platform's references, the first asked for first. Filters: ``credential``, ``state``."""
    issuers = sorted(issuer for issuer in actor.issuers if can(actor, Action.READ_REFERENCES, issuer))
    query = Reference.select().where(Reference.platform == (actor.platform or ""))
    query = query.where(Reference.credential.issuer.is_in(issuers or [""]))
    if "credential" in asked.filters:
        query = query.where(Reference.credential == uuid_of(runtime, asked.filters["credential"]))
    if (state := asked.filters.get("state")) is not None:
        query = query.where(_condition(state, runtime.now()))
    if (place := asked.moment()) is not None:
        at, last = place
        query = query.where(Reference.asked_at >= at, (Reference.asked_at > at) | (Reference.id > last))
    rows = await query.order_by(Reference.asked_at).order_by(Reference.id).limit(asked.limit + 1)
    page = asked.page(rows, lambda row: (row["asked_at"].isoformat(), row["id"]))
    return {**page, "items": await told(runtime, page["items"])}  # type: ignore[arg-type]


def _condition(state: str, now: datetime) -> Any:
    is_open = (Reference.state == "asked") & (Reference.expires_at > now) & (Reference.credential.state == "issued")
    is_over = (Reference.expires_at <= now) | (Reference.credential.state != "issued")
    stands = (Reference.state == "signed") & Reference.place.withdrawn_at.is_null()
    shown = ReferenceShowing.select(ReferenceShowing.reference).where(ReferenceShowing.shown_at.is_not_null())
    conditions = {
        "asked": is_open | (Reference.state == "signing"),
        "expired": (Reference.state == "expired") | ((Reference.state == "asked") & is_over),
        "written": stands & Reference.id.not_in(shown),
        "shown": stands & Reference.id.is_in(shown),
        "withdrawn": Reference.place.withdrawn_at.is_not_null(),
        "declined": Reference.state == "declined",
        "cancelled": Reference.state == "cancelled",
    }
    if state not in conditions:
        raise refused([Fault("state", "There is no such state.", f"Send one of {', '.join(STATES)}.")])
    return conditions[state]


async def own(actor: Actor, action: Action, reference: str) -> Mapping[str, Any]:
    """The row of a reference that this platform asked for, of an issuer that it may deliver for."""
    row = await Reference.select().where(Reference.id == reference).first() if UUID.fullmatch(reference) else None
    if row is None or row["platform"] != actor.platform:
        raise Refused("not-found", NOT_THERE)
    credential = await finding.by_id(row["credential"])
    if credential is None or not can(actor, action, credential.issuer):
        raise Refused("not-found", NOT_THERE)
    return row


def uuid_of(runtime: Runtime, credential: str) -> str:
    """The UUID of a credential that is named by it or by its URL."""
    return credential.removeprefix(links.credential(runtime, ""))


async def told(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """The members of the answers."""
    places = [row["place"] for row in rows if row["place"]]
    withdrawn = {
        one["id"]: one["withdrawn_at"] for one in await StatusPlace.select().where(StatusPlace.id.is_in(places or [""]))
    }
    credentials = [row["credential"] for row in rows]
    current = {
        one["id"]: one["state"] == "issued"
        for one in await Credential.select(Credential.id, Credential.state).where(
            Credential.id.is_in(credentials or [""])
        )
    }
    shown = await shown_among([row["id"] for row in rows])
    return [
        _told(runtime, row, withdrawn.get(row["place"]), current[row["credential"]], row["id"] in shown) for row in rows
    ]


async def shown_among(references: Sequence[str]) -> frozenset[str]:
    """Those of these references that their intern has chosen to show."""
    showing = ReferenceShowing.select(ReferenceShowing.reference).where(
        ReferenceShowing.reference.is_in(list(references) or [""]), ReferenceShowing.shown_at.is_not_null()
    )
    return frozenset(row["reference"] for row in await showing)


def state_of(
    row: Mapping[str, Any], withdrawn_at: datetime | None, is_current: bool, is_shown: bool, now: datetime
) -> str:
    """The state of STATES; ``is_current`` says whether the credential it is about counts still."""
    if row["state"] == "signed":
        return "withdrawn" if withdrawn_at else "shown" if is_shown else "written"
    if row["state"] == "asked" and (row["expires_at"] <= now or not is_current):
        return "expired"
    return "asked" if row["state"] == "signing" else str(row["state"])


def _told(
    runtime: Runtime, row: Mapping[str, Any], withdrawn_at: datetime | None, is_current: bool, is_shown: bool
) -> dict[str, object]:
    state = state_of(row, withdrawn_at, is_current, is_shown, runtime.now())
    return {
        "id": row["id"],
        "credential": links.credential(runtime, row["credential"]),
        "name": row["name"],
        "role": row["role"],
        "domain": row["domain"],
        "state": state,
        "asked_at": timestamps.format(row["asked_at"]),
        "expires_at": timestamps.format(row["expires_at"]),
        "answered_at": row["answered_at"] and timestamps.format(row["answered_at"]),
        "withdrawn_at": withdrawn_at and timestamps.format(withdrawn_at),
        "url": f"{runtime.settings.public_url}/references/{row['id']}" if state == "shown" else None,
    }

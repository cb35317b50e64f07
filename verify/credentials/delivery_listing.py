"""List what a platform delivered, newest first: the credentials of those issuers that its API key may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refolio.credential import timestamps
from refolio.credential.rules import normal_email
from refolio.errors import DocumentRefused, Fault
from verify.credentials.answering import TOLD, members_of_all
from verify.credentials.tables import Credential
from verify.http.access import Action, Actor, can
from verify.http.paging import Asked, refused
from verify.http.refusals import Refused
from verify.issuers import twins
from verify.runtime import Runtime

FILTERS = ("issuer", "state", "record", "since", "email")
STATES = {"current": Credential.withdrawn_at.is_null(), "withdrawn": Credential.withdrawn_at.is_not_null()}


async def delivered(runtime: Runtime, actor: Actor, asked: Asked) -> dict[str, object]:
    """The page of the list that was asked for, as the answer has it.

    Filters: ``issuer`` (short name), ``state`` (current, withdrawn), ``record`` (the platform's own id), ``since`` (the
    moment of issue, inclusive) and ``email`` (as the completion has it, without regard to capitals). Each query is
    answered from an index that is in the order of the list. Raises Refused.
    """
    rows = await _rows(actor, asked)
    page = asked.page(rows, lambda row: (row["issued_at"].isoformat(), row["id"]))
    return {**page, "items": await members_of_all(runtime, page["items"])}  # type: ignore[arg-type]


async def _rows(actor: Actor, asked: Asked) -> list[Mapping[str, Any]]:
    issuers = _issuers(actor, asked.filters.get("issuer"))
    if not issuers:
        return []
    query = Credential.select(*TOLD).where(Credential.platform == actor.platform, Credential.issued_at.is_not_null())
    query = query.where(Credential.issuer == issuers[0] if len(issuers) == 1 else Credential.issuer.is_in(issuers))
    for condition in _conditions(asked.filters):
        query = query.where(condition)
    if (place := asked.moment()) is not None:
        at, last = place
        query = query.where(Credential.issued_at <= at, (Credential.issued_at < at) | (Credential.id < last))
    query = query.order_by(Credential.issued_at, ascending=False).order_by(Credential.id, ascending=False)
    return list(await query.limit(asked.limit + 1))


def _issuers(actor: Actor, wanted: str | None) -> list[str]:
    if wanted is None:
        return sorted(issuer for issuer in actor.issuers if can(actor, Action.READ_ISSUED, issuer))
    issuer = twins.reached(actor, wanted)
    if not can(actor, Action.READ_ISSUED, issuer):
        raise Refused("issuer-not-allowed", f"This API key has no mandate for the issuer {wanted!r}.")
    return [issuer]


def _conditions(filters: Mapping[str, str]) -> list[Any]:
    conditions, faults = [], []
    if "record" in filters:
        conditions.append(Credential.record == filters["record"])
    if "email" in filters:
        conditions.append(Credential.email == normal_email(filters["email"]))
    if "since" in filters:
        try:
            conditions.append(Credential.issued_at >= timestamps.parse(filters["since"]))
        except DocumentRefused as error:
            faults.append(Fault("since", error.says, error.fix))
    if "state" in filters:
        if filters["state"] in STATES:
            conditions.append(STATES[filters["state"]])
        else:
            faults.append(Fault("state", "There is no such state.", f"Send {' or '.join(STATES)}."))
    if faults:
        raise refused(faults)
    return conditions

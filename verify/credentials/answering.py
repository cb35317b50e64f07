"""What a platform is told of the credentials that it delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from refolio.credential import timestamps
from verify.credentials import finding, links, placing
from verify.credentials.codes import grouped
from verify.credentials.finding import Stored
from verify.credentials.tables import Credential
from verify.issuers.twins import wire_name
from verify.runtime import Runtime

# What is told and found without opening a document, which is long.
TOLD = (
    Credential.id,
    Credential.record,
    Credential.issuer,
    Credential.platform,
    Credential.person,
    Credential.code,
    Credential.issued_at,
    Credential.withdrawn_at,
    Credential.reason,
    Credential.reason_kind,
    Credential.edition,
    Credential.corrected_at,
    Credential.replaces,
)


async def members_of(runtime: Runtime, stored: Stored) -> dict[str, object]:
    """The members of the answer, the same to issuing, withdrawing, replacing and asking."""
    handle = await placing.portfolio_of(stored)
    members = await members_without_words(runtime, stored)
    portfolio = links.portfolio(runtime, handle) if handle else None
    return {
        **members,
        "reason": stored.reason,
        "links": {**_links(runtime, stored.id, stored.code), "portfolio": portfolio},
    }


async def members_without_words(runtime: Runtime, stored: Stored) -> dict[str, object]:
    """The same for others to carry: nothing that a person has written, and nothing that leads to her (SEC-185)."""
    successor = await finding.successor_of(stored) if stored.withdrawn_at else None
    row = {
        "id": stored.id,
        "record": msgspec.json.decode(stored.record_json)["record"],
        "issuer": await wire_name(stored.issuer),
        "code": stored.code,
        "issued_at": stored.issued_at,
        "withdrawn_at": stored.withdrawn_at,
        "reason": None,
        "reason_kind": stored.kind,
        "edition": stored.edition,
        "corrected_at": stored.corrected_at,
        "replaces": stored.replaces,
    }
    return _members(runtime, row, None, successor.id if successor else None)


async def members_of_all(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """The same for many, with two more queries for all of them; ``rows`` hold the columns ``TOLD``."""
    handles = await placing.portfolios_of(rows)
    successors = await finding.successors([row["id"] for row in rows if row["withdrawn_at"]])
    names = {slug: await wire_name(slug) for slug in {row["issuer"] for row in rows}}
    return [
        _members(runtime, {**row, "issuer": names[row["issuer"]]}, handles.get(row["id"]), successors.get(row["id"]))
        for row in rows
    ]


async def members_without_words_of_all(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """``members_without_words`` for many, as ``members_of_all``."""
    successors = await finding.successors([row["id"] for row in rows if row["withdrawn_at"]])
    names = {slug: await wire_name(slug) for slug in {row["issuer"] for row in rows}}
    return [
        _members(runtime, {**row, "issuer": names[row["issuer"]], "reason": None}, None, successors.get(row["id"]))
        for row in rows
    ]


def _members(runtime: Runtime, row: Mapping[str, Any], handle: str | None, successor: str | None) -> dict[str, object]:
    return {
        "id": links.credential(runtime, row["id"]),
        "uuid": row["id"],
        "record": row["record"] or "",
        "issuer": row["issuer"],
        "state": "withdrawn" if row["withdrawn_at"] else "current",
        "issued_at": timestamps.format(row["issued_at"]),
        "code": grouped(row["code"]),
        "edition": row["edition"],
        "corrected_at": _time(row["corrected_at"]),
        "withdrawn_at": _time(row["withdrawn_at"]),
        "kind": row["reason_kind"],
        "reason": row["reason"],
        "replaces": links.credential(runtime, row["replaces"]) if row["replaces"] else None,
        "replaced_by": links.credential(runtime, successor) if successor else None,
        "links": {**_links(runtime, row["id"], row["code"]), "portfolio": handle and links.portfolio(runtime, handle)},
    }


def _links(runtime: Runtime, credential_id: str, code: str) -> dict[str, str | None]:
    verdict = links.verdict(runtime, code)
    return {"credential": links.credential(runtime, credential_id), "verify": verdict, "qr": f"{verdict}/qr.svg"}


def _time(moment: datetime | None) -> str | None:
    return timestamps.format(moment) if moment else None

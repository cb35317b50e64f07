"""List and search the credentials of one issuer, newest first; nothing of any other issuer is counted or found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from piccolo.columns.combination import WhereRaw

from refolio.credential.model import Completion
from refolio.credential.rules import normal_email
from verify.credentials import finding
from verify.credentials.codes import grouped, parse_code
from verify.credentials.tables import Credential
from verify.database import tx
from verify.http.refusals import Refused

PAGE = 50
LONGEST_SEARCH = 500  # characters kept of a credential; the index holds them, and PostgreSQL limits an entry
MOST_WORDS = 8
STATES = {"current": "issued", "withdrawn": "withdrawn"}
_LISTED = (
    Credential.id,
    Credential.state,
    Credential.completion,
    Credential.code,
    Credential.issued_at,
    Credential.withdrawn_at,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One credential in a list. ``code`` is grouped, ``state`` is ``current`` or ``withdrawn``."""

    id: str
    state: str
    intern: str
    title: str
    record: str
    started: date | None
    ended: date | None
    code: str
    issued_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; ``before`` is the id to give for the next part, None at the end."""

    listed: Sequence[Listed]
    before: str | None


async def page(slug: str, *, words: str = "", state: str = "", before: str | None = None, most: int = PAGE) -> Page:
    """The newest ``most`` credentials that hold every one of the words and came before the credential ``before``.

    Words are compared without capitals with intern, address, project, its code, and record; a verification code is
    found too, also that of an earlier edition. Raises Refused for a state that does not exist, and for ``before`` that
    is no credential of this issuer.
    """
    if state and state not in STATES:
        raise Refused("bad-request", f"There is no state {state[:40]!r}.")
    query = Credential.select(Credential.id).where(Credential.issuer == slug)
    query = query.where(Credential.state == STATES[state] if state else Credential.state.is_in([*STATES.values()]))
    query = query.where(*await _holding(slug, words))
    if before is not None:
        last = await _place(slug, before)
        query = query.where(Credential.reserved_at <= last, (Credential.reserved_at < last) | (Credential.id < before))
    found = await (
        query.order_by(Credential.reserved_at, ascending=False).order_by(Credential.id, ascending=False).limit(most + 1)
    )
    ids = [row["id"] for row in found]
    rows = (
        {row["id"]: row for row in await Credential.select(*_LISTED).where(Credential.id.is_in(ids[:most]))}
        if ids
        else {}
    )
    return Page([listed(rows[one]) for one in ids[:most]], ids[most - 1] if len(ids) > most else None)


async def number(slug: str) -> int:
    """How many credentials the issuer has, withdrawn ones too."""
    own = (Credential.issuer == slug) & Credential.state.is_in([*STATES.values()])
    how_many: int = await Credential.count().where(own)
    return how_many


async def twin(slug: str, natural_key: str) -> Listed | None:
    """The credential that this very work has already, if it is not withdrawn."""
    row = (
        await Credential.select(*_LISTED)
        .where(Credential.issuer == slug, Credential.natural_key == natural_key)
        .first()
    )
    return listed(row) if row and row["state"] in STATES.values() else None


def search_text(completion: Completion) -> str:
    """What a credential is found by."""
    project = completion.project
    parts = (
        completion.record,
        completion.intern.name,
        project.code or "",
        normal_email(completion.intern.email),
        project.title,
    )
    return "\n".join(part.casefold() for part in parts if part)[:LONGEST_SEARCH]


async def complete() -> int:
    """Make the search entries of credentials from before there were such; return how many there were."""
    made = 0
    while (
        rows := await Credential.select(Credential.id, Credential.completion)
        .where(Credential.email.is_null())
        .limit(500)
    ):
        async with tx():
            for row in rows:
                await Credential.update(entry_of(row["completion"])).where(Credential.id == row["id"])
        made += len(rows)
    return made


def entry_of(completion_json: str) -> dict[Any, Any]:
    """What an update writes so that a credential is found by its completion."""
    try:
        completion = msgspec.json.decode(completion_json, type=Completion)
    except msgspec.DecodeError:  # a spoilt row (SEC-205) is found by nothing, and keeps nobody from starting
        return {Credential.search: "", Credential.email: ""}
    return {
        Credential.search: search_text(completion),
        Credential.record: completion.record,
        Credential.email: normal_email(completion.intern.email),
    }


def listed(row: Mapping[str, Any]) -> Listed:
    """A row of the table as it is listed. One that was spoilt says so, and takes no other from the list (SEC-205)."""
    try:
        completion = msgspec.json.decode(row["completion"], type=Completion)
    except msgspec.DecodeError:
        completion = None
    return Listed(
        id=row["id"],
        state="withdrawn" if row["state"] == "withdrawn" else "current",
        intern=completion.intern.name if completion else "Not readable",
        title=completion.project.title if completion else "Its row was changed in the database.",
        record=completion.record if completion else "unknown",
        started=completion.started if completion else None,
        ended=completion.ended if completion else None,
        code=grouped(row["code"]),
        issued_at=row["issued_at"],
        withdrawn_at=row["withdrawn_at"],
    )


async def _holding(slug: str, words: str) -> list[Any]:
    """One condition for each word, or one for a code that a credential has.

    What means something to LIKE is taken for itself (SEC-115).
    """
    code = parse_code(words)
    if code and (found := await finding.by_code(code)) and found.issuer == slug:
        return [Credential.id == found.id]
    literals = [
        word.replace("!", "!!").replace("%", "!%").replace("_", "!_") for word in words.casefold().split()[:MOST_WORDS]
    ]
    return [WhereRaw("search LIKE {} ESCAPE '!'", f"%{literal}%") for literal in literals]


async def _place(slug: str, credential_id: str) -> datetime:
    row = (
        await Credential.select(Credential.reserved_at)
        .where(Credential.id == credential_id, Credential.issuer == slug)
        .first()
    )
    if row is None:
        raise Refused("not-found", "The list does not go on from here.")
    reserved_at: datetime = row["reserved_at"]
    return reserved_at

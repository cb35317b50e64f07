"""At the start: is the database older than what was published? Then nothing comes back that was withdrawn.

A copy restored from a backup has forgotten withdrawals, credentials and the indexes they took. What was remembered
outside of it (remembering.py) tells so: lists only grow, what a list calls withdrawn is withdrawn, and new credentials
go into a fresh list, so that no index is given twice (SEC-086, SEC-204).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from piccolo.columns import Column
from piccolo.table import Table

from refolio.credential import timestamps
from refolio.credential.reading import JSON
from refolio.credential.status_list import is_set
from verify.credentials.announcing import announce
from verify.credentials.reasons import LOST
from verify.credentials.remembering import (
    RememberedEnd,
    RememberedList,
    ends_in,
    folder_of,
    forget_end,
    lists_in,
)
from verify.credentials.status_placing import new_list, next_number
from verify.credentials.status_publishing import current
from verify.credentials.tables import REFERENCES, Credential, StatusList, StatusPlace
from verify.database import UniqueViolation, tx
from verify.issuers.tables import Issuer
from verify.people.sessions import close_everybodys
from verify.platforms.announcing import WITHDRAWN, skip_ahead
from verify.runtime import Runtime
from verify.trail.recording import Rows, record
from verify.trail.tables import TrailEntry, TrailHead
from verify.web.filters import plural

log = logging.getLogger(__name__)

RESTORED = "database-restored"
LOST_REASON = "The record of this withdrawal was lost when the service was restored from a backup."


@dataclass(slots=True)
class Behind:
    """What the database has forgotten of one issuer."""

    lists: list[RememberedList] = field(default_factory=list)
    end: RememberedEnd | None = None


async def make_good(runtime: Runtime) -> int:
    """Compare the database with what is remembered and make it good; return how many issuers were behind."""
    behind = await _behind(runtime)
    for slug, what in behind.items():
        if not await Issuer.exists().where(Issuer.slug == slug):
            log.error("The database is older than what was published: it does not know the issuer %s at all", slug)
            continue
        try:
            await _make_good(runtime, slug, what)
        except UniqueViolation:
            log.warning("Another process makes the lists of %s good at this moment", slug)
        await forget_end(runtime, slug)
        for kept in what.lists:
            await current(runtime, kept.id)
    if behind:
        await close_everybodys()  # a session that was closed after the backup was made would be open again
    return len(behind)


async def _behind(runtime: Runtime) -> dict[str, Behind]:
    folder = await folder_of(runtime)
    behind: dict[str, Behind] = {}
    versions = {row["id"]: row["version"] for row in await StatusList.select(StatusList.id, StatusList.version)}
    for kept in lists_in(folder):
        if versions.get(kept.id, -1) < kept.version:
            behind.setdefault(kept.issuer, Behind()).lists.append(kept)
    heads = {row["scope"]: row for row in await TrailHead.select()}
    for slug, end in ends_in(folder):
        head = heads.get(slug)
        if head is None or (head["number"], head["hash"]) != (end.number, end.hash):
            entry = (
                await TrailEntry.select(TrailEntry.hash)
                .where(TrailEntry.scope == slug, TrailEntry.number == end.number)
                .first()
            )
            if entry is None or entry["hash"] != end.hash:
                behind.setdefault(slug, Behind()).end = end
    return behind


async def _make_good(runtime: Runtime, slug: str, what: Behind) -> None:
    rows: list[tuple[type[Table], object]] = []
    again: list[tuple[type[Credential], object]] = []
    async with tx():
        for kept in what.lists:
            if not await StatusList.exists().where(StatusList.id == kept.id):
                rows.append(await new_list(runtime, slug, await next_number(slug), list_id=kept.id, length=kept.length))
            changes: dict[Column | str, Any] = {
                StatusList.version: kept.version + 1,
                StatusList.document: kept.document.encode(),
            }
            await StatusList.update(changes).where(StatusList.id == kept.id, StatusList.version < kept.version)
            rows.append((StatusList, kept.id))
            again += await _withdraw_again(kept)
            rows += await _set_again(kept)
        rows += again
        rows.append(await new_list(runtime, slug, await next_number(slug)))
        if await StatusList.exists().where(StatusList.issuer == slug, StatusList.holds == REFERENCES):
            rows.append(await new_list(runtime, slug, await next_number(slug), holds=REFERENCES))
        head = await TrailHead.select(TrailHead.number).where(TrailHead.scope == slug).first()
        detail: dict[str, JSON] = {
            "remembered_end": what.end.number if what.end else None,
            "found_end": head["number"] if head else 0,
            "lists": [kept.id for kept in what.lists],
        }
        await skip_ahead()
        await announce(runtime, [(WITHDRAWN, str(key)) for _, key in again])
        written: Rows = list(dict.fromkeys(rows))
        await record(runtime, "service", RESTORED, slug, about=slug, detail=detail, rows=written)
    log.error(
        "THE DATABASE IS OLDER THAN WHAT WAS PUBLISHED FOR %s: it knows %s of at least %s acts. Withdrawals were kept, "
        "new credentials go into a fresh status list. What was issued since the backup is lost (docs/operating.md)",
        slug,
        detail["found_end"],
        detail["remembered_end"] or "more",
    )


async def _withdraw_again(kept: RememberedList) -> list[tuple[type[Credential], object]]:
    """Mark as withdrawn what the remembered edition calls so; when and why is told as far as that is known."""
    bits = kept.bits
    valid_from: datetime = timestamps.parse(msgspec.json.decode(kept.document)["validFrom"])
    rows = await Credential.select(Credential.id, Credential.status_index).where(
        Credential.status_list == kept.id, Credential.state == "issued"
    )
    again: list[tuple[type[Credential], object]] = []
    for row in rows:
        if is_set(bits, row["status_index"]):
            await Credential.update(
                {
                    Credential.state: "withdrawn",
                    Credential.withdrawn_at: valid_from,
                    Credential.reason: LOST_REASON,
                    Credential.reason_kind: LOST,
                    Credential.natural_key: None,
                }
            ).where(Credential.id == row["id"])
            again.append((Credential, row["id"]))
    return again


async def _set_again(kept: RememberedList) -> list[tuple[type[Table], object]]:
    """The same for what is no credential, which has no reason to be told."""
    bits = kept.bits
    valid_from: datetime = timestamps.parse(msgspec.json.decode(kept.document)["validFrom"])
    rows = await StatusPlace.select(StatusPlace.id, StatusPlace.status_index).where(
        StatusPlace.status_list == kept.id, StatusPlace.withdrawn_at.is_null()
    )
    ids = [row["id"] for row in rows if is_set(bits, row["status_index"])]
    if ids:
        await StatusPlace.update({StatusPlace.withdrawn_at: valid_from}).where(StatusPlace.id.is_in(ids))
    return [(StatusPlace, id_) for id_ in ids]


async def status_in_words() -> str:
    """A line for each status list and for each time that the database was found to be a restored one."""
    lines = []
    for row in await StatusList.select().order_by(StatusList.issuer).order_by(StatusList.number):
        if row["holds"]:
            inside, is_withdrawn = StatusPlace.status_list == row["id"], StatusPlace.withdrawn_at.is_not_null()
            withdrawn = await StatusPlace.count().where(inside, is_withdrawn)
            what = plural(await StatusPlace.count().where(inside), "reference")
        else:
            inside = Credential.status_list == row["id"]
            withdrawn = await Credential.count().where(inside, Credential.state == "withdrawn")
            what = plural(await Credential.count().where(inside), "credential")
        published = "published" if row["published"] >= row["version"] else "a newer edition is due"
        lines.append(f"{row['issuer']}: list {row['id']}: {what}, {withdrawn} withdrawn, {published}")
    restored = (
        await TrailEntry.select(TrailEntry.scope, TrailEntry.at)
        .where(TrailEntry.act == RESTORED)
        .order_by(TrailEntry.at)
    )
    lines += [f"{entry['scope']}: restored from a backup, found on {entry['at'].date()}" for entry in restored]
    return "\n".join(lines or ["No status list yet."])

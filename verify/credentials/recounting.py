"""What happened to a credential and who did it, in words, from the audit trail. Nobody can take a line out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from verify.credentials.restoring import RESTORED
from verify.credentials.tables import Credential
from verify.people.tables import Person
from verify.platforms.tables import Platform
from verify.trail import reading
from verify.trail.reading import Entry
from verify.web.filters import plural

MOST = 50
WORDS: Mapping[str, str] = {
    "credential-reserved": "Ordered",
    "credential-issued": "Signed and issued",
    "credential-withdrawn": "Withdrawn",
    "correction-reserved": "Correction ordered",
    "credential-corrected": "Corrected by a newer edition, signed",
    "correction-voided": "Correction given up, because it was withdrawn",
    "successor-reserved": "Ordered in the place of another",
    "reply-given": "Replied to",
    "reply-taken-back": "Reply taken back",
    "reservation-rekeyed": "Given another key before it was signed",
    RESTORED: "Found withdrawn in a published list after a backup was restored, and withdrawn again",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One act: when, what in words, and the name of who did it; ``proposed_by`` where another one wanted it."""

    at: datetime
    says: str
    who: str
    proposed_by: str | None = None


async def recount(slug: str, credential_id: str) -> list[Happening]:
    """The acts on a credential of this issuer, newest first: those on it alone, and those on it and others."""
    entries = await reading.entries(slug, most=MOST, about=credential_id)
    row = Credential, credential_id
    for act in ("credentials-withdrawn", RESTORED):  # these are about the issuer, and tell what they wrote
        entries += await reading.entries(slug, most=MOST, act=act, about=slug, wrote=row)
    successor = await Credential.select(Credential.id).where(Credential.replaces == credential_id).first()
    replaced = await reading.entries(slug, most=1, act="successor-reserved", about=successor["id"]) if successor else []
    told = [(entry, _in_words(entry)) for entry in entries]
    told += [(entry, _replaced(entry)) for entry in replaced]
    names = await _names({one for entry, _ in told for one in (entry.actor, _proposer(entry)) if one})
    return [
        Happening(entry.at, says, names[entry.actor], names.get(_proposer(entry) or ""))
        for entry, says in sorted(told, key=lambda one: one[0].number, reverse=True)
    ]


def _in_words(entry: Entry) -> str:
    number = entry.detail.get("number")
    if entry.act == "credentials-withdrawn" and isinstance(number, int):
        return "Withdrawn" if number == 1 else f"Withdrawn together with {plural(number - 1, 'other')}"
    return WORDS.get(entry.act, entry.act.removeprefix("credential-").replace("-", " ").capitalize())


def _replaced(entry: Entry) -> str:
    return "Withdrawn, and another ordered in its place" if entry.detail.get("withdrawn") else "Another ordered instead"


def _proposer(entry: Entry) -> str | None:
    proposer = entry.detail.get("proposed_by")
    return proposer if isinstance(proposer, str) and proposer != entry.actor else None


async def _names(actors: set[str]) -> dict[str, str]:
    """``Actor.name`` → what it is called on a page."""
    by_kind: dict[str, list[str]] = {"person": [], "platform": []}
    for actor in actors:
        kind, _, who = actor.partition(":")
        by_kind.get(kind, []).append(who)
    names = {actor: {"service": "this service", "operator": "the operator"}.get(actor, actor) for actor in actors}
    if by_kind["person"]:
        rows = await Person.select(Person.id, Person.name).where(Person.id.is_in(by_kind["person"]))
        names |= {f"person:{row['id']}": row["name"] for row in rows}
    if by_kind["platform"]:
        rows = await Platform.select(Platform.slug, Platform.name).where(Platform.slug.is_in(by_kind["platform"]))
        names |= {f"platform:{row['slug']}": row["name"] for row in rows}
    return names

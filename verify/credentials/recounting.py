"""What happened to a credential and who did it, in words, from the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from verify.people.tables import Person
from verify.platforms.tables import Platform
from verify.trail import reading

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
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One act: when, what in words, and the name of who did it."""

    at: datetime
    says: str
    who: str


async def recount(slug: str, credential_id: str) -> list[Happening]:
    """The acts on a credential of this issuer, newest first."""
    entries = await reading.entries(slug, most=MOST, about=credential_id)
    names = await _names({entry.actor for entry in entries})
    return [Happening(entry.at, _in_words(entry.act), names[entry.actor]) for entry in entries]


def _in_words(act: str) -> str:
    return WORDS.get(act, act.removeprefix("credential-").replace("-", " ").capitalize())


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

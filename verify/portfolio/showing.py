"""What a portfolio shows: every credential of a person as examined now, and counts from the sound ones only."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from refolio.credential.facts import Facts, is_about
from refolio.credential.reading import read
from refolio.credential.report import Outcome
from refolio.credential.rules import normal_number
from refolio.credential.verification import Found
from verify.credentials import finding
from verify.credentials.codes import grouped
from verify.credentials.examining import Examined, examine_stored
from verify.credentials.explaining import Withdrawal, withdrawal_of
from verify.people import profiles
from verify.people.profiles import PublicProfile
from verify.platforms import granting
from verify.references.showing import Shown as Reference
from verify.references.showing import shown_about
from verify.runtime import Runtime

MOST_SHOWN = 50  # each one is verified for every reader, so a page must not grow without bound

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One credential in the timeline. ``facts`` is None for a broken one: nothing of it is shown."""

    facts: Facts | None
    state: str
    state_says: str
    code: str
    path: str
    qr_path: str
    withdrawal: Withdrawal | None
    issuer_path: str | None = None
    references: list[Reference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over the current credentials, from signed data only. ``hours`` is decimal text."""

    organisations: int
    fields: list[str]
    skills: list[tuple[str, int]]
    hours: str
    credentials: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A whole portfolio, newest work first. ``earlier`` more credentials are neither shown nor counted."""

    person: PublicProfile
    summary: Summary
    entries: list[Entry]
    earlier: int


async def show(runtime: Runtime, profile: PublicProfile) -> Shown:
    """Examine all credentials of the person and lay them out."""
    found: dict[str, Found] = {}  # issuers and lists are looked up once for all credentials of the page
    credentials, earlier = await finding.by_person(profile.person, MOST_SHOWN, await granting.on_page(profile.person))
    examined = [await examine_stored(runtime, stored, found) for stored in credentials]
    addresses = await profiles.addresses_of(profile.person)
    current_now = [one.stored for one in examined if one.report.verdict is Outcome.PASSED]
    references = await shown_about(runtime, current_now, found)
    own = [
        _entry(one, await withdrawal_of(runtime, one), references.get(one.stored.id, []))
        for one in examined
        if _is_own(one, addresses)
    ]
    entries = sorted(own, key=_newest_first, reverse=True)
    current = [entry.facts for entry in entries if entry.facts and entry.state == "current"]
    return Shown(replace(profile, name=_heading(profile, current)), _summary(current), entries, earlier)


def _heading(profile: PublicProfile, current: list[Facts]) -> str:
    """The name first known here, if it was signed: neither a changed row nor a new platform renames anyone."""
    signed = [facts.intern for facts in current if facts.intern]
    return profile.name if profile.name in signed or not signed else signed[0]


def _is_own(examined: Examined, addresses: set[str]) -> bool:
    """False for somebody else's credential that a changed row hangs onto this portfolio (SEC-205)."""
    if examined.facts is None:
        return True
    document = read(examined.stored.document)
    if any(is_about(document, address) for address in addresses):
        return True
    log.error("Credential %s is not about the person whose portfolio it stands in", examined.stored.id)
    return False


def _entry(examined: Examined, withdrawal: Withdrawal | None, references: list[Reference]) -> Entry:
    stored, report = examined.stored, examined.report
    code = grouped(stored.code)
    if examined.facts is None and report.verdict is Outcome.FAILED:
        state, says = "broken", "This entry was changed after signing and is not shown."
    elif report.withdrawn:
        state, says = "withdrawn", "Withdrawn by the issuer."
    elif report.verdict is Outcome.PASSED:
        state, says = "current", "Genuine and current"
    else:
        state, says = "unchecked", f"Could not check: {report.decisive.says}"
    return Entry(
        facts=examined.facts,
        state=state,
        state_says=says,
        code=code,
        path=f"/v/{code}",
        qr_path=f"/v/{code}/qr.svg",
        withdrawal=withdrawal,
        issuer_path=f"/issuers/{stored.issuer}",
        references=references,
    )


def _newest_first(entry: Entry) -> tuple[date, str]:
    facts = entry.facts
    return ((facts.ended or facts.signed_on or date.min) if facts else date.min, entry.code)


def _summary(sound: Iterable[Facts]) -> Summary:
    facts = list(sound)
    skills = Counter(skill.name for fact in facts for skill in fact.skills_seen)
    return Summary(
        organisations=len({fact.host.id or fact.host.name for fact in facts}),
        fields=[field for field, _ in Counter(fact.field for fact in facts if fact.field).most_common()],
        skills=sorted(skills.items(), key=lambda item: (-item[1], item[0].casefold())),
        hours=normal_number(str(sum((_hours(fact.hours) for fact in facts), Decimal(0)))),
        credentials=len(facts),
    )


def _hours(text: str | None) -> Decimal:
    try:
        return Decimal(text) if text else Decimal(0)
    except InvalidOperation:
        return Decimal(0)

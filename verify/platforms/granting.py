"""Who may add to a person's record: she is asked once, answers, sees the list, and can take it back (ORCID's rule).

Asked for is a *grantee*: a platform by its short name, or an organisation that issues here itself by that of its own
platform, made or not. As long as she has not answered, what is issued for her is kept ready but stands on no page of
hers. Once she has said no, nothing more is written (docs/decisions/0027).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from refolio.credential import timestamps
from refolio.credential.rules import normal_email
from refolio.errors import Fault
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers.tables import Issuer
from verify.outside.mail import is_address, send_mail
from verify.platforms.admitting import CONSOLE, OWN, own_slug
from verify.platforms.announcing import GRANT_ALLOWED, GRANT_REFUSED, GRANT_TAKEN_BACK, Happening, announce
from verify.platforms.tables import Grant, Platform
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record
from verify.web.filters import day, one_line

ASKED, ALLOWED, REFUSED, TAKEN_BACK = "asked", "allowed", "refused", "taken-back"
STATES = (ASKED, ALLOWED, REFUSED, TAKEN_BACK)
OPEN = [ASKED, ALLOWED]
ON_PAGE = [ALLOWED, TAKEN_BACK]  # what was added while it was allowed stays where it is
ANSWERS = {"allow": ALLOWED, "refuse": REFUSED, "take-back": TAKEN_BACK}
# From which states an answer leads on; any other finds nothing to change.
FROM = {ALLOWED: [ASKED, REFUSED, TAKEN_BACK], REFUSED: [ASKED], TAKEN_BACK: [ALLOWED]}
ACTS = {ALLOWED: "grant-allowed", REFUSED: "grant-refused", TAKEN_BACK: "grant-taken-back"}
EVENTS = {ALLOWED: GRANT_ALLOWED, REFUSED: GRANT_REFUSED, TAKEN_BACK: GRANT_TAKEN_BACK}

_SHOWN = (Grant.id, Grant.grantee, Grant.state, Grant.asked_at, Grant.decided_at, Grant.used_at)

REMIND_AFTER = timedelta(days=14)
REMINDS_EVERY = 3600.0  # seconds between two looks at who is late
SUBJECT = "{who} wants to add to your record"
BODY = """Hello,

{occasion}

May {who} add to your record at Refolio? Answer here; sign in with this address, no password is needed:

{url}

You are asked once. Until you allow it, nothing of it stands on a page of yours. If you do not know {who}, refuse: \
then they cannot add anything more.
"""
PLAIN_OCCASION = "{who} would like to record your finished projects, as signed credentials that are yours to show."
OCCASION = """{who} has recorded your work “{title}” for {issuer}, as a signed credential that is yours to show:
{verdict}"""


@dataclass(frozen=True, slots=True)
class Work:
    """The credential that an invitation tells of."""

    title: str
    issuer: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as the person sees it: columns of its row, and the grantee's name (``who``) and web address (``url``)."""

    id: str
    grantee: str
    who: str
    url: str | None
    state: str
    asked_at: datetime
    decided_at: datetime | None
    used_at: datetime | None


def grantee_of(platform: str, issuer: str) -> str:
    """Who has to be allowed for what ``platform`` delivers. An organisation is one in the console and by its keys."""
    return own_slug(issuer) if platform == CONSOLE else platform


async def require_open(runtime: Runtime, person: str, grantee: str, email: str) -> None:
    """Note that ``grantee`` adds to the record of ``person``, and ask for her permission if that was never done.

    Call inside ``tx()``, before anything else is written. The update holds the row until the end, so that nobody adds
    at the moment in which it is taken back. Raises Refused (403) where she said no; UniqueViolation when another
    request asks her at this very moment: end the transaction and retry.
    """
    mine = (Grant.person == person) & (Grant.grantee == grantee)
    noted = await Grant.update({Grant.used_at: runtime.now()}).where(mine, Grant.state.is_in(OPEN)).returning(Grant.id)
    if noted:
        return
    row = await Grant.select().where(mine).first()
    if row is None:
        await _ask(runtime, person, grantee, email, used_at=runtime.now())
        return
    what = "was refused" if row["state"] == REFUSED else "was taken back"
    raise await _refused(runtime, grantee, "intern.email", f"{what} on {day(row['decided_at'])}")


async def require_allowed(runtime: Runtime, person: str, grantee: str, field: str) -> None:
    """As ``require_open``, for what a person must have allowed before, so that a question that waits is not enough.

    Raises Refused (403) that names ``field``.
    """
    mine = (Grant.person == person) & (Grant.grantee == grantee)
    noted = await Grant.update({Grant.used_at: runtime.now()}).where(mine, Grant.state == ALLOWED).returning(Grant.id)
    if not noted:
        raise await _refused(runtime, grantee, field, "has not been given")


async def has_allowed(person: str, grantee: str) -> bool:
    """Would ``require_allowed`` let it pass, as things stand?"""
    return await Grant.exists().where(Grant.person == person, Grant.grantee == grantee, Grant.state == ALLOWED)


async def _refused(runtime: Runtime, grantee: str, field: str, what: str) -> Refused:
    who = (await _names([grantee]))[grantee]["who"]
    says = f"The permission of {who} to add to this person's record {what}."
    fix = f"Ask the person, who can allow it at {runtime.settings.public_url}/account/grants."
    return Refused("grant-refused", says, [Fault(field, says, fix)])


async def _ask(runtime: Runtime, person: str, grantee: str, email: str, used_at: datetime | None = None) -> str:
    grant = Grant(
        id=runtime.new_id(),
        person=person,
        grantee=grantee,
        email=normal_email(email),
        state=ASKED,
        asked_at=runtime.now(),
        used_at=used_at,
    )
    await grant.save()
    return str(grant.id)


async def ask(runtime: Runtime, person: str, grantee: str, email: str) -> str:
    """Ask without an occasion; the id of the grant, the same whenever it is asked again. Call inside ``tx()``.

    Raises UniqueViolation like ``require_open``.
    """
    row = await Grant.select(Grant.id).where(Grant.person == person, Grant.grantee == grantee).first()
    grant = str(row["id"]) if row else await _ask(runtime, person, grantee, email)
    await invite(runtime, person, grantee)
    return grant


async def invite(runtime: Runtime, person: str, grantee: str, work: Work | None = None) -> None:
    """Write the one letter that asks her, unless it was written before or she has answered. Call inside ``tx()``."""
    open_ = (Grant.person == person) & (Grant.grantee == grantee) & (Grant.state == ASKED)
    now = runtime.now()
    asked = await Grant.update({Grant.invited_at: now}).where(open_, Grant.invited_at.is_null()).returning(Grant.email)
    if asked:
        await _write(runtime, asked[0]["email"], grantee, work)


async def _write(runtime: Runtime, address: str, grantee: str, work: Work | None, subject: str = SUBJECT) -> None:
    if not is_address(address):
        return  # taken from a platform before addresses were looked at closely: nothing can be sent there
    who = one_line((await _names([grantee]))[grantee]["who"], 100)
    occasion = (
        OCCASION.format(who=who, title=work.title, issuer=work.issuer, verdict=work.verdict)
        if work
        else PLAIN_OCCASION.format(who=who)
    )
    url = f"{runtime.settings.public_url}/account/grants"
    await send_mail(runtime, address, subject.format(who=who), BODY.format(who=who, occasion=occasion, url=url))


async def remind(runtime: Runtime) -> int:
    """Write to those who have not answered in two weeks, once; return how many. Any number of processes may do so."""
    late = (Grant.state == ASKED) & Grant.reminded_at.is_null() & (Grant.invited_at <= runtime.now() - REMIND_AFTER)
    rows = await Grant.select(Grant.id).where(late)
    written = 0
    for row in rows:
        async with tx():
            mine = (
                await Grant.update({Grant.reminded_at: runtime.now()})
                .where(Grant.id == row["id"], late)
                .returning(Grant.email, Grant.grantee)
            )
            if mine:
                await _write(runtime, mine[0]["email"], mine[0]["grantee"], None, f"Reminder: {SUBJECT}")
                written += 1
    return written


async def answer(runtime: Runtime, actor: Actor, grant: str, said: str) -> None:
    """Take her answer: ``allow``, ``refuse`` or ``take-back``. The same again changes nothing.

    Raises Refused: 404 for a grant that is not hers, 400 for another word.
    """
    if said not in ANSWERS:
        raise Refused("bad-request", "The answer is allow, refuse or take-back.")
    state = ANSWERS[said]
    await require_hers(actor, grant)
    async with tx():
        changed = (
            await Grant.update({Grant.state: state, Grant.decided_at: runtime.now()})
            .where(Grant.id == grant, Grant.state.is_in(FROM[state]))
            .returning(Grant.grantee)
        )
        if changed:
            grantee = changed[0]["grantee"]
            await announce(runtime, await _told(grantee, grant, state, runtime.now()))
            detail = {"grantee": grantee}
            await record(runtime, actor.name, ACTS[state], SERVICE, about=grant, detail=detail)


async def _told(grantee: str, grant: str, state: str, at: datetime) -> list[Happening]:
    """What the platform is told of her answer; it knows the person by the grant (SEC-185)."""
    if not await Platform.exists().where(Platform.slug == grantee):
        return []  # an organisation without a platform of its own: nobody listens
    data = {"id": grant, "state": state, "decided_at": timestamps.format(at)}
    return [Happening(EVENTS[state], grantee, None, data)]


async def require_hers(actor: Actor, grant: str) -> None:
    """Raise Refused (404) for a grant that is not the signed-in person's."""
    hers = Grant.exists().where(Grant.id == grant, Grant.person == actor.person)
    if not can(actor, Action.USE_ACCOUNT) or not await hers:
        raise Refused("not-found", "There is nothing at this address.")


async def granted_by(person: str) -> list[Granted]:
    """The list for the person herself: what waits for her answer first, then what was used last."""
    rows = await Grant.select(*_SHOWN).where(Grant.person == person)
    names = await _names([row["grantee"] for row in rows])
    rows.sort(key=lambda row: (row["state"] != ASKED, -(row["used_at"] or row["asked_at"]).timestamp()))
    return [Granted(**row, **names[row["grantee"]]) for row in rows]


async def on_page(person: str) -> frozenset[str]:
    """The grantees whose credentials may stand on a page of the person's."""
    rows = await Grant.select(Grant.grantee).where(Grant.person == person, Grant.state.is_in(ON_PAGE))
    return frozenset(row["grantee"] for row in rows)


async def on_pages(persons: Collection[str]) -> frozenset[tuple[str, str]]:
    """``on_page`` for many: pairs of a person and a grantee."""
    if not persons:
        return frozenset()
    shown = Grant.state.is_in(ON_PAGE)
    rows = await Grant.select(Grant.person, Grant.grantee).where(Grant.person.is_in(list(set(persons))), shown)
    return frozenset((row["person"], row["grantee"]) for row in rows)


async def _names(grantees: list[str]) -> dict[str, dict[str, Any]]:
    """Name (``who``) and web address (``url``) of each grantee."""
    rows = await Platform.select(Platform.slug, Platform.name, Platform.url).where(
        Platform.slug.is_in(grantees or [""])
    )
    found = {row["slug"]: {"who": row["name"], "url": row["url"]} for row in rows}
    for grantee in set(grantees) - set(found):  # an organisation that has issued in the console only
        stem, cut, _ = grantee.removeprefix(OWN).partition(".")
        alike = Issuer.slug.like(f"{stem}%") if cut else Issuer.slug == stem
        issuers = await Issuer.select(Issuer.slug, Issuer.name, Issuer.url).where(alike)
        found |= {own_slug(row["slug"]): {"who": row["name"], "url": row["url"]} for row in issuers}
    return found

"""A platform asks for a reference about a current credential that it delivered.

A mailbox that wants no mail, or that is another one of the intern's, gets the same answer as any: it is not written to,
and nobody finds out by asking (SEC-131, SEC-191).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from refolio.credential.reading import JSON
from refolio.credential.rules import text_fault
from refolio.errors import CompletionRefused, Fault
from verify.credentials.finding import UUID
from verify.credentials.tables import UNSIGNED, Credential
from verify.credentials.withdrawing import is_own
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor, Mode
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.outside.mail import is_address
from verify.people import profiles
from verify.people.limiting import spend
from verify.platforms.granting import grantee_of, require_allowed
from verify.references.linking import mailbox_of, new_link
from verify.references.reading import told, uuid_of
from verify.references.tables import QuietMailbox, Reference
from verify.references.telling import is_like_address, tell_referee
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

ATTEMPTS = 20
GOOD_FOR = timedelta(days=30)
HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
ASKED_IN_AN_HOUR = 500  # by one platform
TO_ONE_MAILBOX = ((3, DAY), (10, MONTH))  # by all platforms together
ABOUT_ONE_CREDENTIAL = 10
LONGEST = 100  # characters of a name or a role
FIELDS = ("credential", "name", "email", "role")
OVER = ["cancelled", "expired"]
NO_CREDENTIAL = "Your platform has delivered no credential with this id."


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked about which credential (UUID). ``key`` and ``body`` are what makes sending it again harmless."""

    credential: str
    name: str
    email: str
    role: str
    key: str
    body: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what the key stands for."""
        return hashlib.sha256(self.body).hexdigest()


async def ask(runtime: Runtime, actor: Actor, key: str, body: bytes, members: Mapping[str, JSON]) -> dict[str, object]:
    """Ask for a reference, and return what is told of it. About one credential a mailbox is asked once.

    Raises CompletionRefused naming the field; Refused: 404 for a credential that this platform did not deliver, 403
    ``grant-refused``, 409 for one that no reference can be signed for, 429.
    """
    asked = _question(runtime, key, body, members)
    if actor.mode is Mode.TEST:
        raise Refused("not-in-test-mode", "Nobody is written to in test mode, because what is tested is nobody's.")
    credential = await _require_own(actor, asked.credential)
    for _ in range(ATTEMPTS):
        try:
            async with tx():
                row = await _known(runtime, actor, asked) or await _ask(runtime, actor, asked, credential)
                return (await told(runtime, [row]))[0]
        except UniqueViolation:
            continue  # somebody was faster with the key or the mailbox: look again
    raise Refused("unavailable", "Too many requests wanted the same thing at once; nobody was asked.")


async def _require_own(actor: Actor, uuid: str) -> Mapping[str, Any]:
    row = await Credential.select().where(Credential.id == uuid).first() if UUID.fullmatch(uuid) else None
    if (
        row is None
        or row["state"] in UNSIGNED
        or not is_own(actor, Action.ASK_FOR_REFERENCE, row["issuer"], row["platform"])
    ):
        raise Refused("not-found", NO_CREDENTIAL, [Fault("credential", NO_CREDENTIAL, "Check the id.")])
    if row["state"] != "issued":
        raise Refused("already-withdrawn", "It is withdrawn; ask about the credential that came in its place.")
    if await publishing.holds_key(row["issuer"]):
        raise Refused("reference-custody", f"The issuer {row['issuer']!r} holds its own key.")
    if await publishing.is_closed(row["issuer"]):
        raise Refused("issuer-closed", f"The issuer {row['issuer']!r} is closed.")
    return row


async def _known(runtime: Runtime, actor: Actor, asked: Question) -> Mapping[str, Any] | None:
    """The reference that this request, or another one for the same mailbox, led to; one that is over is none."""
    by_key = (Reference.platform == (actor.platform or "")) & (Reference.idempotency_key == asked.key)
    row: Mapping[str, Any] | None = await Reference.select().where(by_key).first()
    if row:
        if row["body_sha256"] != asked.fingerprint:
            fault = Fault("Idempotency-Key", "It belongs to another request.", "Use a new key for a changed request.")
            says = f"The key {asked.key!r} was already used for a request with another body."
            raise Refused("idempotency-key-reused", says, [fault])
        return row
    same = (Reference.credential == asked.credential) & (Reference.mailbox == mailbox_of(asked.email))
    row = await Reference.select().where(same, Reference.state.not_in(OVER)).first()
    return None if row is None or _is_late(runtime, row) else row


def _is_late(runtime: Runtime, row: Mapping[str, Any]) -> bool:
    return bool(row["state"] == "asked" and row["expires_at"] <= runtime.now())


async def _ask(runtime: Runtime, actor: Actor, asked: Question, credential: Mapping[str, Any]) -> Mapping[str, Any]:
    platform, mailbox = credential["platform"], mailbox_of(asked.email)
    if mailbox == mailbox_of(credential["email"] or ""):
        says = "This is the address of the intern, who cannot write her own reference."
        raise CompletionRefused([Fault("email", says, "Give that of a person who guided or shared the work.")])
    await require_allowed(runtime, credential["person"], grantee_of(platform, credential["issuer"]), "credential")
    await _require_within_limits(runtime, platform, mailbox, asked.credential)
    rows: Rows = await _expire(runtime, asked.credential, mailbox)
    now = runtime.now()
    reference = Reference(
        id=runtime.new_id(),
        credential=asked.credential,
        platform=platform,
        mailbox=mailbox,
        email=asked.email,
        domain=asked.email.rpartition("@")[2].lower(),
        name=asked.name,
        role=asked.role,
        state="asked",
        idempotency_key=asked.key,
        body_sha256=asked.fingerprint,
        asked_at=now,
        expires_at=now + GOOD_FOR,
    )
    await reference.save()
    rows = [*rows, (Reference, reference.id)]
    row = await Reference.select().where(Reference.id == reference.id).first()
    assert row, "written a moment ago"
    if not await is_quiet(mailbox, credential["person"]):
        link, written = await new_link(runtime, reference.id)
        await tell_referee(runtime, row, link)
        rows = [*rows, *written]
    await record(runtime, actor.name, "reference-asked", credential["issuer"], about=reference.id, rows=rows)
    return row


async def is_quiet(mailbox: str, person: str) -> bool:
    """Must nothing be written to this mailbox about this person: because it wants no mail, or is the person's own?"""
    quiet = QuietMailbox.exists().where(QuietMailbox.mailbox == mailbox)
    return await is_own_mailbox(mailbox, person) or await quiet


async def is_own_mailbox(mailbox: str, person: str) -> bool:
    """Is, or was, this a mailbox of the person's?"""
    return mailbox in {mailbox_of(address) for address in await profiles.addresses_of(person)}


async def _require_within_limits(runtime: Runtime, platform: str, mailbox: str, credential: str) -> None:
    if await Reference.count().where(Reference.credential == credential) >= ABOUT_ONE_CREDENTIAL:
        raise Refused("reference-limit", f"{ABOUT_ONE_CREDENTIAL} people were asked about this credential.")
    if not await spend(runtime, f"references by {platform}", ASKED_IN_AN_HOUR, HOUR):
        raise Refused("too-many-requests", f"More than {ASKED_IN_AN_HOUR} people in an hour were asked.")
    for most, span in TO_ONE_MAILBOX:
        if not await spend(runtime, f"references to {mailbox}", most, span):
            says = "This mailbox was asked for references too often."
            raise Refused("too-many-requests", says, [Fault("email", says, "Ask the person yourself.")])


async def _expire(runtime: Runtime, credential: str, mailbox: str) -> Rows:
    """Close an earlier question that nobody answered in time, so that there can be another one; the rows written."""
    late = (Reference.state == "asked") & (Reference.expires_at <= runtime.now())
    closed = (
        await Reference.update({Reference.state: "expired", Reference.email: None})
        .where(Reference.credential == credential, Reference.mailbox == mailbox, late)
        .returning(Reference.id)
    )
    return [(Reference, row["id"]) for row in closed]


def _question(runtime: Runtime, key: str, body: bytes, members: Mapping[str, JSON]) -> Question:
    faults = [
        Fault(name[:60], "There is no member of this name.", f"Send {', '.join(FIELDS)}.")
        for name in members
        if name not in FIELDS
    ]
    faults += [fault for name in FIELDS if (fault := _fault(name, members.get(name)))]
    if faults:
        raise CompletionRefused(faults)
    credential, name, email, role = (str(members[field]).strip() for field in FIELDS)
    return Question(uuid_of(runtime, credential), name, email, role, key, body)


def _fault(name: str, value: JSON) -> Fault | None:
    if not isinstance(value, str) or not value.strip():
        return Fault(name, "It is required and must be text.", f"Send {', '.join(FIELDS)}.")
    if name == "credential":
        return None
    if name == "email":
        fix = "Write one address like sam@acme.example."
        return None if is_address(value.strip()) else Fault(name, "Mail cannot be sent there.", fix)
    if len(value) > LONGEST:
        return Fault(name, "It is too long.", f"Keep it to {LONGEST} characters.")
    if is_like_address(value):
        return Fault(name, "It looks like an address of the web or of a mailbox.", "Write it without.")
    return text_fault(name, value)

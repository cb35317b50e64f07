"""Step one of issuing: set aside everything that signing will need, so that it can be repeated (docs/decisions/0004).

A reservation holds the completion, the id, the time, the salt, the key and the status index. Whoever finds an
unfinished one, a retry of the same request or the service after a crash, composes the same document from it and,
Ed25519 being deterministic, gets the same bytes. An index is bound to its reservation for ever.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from piccolo.table import Table

from refolio.credential.canonical import jcs
from refolio.credential.model import Completion, completion_members
from refolio.credential.rules import normal_email
from refolio.errors import Fault
from verify.credentials.deduplicating import refuse_second_record
from verify.credentials.listing import search_text
from verify.credentials.status_placing import place_for
from verify.credentials.tables import AnsweredRequest, Credential
from verify.database import UniqueViolation, tx
from verify.http.idempotency import kept_key
from verify.http.refusals import Refused
from verify.issuers import holding, twins
from verify.issuers.rotating import promote_due
from verify.issuers.signing import active_key_id
from verify.people.recognising import recognise
from verify.platforms.granting import grantee_of, require_open
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

ATTEMPTS = 20
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Request:
    """One request to issue, as the platform sent it. ``body`` are the raw bytes under the Idempotency-Key."""

    platform: str
    idempotency_key: str
    body: bytes
    completion: Completion
    allow_duplicate: bool = False
    sole_record: bool = False  # refuse a record that another current credential of the issuer has
    by: str | None = None  # who asks, as the trail writes it; None for the platform itself
    about: str = ""  # what is replaced, and how
    lease: timedelta | None = None  # how long the issuer, who holds its own key, may take to sign
    twin: str | None = None  # in test mode: the test issuer that stands for the one that the completion names

    @property
    def issuer(self) -> str:
        """The issuer that signs."""
        return self.twin or self.completion.issuer

    @property
    def kept_key(self) -> str:
        """The Idempotency-Key as it is kept."""
        return kept_key(self.idempotency_key, is_test=self.twin is not None)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that the key stands for."""
        flags = (b"\x00allow_duplicate" if self.allow_duplicate else b"") + (b"\x00lease" if self.lease else b"")
        more = f"\x00{self.about}".encode() if self.about else b""
        return hashlib.sha256(self.body + flags + more).hexdigest()

    @property
    def actor(self) -> str:
        """Who asks, as the trail writes it."""
        return self.by or f"platform:{self.platform}"


class _Overtaken(Exception):
    """A request just like this one has reserved anew a moment ago."""


async def answered(request: Request) -> str | None:
    """The credential that this Idempotency-Key already led to. Raises Refused (409) when it was for another body."""
    row = (
        await AnsweredRequest.select(AnsweredRequest.body_sha256, AnsweredRequest.credential)
        .where(AnsweredRequest.platform == request.platform, AnsweredRequest.idempotency_key == request.kept_key)
        .first()
    )
    if row is None:
        return None
    if row["body_sha256"] != request.fingerprint:
        raise Refused(
            "idempotency-key-reused",
            f"The key {request.idempotency_key!r} was already used for a request with another body.",
            [Fault("Idempotency-Key", "It belongs to another request.", "Use a new key for a changed request.")],
        )
    return str(row["credential"])


async def has_lapsed(credential_id: str, now: datetime) -> bool:
    """True of a reservation that its issuer did not sign in time."""
    ended = (Credential.lease_until <= now) & (Credential.state == "reserved")
    return await Credential.exists().where(Credential.id == credential_id, (Credential.state == "lapsed") | ended)


async def reserve(runtime: Runtime, request: Request) -> str:
    """Return the id of the credential reserved for this request, by us or by one just like it.

    However often and however parallel it is called with the same request, there is one reservation.
    """
    await promote_due(runtime, request.issuer)
    for _ in range(ATTEMPTS):
        try:
            async with tx():
                known = await answered(request)
                if known and not await has_lapsed(known, runtime.now()):
                    return known
                return await _reserve(runtime, request, known)
        except (UniqueViolation, _Overtaken):
            continue  # somebody was faster with the key, the person or the index: look again
        except Refused:  # a twin of this request that finished between our two looks is no duplicate of it
            twin = await answered(request)
            if twin and not await has_lapsed(twin, runtime.now()):
                return twin
            raise
    raise Refused("unavailable", "Too many requests wanted the same thing at once; nothing was issued.")


async def _reserve(runtime: Runtime, request: Request, lapsed: str | None) -> str:
    credential_id, rows = await set_aside(runtime, request, lapsed=lapsed)
    issuer = request.issuer
    await record(runtime, request.actor, "credential-reserved", issuer, about=credential_id, rows=rows)
    if request.sole_record:
        # Writing the entry made us wait for all who reserve for this issuer, so theirs are to be seen from here.
        await refuse_second_record(issuer, request.platform, request.completion.record, credential_id)
    return credential_id


async def set_aside(
    runtime: Runtime, request: Request, *, replaces: str | None = None, lapsed: str | None = None
) -> tuple[str, Rows]:
    """Write the reservation inside the caller's transaction; return its id and the rows written.

    ``lapsed`` is the reservation that this request led to before.
    """
    completion, natural_key = request.completion, None
    now = runtime.now().replace(microsecond=0)
    given_up: Rows = ()
    if not request.allow_duplicate:
        natural_key = natural_key_of(completion, request.issuer)
        given_up = await refuse_duplicate(natural_key, request.platform, now)
    person = await recognise(runtime, twins.test_intern(request.twin) if request.twin else completion.intern)
    if not request.twin:
        await require_open(runtime, person, grantee_of(request.platform, request.issuer), completion.intern.email)
    list_id, index, new_list = await place_for(runtime, request.issuer)
    credential = Credential(
        id=runtime.new_id(),
        state="reserved",
        issuer=request.issuer,
        platform=request.platform,
        person=person,
        completion=msgspec.json.encode(completion_members(completion)).decode(),
        salt=new_salt(runtime),
        key=await (holding.key_to_reserve_with if request.lease else active_key_id)(request.issuer),
        status_list=list_id,
        status_index=index,
        natural_key=natural_key,
        reserved_at=now,
        lease_until=request.lease and now + request.lease,
        record=completion.record,
        email=normal_email(completion.intern.email),
        search=search_text(completion),
        replaces=replaces,
    )
    await credential.save()
    answer = await keep_answer(runtime, request, credential.id, lapsed)
    return str(credential.id), [(Credential, credential.id), answer, *new_list, *given_up]


async def keep_answer(
    runtime: Runtime, request: Request, credential_id: str, lapsed: str | None = None
) -> tuple[type[Table], object]:
    """Remember what the Idempotency-Key led to, instead of the ``lapsed`` reservation; return the row written.

    Raises UniqueViolation for a taken key.
    """
    if lapsed is None:
        answer = AnsweredRequest(
            platform=request.platform,
            idempotency_key=request.kept_key,
            body_sha256=request.fingerprint,
            credential=credential_id,
            created_at=runtime.now().replace(microsecond=0),
        )
        await answer.save()
        return AnsweredRequest, answer.id
    own = (AnsweredRequest.platform == request.platform) & (AnsweredRequest.idempotency_key == request.kept_key)
    moved = (
        await AnsweredRequest.update({AnsweredRequest.credential: credential_id})
        .where(own, AnsweredRequest.credential == lapsed)
        .returning(AnsweredRequest.id)
    )
    if not moved:
        raise _Overtaken
    return AnsweredRequest, moved[0]["id"]


async def _give_up(now: datetime, natural_key: str) -> Rows:
    """Free the work of a reservation that was not signed in time; the rows written. Its index stays taken (SEC-189)."""
    given_up = (
        await Credential.update({Credential.state: "lapsed", Credential.natural_key: None})
        .where(Credential.natural_key == natural_key, Credential.state == "reserved", Credential.lease_until <= now)
        .returning(Credential.id)
    )
    return [(Credential, row["id"]) for row in given_up]


def new_salt(runtime: Runtime) -> str:
    """128 random bits as text (SEC-068)."""
    return base64.urlsafe_b64encode(runtime.random_bytes(SALT_BYTES)).decode().rstrip("=")


def natural_key_of(completion: Completion, issuer: str) -> str:
    """What makes two completions the same piece of work: issuer, person, project and dates (SEC-181)."""
    return hashlib.sha256(
        jcs(
            [
                issuer,
                normal_email(completion.intern.email),
                completion.project.title.casefold(),
                completion.started.isoformat(),
                completion.ended.isoformat(),
            ]
        )
    ).hexdigest()


async def refuse_duplicate(natural_key: str, platform: str, now: datetime) -> Rows:
    """Raise Refused (409) where this work is issued, or reserved and may still be; what was given up for it (rows)."""
    found = Credential.select(Credential.completion, Credential.platform, Credential.lease_until)
    row = await found.where(Credential.natural_key == natural_key).first()
    given_up: Rows = ()
    if row and row["lease_until"] and row["lease_until"] <= now and (given_up := await _give_up(now, natural_key)):
        row = None
    if row:  # another platform's record id is none of the caller's business
        own = row["platform"] == platform
        known_as = f"as record {msgspec.json.decode(row['completion'])['record']!r}" if own else "by another platform"
        raise Refused(
            "duplicate-completion",
            f"This person, project and dates were already issued {known_as}.",
            [
                Fault(
                    "project.title", "The same work was issued before.", "Withdraw the earlier one, or allow_duplicate."
                )
            ],
        )
    return given_up

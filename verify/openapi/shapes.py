"""What goes over the wire and is no model of the core: bodies and answers, as types for the description.

Nothing is encoded or decoded with these; a test holds every answer of the API to them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from refolio.credential.model import Completion

Document = Annotated[
    dict[str, Any], Meta(description="A signed or unsigned document of the W3C's Verifiable Credentials Data Model.")
]
Moment = Annotated[datetime, Meta(tz=True)]
ReasonKind = Literal[
    "wrong-facts", "issued-by-mistake", "wrong-person", "misconduct", "duplicate", "requested-by-intern", "other"
]
Reason = Annotated[
    str, Meta(min_length=1, max_length=500, description="A sentence in the issuer's words; it is public.")
]


class Links(Struct, kw_only=True):
    """Absolute URLs around one credential. `portfolio` is null while the intern's page is not public."""

    credential: str
    verify: str
    qr: str
    portfolio: str | None


class IssuedCredential(Struct, kw_only=True):
    """A credential as the service knows it.

    `id` is its URL, `record` your own id of it, `code` what is printed under the QR code. `edition` counts from 1;
    later ones are corrections. `kind` and `reason` say why it was withdrawn, `replaces` and `replaced_by` are URLs of
    others.
    """

    id: str
    uuid: str
    record: str
    issuer: str
    state: Literal["current", "withdrawn"]
    issued_at: Moment
    code: str
    edition: int
    corrected_at: Moment | None
    withdrawn_at: Moment | None
    kind: ReasonKind | Literal["record-lost"] | None  # record-lost: restored from a backup without the reason
    reason: str | None
    replaces: str | None
    replaced_by: str | None
    links: Links


class IssuerLinks(Struct, kw_only=True):
    """Absolute URLs around one issuer. `keys` is null where the DID itself is the key."""

    page: str
    keys: str | None


class Issuer(Struct, kw_only=True):
    """An organisation in whose name you may issue; with `holds_own_key` by way of reservations."""

    slug: str
    did: str | None
    name: str
    url: str | None
    description: str | None
    holds_own_key: bool
    state: Literal["open", "closed"]
    registered_at: Moment
    links: IssuerLinks


class Question(Struct, kw_only=True):
    """Whom to ask for permission to add to her record."""

    email: Annotated[str, Meta(min_length=3, max_length=254)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Grant(Struct, kw_only=True):
    """What a person has answered. `email` is the address under which you asked first, `used_at` when you last added."""

    id: str
    email: str
    state: Literal["asked", "allowed", "refused", "taken-back"]
    asked_at: datetime
    decided_at: datetime | None
    used_at: datetime | None


class Withdrawal(Struct, kw_only=True, omit_defaults=True):
    """Why a credential is withdrawn. Both are public and final."""

    reason: Reason
    kind: ReasonKind = "other"


class Replacement(Struct, kw_only=True, omit_defaults=True, rename={"as_": "as"}):
    """The whole completion as it should be. Only a successor has `reason` and `kind`, which are for the old one."""

    completion: Completion
    as_: Literal["edition", "successor"] = "edition"
    reason: Reason | None = None
    kind: ReasonKind | None = None


class UnsignedList(Struct, kw_only=True):
    """A status list to be signed, and why it is due."""

    list: str
    why: Literal["first", "withdrawals", "age", "key"]
    unsigned: Document


class DueLists(Struct, kw_only=True):
    """The status lists that are to be signed now."""

    lists: list[UnsignedList]


class Reservation(Struct, kw_only=True):
    """What is set aside. `unsigned` is the exact document to sign, null once it was submitted."""

    uuid: str
    issuer: str
    state: Literal["reserved", "submitted"]
    expires_at: Moment
    unsigned: Document | None
    status_list: UnsignedList | None


class ListTaken(Struct, kw_only=True):
    """The list that was taken, and when its next edition is due."""

    list: str
    next_due: Moment


class IssueOptions(Struct, kw_only=True, omit_defaults=True):
    """`credentialId` is your own id of the record."""

    credentialId: Annotated[str, Meta(min_length=1, max_length=100)] = ""


class IssueRequest(Struct, kw_only=True, omit_defaults=True):
    """VCALM: an unsigned completion credential in our own form."""

    credential: Document
    options: IssueOptions | None = None


class Issued(Struct, kw_only=True):
    """VCALM: the signed credential."""

    verifiableCredential: Document


class StatusRequest(Struct, kw_only=True, omit_defaults=True):
    """VCALM: set the revocation bit, for good. `reason` is ours and shown to readers."""

    credentialId: str
    credentialStatus: dict[str, str]
    status: bool
    reason: Reason | None = None


class VerifyCredential(Struct, kw_only=True, omit_defaults=True):
    """VCALM: a credential, or an EnvelopedVerifiableCredential with a JWT."""

    verifiableCredential: Document
    options: dict[str, Any] = {}


class VerifyPresentation(Struct, kw_only=True, omit_defaults=True):
    """VCALM: a presentation, or an EnvelopedVerifiablePresentation with a JWT."""

    verifiablePresentation: Document
    options: dict[str, Any] = {}


class VerifyResult(Struct, kw_only=True, omit_defaults=True):
    """VCALM: the result. `report`, which is ours, has all eight checks and a verdict in three values."""

    verified: bool
    report: dict[str, Any]
    problemDetails: list[dict[str, Any]] = []
    results: dict[str, Any] | None = None
    credential: Document | None = None
    verifiablePresentation: Document | None = None


class FaultFound(Struct, kw_only=True):
    """One thing that is wrong: where, why, and what to do."""

    field: str
    reason: str
    fix: str


class Problem(Struct, kw_only=True):
    """A refusal (RFC 9457). `code` is stable; `faults` names every field at fault; nothing was stored."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    fix: str
    faults: list[FaultFound]
    request_id: str


class Vouching(Struct, kw_only=True):
    """Whether your platform says that it knows this issuer."""

    vouches: bool


Record = Annotated[
    dict[str, Any],
    Meta(description="One record as the foreign system writes it, or `records` with up to 100 of them."),
]


class RecordResult(Struct, kw_only=True):
    """What became of one record: its credential, or why there is none; neither after a dry run that found no fault."""

    credential: IssuedCredential | None
    problem: Problem | None


class Results(Struct, kw_only=True):
    """The results of several records, in their order."""

    results: list[RecordResult]

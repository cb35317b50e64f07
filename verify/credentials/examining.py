"""Our own documents put before the same judge as everybody's.

The bytes come from the database instead of the network, because a server must not call itself (SEC-103); which
documents are needed, and what they mean, is decided by ``refolio.credential.verification`` alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.structs import replace

from refolio.credential.canonical import jcs
from refolio.credential.facts import Facts, read_facts
from refolio.credential.opening import JwtRefused, open_document
from refolio.credential.policy import Edition, Policy
from refolio.credential.reading import read
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.shape import issuer_id
from refolio.credential.verification import Found, Inquiry, Unfetched, examine
from refolio.errors import DocumentRefused
from verify.credentials import finding, links, replying, status_publishing
from verify.credentials.codes import code_of
from verify.credentials.finding import Stored
from verify.credentials.own_output import OwnOutputRefused
from verify.issuers import key_documents, publishing
from verify.issuers.publishing import IssuerProfile, is_hosted
from verify.runtime import KeyServiceDown, Runtime

log = logging.getLogger(__name__)

NOT_REACHED = "Not checked, because an earlier check failed."
ROUNDS = 3  # DID document and list, then the explanation of a set bit, then nothing more


@dataclass(frozen=True, slots=True)
class Examined:
    """A credential, what was found about it, and what may be shown: ``facts`` is None unless the signature holds."""

    stored: Stored
    report: VerificationReport
    facts: Facts | None
    issuer: IssuerProfile | None


async def examine_stored(runtime: Runtime, stored: Stored, found: dict[str, Found] | None = None) -> Examined:
    """Examine a stored credential as an outsider would. ``found`` may be shared between credentials of one page."""
    report, issuer = await examine_own(runtime, stored.document, stored.issuer, stored.recorded_at, found)
    intact = report.checks[4].result is Outcome.PASSED
    if intact and code_of(stored.document) != stored.code:
        intact, report = False, _of_another_file(report)
    if intact and issuer and issuer.holds_key:
        report = _with_our_record(report, stored)
    return Examined(stored, report, read_facts(read(stored.document)) if intact else None, issuer)


async def examine_own(
    runtime: Runtime, document: bytes, slug: str, recorded_at: datetime | None, found: dict[str, Found] | None = None
) -> tuple[VerificationReport, IssuerProfile | None]:
    """Examine a document of this issuer's, on record here since ``recorded_at``; what it refers to is read here."""
    found = {} if found is None else found
    inquiry = Inquiry(document, own=True)
    for _ in range(ROUNDS):
        for url in inquiry.missing(found):
            found[url] = await own_document(runtime, url)
    issuer = await publishing.profile(slug=slug)
    known = {issuer.did: issuer.how_known} if issuer else {}
    policy = Policy(known_issuers=known, recorded_at=recorded_at)
    return examine(document, found, policy, runtime.now()), issuer


async def recorded_at(runtime: Runtime, raw: bytes) -> datetime | None:
    """Since when this document is on record here: that one, with the same members, whatever its spelling or wrapping.

    None for what is not of an issuer of ours, or was never to be here: an issuer on a domain of its own also signs
    elsewhere. Now, for what would be on record and is not (SEC-222).
    """
    try:
        document = open_document(raw).document
    except (DocumentRefused, JwtRefused):
        return None
    issuer = await publishing.profile(did=issuer_id(document))
    if issuer is None:
        return None
    id_, ours = str(document.get("id")), links.credential(runtime, "")
    stored = await finding.by_id(id_.removeprefix(ours))
    if stored and code_of(stored.document) == stored.code and jcs(read(stored.document)) == jcs(dict(document)):
        return stored.recorded_at
    return runtime.now() if is_hosted(runtime, issuer.did) or id_.startswith(ours) else None


def _of_another_file(report: VerificationReport) -> VerificationReport:
    """Genuine, but in the place of the file that the code was given to: not what the reader asked about (SEC-205)."""
    says = "The stored file is not the one that was issued under this code."
    rest = (
        replace(check, code="not-reached", result=Outcome.NOT_REACHED, says=NOT_REACHED) for check in report.checks[1:]
    )
    return replace(
        report, checks=(replace(report.checks[0], code="other-file", result=Outcome.FAILED, says=says), *rest)
    )


async def with_our_record(runtime: Runtime, report: VerificationReport) -> VerificationReport:
    """The report on a document from anywhere, and what is on record here of a credential that it is or holds.

    It only matters for issuers that hold their own keys: between a withdrawal and their signature under it.
    """
    parts = [replace(part, report=await with_our_record(runtime, part.report)) for part in report.parts]
    report = replace(report, parts=tuple(parts))
    ours = links.credential(runtime, "")
    if report.checks[4].result is not Outcome.PASSED or not (report.credential_id or "").startswith(ours):
        return report
    stored = await finding.by_id(str(report.credential_id).removeprefix(ours))
    issuer = await publishing.profile(slug=stored.issuer) if stored else None
    if stored is None or issuer is None or not issuer.holds_key or issuer.did != report.issuer_id:
        return report
    return _with_our_record(report, stored)


def _with_our_record(report: VerificationReport, stored: Stored) -> VerificationReport:
    """What we know before an issuer that holds its own key has signed it: a withdrawal counts here at once."""
    status = report.checks[6]
    if report.verdict is Outcome.FAILED:
        return report
    if stored.withdrawn_at:
        on, reason = stored.withdrawn_at.date(), " ".join((stored.reason or "none").split()).rstrip(".")
        says = f"The issuer withdrew it on {on}. Reason given: {reason}. Its signed list does not say so yet."
        status = replace(status, code="withdrawn", result=Outcome.FAILED, says=says)
    elif status.result is Outcome.INCONCLUSIVE:
        says = f"{status.says} The issuer, who signs it, has not renewed it. No withdrawal is on record here."
        status = replace(status, says=says)
    return replace(report, checks=(*report.checks[:6], status, *report.checks[7:]))


async def own_document(runtime: Runtime, url: str) -> Found:
    """A document of ours by the URL or DID it is published under; Unfetched for what is not ours."""
    body: bytes | None = None
    if url.startswith("did:web:"):
        if profile := await publishing.profile(did=url):
            return await key_documents.current(runtime, profile)
    elif listed := re.fullmatch(r"https?://[^/]+/status/([a-z2-7]{1,26})", url):
        # What was signed before a move names the old host for ever.
        is_ours = await status_publishing.address(runtime, listed[1]) == url
        try:
            body = await status_publishing.current(runtime, listed[1]) if is_ours else None
        except (OwnOutputRefused, KeyServiceDown):  # a spoilt row (SEC-205), or a key service that is silent
            log.exception("The status list %s cannot be published", listed[1])
    elif explained := re.fullmatch(r"(https?://[^/]+/credentials/([0-9a-f-]{36}))/status", url):
        stored = await finding.by_id(explained[2])
        body = await status_members(runtime, stored) if stored and explained[1] in _addresses(runtime, stored) else None
    return Unfetched("it is not published here.") if body is None else body


def _addresses(runtime: Runtime, stored: Stored) -> set[object]:
    """Where the credential is: here, and where it was when it was signed."""
    here = links.credential(runtime, stored.id)
    try:
        return {here, read(stored.document).get("id")}
    except DocumentRefused:  # a spoilt row (SEC-205)
        return {here}


async def status_members(runtime: Runtime, stored: Stored) -> bytes:
    """The JSON that explains a credential's status: state, time, reason, the intern's reply, what came in its place."""
    successor = await public_successor(stored)
    reply = await replying.given(stored.id) if stored.withdrawn_at else None
    return msgspec.json.encode(
        {
            "credential": links.credential(runtime, stored.id),
            "state": "withdrawn" if stored.withdrawn_at else "current",
            "withdrawn_at": stored.withdrawn_at.isoformat(timespec="seconds") if stored.withdrawn_at else None,
            "kind": stored.kind,
            "reason": stored.reason,
            "reply": {"text": reply.text, "given_at": reply.on.isoformat(timespec="seconds")} if reply else None,
            "replaced_by": links.credential(runtime, successor.id) if successor else None,
        }
    )


async def public_successor(stored: Stored) -> Stored | None:
    """What was issued in the place of a withdrawn credential, if it is the same person's.

    One that was issued to the wrong person leads nobody to the right one.
    """
    successor = await finding.successor_of(stored) if stored.withdrawn_at else None
    return successor if successor and successor.person == stored.person else None


async def known_editions(ids: Iterable[str]) -> dict[str, Edition]:
    """The current edition of each credential of ours among ``ids`` that was corrected, by the id it is signed with.

    Another document with this id and of this issuer that says to be older was superseded (SEC-071).
    """
    known: dict[str, Edition] = {}
    for named in ids:
        found = re.fullmatch(r"https?://[^/]+/credentials/([0-9a-f-]{36})", named)
        stored = await finding.by_id(found[1]) if found else None
        if stored and stored.corrected_at and code_of(stored.document) == stored.code:
            document = read(stored.document)
            if document.get("id") == named:
                known[named] = Edition(issuer_id(document), str(document["validFrom"]))
    return known


def achievement_members(stored: Stored) -> bytes | None:
    """The achievement inside a stored credential, as JSON."""
    if code_of(stored.document) != stored.code:
        return None
    subject = read(stored.document).get("credentialSubject")
    return msgspec.json.encode(subject["achievement"]) if isinstance(subject, dict) else None

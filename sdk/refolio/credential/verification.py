"""Is this credential genuine, current, and by whom? Eight checks, no I/O, no clock.

    found: dict[str, Found] = {}
    inquiry = Inquiry(raw)
    while urls := inquiry.missing(found):           # which documents are still needed
        found |= {url: fetch(url) for url in urls}  # the shell's business: network, cache, map
    report = examine(raw, found, policy, now)       # decides; never raises on hostile input

``raw`` is a credential or a presentation: JSON with proofs, a JWT, or a badge image with either inside. ``found`` is
keyed by DID for DID documents (``did:web:…``), by URL for those of issuers with a web address, for status lists and
explanations. A document that could not be had is put there as :class:`Unfetched`; it makes a check inconclusive.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from refolio.credential import marking, parts, shape, timestamps
from refolio.credential.documents import Documents, Found, Unfetched
from refolio.credential.facts import Facts, read_facts
from refolio.credential.inquiry import Inquiry
from refolio.credential.opening import JwtRefused, Opened, open_document
from refolio.credential.policy import Policy
from refolio.credential.proof import proofs_of
from refolio.credential.proof.content import Content
from refolio.credential.report import CHECK_NAMES, Check, Outcome, Part, VerificationReport
from refolio.credential.shape import Document, holder_id, issuer_id, require_credential, require_presentation
from refolio.credential.signature_checking import (
    Stop,
    check_signatures,
    may_issue,
    method_ids,
    require_signed,
    signer_id,
)
from refolio.credential.status_checking import check_status
from refolio.credential.validity import check_validity
from refolio.errors import DocumentRefused, NotVerified

__all__ = ["Found", "Inquiry", "Unfetched", "VerifiedCredential", "examine", "missing", "verify"]


_READABLE = Check(0, "readable", Outcome.PASSED, "The file is well-formed.")
_COVERED = Check(1, "covered", Outcome.PASSED, "Every part of it is defined and covered by the signature.")


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential that passed: the bytes as given, the document in them, the report and what may be shown of it."""

    raw: bytes
    document: Document
    report: VerificationReport
    facts: Facts


def verify(raw: bytes, found: Mapping[str, Found], policy: Policy, now: datetime) -> VerifiedCredential:
    """Return the credential if it is one and the verdict is ``passed``; raise NotVerified with the report otherwise.

    A presentation is none, however good: verify the credentials in it.
    """
    report = examine(raw, found, policy, now)
    if report.verdict is not Outcome.PASSED or report.kind != "credential":
        raise NotVerified(report)
    document = open_document(raw).document
    return VerifiedCredential(raw, document, report, read_facts(document))


def missing(raw: bytes, found: Mapping[str, Found], *, own: bool = False) -> tuple[str, ...]:
    """DIDs and URLs still needed to examine ``raw``, in the order of need; () when nothing helps any more.

    Status lists are named when the signatures hold, because anybody can write an address into an unsigned file
    (SEC-070). With ``own`` they are named at once: for documents of one's own, asked for nowhere outside. Who asks in
    rounds makes one Inquiry.
    """
    return Inquiry(raw, own=own).missing(found)


def examine(raw: bytes, found: Mapping[str, Found], policy: Policy, now: datetime) -> VerificationReport:
    """Make all eight checks and report them; ``now`` is an aware datetime.

    Never raises on hostile input. Checks after one that failed or cannot be made here are ``not-reached``; when only
    the key could not be had or confirmed, the dates and the status are still looked at. The credentials in it
    are examined one by one, each on its own, as ``parts`` of the report.
    """
    try:
        opened = open_document(raw)
    except DocumentRefused as error:
        return _report([Check(0, error.code, Outcome.FAILED, error.says)], {}, policy)
    except JwtRefused as error:
        return _refused_jwt(error, policy)
    documents = Documents(found)
    content = Content(opened.document, opened.text)
    report = _examine(opened, content, documents, policy, now)
    if content.is_common:
        return report
    inner = replace(policy, require_known_issuer=False, challenge=None, domain=None, recorded_at=None)
    inside = [_part(part, opened, report, documents, inner, now) for part in parts.parts_of(opened)]
    return msgspec.structs.replace(report, parts=tuple(inside)) if inside else report


def _part(
    part: parts.Embedded,
    outer: Opened,
    around: VerificationReport,
    documents: Documents,
    policy: Policy,
    now: datetime,
) -> Part:
    opened = part.found
    if isinstance(opened, Check):
        return Part(part.path, _report([opened], {}, policy))
    document = opened.document
    subject = document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, dict) else None
    content = Content(document, opened.text)
    own_words = outer.is_presentation and "proof" not in document and opened.jwt is None
    if own_words and issuer_id(document) == around.issuer_id and may_issue(outer, documents):
        report = _examine(opened, content, documents, policy, now, around)
    else:
        report = _examine(opened, content, documents, policy, now)
    return Part(part.path, report, about if isinstance(about, str) else None)


def _examine(
    opened: Opened,
    content: Content,
    documents: Documents,
    policy: Policy,
    now: datetime,
    vouching: VerificationReport | None = None,
) -> VerificationReport:
    """``vouching`` is the presentation in which the holder says this of itself: its signature covers these words too
    (VC Data Model 2.0 §4.13, self-asserted credentials)."""
    checks = [_READABLE]
    document = opened.document
    try:
        _shape(opened, content, policy, checks)
        if vouching is None:
            check_signatures(opened, content, documents, policy, checks)
        else:
            says = "The holder says it of itself, in the presentation that it signed."
            checks += [Check(2, "self-asserted", Outcome.PASSED, says), *vouching.checks[3:5]]
    except Stop as stop:
        checks.append(stop.check)
    if len(checks) == 5 and checks[4].result is not Outcome.FAILED:
        proofs = proofs_of(document) if "proof" in document else []
        checks.append(check_validity(document, proofs, opened.jwt, now, policy.skew))
        checks.append(_status(opened, documents, policy, now))
        checks.append(_issuer(opened, policy))
    is_external = opened.jwt is not None and "proof" not in document
    return _report(checks, document, policy, is_presentation=opened.is_presentation, is_external=is_external)


def _report(
    checks: list[Check],
    document: Document,
    policy: Policy,
    *,
    is_presentation: bool = False,
    is_external: bool = False,
) -> VerificationReport:
    for number in range(len(checks), len(CHECK_NAMES)):
        checks.append(Check(number, "not-reached", Outcome.NOT_REACHED, "Not checked: an earlier check did not pass."))
    if is_external:
        checks[2:5] = [msgspec.structs.replace(check, is_external=True) for check in checks[2:5]]
    id_ = document.get("id")
    return VerificationReport(
        checks=tuple(checks),
        credential_id=id_ if isinstance(id_, str) else None,
        issuer_id=(holder_id(document) if is_presentation else issuer_id(document)) or None,
        issuer_counts=policy.require_known_issuer or (checks[7].code == "test-issuer" and not policy.allow_test),
        kind="presentation" if is_presentation else "credential",
    )


def _refused_jwt(error: JwtRefused, policy: Policy) -> VerificationReport:
    """The text is a JWT, but signed in no accepted way: nothing in it is looked at."""
    says = "Not checked: it is not signed in a way that is accepted."
    return _report(
        [
            _READABLE,
            Check(1, "not-reached", Outcome.NOT_REACHED, says),
            Check(2, error.refused.code, Outcome.FAILED, error.refused.says),
        ],
        {},
        policy,
        is_external=True,
    )


def _shape(opened: Opened, content: Content, policy: Policy, checks: list[Check]) -> None:
    document = opened.document
    try:
        if opened.is_presentation:
            require_presentation(document, policy.contexts, content)
        else:
            require_credential(document, policy.contexts, content=content)
    except DocumentRefused as error:
        result = Outcome.INCONCLUSIVE if error.code == shape.UNKNOWN_CONTEXT else Outcome.FAILED
        says = f"{error.says} Found at {error.path}." if error.path else error.says
        check = Check(1, error.code, result, says)
        if error.code != shape.UNKNOWN_CONTEXT or opened.jwt is None or "proof" in document:
            raise Stop(check) from None
        checks.append(check)  # a JWT signs the text itself, whatever its words mean
        return
    if shape.lacks_identity(document):
        says = "It does not say whose it is: its subject has neither an id nor an identifier."
        checks.append(Check(1, "no-subject-identity", Outcome.INCONCLUSIVE, says))
    else:
        checks.append(_COVERED)


class _ListSignatures:
    """Judges the signatures of status lists for one credential."""

    def __init__(self, opened: Opened, documents: Documents) -> None:
        self._opened, self._documents = opened, documents

    @property
    def key(self) -> Hashable:
        return method_ids(self._opened)

    def __call__(self, listed: Opened, content: Content) -> None:
        require_signed(listed, content, self._documents, unless_named_by=self._opened)


def _status(opened: Opened, documents: Documents, policy: Policy, now: datetime) -> Check:
    check = check_status(opened.document, documents, _ListSignatures(opened, documents), now, policy.skew)
    if check.result is not Outcome.FAILED and (newer := _newer_edition(opened.document, policy)):
        says = f"The issuer replaced it by a newer edition on {newer.date()}; this one no longer counts."
        return Check(6, "superseded", Outcome.FAILED, says)
    return check


def _newer_edition(document: Document, policy: Policy) -> datetime | None:
    """When the newer edition that the verifier knows of begins; None where there is none of this issuer (SEC-071)."""
    edition = policy.editions.get(str(document.get("id")))
    stated = document.get("validFrom")
    if edition is None or edition.issuer != issuer_id(document) or not isinstance(stated, str):
        return None
    try:
        newest = timestamps.parse(edition.valid_from)
        return newest if newest > timestamps.parse(stated) else None
    except DocumentRefused:  # of a document whose dates the checks before have found wanting
        return None


def _issuer(opened: Opened, policy: Policy) -> Check:
    signer = signer_id(opened)
    if not opened.is_presentation and marking.is_test(opened.document):
        return _test_issuer(policy.known_issuers.get(signer), policy)
    if how := policy.known_issuers.get(signer):
        return Check(7, "known-issuer", Outcome.PASSED, how)
    if opened.is_presentation:
        says = f"It is not known here who {signer or 'the holder'} is."
        return Check(7, "unknown-holder", Outcome.INCONCLUSIVE, says)
    says = (
        f"It is not known here who {signer} is. That says nothing against it: the organisation can confirm this name."
    )
    return Check(7, "unknown-issuer", Outcome.INCONCLUSIVE, says)


def _test_issuer(how: str | None, policy: Policy) -> Check:
    """No organisation says anything by a test, however well its issuer is known."""
    if not policy.allow_test:
        return Check(7, "test-issuer", Outcome.FAILED, marking.SAYS)
    result = Outcome.PASSED if how else Outcome.INCONCLUSIVE
    return Check(7, "test-issuer", result, f"{marking.SAYS} {how or ''}".strip())

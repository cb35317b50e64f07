"""Is this credential genuine, current, and by whom? Eight checks, no I/O, no clock.

    found: dict[str, Found] = {}
    while urls := missing(raw, found):              # which documents are still needed
        found |= {url: fetch(url) for url in urls}  # the shell's business: network, cache, map
    report = examine(raw, found, policy, now)       # decides; never raises on hostile input

``raw`` is a credential or a presentation: JSON with proofs, a JWT, or a badge image with either inside. ``found`` is
keyed by DID for DID documents (``did:web:…``), by URL for those of issuers with a web address, for status lists and
explanations. A document that could not be had is put there as :class:`Unfetched`; it makes a check inconclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from refolio.credential import key_finding, parts, shape
from refolio.credential.facts import Facts, read_facts
from refolio.credential.key_finding import Found, Unfetched
from refolio.credential.opening import JwtRefused, Opened, open_document
from refolio.credential.policy import Policy
from refolio.credential.proof import proofs_of
from refolio.credential.proof.content import Content
from refolio.credential.report import CHECK_NAMES, Check, Outcome, Part, VerificationReport
from refolio.credential.shape import Document, holder_id, issuer_id, require_credential, require_presentation
from refolio.credential.signature_checking import MAX_PROOFS, Stop, check_signatures, holds, require_signed, signer_id
from refolio.credential.signatures import signatures_of
from refolio.credential.status_checking import StatusUnknown, check_status, list_issuers, list_urls, set_explanations
from refolio.credential.validity import check_validity
from refolio.errors import DocumentRefused, NotVerified, ProofRefused

__all__ = ["MAX_PROOFS", "Found", "Unfetched", "VerifiedCredential", "examine", "missing", "verify"]


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential that passed: the bytes as given, the document in them, the report and what may be shown of it."""

    raw: bytes
    document: Document
    report: VerificationReport
    facts: Facts


def verify(raw: bytes, found: Mapping[str, Found], policy: Policy, now: datetime) -> VerifiedCredential:
    """Return the credential if the verdict is ``passed``; raise NotVerified with the report otherwise."""
    report = examine(raw, found, policy, now)
    if report.verdict is not Outcome.PASSED:
        raise NotVerified(report)
    document = open_document(raw).document
    return VerifiedCredential(raw, document, report, read_facts(document))


def missing(raw: bytes, found: Mapping[str, Found], *, own: bool = False) -> tuple[str, ...]:
    """DIDs and URLs still needed to examine ``raw``, in the order of need; () when nothing helps any more.

    Status lists are named when the signatures hold, because anybody can write an address into an unsigned file
    (SEC-070). With ``own`` they are named at once: for documents of one's own, asked for nowhere outside.
    """
    try:
        opened = open_document(raw)
    except (DocumentRefused, JwtRefused):
        return ()
    needed = [*_needed(opened, found, own)]
    for part in parts.parts_of(opened):
        if part.opened is not None:
            needed += _needed(part.opened, found, own)
    return tuple(url for url in dict.fromkeys(needed) if url not in found)


def _needed(opened: Opened, found: Mapping[str, Found], own: bool) -> list[str]:
    """What one document, without the parts in it, needs; a part of this may be in ``found`` already."""
    content = Content(opened.document)
    try:
        needed = key_finding.documents_needed(signatures_of(opened, content), signer_id(opened))
    except ProofRefused:
        needed = key_finding.documents_needed([], signer_id(opened))
    urls = list_urls(opened.document)
    if urls and (own or (all(name in found for name in needed) and holds(opened, content, found))):
        lookup = _lookup(found)
        needed += urls
        needed += [did for did in list_issuers(opened.document, lookup) if key_finding.has_document(did)]
        needed += set_explanations(opened.document, lookup)
    return needed


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
    report = _examine(opened, found, policy, now)
    inner = Policy(known_issuers=policy.known_issuers, contexts=policy.contexts, skew=policy.skew)
    return _with_parts(report, tuple(_part(part, report, found, inner, now) for part in parts.parts_of(opened)))


def _part(
    part: parts.Embedded, around: VerificationReport, found: Mapping[str, Found], policy: Policy, now: datetime
) -> Part:
    if part.opened is None:
        return Part(part.path, _report([part.refusal], {}, policy))
    document = part.opened.document
    subject = document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, dict) else None
    own_words = around.kind == "presentation" and "proof" not in document and part.opened.jwt is None
    vouching = around if own_words and issuer_id(document) == around.issuer_id else None
    report = _examine(part.opened, found, policy, now, vouching)
    return Part(part.path, report, about if isinstance(about, str) else None)


def _with_parts(report: VerificationReport, found: tuple[Part, ...]) -> VerificationReport:
    if not found:
        return report
    return VerificationReport(
        report.checks, report.credential_id, report.issuer_id, report.issuer_counts, report.kind, found
    )


def _examine(
    opened: Opened,
    found: Mapping[str, Found],
    policy: Policy,
    now: datetime,
    vouching: VerificationReport | None = None,
) -> VerificationReport:
    """``vouching`` is the presentation in which the holder says this of itself: its signature covers these words too
    (VC Data Model 2.0 §4.13, self-asserted credentials)."""
    checks = [Check(0, "readable", Outcome.PASSED, "The file is well-formed.")]
    document, content = opened.document, Content(opened.document)
    try:
        _shape(opened, content, policy, checks)
        if vouching is None:
            check_signatures(opened, content, found, policy, checks)
        else:
            says = "The holder says it of itself, in the presentation that it signed."
            checks += [Check(2, "self-asserted", Outcome.PASSED, says), *vouching.checks[3:5]]
    except Stop as stop:
        checks.append(stop.check)
    if len(checks) == 5 and checks[4].result is not Outcome.FAILED:
        proofs = proofs_of(document) if "proof" in document else []
        checks.append(check_validity(document, proofs, opened.jwt, now, policy.skew))
        checks.append(_status(opened, found, policy, now))
        checks.append(_issuer(opened, policy))
    return _report(checks, document, policy, is_presentation=opened.is_presentation)


def _report(
    checks: list[Check], document: Document, policy: Policy, *, is_presentation: bool = False
) -> VerificationReport:
    for number in range(len(checks), len(CHECK_NAMES)):
        checks.append(Check(number, "not-reached", Outcome.NOT_REACHED, "Not checked: an earlier check did not pass."))
    id_ = document.get("id")
    return VerificationReport(
        checks=tuple(checks),
        credential_id=id_ if isinstance(id_, str) else None,
        issuer_id=(holder_id(document) if is_presentation else issuer_id(document)) or None,
        issuer_counts=policy.require_known_issuer,
        kind="presentation" if is_presentation else "credential",
    )


def _refused_jwt(error: JwtRefused, policy: Policy) -> VerificationReport:
    """The text is a JWT, but signed in no accepted way: nothing in it is looked at."""
    says = "Not checked: it is not signed in a way that is accepted."
    return _report(
        [
            Check(0, "readable", Outcome.PASSED, "The file is well-formed."),
            Check(1, "not-reached", Outcome.NOT_REACHED, says),
            Check(2, error.refused.code, Outcome.FAILED, error.refused.says),
        ],
        {},
        policy,
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
        checks.append(Check(1, "covered", Outcome.PASSED, "Every part of it is defined and covered by the signature."))


def _status(opened: Opened, found: Mapping[str, Found], policy: Policy, now: datetime) -> Check:
    def verify_list(listed: Opened, content: Content) -> None:
        require_signed(listed, content, found, unless_named_by=opened)

    return check_status(opened.document, _lookup(found), verify_list, now, policy.skew)


def _lookup(found: Mapping[str, Found]) -> Callable[[str], bytes]:
    def lookup(url: str) -> bytes:
        raw = found.get(url)
        if isinstance(raw, bytes):
            return raw
        why = f"could not be fetched: {raw.says}" if raw else "is not at hand."
        raise StatusUnknown("STATUS_RETRIEVAL_ERROR", f"The withdrawal list {why}")

    return lookup


def _issuer(opened: Opened, policy: Policy) -> Check:
    signer = signer_id(opened)
    if how := policy.known_issuers.get(signer):
        return Check(7, "known-issuer", Outcome.PASSED, how)
    if opened.is_presentation:
        says = f"It is not known here who {signer or 'the holder'} is."
        return Check(7, "unknown-holder", Outcome.INCONCLUSIVE, says)
    says = (
        f"It is not known here who {signer} is. That says nothing against it: the organisation can confirm this name."
    )
    return Check(7, "unknown-issuer", Outcome.INCONCLUSIVE, says)

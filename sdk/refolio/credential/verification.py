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
from refolio.credential.opening import Opened, TokenRefused, open_document
from refolio.credential.policy import DEFAULT, Policy
from refolio.credential.proof import proofs_of
from refolio.credential.proof.content import Content
from refolio.credential.report import CHECK_NAMES, Check, Outcome, Part, VerificationReport
from refolio.credential.shape import Document, holder_id, issuer_id, require_credential, require_presentation
from refolio.credential.signatures import Signature, signatures_of
from refolio.credential.status_checking import StatusUnknown, check_status, list_issuers, list_urls, set_explanations
from refolio.credential.validity import check_validity
from refolio.errors import DocumentRefused, KeyRefused, NotVerified, ProofRefused

__all__ = ["MAX_PROOFS", "Found", "Unfetched", "VerifiedCredential", "examine", "missing", "verify"]

MAX_PROOFS = 4


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential that passed: the bytes as given, the document in them, the report and what may be shown of it."""

    raw: bytes
    document: Document
    report: VerificationReport
    facts: Facts


class _Stop(Exception):
    """A check did not pass and the next ones cannot be made."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.says)
        self.check = check


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
    except (DocumentRefused, TokenRefused):
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
        needed = key_finding.documents_needed(signatures_of(opened, content), _signer_id(opened))
    except ProofRefused:
        needed = key_finding.documents_needed([], _signer_id(opened))
    urls = list_urls(opened.document)
    if urls and (own or (all(name in found for name in needed) and _is_signed(opened, content, found))):
        lookup = _lookup(found)
        needed += urls
        needed += [did for did in list_issuers(opened.document, lookup) if key_finding.has_document(did)]
        needed += set_explanations(opened.document, lookup)
    return needed


def _is_signed(opened: Opened, content: Content, found: Mapping[str, Found]) -> bool:
    checks: list[Check] = []
    try:
        signatures = _signatures(opened, content, DEFAULT, checks)
        _signed(signatures, _keys(opened, signatures, found, checks), checks)
    except _Stop:
        return False
    return True


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
    except TokenRefused as error:
        return _refused_token(error, policy)
    report = _examine(opened, found, policy, now)
    inner = Policy(known_issuers=policy.known_issuers, contexts=policy.contexts, skew=policy.skew)
    return _with_parts(report, tuple(_part(part, found, inner, now) for part in parts.parts_of(opened)))


def _part(part: parts.Embedded, found: Mapping[str, Found], policy: Policy, now: datetime) -> Part:
    if part.opened is None:
        return Part(part.path, _report([part.refusal], {}, policy))
    subject = part.opened.document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, dict) else None
    return Part(part.path, _examine(part.opened, found, policy, now), about if isinstance(about, str) else None)


def _with_parts(report: VerificationReport, found: tuple[Part, ...]) -> VerificationReport:
    if not found:
        return report
    return VerificationReport(
        report.checks, report.credential_id, report.issuer_id, report.issuer_counts, report.kind, found
    )


def _examine(opened: Opened, found: Mapping[str, Found], policy: Policy, now: datetime) -> VerificationReport:
    checks = [Check(0, "readable", Outcome.PASSED, "The file is well-formed.")]
    document, content = opened.document, Content(opened.document)
    try:
        _shape(opened, content, policy, checks)
        signatures = _signatures(opened, content, policy, checks)
        _signed(signatures, _keys(opened, signatures, found, checks), checks)
    except _Stop as stop:
        checks.append(stop.check)
    if len(checks) == 5 and checks[4].result is not Outcome.FAILED:
        proofs = proofs_of(document) if "proof" in document else []
        checks.append(check_validity(document, proofs, opened.token, now, policy.skew))
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


def _refused_token(error: TokenRefused, policy: Policy) -> VerificationReport:
    """The text is a token, but signed in no accepted way: nothing in it is looked at."""
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
        if error.code != shape.UNKNOWN_CONTEXT or opened.token is None or "proof" in document:
            raise _Stop(check) from None
        checks.append(check)  # a token signs the text itself, whatever its words mean
        return
    if shape.lacks_identity(document):
        says = "It does not say whose it is: its subject has neither an id nor an identifier."
        checks.append(Check(1, "no-subject-identity", Outcome.INCONCLUSIVE, says))
    else:
        checks.append(Check(1, "covered", Outcome.PASSED, "Every part of it is defined and covered by the signature."))


def _signatures(opened: Opened, content: Content, policy: Policy, checks: list[Check]) -> list[Signature]:
    """The signatures that can be checked, made for this; one bad or unknown one spoils the set (SEC-030)."""
    try:
        signatures = signatures_of(opened, content)
    except ProofRefused as error:
        raise _Stop(Check(2, error.code, Outcome.FAILED, error.says)) from None
    if len(signatures) > MAX_PROOFS:
        raise _Stop(Check(2, "too-many-proofs", Outcome.FAILED, f"It carries more than {MAX_PROOFS} signatures."))
    wanted, act = ("authentication", "present") if opened.is_presentation else ("assertionMethod", "issue")
    if any(signature.purpose != wanted for signature in signatures):
        raise _Stop(Check(2, "wrong-purpose", Outcome.FAILED, f"Its signature was not made to {act} a credential."))
    for code, asked, says in (
        ("wrong-challenge", policy.challenge, "It was not signed for this occasion (challenge)."),
        ("wrong-domain", policy.domain, "It was not signed for whom it is shown to (domain)."),
    ):
        name = code.removeprefix("wrong-")
        if asked is not None and any(not signature.answers(name, asked) for signature in signatures):
            raise _Stop(Check(2, code, Outcome.FAILED, says))
    supported = [signature for signature in signatures if signature.is_supported]
    if len(supported) < len(signatures):
        says = "It carries a signature of a kind that this verifier cannot check."
        unsupported = Check(2, "unsupported-proof", Outcome.INCONCLUSIVE, says)
        if not supported:
            raise _Stop(unsupported)
        checks.append(unsupported)
    else:
        suites = " and ".join(dict.fromkeys(signature.suite for signature in signatures))
        checks.append(Check(2, "accepted-suites", Outcome.PASSED, f"It is signed with {suites}."))
    return supported


def _keys(
    opened: Opened, signatures: list[Signature], found: Mapping[str, Found], checks: list[Check]
) -> list[key_finding.FoundKey]:
    """The key of every signature. Check 3 passes when all are found, and one of them is the signer's own (SEC-033)."""
    signer = _signer_id(opened)
    purpose = "authentication" if opened.is_presentation else "assertionMethod"
    keys: list[key_finding.FoundKey] = []
    unknown: KeyRefused | None = None
    try:
        key_finding.require_own(signatures, signer)
        for signature in signatures:
            keys.append(key := key_finding.find_key(signature, signer, purpose, found))
            unknown = unknown or key.doubt
    except KeyRefused as error:
        if error.code not in key_finding.KEY_UNKNOWN:
            raise _Stop(Check(3, error.code, Outcome.FAILED, error.says)) from None
        checks.append(Check(3, error.code, Outcome.INCONCLUSIVE, error.says))
        raise _Stop(
            Check(4, "no-key", Outcome.INCONCLUSIVE, "Not checked, because the key could not be had.")
        ) from None
    if unknown:
        checks.append(Check(3, unknown.code, Outcome.INCONCLUSIVE, unknown.says))
    else:
        checks.append(Check(3, "key-found", Outcome.PASSED, f"The key is published by {signer or keys[0].controller}."))
    return keys


def _signed(signatures: list[Signature], keys: list[key_finding.FoundKey], checks: list[Check]) -> None:
    try:
        for signature, key in zip(signatures, keys, strict=True):
            signature.verify(key.method)
    except (ProofRefused, DocumentRefused) as error:
        raise _Stop(Check(4, error.code, Outcome.FAILED, error.says)) from None
    checks.append(Check(4, "unchanged", Outcome.PASSED, "Nothing in it was changed after signing."))


def _status(opened: Opened, found: Mapping[str, Found], policy: Policy, now: datetime) -> Check:
    own_methods = _method_ids(opened)

    def verify_list(listed: Opened, content: Content) -> None:
        checks: list[Check] = []
        try:
            signatures = _signatures(listed, content, DEFAULT, checks)
            _signed(signatures, _keys(listed, signatures, found, checks), checks)
        except _Stop as stop:
            checks.append(stop.check)
        for check in checks:
            # A key that is not confirmed for the credential either (which says so) is at least the very same.
            same = check.code == "key-not-confirmed" and _method_ids(listed) <= own_methods
            if check.result is not Outcome.PASSED and not same:
                raise ProofRefused(check.code, check.says)

    return check_status(opened.document, _lookup(found), verify_list, now, policy.skew)


def _method_ids(opened: Opened) -> set[str | None]:
    return {signature.method_id(_signer_id(opened)) for signature in signatures_of(opened, Content({}))}


def _lookup(found: Mapping[str, Found]) -> Callable[[str], bytes]:
    def lookup(url: str) -> bytes:
        raw = found.get(url)
        if isinstance(raw, bytes):
            return raw
        why = f"could not be fetched: {raw.says}" if raw else "is not at hand."
        raise StatusUnknown("STATUS_RETRIEVAL_ERROR", f"The withdrawal list {why}")

    return lookup


def _signer_id(opened: Opened) -> str:
    """Who must have signed: the issuer, of a presentation the holder; "" where nobody is named."""
    return holder_id(opened.document) if opened.is_presentation else issuer_id(opened.document)


def _issuer(opened: Opened, policy: Policy) -> Check:
    signer = _signer_id(opened)
    if how := policy.known_issuers.get(signer):
        return Check(7, "known-issuer", Outcome.PASSED, how)
    if opened.is_presentation:
        says = f"It is not known here who {signer or 'the holder'} is."
        return Check(7, "unknown-holder", Outcome.INCONCLUSIVE, says)
    says = (
        f"It is not known here who {signer} is. That says nothing against it: the organisation can confirm this name."
    )
    return Check(7, "unknown-issuer", Outcome.INCONCLUSIVE, says)

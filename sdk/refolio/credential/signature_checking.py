"""Checks 2 to 4: is it signed in an accepted way, by keys of whom it speaks for, and unchanged since?

One bad signature spoils the set, and the signer's own must be in it (VC Data Integrity 1.0 §4.5; SEC-030, SEC-033).
"""

from __future__ import annotations

from refolio.credential import key_finding
from refolio.credential.documents import Documents
from refolio.credential.opening import Opened
from refolio.credential.policy import DEFAULT, Policy
from refolio.credential.proof.content import Content
from refolio.credential.report import Check, Outcome
from refolio.credential.shape import holder_id, issuer_id
from refolio.credential.signatures import Signature, signatures_of
from refolio.errors import DocumentRefused, KeyRefused, ProofRefused

MAX_PROOFS = 4
_UNCHANGED = Check(4, "unchanged", Outcome.PASSED, "Nothing in it was changed after signing.")


class Stop(Exception):
    """A check did not pass and the next ones cannot be made."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.says)
        self.check = check


def check_signatures(
    opened: Opened, content: Content, documents: Documents, policy: Policy, checks: list[Check]
) -> None:
    """Append checks 2, 3 and 4 to ``checks``; raise Stop with the one after which no other can be made."""
    signatures = _signatures(opened, content, policy, checks)
    _signed(signatures, _keys(opened, signatures, documents, policy, checks), checks)


def holds(opened: Opened, content: Content, documents: Documents) -> bool:
    """Whether the signatures hold under the keys at hand, whoever's they are."""
    try:
        check_signatures(opened, content, documents, DEFAULT, [])
    except Stop:
        return False
    return True


def may_issue(opened: Opened, documents: Documents) -> bool:
    """Whether the keys that sign this presentation could as well issue: only then is a credential its holder's word."""
    try:
        for signature in signatures_of(opened, Content({})):
            key_finding.find_key(signature, signer_id(opened), "assertionMethod", documents)
    except (KeyRefused, ProofRefused):
        return False
    return True


def require_signed(opened: Opened, content: Content, documents: Documents, *, unless_named_by: Opened) -> None:
    """Raise ProofRefused unless the signatures of a status list hold, and under keys that are known to be its issuer's.

    A key that nobody confirms will do where the credential, ``unless_named_by``, is signed with the very same one: that
    it is not confirmed is then said of the credential already.
    """
    checks: list[Check] = []
    try:
        check_signatures(opened, content, documents, DEFAULT, checks)
    except Stop as stop:
        checks.append(stop.check)
    named = method_ids(opened)  # a key that a token brings along has no name to compare
    is_same = None not in named and named <= method_ids(unless_named_by)
    for check in checks:
        if check.result is not Outcome.PASSED and not (check.code == "key-not-confirmed" and is_same):
            raise ProofRefused(check.code, check.says)


def signer_id(opened: Opened) -> str:
    """Who must have signed: the issuer, of a presentation the holder; "" where nobody is named."""
    return holder_id(opened.document) if opened.is_presentation else issuer_id(opened.document)


def _signatures(opened: Opened, content: Content, policy: Policy, checks: list[Check]) -> list[Signature]:
    """The signatures that can be checked, made for this; one bad or unknown one spoils the set (SEC-030)."""
    try:
        signatures = signatures_of(opened, content)
    except ProofRefused as error:
        raise Stop(Check(2, error.code, Outcome.FAILED, error.says)) from None
    if len(signatures) > MAX_PROOFS:
        raise Stop(Check(2, "too-many-proofs", Outcome.FAILED, f"It carries more than {MAX_PROOFS} signatures."))
    wanted, act = ("authentication", "present") if opened.is_presentation else ("assertionMethod", "issue")
    supported = []
    for signature in signatures:
        if signature.purpose != wanted:
            raise Stop(Check(2, "wrong-purpose", Outcome.FAILED, f"Its signature was not made to {act} a credential."))
        if signature.is_supported:
            supported.append(signature)
    if policy.challenge is not None and not all(one.answers("challenge", policy.challenge) for one in signatures):
        says = "It was not signed for this occasion (challenge)."
        raise Stop(Check(2, "wrong-challenge", Outcome.FAILED, says))
    if policy.domain is not None and not all(one.answers("domain", policy.domain) for one in signatures):
        says = "It was not signed for whom it is shown to (domain)."
        raise Stop(Check(2, "wrong-domain", Outcome.FAILED, says))
    if len(supported) < len(signatures):
        says = "It carries a signature of a kind that this verifier cannot check."
        unsupported = Check(2, "unsupported-proof", Outcome.INCONCLUSIVE, says)
        if not supported:
            raise Stop(unsupported)
        checks.append(unsupported)
    else:
        suites = " and ".join(dict.fromkeys(signature.suite for signature in signatures))
        checks.append(Check(2, "accepted-suites", Outcome.PASSED, f"It is signed with {suites}."))
    return supported


def _keys(
    opened: Opened, signatures: list[Signature], documents: Documents, policy: Policy, checks: list[Check]
) -> list[key_finding.FoundKey]:
    """The key of every signature. Check 3 passes when all are found, and one of them is the signer's own (SEC-033)."""
    signer = signer_id(opened)
    purpose = "authentication" if opened.is_presentation else "assertionMethod"
    keys: list[key_finding.FoundKey] = []
    unknown: KeyRefused | None = None
    try:
        key_finding.require_own(signatures, signer)
        for signature in signatures:
            keys.append(key := key_finding.find_key(signature, signer, purpose, documents, policy.recorded_at))
            unknown = unknown or key.doubt
    except KeyRefused as error:
        if error.code not in key_finding.KEY_UNKNOWN:
            raise Stop(Check(3, error.code, Outcome.FAILED, error.says)) from None
        checks.append(Check(3, error.code, Outcome.INCONCLUSIVE, error.says))
        raise Stop(Check(4, "no-key", Outcome.INCONCLUSIVE, "Not checked, because the key could not be had.")) from None
    if unknown:
        checks.append(Check(3, unknown.code, Outcome.INCONCLUSIVE, unknown.says))
    else:
        published = f"The key is published by {signer or keys[0].controller}."
        if revoked := next((key.revoked for key in keys if key.revoked), None):
            says = f"{published} It was withdrawn on {revoked[:10]}; this document was on record before."
            checks.append(Check(3, "key-revoked-later", Outcome.PASSED, says))
        else:
            checks.append(Check(3, "key-found", Outcome.PASSED, published))
    return keys


def _signed(signatures: list[Signature], keys: list[key_finding.FoundKey], checks: list[Check]) -> None:
    try:
        for signature, key in zip(signatures, keys, strict=True):
            signature.verify(key.key)
    except (ProofRefused, DocumentRefused) as error:
        raise Stop(Check(4, error.code, Outcome.FAILED, error.says)) from None
    checks.append(_UNCHANGED)


def method_ids(opened: Opened) -> frozenset[str | None]:
    """The verification methods that its signatures name; none for what is not signed in a way that can be read."""
    try:
        return frozenset(signature.method_id(signer_id(opened)) for signature in signatures_of(opened, Content({})))
    except (KeyRefused, ProofRefused):
        return frozenset()

"""Is this credential genuine, current, and by whom? Eight checks, no I/O, no clock.

    found: dict[str, Found] = {}
    while urls := missing(raw, found):              # which documents are still needed
        found |= {url: fetch(url) for url in urls}  # the shell's business: network, cache, map
    report = examine(raw, found, policy, now)       # decides; never raises on hostile input

``found`` is keyed by DID for DID documents (``did:web:…``) and by URL for status lists and explanations.
A document that could not be had is put there as :class:`Unfetched`; it makes a check inconclusive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from refolio.credential import controllers, shape, timestamps
from refolio.credential.baking import is_image, unbake
from refolio.credential.controllers import Method
from refolio.credential.facts import Facts, read_facts
from refolio.credential.keys import did_web_url
from refolio.credential.policy import Policy
from refolio.credential.proof import SUITES, proofs_of
from refolio.credential.reading import JSON, read
from refolio.credential.report import CHECK_NAMES, Check, Outcome, VerificationReport
from refolio.credential.shape import Document, issuer_id, require_credential, status_entries
from refolio.credential.status_checking import StatusUnknown, check_status, set_explanations
from refolio.credential.validity import check_validity
from refolio.errors import DocumentRefused, KeyRefused, NotVerified, ProofRefused

MAX_PROOFS = 4
# Codes of check 3 that leave open whether the key is the issuer's; every other one says that it is not.
KEY_UNKNOWN = frozenset({"not-fetched", "unreadable-controller", "unsupported-issuer", "key-revoked-since"})
OTHER_FORM = "unsupported-form"
_JWT = re.compile(rb"\s*eyJ[\w-]+\.[\w-]*\.[\w-]*\s*")

Proof = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A document that was asked for and could not be had; ``says`` why, as part of a sentence."""

    says: str


Found: TypeAlias = bytes | Unfetched


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
    document = _document(raw)
    return VerifiedCredential(raw, document, report, read_facts(document))


def missing(raw: bytes, found: Mapping[str, Found], *, own: bool = False) -> tuple[str, ...]:
    """DIDs and URLs still needed to examine ``raw``, in the order of need; () when nothing helps any more.

    Status lists are named when the signatures hold, because anybody can write an address into an unsigned file
    (SEC-070). With ``own`` they are named at once: for documents of one's own, asked for nowhere outside.
    """
    try:
        document = _document(raw)
        entries = status_entries(document)
        needed = [did for did in [issuer_id(document)] if did.startswith("did:web:") and did_web_url(did)]
        if own or (all(did in found for did in needed) and _is_signed(document, found)):
            needed += [url for entry in entries if isinstance(url := entry.get("statusListCredential"), str)]
            needed += set_explanations(document, _lookup(found))
    except (DocumentRefused, KeyRefused):
        return ()
    return tuple(url for url in dict.fromkeys(needed) if url not in found)


def _is_signed(document: Document, found: Mapping[str, Found]) -> bool:
    checks: list[Check] = []
    try:
        proofs = _proofs(document, checks)
        _signatures(document, proofs, _keys(document, proofs, found, checks), checks)
    except _Stop:
        return False
    return True


def examine(raw: bytes, found: Mapping[str, Found], policy: Policy, now: datetime) -> VerificationReport:
    """Make all eight checks and report them; ``now`` is an aware datetime.

    Never raises on hostile input. Checks after one that failed or cannot be made here are ``not-reached``;
    when only the key could not be had, the dates and the status are still looked at.
    """
    checks: list[Check] = []
    document: Document = {}
    proofs: list[Proof] = []
    try:
        document = _parse(raw, checks)
        _shape(document, policy, checks)
        proofs = _proofs(document, checks)
        methods = _keys(document, proofs, found, checks)
        _signatures(document, proofs, methods, checks)
    except _Stop as stop:
        checks.append(stop.check)
    if len(checks) == 5 and checks[4].result is not Outcome.FAILED:
        checks.append(check_validity(document, proofs, now, policy.skew))
        checks.append(_status(document, found, policy, now))
        checks.append(_issuer(document, policy))
    for number in range(len(checks), len(CHECK_NAMES)):
        checks.append(Check(number, "not-reached", Outcome.NOT_REACHED, "Not checked: an earlier check did not pass."))
    id_ = document.get("id")
    return VerificationReport(
        checks=tuple(checks),
        credential_id=id_ if isinstance(id_, str) else None,
        issuer_id=issuer_id(document) or None,
        issuer_counts=policy.require_known_issuer,
    )


def _document(raw: bytes) -> Document:
    """The credential in ``raw``, taken out of its badge image where it is in one."""
    raw = unbake(raw) if is_image(raw) else raw
    if _JWT.fullmatch(raw):
        raise DocumentRefused(OTHER_FORM, "", "It is a JWT, and only the JSON form of a credential is read so far.")
    return read(raw)


def _parse(raw: bytes, checks: list[Check]) -> Document:
    try:
        document = _document(raw)
    except DocumentRefused as error:
        result = Outcome.INCONCLUSIVE if error.code == OTHER_FORM else Outcome.FAILED
        raise _Stop(Check(0, error.code, result, error.says)) from None
    checks.append(Check(0, "readable", Outcome.PASSED, "The file is well-formed."))
    return document


def _shape(document: Document, policy: Policy, checks: list[Check]) -> None:
    try:
        require_credential(document, policy.contexts)
    except DocumentRefused as error:
        result = Outcome.INCONCLUSIVE if error.code == shape.UNKNOWN_CONTEXT else Outcome.FAILED
        says = f"{error.says} Found at {error.path}." if error.path else error.says
        raise _Stop(Check(1, error.code, result, says)) from None
    checks.append(Check(1, "covered", Outcome.PASSED, "Every part of it is defined and covered by the signature."))


def _proofs(document: Document, checks: list[Check]) -> list[Proof]:
    """The proofs that can be checked, made to issue credentials; one bad or unknown proof spoils the set (SEC-030)."""
    try:
        proofs = proofs_of(document)
    except ProofRefused as error:
        raise _Stop(Check(2, error.code, Outcome.FAILED, error.says)) from None
    if len(proofs) > MAX_PROOFS:
        raise _Stop(Check(2, "too-many-proofs", Outcome.FAILED, f"It carries more than {MAX_PROOFS} signatures."))
    if any(proof.get("proofPurpose") != "assertionMethod" for proof in proofs):
        raise _Stop(Check(2, "wrong-purpose", Outcome.FAILED, "Its signature was not made to issue a credential."))
    supported = [proof for proof in proofs if _is_supported(proof)]
    if len(supported) < len(proofs):
        says = "It carries a signature of a kind that this verifier cannot check."
        unsupported = Check(2, "unsupported-proof", Outcome.INCONCLUSIVE, says)
        if not supported:
            raise _Stop(unsupported)
        checks.append(unsupported)
    else:
        suites = " and ".join(str(proof["cryptosuite"]) for proof in proofs)
        checks.append(Check(2, "accepted-suites", Outcome.PASSED, f"It is signed with {suites}."))
    return supported


def _is_supported(proof: Proof) -> bool:
    suite = proof.get("cryptosuite")
    is_known = proof.get("type") == "DataIntegrityProof" and isinstance(suite, str) and suite in SUITES
    return is_known and "previousProof" not in proof


def _keys(document: Document, proofs: list[Proof], found: Mapping[str, Found], checks: list[Check]) -> list[Method]:
    methods: list[Method] = []
    unknown: KeyRefused | None = None
    for proof in proofs:
        try:
            methods.append(_method(document, proof, found))
        except KeyRefused as error:
            if error.code not in KEY_UNKNOWN:
                raise _Stop(Check(3, error.code, Outcome.FAILED, error.says)) from None
            unknown = unknown or error
    if unknown:
        checks.append(Check(3, unknown.code, Outcome.INCONCLUSIVE, unknown.says))
        raise _Stop(Check(4, "no-key", Outcome.INCONCLUSIVE, "Not checked, because the key could not be had."))
    checks.append(Check(3, "key-found", Outcome.PASSED, f"The key is published by {issuer_id(document)}."))
    return methods


def _method(document: Document, proof: Proof, found: Mapping[str, Found]) -> Method:
    """The issuer's verification method of one proof. It must be the credential issuer's own (SEC-033)."""
    id_ = proof.get("verificationMethod")
    if not isinstance(id_, str):
        raise KeyRefused("no-key-named", "The signature does not name its key.")
    did, issuer = id_.partition("#")[0], issuer_id(document)
    if did != issuer:
        raise KeyRefused("stranger", f"It is signed by {did}, not by its issuer {issuer}.")
    method = controllers.find_method(_controller_document(did, found), id_, purpose="assertionMethod")
    _require_valid_then(method, proof.get("created"))
    return method


def _require_valid_then(method: Method, created: JSON) -> None:
    """The signer alone says when it signed, so a key that was revoked later is in doubt for good (SEC-065)."""
    try:
        signed = timestamps.parse(str(created))
    except DocumentRefused:
        signed = datetime.max.replace(tzinfo=UTC)
    for limit, says in ((method.expires, "had expired"), (method.revoked, "had been withdrawn by its owner")):
        if limit and signed >= timestamps.parse(limit):
            raise KeyRefused("key-not-valid-then", f"The key {says} when it signed, or the time of signing is unknown.")
    if method.revoked:
        says = f"The key was withdrawn by its owner on {method.revoked[:10]}; that it signed before then is not proven."
        raise KeyRefused("key-revoked-since", says)


def _controller_document(did: str, found: Mapping[str, Found]) -> Document:
    if did.startswith("did:key:"):
        return controllers.did_key_document(did)
    if not did.startswith("did:web:"):
        raise KeyRefused("unsupported-issuer", f"Keys of issuers named like {did[:40]} cannot be looked up here.")
    did_web_url(did)  # raises for what can never be fetched
    raw = found.get(did)
    if not isinstance(raw, bytes):
        why = f"could not be fetched: {raw.says}" if raw else "is not at hand."
        raise KeyRefused("not-fetched", f"The issuer's key document {why}")
    try:
        return read(raw)
    except DocumentRefused as error:
        raise KeyRefused("unreadable-controller", f"The issuer's key document cannot be read: {error.says}") from None


def _signatures(document: Document, proofs: list[Proof], methods: list[Method], checks: list[Check]) -> None:
    try:
        for proof, method in zip(proofs, methods, strict=True):
            SUITES[str(proof["cryptosuite"])].verify(document, proof, method.key)
    except (ProofRefused, DocumentRefused) as error:
        raise _Stop(Check(4, error.code, Outcome.FAILED, error.says)) from None
    checks.append(Check(4, "unchanged", Outcome.PASSED, "Nothing in it was changed after signing."))


def _status(document: Document, found: Mapping[str, Found], policy: Policy, now: datetime) -> Check:
    def verify_list(listed: Document) -> None:
        for proof in (proofs := proofs_of(listed)):
            if len(proofs) > MAX_PROOFS or proof.get("proofPurpose") != "assertionMethod" or not _is_supported(proof):
                raise ProofRefused("unsupported-proof", "It carries a signature of a kind that cannot be checked.")
            SUITES[str(proof["cryptosuite"])].verify(listed, proof, _method(listed, proof, found).key)

    return check_status(document, _lookup(found), verify_list, now, policy.skew)


def _lookup(found: Mapping[str, Found]) -> Callable[[str], bytes]:
    def lookup(url: str) -> bytes:
        raw = found.get(url)
        if isinstance(raw, bytes):
            return raw
        why = f"could not be fetched: {raw.says}" if raw else "is not at hand."
        raise StatusUnknown("STATUS_RETRIEVAL_ERROR", f"The withdrawal list {why}")

    return lookup


def _issuer(document: Document, policy: Policy) -> Check:
    issuer = issuer_id(document)
    if how := policy.known_issuers.get(issuer):
        return Check(7, "known-issuer", Outcome.PASSED, how)
    says = (
        f"It is not known here who {issuer} is. That says nothing against it: the organisation can confirm this name."
    )
    return Check(7, "unknown-issuer", Outcome.INCONCLUSIVE, says)

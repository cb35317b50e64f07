"""Check 6: has the issuer withdrawn the credential? (Bitstring Status List 1.0 §3.2)

Every entry counts. A list that is missing, late, unsigned, of another issuer or malformed leaves the
status unknown, which is never "not withdrawn" (SEC-079, SEC-083). The other way round a set bit counts as soon as the
list is signed: the issuer itself named that list, so it is too short, too old or another's at the issuer's own wish.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from refolio.credential import status_list, timestamps
from refolio.credential.documents import Documents
from refolio.credential.opening import JwtRefused, Opened, open_document
from refolio.credential.proof.content import Content
from refolio.credential.reading import JSON
from refolio.credential.report import Check, Outcome
from refolio.credential.shape import Document, issuer_id, require_credential, status_entries, strings
from refolio.errors import DocumentRefused, KeyRefused, ProofRefused, RefolioError, StatusListRefused

_V2, _V1 = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"
_ED25519, _STATUS = "https://w3id.org/security/suites/ed25519-2020/v1", "https://www.w3.org/ns/credentials/status/v1"
STATUS_LIST_CONTEXTS = frozenset(
    {(_V2,), (_V2, _ED25519), (_V1, _STATUS), (_V1, _STATUS, _ED25519)},
)
PURPOSES = {  # the worst first
    "revocation": ("withdrawn", "The issuer withdrew it"),
    "suspension": ("suspended", "The issuer suspended it for now"),
}
_NO_STATUS = Check(6, "no-status", Outcome.PASSED, "The issuer keeps no withdrawal list for it.")
HARMLESS_PURPOSES = ("refresh", "message")  # a set bit says something else than "no longer valid"


class Verify(Protocol):
    """Raises ProofRefused, KeyRefused or DocumentRefused unless the signatures of a list hold.

    ``key`` is equal for those that judge alike, so that one examination asks each question once.
    """

    @property
    def key(self) -> Hashable: ...
    def __call__(self, listed: Opened, content: Content) -> None: ...


class StatusUnknown(RefolioError):
    """The status could not be found out; ``code`` and the sentence go into the report."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


def check_status(document: Document, documents: Documents, verify: Verify, now: datetime, skew: timedelta) -> Check:
    """Look up every status entry.

    ``documents`` holds the lists; ``verify`` raises when the signatures of a list do not hold. The worst outcome of all
    entries is reported: withdrawn, then unknown, then good.
    """
    if "credentialStatus" not in document:
        return _NO_STATUS
    entries = [entry for entry in status_entries(document) if entry.get("statusPurpose") not in HARMLESS_PURPOSES]
    if not entries:
        return _NO_STATUS
    unknown: StatusUnknown | None = None
    found: dict[str, tuple[Document, str]] = {}
    for entry in entries:
        try:
            purpose, keeper, is_set = _entry_set(entry, document, documents, verify, now, skew)
            if is_set:
                found.setdefault(purpose, (entry, keeper))
        except StatusUnknown as error:
            unknown = unknown or error
    for purpose in PURPOSES:
        if purpose in found:
            entry, keeper = found[purpose]
            return _withdrawn(entry, purpose, "" if keeper == issuer_id(document) else keeper, documents)
    if unknown:
        return Check(6, unknown.code, Outcome.INCONCLUSIVE, unknown.says)
    return Check(6, "current", Outcome.PASSED, "The issuer's withdrawal list says that it is current.")


def set_explanations(document: Document, documents: Documents) -> Iterator[str]:
    """URLs that explain why a bit is set, as far as the lists at hand tell; checks nothing else."""
    for entry in status_entries(document):
        reference = entry.get("statusReference")
        try:
            listed = _opened(_list_url(entry), documents).document
            if isinstance(reference, str) and _is_set(entry, _bits(_subject(listed))):
                yield reference
        except (StatusUnknown, DocumentRefused, JwtRefused, StatusListRefused):
            continue


def _entry_set(
    entry: Document, document: Document, documents: Documents, verify: Verify, now: datetime, skew: timedelta
) -> tuple[str, str, bool]:
    """The purpose of the entry, who keeps its list, and whether its bit is set; StatusUnknown when nobody can tell."""
    if strings(entry.get("type")) != ("BitstringStatusListEntry",):
        raise StatusUnknown("status-unsupported", "Its withdrawal list is of a kind that is not supported.")
    purpose = entry.get("statusPurpose")
    if not isinstance(purpose, str):
        raise StatusUnknown("MALFORMED_VALUE_ERROR", "The status entry does not say what it is for.")
    if purpose not in PURPOSES:
        raise StatusUnknown("status-unsupported", "Its status entry is for a purpose that is not supported.")
    url = _list_url(entry)
    try:
        listed, bits = documents.once(("list", url, verify.key), lambda: _signed_list(url, documents, verify))
        if purpose not in strings(_subject(listed).get("statusPurpose")):
            raise StatusUnknown("STATUS_VERIFICATION_ERROR", "The withdrawal list is for another purpose.")
        if _is_set(entry, bits):
            return purpose, issuer_id(listed), True
        if listed.get("id") != url or issuer_id(listed) != issuer_id(document):
            raise StatusUnknown(
                "STATUS_VERIFICATION_ERROR", "The withdrawal list belongs to another address or issuer."
            )
        _require_timely(listed, now, skew)
        status_list.require_length(bits)
        return purpose, issuer_id(listed), False
    except StatusListRefused as error:
        raise StatusUnknown(error.code, f"The withdrawal list cannot be used: {error.says}") from None
    except JwtRefused as error:
        raise StatusUnknown("STATUS_VERIFICATION_ERROR", f"The list cannot be trusted: {error.refused.says}") from None
    except (DocumentRefused, ProofRefused, KeyRefused) as error:
        raise StatusUnknown(
            "STATUS_VERIFICATION_ERROR", f"The withdrawal list cannot be trusted: {error.says}"
        ) from None


def _signed_list(url: str, documents: Documents, verify: Verify) -> tuple[Document, bytes]:
    """The list at ``url`` and its bits, when it is one and its signatures hold."""
    opened = _opened(url, documents)
    content = Content(opened.document)
    require_credential(opened.document, STATUS_LIST_CONTEXTS, type_="BitstringStatusListCredential", content=content)
    verify(opened, content)
    return opened.document, _bits(_subject(opened.document))


def _opened(url: str, documents: Documents) -> Opened:
    raw = documents.get(url)
    if isinstance(raw, bytes):
        return open_document(raw)
    why = f"could not be fetched: {raw.says}" if raw else "is not at hand."
    raise StatusUnknown("STATUS_RETRIEVAL_ERROR", f"The withdrawal list {why}")


def list_urls(document: Document) -> list[str]:
    """The lists that the status entries of ``document`` name."""
    return [url for entry in status_entries(document) if isinstance(url := entry.get("statusListCredential"), str)]


def list_issuers(document: Document, documents: Documents) -> Iterator[str]:
    """Who signed the lists at hand: their keys are needed too where they are not the credential's issuer."""
    for entry in status_entries(document):
        try:
            yield issuer_id(_opened(_list_url(entry), documents).document)
        except (StatusUnknown, DocumentRefused, JwtRefused):
            continue


def _require_timely(listed: Document, now: datetime, skew: timedelta) -> None:
    for name in ("validFrom", "issuanceDate"):
        if isinstance(start := listed.get(name), str) and timestamps.parse(start) > now + skew:
            raise StatusUnknown("STATUS_VERIFICATION_ERROR", "The withdrawal list is dated in the future.")
    for name in ("validUntil", "expirationDate"):
        if isinstance(end := listed.get(name), str) and timestamps.parse(end) < now - skew:
            raise StatusUnknown("STATUS_RETRIEVAL_ERROR", "The withdrawal list at hand is out of date.")


def _list_url(entry: Document) -> str:
    url = entry.get("statusListCredential")
    if not isinstance(url, str):
        raise StatusUnknown("MALFORMED_VALUE_ERROR", "The status entry does not name its withdrawal list.")
    return url


def _subject(listed: Document) -> Mapping[str, JSON]:
    subject = listed.get("credentialSubject")
    if not isinstance(subject, dict) or strings(subject.get("type")) != ("BitstringStatusList",):
        raise StatusUnknown("STATUS_VERIFICATION_ERROR", "The withdrawal list is not a Bitstring Status List.")
    return subject


def _bits(subject: Mapping[str, JSON]) -> bytes:
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str):
        raise StatusUnknown("MALFORMED_VALUE_ERROR", "The withdrawal list is malformed.")
    return status_list.unpack(encoded)


def _is_set(entry: Document, bits: bytes) -> bool:
    index, size = entry.get("statusListIndex"), entry.get("statusSize", 1)
    # The index must be a string. Where a library wrote a number all the same, a bit that is set still withdraws.
    number = status_list.parse_index(str(index) if type(index) is int else index)
    is_set = status_list.is_set(bits, number)
    if type(size) is not int or size != 1 or not (is_set or isinstance(index, str)):
        raise StatusUnknown("MALFORMED_VALUE_ERROR", "The status entry or its list is malformed.")
    return is_set


def _withdrawn(entry: Document, purpose: str, keeper: str, documents: Documents) -> Check:
    """``keeper`` is who signed the list where that is not the issuer, who then has not said it itself (SEC-079)."""
    code, says = PURPOSES[purpose]
    if keeper:
        return Check(6, code, Outcome.FAILED, f"It is marked as withdrawn in a list that {keeper[:200]} signs.")
    return Check(6, code, Outcome.FAILED, says + (_explanation(entry, documents) or "."))


def _explanation(entry: Document, documents: Documents) -> str | None:
    """`` on 2026-11-23. Reason given: …`` out of the explanation document, if it is at hand and of our form."""
    reference = entry.get("statusReference")
    if not isinstance(reference, str) or not isinstance(documents.get(reference), bytes):
        return None
    try:
        members = documents.read(reference)
        on, reason = timestamps.parse(str(members.get("withdrawn_at"))), members.get("reason")
    except DocumentRefused:
        return None
    return f" on {on.date()}. Reason given: {' '.join(reason.split())[:500]}" if isinstance(reason, str) else None

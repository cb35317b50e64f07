"""Check 6: has the issuer withdrawn the credential? (Bitstring Status List 1.0 §3.2)

Every entry counts. A list that is missing, late, unsigned, of another issuer or malformed leaves the
status unknown, which is never "not withdrawn" (SEC-079, SEC-083).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from refolio.credential import status_list, timestamps
from refolio.credential.reading import JSON, read
from refolio.credential.report import Check, Outcome
from refolio.credential.shape import Document, issuer_id, require_credential, status_entries, strings
from refolio.errors import DocumentRefused, KeyRefused, ProofRefused, StatusListRefused

STATUS_LIST_CONTEXTS = (("https://www.w3.org/ns/credentials/v2",),)
PURPOSES = {  # the worst first
    "revocation": ("withdrawn", "The issuer withdrew it"),
    "suspension": ("suspended", "The issuer suspended it for now"),
}
HARMLESS_PURPOSES = ("refresh", "message")  # a set bit says something else than "no longer valid"

Verify = Callable[[Document], None]
Lookup = Callable[[str], bytes]


class StatusUnknown(Exception):
    """The status could not be found out; ``code`` and the sentence go into the report."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


def check_status(document: Document, lookup: Lookup, verify: Verify, now: datetime, skew: timedelta) -> Check:
    """Look up every status entry.

    ``lookup`` gives the bytes of a URL or raises StatusUnknown; ``verify`` raises when a list's proofs do
    not hold. The worst outcome of all entries is reported: withdrawn, then unknown, then good.
    """
    entries = [entry for entry in status_entries(document) if entry.get("statusPurpose") not in HARMLESS_PURPOSES]
    if not entries:
        return Check(6, "no-status", Outcome.PASSED, "The issuer keeps no withdrawal list for it.")
    unknown: StatusUnknown | None = None
    found: dict[str, Document] = {}
    for entry in entries:
        try:
            if purpose := _set_purpose(entry, document, lookup, verify, now, skew):
                found.setdefault(purpose, entry)
        except StatusUnknown as error:
            unknown = unknown or error
    for purpose in PURPOSES:
        if purpose in found:
            return _withdrawn(found[purpose], purpose, lookup)
    if unknown:
        return Check(6, unknown.code, Outcome.INCONCLUSIVE, unknown.says)
    return Check(6, "current", Outcome.PASSED, "The issuer's withdrawal list says that it is current.")


def set_explanations(document: Document, lookup: Lookup) -> Iterator[str]:
    """URLs that explain why a bit is set, as far as the lists at hand tell; checks nothing else."""
    for entry in status_entries(document):
        reference = entry.get("statusReference")
        try:
            if isinstance(reference, str) and _bit(entry, _subject(read(lookup(_list_url(entry))))):
                yield reference
        except (StatusUnknown, DocumentRefused, StatusListRefused):
            continue


def _set_purpose(
    entry: Document, document: Document, lookup: Lookup, verify: Verify, now: datetime, skew: timedelta
) -> str | None:
    """The purpose of the entry if its bit is set, None if it is not; StatusUnknown when that cannot be told."""
    if strings(entry.get("type")) != ("BitstringStatusListEntry",):
        raise StatusUnknown("status-unsupported", "Its withdrawal list is of a kind that is not supported.")
    purpose = entry.get("statusPurpose")
    if not isinstance(purpose, str):
        raise StatusUnknown("MALFORMED_VALUE_ERROR", "The status entry does not say what it is for.")
    if purpose not in PURPOSES:
        raise StatusUnknown("status-unsupported", "Its status entry is for a purpose that is not supported.")
    url = _list_url(entry)
    try:
        listed = read(lookup(url))
        require_credential(listed, STATUS_LIST_CONTEXTS, type_="BitstringStatusListCredential")
        if listed.get("id") != url or issuer_id(listed) != issuer_id(document):
            raise StatusUnknown(
                "STATUS_VERIFICATION_ERROR", "The withdrawal list belongs to another address or issuer."
            )
        verify(listed)
        subject = _subject(listed)
        if purpose not in strings(subject.get("statusPurpose")):
            raise StatusUnknown("STATUS_VERIFICATION_ERROR", "The withdrawal list is for another purpose.")
        _require_timely(listed, now, skew)
        return purpose if _bit(entry, subject) else None
    except StatusListRefused as error:
        raise StatusUnknown(error.code, f"The withdrawal list cannot be used: {error.says}") from None
    except (DocumentRefused, ProofRefused, KeyRefused) as error:
        raise StatusUnknown(
            "STATUS_VERIFICATION_ERROR", f"The withdrawal list cannot be trusted: {error.says}"
        ) from None


def _require_timely(listed: Document, now: datetime, skew: timedelta) -> None:
    valid_from, valid_until = listed.get("validFrom"), listed.get("validUntil")
    if isinstance(valid_from, str) and timestamps.parse(valid_from) > now + skew:
        raise StatusUnknown("STATUS_VERIFICATION_ERROR", "The withdrawal list is dated in the future.")
    if isinstance(valid_until, str) and timestamps.parse(valid_until) < now - skew:
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


def _bit(entry: Document, subject: Mapping[str, JSON]) -> bool:
    encoded, index = subject.get("encodedList"), entry.get("statusListIndex")
    if not isinstance(encoded, str) or not isinstance(index, str) or entry.get("statusSize", 1) != 1:
        raise StatusUnknown("MALFORMED_VALUE_ERROR", "The status entry or its list is malformed.")
    return status_list.is_set(status_list.decode(encoded), status_list.parse_index(index))


def _withdrawn(entry: Document, purpose: str, lookup: Lookup) -> Check:
    code, says = PURPOSES[purpose]
    return Check(6, code, Outcome.FAILED, says + (_explanation(entry, lookup) or "."))


def _explanation(entry: Document, lookup: Lookup) -> str | None:
    """`` on 2026-11-23. Reason given: …`` out of the explanation document, if it is at hand and of our form."""
    reference = entry.get("statusReference")
    if not isinstance(reference, str):
        return None
    try:
        members = read(lookup(reference))
        on, reason = timestamps.parse(str(members.get("withdrawn_at"))), members.get("reason")
    except (StatusUnknown, DocumentRefused):
        return None
    return f" on {on.date()}. Reason given: {' '.join(reason.split())[:500]}" if isinstance(reason, str) else None

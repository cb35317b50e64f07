"""Check 1: is it a credential at all, and is every member of it covered by the signature?

Shape follows VC Data Model 2.0 §4 and Open Badges 3.0; coverage is the strict JSON-LD gate of
``refolio.credential.walk``, taken without the proofs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from refolio.credential import timestamps
from refolio.credential.reading import JSON
from refolio.credential.walk import walk
from refolio.errors import DocumentRefused

MAX_STATUS_ENTRIES = 8
# Open Badges asks more of them than VC Data Model 2.0 asks of every credential.
OPEN_BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"})
UNKNOWN_CONTEXT = "unknown-context"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")

Document = Mapping[str, JSON]


def require_credential(document: Document, contexts: Sequence[tuple[str, ...]], *, type_: str | None = None) -> None:
    """Raise DocumentRefused unless this is a well-formed credential wholly covered by its signature.

    ``contexts`` are the accepted ``@context`` lists; ``type_`` a type it must carry besides
    VerifiableCredential. Members of the proof are not looked at.
    """
    types = strings(document.get("type"))
    for wanted in ("VerifiableCredential", type_):
        if wanted and wanted not in types:
            raise DocumentRefused("wrong-type", "/type", f"This is not a {wanted}.", "Present the credential itself.")
    _require_context(document, contexts)
    if "id" in document:
        _require_url(document["id"], "/id")
    _require_url(issuer_id(document), "/issuer")
    _require_subject(document, types)
    for member in ("validFrom", "validUntil"):
        if member in document:
            _require_timestamp(document[member], f"/{member}")
    if "validFrom" not in document and not OPEN_BADGE_TYPES.isdisjoint(types):
        raise DocumentRefused("no-valid-from", "/validFrom", "The credential does not say from when it is valid.")
    _require_status(document)
    walk(unsecured(document))
    _refuse_repeats(unsecured(document), "")


def _refuse_repeats(value: JSON, path: str) -> None:
    """Refuse a list that says the same thing twice.

    RDF keeps it once, so a holder could double a value without breaking the signature, and whoever reads the JSON
    would see two where one was signed (SEC-024).
    """
    if isinstance(value, dict):
        for name, member in value.items():
            _refuse_repeats(member, f"{path}/{name}")
    elif isinstance(value, list):
        seen: set[tuple[type, JSON]] = set()
        for n, item in enumerate(value):
            key = item.get("id") if isinstance(item, dict) else item
            if isinstance(key, str | int) and (type(key), key) in seen:
                raise DocumentRefused("said-twice", f"{path}/{n}", "The same thing stands twice in one list.")
            if isinstance(key, str | int):
                seen.add((type(key), key))
            _refuse_repeats(item, f"{path}/{n}")


def unsecured(document: Document) -> dict[str, JSON]:
    """The document without its proofs: what the proofs were made over."""
    return {name: value for name, value in document.items() if name != "proof"}


def issuer_id(document: Document) -> str:
    """The issuer's identifier, "" when there is none or it is not one string."""
    issuer = document.get("issuer")
    if isinstance(issuer, dict):
        issuer = issuer.get("id")
    return issuer if isinstance(issuer, str) else ""


def strings(value: JSON) -> tuple[str, ...]:
    """The strings of a member that may hold one string or an array of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def status_entries(document: Document) -> list[Document]:
    """The status entries of a credential, in document order; never more than a shape-checked one can have."""
    status = document.get("credentialStatus")
    entries = status if isinstance(status, list) else [status]
    return [entry for entry in entries[:MAX_STATUS_ENTRIES] if isinstance(entry, dict)]


def _require_context(document: Document, contexts: Sequence[tuple[str, ...]]) -> None:
    context = document.get("@context")
    listed = strings(context)
    if not isinstance(context, list) or len(listed) != len(context):
        says = "The list of vocabularies (@context) must be a list of web addresses and nothing else."
        raise DocumentRefused("malformed-context", "/@context", says, "Use the contexts of the specifications.")
    if listed not in contexts:
        raise DocumentRefused(
            UNKNOWN_CONTEXT,
            "/@context",
            "It uses a list of vocabularies (@context) that is not known here, so its meaning cannot be checked.",
            "Use exactly the contexts of VC Data Model 2.0 and Open Badges 3.0, in this order.",
        )


def _require_url(value: JSON, path: str) -> None:
    if not isinstance(value, str) or not _ABSOLUTE.fullmatch(value):
        raise DocumentRefused("not-a-url", path, "This must be a full URL or DID.")


def _require_subject(document: Document, types: tuple[str, ...]) -> None:
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or not subject:
        raise DocumentRefused("no-subject", "/credentialSubject", "The credential must be about exactly one subject.")
    if {"OpenBadgeCredential", "AchievementCredential"} & set(types) and not (
        "id" in subject or "identifier" in subject
    ):
        raise DocumentRefused(
            "no-subject-identity",
            "/credentialSubject",
            "The badge does not say whose it is (neither id nor identifier).",
        )


def _require_status(document: Document) -> None:
    if "credentialStatus" not in document:
        return
    status = document["credentialStatus"]
    entries = status if isinstance(status, list) else [status]
    if len(entries) > MAX_STATUS_ENTRIES or not entries:
        raise DocumentRefused(
            "status-entries", "/credentialStatus", f"There must be 1 to {MAX_STATUS_ENTRIES} status entries."
        )
    for entry in entries:
        if not isinstance(entry, dict) or len(strings(entry.get("type"))) != 1:
            raise DocumentRefused(
                "status-entry", "/credentialStatus", "A status entry must be an object with one type."
            )


def _require_timestamp(value: JSON, path: str) -> None:
    if not isinstance(value, str):
        raise DocumentRefused("timestamp", path, "This must be a date and time, as text.")
    try:
        timestamps.parse(value)
    except DocumentRefused as error:
        raise DocumentRefused(error.code, path, error.says, error.fix) from None

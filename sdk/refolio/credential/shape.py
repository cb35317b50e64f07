"""Check 1: is it a credential (or presentation) at all, and is every member of it covered by the signature?

Shape follows VC Data Model 2.0 §4 and 1.1 §4, and Open Badges 3.0; coverage is the strict JSON-LD gate of
``refolio.credential.walk``, taken without the proofs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from refolio.credential import timestamps
from refolio.credential.open_badges import require_open_badge
from refolio.credential.proof.content import Content
from refolio.credential.reading import JSON
from refolio.errors import DocumentRefused

MAX_STATUS_ENTRIES = 8
# Open Badges asks more of them than VC Data Model 2.0 asks of every credential.
OPEN_BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"})
ENVELOPED = "EnvelopedVerifiableCredential"
UNKNOWN_CONTEXT = "unknown-context"
VCDM_1 = "https://www.w3.org/2018/credentials/v1"
DATES = ("validFrom", "validUntil", "issuanceDate", "expirationDate")
# Members whose values are objects that must say their type (VC Data Model 2.0 §4.4, §4.10, §4.11, §5.4 to 5.6).
_TYPED = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")

Document = Mapping[str, JSON]


def require_credential(
    document: Document,
    contexts: Collection[tuple[str, ...]],
    *,
    type_: str | None = None,
    content: Content | None = None,
) -> None:
    """Raise DocumentRefused unless this is a well-formed credential wholly covered by its signature.

    ``contexts`` are the accepted ``@context`` lists; ``type_`` a type it must carry besides VerifiableCredential.
    Members of the proof are not looked at. ``content`` is the document without them, if the caller has it.
    """
    types = _require_types(document, "VerifiableCredential", type_)
    _require_context(document, contexts)
    content = content or Content(document)
    if content.is_common:
        content.require_defined()
        return
    if "id" in document:
        _require_url(document["id"], "/id")
    _require_url(issuer_id(document), "/issuer")
    _require_subjects(document, types)
    _require_dates(document, types)
    _require_status(document)
    for name in _TYPED:
        if name in document:
            _require_typed(document[name], f"/{name}")
    _require_digests(document.get("relatedResource"))
    content.require_defined()
    require_open_badge(document)


def require_presentation(document: Document, contexts: Collection[tuple[str, ...]], content: Content) -> None:
    """Raise DocumentRefused unless this is a well-formed presentation wholly covered by its signature.

    The credentials in it must be objects; each is judged on its own, elsewhere. Source: VC Data Model 2.0 §4.13.
    """
    _require_types(document, "VerifiablePresentation")
    _require_context(document, contexts)
    if "id" in document:
        _require_url(document["id"], "/id")
    if "holder" in document:
        _require_url(holder_id(document), "/holder")
    for n, credential in enumerate(listed(document.get("verifiableCredential"))):
        path = f"/verifiableCredential/{n}"
        if not isinstance(credential, dict):
            says = "A presentation must hold whole credentials, and JWTs as a data: URL in an envelope."
            raise DocumentRefused("not-a-credential", path, says)
        if not {"VerifiableCredential", ENVELOPED} & set(strings(credential.get("type"))):
            raise DocumentRefused("wrong-type", f"{path}/type", "This is not a VerifiableCredential.")
        if is_of_type(credential, ENVELOPED) and not is_bare_envelope(credential):
            says = "Something is written on the envelope of a credential, where nobody signed it."
            raise DocumentRefused("written-on", path, says)
    content.require_defined()


def is_bare_envelope(value: Document) -> bool:
    """True for an enveloped credential that says nothing beside it: whatever else it said, nobody would have signed."""
    return strings(value.get("type")) == (ENVELOPED,) and value.keys() <= {"@context", "id", "type"}


def lacks_identity(document: Document) -> bool:
    """True for a badge that does not say whose it is: neither id nor identifier (Open Badges 3.0, verification)."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or "id" in subject or "identifier" in subject:
        return False
    return not {"OpenBadgeCredential", "AchievementCredential"}.isdisjoint(strings(document.get("type")))


def unsecured(document: Document) -> dict[str, JSON]:
    """The document without its proofs: what the proofs were made over."""
    return {name: value for name, value in document.items() if name != "proof"}


def issuer_id(document: Document) -> str:
    """The issuer's identifier, "" when there is none or it is not one string."""
    return _id_of(document.get("issuer"))


def holder_id(document: Document) -> str:
    """The identifier of a presentation's holder, "" when there is none or it is not one string."""
    return _id_of(document.get("holder"))


def strings(value: JSON) -> tuple[str, ...]:
    """The strings of a member that may hold one string or an array of them."""
    if isinstance(value, str):
        return (value,)
    return tuple([item for item in value if isinstance(item, str)]) if isinstance(value, list) else ()


def is_of_type(document: Document, name: str) -> bool:
    """Whether ``name`` is the ``type`` of an object or one of its types."""
    types = document.get("type")
    return types == name or (isinstance(types, list) and name in types)


def listed(value: JSON) -> list[JSON]:
    """The values of a member that may hold none, one, or an array of them."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def status_entries(document: Document) -> list[Document]:
    """The status entries of a credential, in document order; never more than a shape-checked one can have."""
    entries = listed(document.get("credentialStatus"))
    return [entry for entry in entries[:MAX_STATUS_ENTRIES] if isinstance(entry, dict)]


def _id_of(value: JSON) -> str:
    id_ = value.get("id") if isinstance(value, dict) else value
    return id_ if isinstance(id_, str) else ""


def _require_types(document: Document, *wanted: str | None) -> tuple[str, ...]:
    types = strings(document.get("type"))
    for name in wanted:
        if name and name not in types:
            raise DocumentRefused("wrong-type", "/type", f"This is not a {name}.", "Present the credential itself.")
    if "VerifiableCredential" in types and "VerifiablePresentation" in types:
        says = "It calls itself a credential and a presentation; those are signed by different people."
        raise DocumentRefused("wrong-type", "/type", says)
    return types


def _require_context(document: Document, contexts: Collection[tuple[str, ...]]) -> None:
    context = document.get("@context")
    names = strings(context)
    if not isinstance(context, list) or len(names) != len(context):
        says = "The list of vocabularies (@context) must be a list of web addresses and nothing else."
        raise DocumentRefused("malformed-context", "/@context", says, "Use the contexts of the specifications.")
    if names not in contexts:
        raise DocumentRefused(
            UNKNOWN_CONTEXT,
            "/@context",
            "It uses a list of vocabularies (@context) that is not known here, so its meaning cannot be checked.",
            "Use exactly the contexts of VC Data Model 2.0 and Open Badges 3.0, in this order.",
        )


def _require_url(value: JSON, path: str) -> None:
    if not isinstance(value, str) or not _ABSOLUTE.fullmatch(value):
        raise DocumentRefused("not-a-url", path, "This must be a full URL or DID.")


def _require_subjects(document: Document, types: tuple[str, ...]) -> None:
    subject = document.get("credentialSubject")
    several = isinstance(subject, list) and OPEN_BADGE_TYPES.isdisjoint(types)
    subjects = listed(subject) if several else [subject]
    if not subjects or not all(isinstance(one, dict) and one for one in subjects):
        says = "The credential must be about exactly one subject." if not several else "A subject says nothing."
        raise DocumentRefused("no-subject", "/credentialSubject", says)
    for one in subjects:
        if isinstance(one, dict) and "id" in one:
            _require_url(one["id"], "/credentialSubject/id")


def _require_dates(document: Document, types: tuple[str, ...]) -> None:
    for member in DATES:
        if member in document:
            _require_timestamp(document[member], f"/{member}")
    is_older = strings(document.get("@context"))[:1] == (VCDM_1,)
    needed = "issuanceDate" if is_older else None if OPEN_BADGE_TYPES.isdisjoint(types) else "validFrom"
    if needed and needed not in document:
        raise DocumentRefused("no-valid-from", f"/{needed}", "The credential does not say from when it is valid.")


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


def _require_typed(value: JSON, path: str) -> None:
    for entry in listed(value):
        if not isinstance(entry, dict) or not strings(entry.get("type")):
            raise DocumentRefused("no-type", path, "Each of these must be an object that says its type.")
        if "id" in entry or path == "/credentialSchema":
            _require_url(entry.get("id"), f"{path}/id")


def _require_digests(resources: JSON) -> None:
    """Each related resource is named once, by its digest (VC Data Model 2.0 §5.3); none is fetched to compare."""
    seen: set[str] = set()
    for n, resource in enumerate(listed(resources)):
        path = f"/relatedResource/{n}"
        members = resource if isinstance(resource, dict) else {}
        _require_url(id_ := members.get("id"), f"{path}/id")
        digests = [members.get(name) for name in ("digestSRI", "digestMultibase") if name in members]
        if str(id_) in seen or not digests or not all(isinstance(digest, str) and digest for digest in digests):
            says = "A related resource must be named once, with its digestSRI or digestMultibase."
            raise DocumentRefused("no-digest", path, says)
        seen.add(str(id_))


def _require_timestamp(value: JSON, path: str) -> None:
    if not isinstance(value, str):
        raise DocumentRefused("timestamp", path, "This must be a date and time, as text.")
    try:
        timestamps.parse(value)
    except DocumentRefused as error:
        raise DocumentRefused(error.code, path, error.says, error.fix) from None

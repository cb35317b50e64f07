"""Check 3: whose key made a signature, and may that key sign this? (Controlled Identifiers 1.0 §3.3)

did:key is its own document. A did:web DID and a web address publish theirs. A key that a signature merely brings along
(in the fragment of a web address or a urn:, or in the header of a token) proves that nothing was changed since, and
nothing about who signed: anybody can put one there, in anybody's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from refolio.credential import controllers, timestamps
from refolio.credential.controllers import Method
from refolio.credential.documents import Documents
from refolio.credential.keys import did_web_url
from refolio.credential.reading import JSON
from refolio.credential.shape import Document
from refolio.credential.signatures import Signature, SigningKey
from refolio.errors import DocumentRefused, KeyRefused

# Codes of check 3 that leave open whether the key is the issuer's; every other one says that it is not.
KEY_UNKNOWN = frozenset(
    {"not-fetched", "unreadable-controller", "unsupported-issuer", "key-revoked-since", "key-not-confirmed"}
)

_SCHEMES = ("did:", "https://", "http://", "urn:")


class FoundKey(msgspec.Struct, frozen=True):
    """The key of a signature, and who controls it.

    ``doubt`` says why the key, although it can be used, is not known to be its controller's; None where it surely is.
    ``revoked`` is when its controller withdrew it, of one that surely signed before.
    """

    controller: str
    key: SigningKey
    doubt: KeyRefused | None = None
    revoked: str | None = None


def has_document(controller: str) -> bool:
    """True for a DID or URL whose key document can be fetched."""
    if controller.startswith("https://"):
        return "#" not in controller
    try:
        return controller.startswith("did:web:") and bool(did_web_url(controller))
    except KeyRefused:
        return False


def documents_needed(signatures: Sequence[Signature], signer: str) -> list[str]:
    """The key documents that these signatures, and the ``signer`` that the document names, need."""
    controllers_ = [signer]
    for signature in signatures:
        try:
            controllers_.append((signature.method_id(signer) or "").partition("#")[0])
        except KeyRefused:
            continue
    return [controller for controller in dict.fromkeys(controllers_) if has_document(controller)]


def require_own(signatures: Sequence[Signature], signer: str) -> None:
    """Raise KeyRefused ``stranger`` unless one of the signatures names a key of the ``signer`` (SEC-033).

    Others may sign too; "" is nobody in particular. Also ``no-key-named`` and ``method-id``.
    """
    owners = []
    for signature in signatures:
        id_ = signature.method_id(signer)
        if id_ is not None and not id_.startswith(_SCHEMES):
            raise KeyRefused("method-id", f"The key is named {id_[:60]!a}, which is no DID and no web address.")
        owners.append(signer if id_ is None else id_.partition("#")[0])
    if signer and signer not in owners:
        raise KeyRefused("stranger", f"It is signed by {owners[0]}, not by {signer}, in whose name it speaks.")


def find_key(
    signature: Signature, signer: str, purpose: str, documents: Documents, recorded_at: datetime | None = None
) -> FoundKey:
    """Return the key that ``signature`` names and its controller allows for ``purpose``.

    ``recorded_at`` is when the document is known to have existed (``Policy.recorded_at``).

    Raises KeyRefused: as controllers.find_method() does, ``key-not-valid-then``, and those in KEY_UNKNOWN.
    """
    id_ = signature.method_id(signer)
    if id_ is None:
        return FoundKey(signer, signature.key(None), _unconfirmed(signer, "The token brings its own key along."))
    controller = id_.partition("#")[0]
    doubt: KeyRefused | None = None
    if controller.startswith("did:key:"):
        method = controllers.implied_method(id_)
    elif (document := _document(controller, documents)) is not None:
        method = controllers.find_method(document, id_, purpose=purpose)
    else:
        method = controllers.implied_method(id_)
        doubt = _unconfirmed(controller, "The signature names its own key.")
    try:
        key = signature.key(method)
    except KeyRefused as error:
        if doubt and not id_.partition("#")[2].startswith("z"):
            raise KeyRefused("not-fetched", f"The key {id_[:100]} could not be looked up.") from None
        raise error
    doubt = _require_valid_then(method, signature.created, recorded_at) or doubt
    return FoundKey(controller, key, doubt, None if doubt else method.revoked)


def _document(controller: str, documents: Documents) -> Document | None:
    """The controller's key document; None where it has none that could tell."""
    if controller.startswith("https://"):
        try:
            document = documents.read(controller) if isinstance(documents.get(controller), bytes) else {}
        except DocumentRefused:
            return None  # an ordinary web page
        publishes = "verificationMethod" in document or "assertionMethod" in document
        return document if publishes else None
    if controller.startswith(("urn:", "http://")):
        return None
    if not controller.startswith("did:web:"):
        raise KeyRefused(
            "unsupported-issuer", f"Keys of issuers named like {controller[:40]} cannot be looked up here."
        )
    did_web_url(controller)  # raises for what can never be fetched
    raw = documents.get(controller)
    if not isinstance(raw, bytes):
        why = f"could not be fetched: {raw.says}" if raw else "is not at hand."
        raise KeyRefused("not-fetched", f"The issuer's key document {why}")
    try:
        return documents.read(controller)
    except DocumentRefused as error:
        raise KeyRefused("unreadable-controller", f"The issuer's key document cannot be read: {error.says}") from None


def _unconfirmed(controller: str, how: str) -> KeyRefused:
    return KeyRefused("key-not-confirmed", f"{how} That it is a key of {controller[:200]} could not be confirmed.")


def _require_valid_then(method: Method, created: JSON, recorded_at: datetime | None) -> KeyRefused | None:
    """The signer alone says when it signed, so a key that was revoked later is in doubt, unless somebody else knows.

    Whoever stole a key can date a signature back (SEC-065); a record made before that day cannot have been (SEC-222).
    """
    if not (method.expires or method.revoked):
        return None
    try:
        signed = timestamps.parse(str(created))
    except DocumentRefused:
        signed = recorded_at or datetime.max.replace(tzinfo=UTC)  # not later than there is a record of it
    for limit, says in ((method.expires, "had expired"), (method.revoked, "had been withdrawn by its owner")):
        if limit and signed >= timestamps.parse(limit):
            raise KeyRefused("key-not-valid-then", f"The key {says} when it signed, or the time of signing is unknown.")
    if method.revoked and recorded_at is not None and recorded_at >= timestamps.parse(method.revoked):
        says = (
            f"The key was withdrawn by its owner on {method.revoked[:10]}, and nothing is on record here from before."
        )
        raise KeyRefused("key-not-valid-then", says)
    if method.revoked and recorded_at is None:
        says = f"The key was withdrawn by its owner on {method.revoked[:10]}; that it signed before then is not proven."
        return KeyRefused("key-revoked-since", says)
    return None

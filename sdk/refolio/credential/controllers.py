"""DID documents: finding the key that a proof names, and writing the documents of our own issuers.

A DID document is fetched from a stranger's host, so nothing in it is believed beyond what the rules below allow.
Sources: Controlled Identifiers 1.0 §3.3 (retrieve verification method); DID Core 1.0 §5; SEC-032 to 036, SEC-100.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from refolio.credential import timestamps
from refolio.credential.keys import PublicKey, decode_multikey, did_key, read_did_key
from refolio.credential.reading import JSON, read
from refolio.errors import DocumentRefused, KeyRefused

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
METHOD_TYPES = frozenset({"Multikey", "Ed25519VerificationKey2020"})
RELATIONSHIPS = ("assertionMethod", "authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation")
MAX_METHODS = 64

Member = Mapping[str, JSON]

# Printable ASCII with one #.
_METHOD_ID = re.compile(r"(?P<controller>(?:did:[a-z0-9]+:|https://|urn:)[!-\"$-~]+)#[!-\"$-~]+")
_OTHER_KEY_MATERIAL = frozenset({"publicKeyJwk", "publicKeyBase58", "publicKeyHex", "publicKeyPem"})
_SECRETS = frozenset({"secretKeyMultibase", "secretKeyJwk", "privateKeyMultibase", "privateKeyJwk", "privateKeyBase58"})


class Method(msgspec.Struct, frozen=True):
    """A verification method that may be used: whose it is, its members, and the timestamps that end its use, if any.

    Its key material is read by key() or by method_keys.key_of(), as the signature needs it. Whether ``expires`` or
    ``revoked`` (XML Schema dateTimeStamps, syntax checked) matter now is for the caller to say.
    """

    id: str
    controller: str
    members: Member
    expires: str | None = None
    revoked: str | None = None

    @property
    def key(self) -> PublicKey:
        """The Ed25519 key. Raises KeyRefused ``method-type``, ``secret-published``, ``malformed-method`` and as
        keys.decode_multikey() does."""
        return _key(self.members)


def implied_method(method_id: str) -> Method:
    """The method that carries its own key in its fragment: of a did:key DID, and of those who name keys that way.

    The fragment is not looked at yet. Raises KeyRefused ``method-not-found`` where a did:key DID is another one.
    """
    controller, _, fragment = method_id.partition("#")
    if controller.startswith("did:key:") and controller != f"did:key:{fragment}":
        raise KeyRefused("method-not-found", f"{controller} publishes no key {method_id}.")
    members: dict[str, JSON] = {
        "id": method_id,
        "type": "Multikey",
        "controller": controller,
        "publicKeyMultibase": fragment,
    }
    return Method(method_id, controller, members)


def find_method(document: Mapping[str, JSON], method_id: str, *, purpose: str = "assertionMethod") -> Method:
    """Return the method ``method_id`` of a controller's ``document``, allowed there for ``purpose``.

    The document must be the one of the DID (or https URL) before the ``#``, must list the method under
    ``verificationMethod`` or embed it under ``purpose``, must allow it for ``purpose``, and must itself be its
    controller. All comparisons are of exact strings. A key that its controller has withdrawn (``revoked``) and taken
    off all relationships is still found: what it signed before is for the caller to judge.

    Raises KeyRefused: ``method-id`` (not an absolute DID URL with one fragment), ``wrong-document``,
    ``malformed-controller``, ``relative-id``, ``duplicate-method`` (two definitions of one id), ``too-many-methods``
    (above 64), ``method-not-found``, ``not-for-purpose``, ``wrong-controller``, ``malformed-method`` (a timestamp).
    """
    match = _METHOD_ID.fullmatch(method_id)
    if match is None:
        raise KeyRefused("method-id", "The verification method must be an absolute DID URL with one fragment.")
    controller = match["controller"]
    if document.get("id") != controller:
        raise KeyRefused("wrong-document", f"The key document is not the one of {controller}.")

    listed, embedded, allowed, withdrawn = _collect(document, purpose)
    method = listed.get(method_id) or embedded.get(method_id)
    if method is None:
        raise KeyRefused("method-not-found", f"{controller} publishes no key {method_id}.")
    if method_id not in allowed and method_id not in withdrawn:
        raise KeyRefused("not-for-purpose", f"{controller} does not allow the key {method_id} for {purpose}.")
    if method.get("controller") != controller:
        raise KeyRefused("wrong-controller", f"The key {method_id} is controlled by somebody else than {controller}.")
    return Method(
        id=method_id,
        controller=controller,
        members=method,
        expires=_timestamp(method, "expires"),
        revoked=_timestamp(method, "revoked"),
    )


def did_document(
    did: str, keys: Sequence[PublicKey], *, revoked: Mapping[PublicKey, str] | None = None
) -> dict[str, JSON]:
    """Return the DID document of an issuer of ours, with every key that still verifies something, in the order given.

    Each key's fragment is its Multikey, and ``assertionMethod`` an array of strings, as the 1EdTech validator needs it.
    ``revoked`` maps compromised keys to the timestamp of the compromise: they stay published, marked, and may no longer
    issue. Raises KeyRefused ``duplicate-method`` and ``too-many-methods``, DocumentRefused ``timestamp``.
    """
    revoked = revoked or {}
    published = [*keys, *revoked]
    if len(set(published)) < len(published):
        raise KeyRefused("duplicate-method", "A key is listed twice.")
    if len(published) > MAX_METHODS:
        raise KeyRefused("too-many-methods", f"A DID document holds at most {MAX_METHODS} keys.")
    methods: list[JSON] = [_method_of(did, key, revoked.get(key)) for key in published]
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [f"{did}#{key.multibase}" for key in keys],
    }


def revoked_in(document: bytes, since: Mapping[str, str]) -> bytes:
    """A key document with keys marked as revoked, and allowed for nothing any more; all else in it stays.

    ``since`` maps Multikeys to timestamps; a mark that names an earlier time stays. Raises as reading.read() does.
    """
    members = dict(read(document))
    marked: dict[str, JSON] = {}
    for name in ("verificationMethod", *RELATIONSHIPS):
        entries = members.get(name)
        if not isinstance(entries, list):
            continue
        for entry in entries:
            if isinstance(entry, dict) and isinstance(key := entry.get("publicKeyMultibase"), str) and key in since:
                marked.setdefault(_id_of(entry), {**entry, "revoked": _earlier(entry, since[key])})
    for name in ("verificationMethod", *RELATIONSHIPS):
        entries = members.get(name)
        if isinstance(entries, list):
            members[name] = [entry for entry in entries if _id_of(entry) not in marked]
    methods = members.get("verificationMethod", [])
    members["verificationMethod"] = [*methods, *marked.values()] if isinstance(methods, list) else methods
    return msgspec.json.encode(members)


def _id_of(entry: JSON) -> str:
    id_ = entry.get("id") if isinstance(entry, dict) else entry
    return id_ if isinstance(id_, str) else ""


def _earlier(method: Member, since: str) -> str:
    try:
        given = _timestamp(method, "revoked")
    except KeyRefused:
        return since
    return given if given and timestamps.parse(given) < timestamps.parse(since) else since


def did_key_document(did: str) -> dict[str, JSON]:
    """Return the document that a ``did:key`` DID implies: one key, which may sign anything in the DID's name.

    Raises what keys.read_did_key() raises.
    """
    key = read_did_key(did)
    document = did_document(did_key(key), [key])
    for relationship in ("authentication", "capabilityInvocation", "capabilityDelegation"):
        document[relationship] = [f"{did}#{key.multibase}"]
    return document


def _method_of(did: str, key: PublicKey, revoked: str | None) -> dict[str, JSON]:
    method: dict[str, JSON] = {
        "id": f"{did}#{key.multibase}",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": key.multibase,
    }
    if revoked is not None:
        timestamps.parse(revoked)
        method["revoked"] = revoked
    return method


def _collect(document: Member, purpose: str) -> tuple[dict[str, Member], dict[str, Member], set[str], set[str]]:
    """Methods under verificationMethod, methods embedded under ``purpose``, the ids allowed for ``purpose``, and those
    that are withdrawn: marked as revoked, and allowed for nothing at all.

    Every relationship is read, because two definitions of one id anywhere would let two verifiers pick two keys. The
    very same definition may be repeated under a relationship: widely used documents do that.
    """
    listed = dict(_definitions(_array(document, "verificationMethod"), "verificationMethod"))
    known = dict(listed)
    embedded: dict[str, Member] = {}
    allowed: set[str] = set()
    withdrawn = {method_id for method_id, method in listed.items() if "revoked" in method}
    for relationship in RELATIONSHIPS:
        entries = _array(document, relationship)
        own = dict(_definitions([entry for entry in entries if not isinstance(entry, str)], relationship))
        for method_id, method in own.items():
            if known.setdefault(method_id, method) != method:
                raise KeyRefused("duplicate-method", f"The key document defines {method_id} in two ways.")
        references = {entry for entry in entries if isinstance(entry, str)}
        for reference in references:
            _require_absolute(reference)
        withdrawn -= references | own.keys()
        if relationship == purpose:
            embedded, allowed = own, references | own.keys()
    if len(known) > MAX_METHODS:
        raise KeyRefused("too-many-methods", f"The key document holds more than {MAX_METHODS} keys.")
    return listed, embedded, allowed, withdrawn


def _array(document: Member, name: str) -> list[JSON]:
    value = document.get(name, [])
    if not isinstance(value, list):
        raise KeyRefused("malformed-controller", f"In the key document, {name} must be an array.")
    if len(value) > MAX_METHODS:
        raise KeyRefused("too-many-methods", f"The key document lists more than {MAX_METHODS} keys under {name}.")
    return value


def _definitions(entries: Sequence[JSON], where: str) -> Iterator[tuple[str, Member]]:
    seen: set[str] = set()
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(method_id := entry.get("id"), str):
            raise KeyRefused("malformed-controller", f"In the key document, {where} holds something that is not a key.")
        _require_absolute(method_id)
        if method_id in seen:
            raise KeyRefused("duplicate-method", f"The key document lists {method_id} twice under {where}.")
        seen.add(method_id)
        yield method_id, entry


def _require_absolute(method_id: str) -> None:
    if not _METHOD_ID.fullmatch(method_id):
        raise KeyRefused("relative-id", "The key document names a key without its full DID.")


def _key(method: Member) -> PublicKey:
    kind, text = method.get("type"), method.get("publicKeyMultibase")
    if not isinstance(kind, str) or kind not in METHOD_TYPES:
        raise KeyRefused("method-type", "The key is neither a Multikey nor an Ed25519VerificationKey2020.")
    if not _SECRETS.isdisjoint(method):
        raise KeyRefused("secret-published", "The key document publishes the private half of the key.")
    if not isinstance(text, str) or not _OTHER_KEY_MATERIAL.isdisjoint(method):
        raise KeyRefused("malformed-method", "The key must be given once, as a publicKeyMultibase string.")
    return decode_multikey(text)


def _timestamp(method: Member, name: str) -> str | None:
    if name not in method:
        return None
    value = method[name]
    if not isinstance(value, str):
        raise KeyRefused("malformed-method", f"The key's {name} is not a timestamp.")
    try:
        timestamps.parse(value)
    except DocumentRefused as fault:
        raise KeyRefused("malformed-method", f"The key's {name} is not a timestamp: {fault.says}") from None
    return value

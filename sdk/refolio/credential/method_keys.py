"""The key of a verification method, in every form that DID documents and did:key publish for JWTs.

Which method may be used, and whose it is, is decided elsewhere (``controllers``); here its key material is read.
Sources: Controlled Identifiers 1.0 §2.2.2 (Multikey), §2.2.3 (JsonWebKey); DID Core 1.0 §5.2; did:key.
"""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential import multibase
from refolio.credential.jwk import CURVES, JwkKey, from_ed25519, from_point, public_key_from_jwk
from refolio.credential.keys import decode_multikey as decode_ed25519_multikey
from refolio.credential.reading import JSON
from refolio.errors import KeyRefused

_MATERIAL = frozenset({"publicKeyMultibase", "publicKeyJwk", "publicKeyBase58", "publicKeyHex", "publicKeyPem"})
_OF_TYPE = {
    "Multikey": "publicKeyMultibase",
    "Ed25519VerificationKey2020": "publicKeyMultibase",
    "JsonWebKey": "publicKeyJwk",
    "JsonWebKey2020": "publicKeyJwk",
}
# How base58 begins for the code and length of each kind; a compressed point begins with 02 or 03.
_PREFIXES = {"zDn": "P-256", "z82": "P-384", "z2J9": "P-521"}
_SECRETS = frozenset({"secretKeyMultibase", "secretKeyJwk", "privateKeyMultibase", "privateKeyJwk", "privateKeyBase58"})


def key_of(method: Mapping[str, JSON]) -> JwkKey:
    """Return the key of a verification method: Multikey (Ed25519, P-256, P-384, P-521) or JsonWebKey.

    Raises KeyRefused ``method-type``, ``secret-published``, ``malformed-method`` (not exactly one form of key, or not
    the one of the type), and what decode_multikey() and jwk.public_key_from_jwk() raise.
    """
    kind = method.get("type")
    if not isinstance(kind, str) or kind not in _OF_TYPE:
        raise KeyRefused("method-type", "The key is neither a Multikey nor a JsonWebKey.")
    if not _SECRETS.isdisjoint(method):
        raise KeyRefused("secret-published", "The key document publishes the private half of the key.")
    if method.keys() & _MATERIAL != {_OF_TYPE[kind]}:
        raise KeyRefused("malformed-method", f"A key of the type {kind} must be given once, as {_OF_TYPE[kind]}.")
    value = method[_OF_TYPE[kind]]
    if kind.startswith("JsonWebKey"):
        if not isinstance(value, dict):
            raise KeyRefused("malformed-method", "The publicKeyJwk must be an object.")
        return public_key_from_jwk(value)
    if not isinstance(value, str):
        raise KeyRefused("malformed-method", "The publicKeyMultibase must be a string.")
    if kind == "Ed25519VerificationKey2020":
        return from_ed25519(decode_ed25519_multikey(value))
    return decode_multikey(value)


def decode_multikey(text: str) -> JwkKey:
    """Read a ``publicKeyMultibase``: Ed25519 (z6Mk…), P-256 (zDn…), P-384 (z82…) or P-521 (z2J9…).

    Raises KeyRefused ``key-type`` for keys of another kind, ``multibase`` for a malformed value, ``malformed-key`` for
    what is no point of the curve, and what keys.decode_multikey() raises.
    """
    if text.startswith("z6Mk"):
        return from_ed25519(decode_ed25519_multikey(text))
    for prefix, name in _PREFIXES.items():
        if text.startswith(prefix):
            curve = CURVES[name]
            try:
                data = multibase.decode(text, length=len(curve.code) + 1 + curve.size)
            except KeyRefused:
                break
            if data.startswith(curve.code):
                return from_point(curve, data.removeprefix(curve.code))
    raise KeyRefused("key-type", "The key is not a Multikey of Ed25519 (z6Mk…), P-256 (zDn…), P-384 or P-521.")


def did_key(key: JwkKey) -> str:
    """Return the DID that is the key itself: ``did:key:zDn…``. Raises KeyRefused ``key-type`` for RSA keys."""
    if key.multikey is None:
        raise KeyRefused("key-type", "An RSA key has no did:key here.")
    return f"did:key:{key.multikey}"


def read_did_key(did: str) -> JwkKey:
    """Return the key that a ``did:key`` DID spells. Raises KeyRefused ``did-key`` and what decode_multikey() raises."""
    if not did.startswith("did:key:"):
        raise KeyRefused("did-key", "The DID is not a did:key.")
    return decode_multikey(did.removeprefix("did:key:"))

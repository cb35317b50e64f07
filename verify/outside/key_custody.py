"""Issuer keys at rest: each private key under its own data key, that under the key-encryption key.

Both layers are AES-256-GCM (SP 800-38D) with a fresh random 96-bit nonce. The associated data binds issuer,
public key and purpose, so a wrapped key copied to another row does not open. Layout of the result:
``version (1) ‖ nonce (12) ‖ wrapped data key (32+16) ‖ nonce (12) ‖ wrapped seed (32+16)``.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from refolio.credential.keys import PrivateKey
from verify.runtime import Runtime

VERSION = b"\x01"
NONCE, SEED, TAG = 12, 32, 16
_WRAPPED_DEK = NONCE + SEED + TAG


class KeyUnreadable(Exception):
    """A stored key does not open: wrong key-encryption key, or the row was changed or copied."""


def new_key(runtime: Runtime, issuer: str, purpose: str) -> tuple[PrivateKey, bytes]:
    """Make an Ed25519 key for ``issuer`` and return it with its wrapped form."""
    seed = runtime.random_bytes(SEED)
    key = PrivateKey.from_seed(seed)
    bound = _bound(issuer, key.public.multibase, purpose)
    data_key = runtime.random_bytes(SEED)
    return key, VERSION + _seal(runtime, runtime.kek.secret, data_key, bound) + _seal(runtime, data_key, seed, bound)


def open_key(runtime: Runtime, wrapped: bytes, issuer: str, public: str, purpose: str) -> PrivateKey:
    """Unwrap a key made by ``new_key`` with the same issuer, public key (multibase) and purpose.

    Raises KeyUnreadable when anything does not fit, also when the seed is not that of the public key.
    """
    bound = _bound(issuer, public, purpose)
    try:
        if wrapped[:1] != VERSION:
            raise KeyUnreadable("The stored key has an unknown format.")
        data_key = _open(runtime.kek.secret, wrapped[1 : 1 + _WRAPPED_DEK], bound)
        key = PrivateKey.from_seed(_open(data_key, wrapped[1 + _WRAPPED_DEK :], bound))
    except (InvalidTag, ValueError):
        raise KeyUnreadable(
            "The stored key does not open. Check that REFOLIO_KEK is the one it was stored with."
        ) from None
    if key.public.multibase != public:
        raise KeyUnreadable("The stored key is not the one that its row names.")
    return key


def _bound(issuer: str, public: str, purpose: str) -> bytes:
    return "\x1f".join((issuer, public, purpose)).encode()


def _seal(runtime: Runtime, key: bytes, secret: bytes, bound: bytes) -> bytes:
    nonce = runtime.random_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)

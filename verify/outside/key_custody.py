"""Private keys at rest: each under its own data key, that under the key-encryption key.

Both layers are AES-256-GCM (SP 800-38D) with a fresh random 96-bit nonce; the outer may be a key service.
The associated data binds owner, public key, purpose and layout, so a wrapped key copied to another row does not open::

    version (1) = 2 ‖ length of kek_id (1) ‖ kek_id ‖ length (2) ‖ wrapped data key ‖ nonce (12) ‖ seed (32+16)

Version 1, which does not name its key-encryption key, still opens; ``python -m verify key rewrap`` replaces it.

What is wrapped is opened again before it is handed out, so that a key service that errs or lies spoils no key. The
functions wait for a key service as long as it takes: an event loop calls them by way of key_service.asked().
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from refolio.credential.keys import PrivateKey
from verify.runtime import KeyEncryptionKey, KeyServiceDown, Runtime, WrappingKey

FIRST, SECOND = b"\x01", b"\x02"
NONCE, SEED, TAG = 12, 32, 16
DESTROYED = b""
LONGEST_WRAPPED = 2**16 - 1
_WRAPPED_DEK = NONCE + SEED + TAG  # in version 1


class KeyUnreadable(Exception):
    """A stored key does not open: wrong key-encryption key, or the row was changed or copied, or it was destroyed."""


def new_key(runtime: Runtime, owner: str, purpose: str) -> tuple[PrivateKey, bytes]:
    """Make an Ed25519 key for ``owner`` (an issuer, or the service) and return it with its wrapped form.

    Raises KeyServiceDown, as all of these functions do where a key service is asked.
    """
    seed = runtime.random_bytes(SEED)
    key = PrivateKey.from_seed(seed)
    return key, _seal(runtime, seed, (owner, key.public.multibase, purpose))


def open_key(runtime: Runtime, wrapped: bytes, owner: str, public: str, purpose: str) -> PrivateKey:
    """Unwrap a key made by ``new_key`` with the same owner, public key (multibase) and purpose.

    Raises KeyUnreadable when anything does not fit, also when the seed is not that of the public key.
    """
    return PrivateKey.from_seed(_open(runtime, wrapped, (owner, public, purpose)))


def rewrapped(runtime: Runtime, wrapped: bytes, owner: str, public: str, purpose: str) -> bytes:
    """The same key under the current key-encryption key and a fresh data key. Raises KeyUnreadable."""
    names = (owner, public, purpose)
    return _seal(runtime, _open(runtime, wrapped, names), names)


def is_current(runtime: Runtime, wrapped: bytes) -> bool:
    """Whether nothing is left to re-wrap: it lies under the current key-encryption key, or is destroyed."""
    if wrapped == DESTROYED:
        return True
    return wrapped[:1] == SECOND and wrapped[2 : 2 + wrapped[1]] == runtime.kek.kek_id.encode()


def is_at_hand(runtime: Runtime, wrapped: bytes | None = None) -> bool:
    """Whether no key service is needed: to open ``wrapped``, or to wrap a new key."""
    if wrapped is None:
        return isinstance(runtime.kek, KeyEncryptionKey)
    return all(isinstance(kek, KeyEncryptionKey) for kek, *_ in _readings(runtime, wrapped, ("", "", "")))


def _bound(names: tuple[str, str, str], version: bytes = b"", kek_id: bytes = b"") -> bytes:
    text = "\x1f".join(names).encode()
    return text + b"\x1f" + version + kek_id if version else text


def _seal(runtime: Runtime, seed: bytes, names: tuple[str, str, str]) -> bytes:
    kek_id = runtime.kek.kek_id.encode()
    bound = _bound(names, SECOND, kek_id)
    data_key, nonce = runtime.random_bytes(SEED), runtime.random_bytes(NONCE)
    wrapped = _wrap(runtime.kek, data_key, bound)
    head = SECOND + bytes([len(kek_id)]) + kek_id + len(wrapped).to_bytes(2)
    sealed = head + wrapped + nonce + AESGCM(data_key).encrypt(nonce, seed, bound)
    try:
        _open(runtime, sealed, names)
    except KeyUnreadable:
        raise KeyServiceDown("What the key service wrapped does not open again. Nothing was stored.") from None
    return sealed


def _wrap(kek: WrappingKey, data_key: bytes, bound: bytes) -> bytes:
    _require_may_wait(kek)
    try:
        wrapped: object = kek.wrap(data_key, bound)
    except Exception as error:  # whatever the operator's own code raises
        raise KeyServiceDown(f"The key service does not wrap: {type(error).__name__}.") from error
    if not isinstance(wrapped, bytes) or len(wrapped) > LONGEST_WRAPPED:
        raise KeyServiceDown(f"The key service must give at most {LONGEST_WRAPPED:,} bytes.")
    return wrapped


def _unwrap(kek: WrappingKey, wrapped: bytes, bound: bytes) -> bytes:
    """Raises ValueError where it does not open."""
    _require_may_wait(kek)
    try:
        data_key: object = kek.unwrap(wrapped, bound)
    except (InvalidTag, ValueError):
        raise ValueError("not wrapped by this key, or for something else") from None
    except Exception as error:  # whatever the operator's own code raises
        raise KeyServiceDown(f"The key service does not open: {type(error).__name__}.") from error
    if not isinstance(data_key, bytes) or len(data_key) != SEED:
        raise ValueError("this is no data key")
    return data_key


def _require_may_wait(kek: WrappingKey) -> None:
    """In a thread with an event loop everybody would wait for the key service, and a transaction would stay open."""
    if isinstance(kek, KeyEncryptionKey):
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise AssertionError("Ask a key service by key_service.asked(), outside of transactions.")


def _open(runtime: Runtime, wrapped: bytes, names: tuple[str, str, str]) -> bytes:
    """The seed. Raises KeyUnreadable."""
    if wrapped == DESTROYED:
        raise KeyUnreadable("The private half of this key is not here: it was destroyed, or its issuer holds it.")
    if wrapped[:1] not in (FIRST, SECOND):
        raise KeyUnreadable("The stored key has an unknown format.")
    for kek, wrapped_dek, sealed, bound in _readings(runtime, wrapped, names):
        try:
            data_key = _unwrap(kek, wrapped_dek, bound)
            seed = AESGCM(data_key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
        except (InvalidTag, ValueError):
            continue
        if PrivateKey.from_seed(seed).public.multibase != names[1]:
            raise KeyUnreadable("The stored key is not the one that its row names.")
        return seed
    raise KeyUnreadable(
        "The stored key does not open. Check that REFOLIO_KEK is the one it was stored with, "
        "or give that one as REFOLIO_KEK_PREVIOUS."
    )


def _readings(
    runtime: Runtime, wrapped: bytes, names: tuple[str, str, str]
) -> Iterator[tuple[WrappingKey, bytes, bytes, bytes]]:
    """Each way in which the stored form may be meant: by which key, the wrapped data key, the rest, what is bound."""
    keks = (runtime.kek, *runtime.previous_keks)
    if wrapped[:1] == FIRST:
        cut = 1 + _WRAPPED_DEK
        yield from ((kek, wrapped[1:cut], wrapped[cut:], _bound(names)) for kek in keks)
        return
    start = 2 + (wrapped[1] if len(wrapped) > 1 else 0)
    kek_id = wrapped[2:start]
    end = start + 2 + int.from_bytes(wrapped[start : start + 2])
    bound = _bound(names, SECOND, kek_id)
    yield from ((kek, wrapped[start + 2 : end], wrapped[end:], bound) for kek in keks if kek.kek_id.encode() == kek_id)

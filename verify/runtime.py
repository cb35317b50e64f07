"""The only clock, the only dice, the only keyring and the only way out of the service.

Operations take a Runtime and nothing else impure. Tests pass one whose clock stands still.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import importlib
import logging
import os
import secrets
import socket
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from verify.settings import SettingRefused, Settings

log = logging.getLogger(__name__)

KEK_BYTES = 32
NONCE_BYTES = 12
_KEK_ID = b"refolio key-encryption key id\x00"
DNS_PORT = 53


def _now() -> datetime:
    return datetime.now(UTC)


# The system's resolver knows no deadline. It gets threads of its own, so that a slow name server holds up nobody else.
_RESOLVERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


async def _resolve(host: str, port: int) -> list[str]:
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    entries = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


@dataclass(frozen=True, slots=True)
class Network:
    """The way out to other hosts.

    ``resolve`` gives the addresses of a name or raises OSError. ``name_servers`` (address and port) are asked for text
    records, none for those of the system. ``authorities`` is a PEM file of the certificate authorities to trust, None
    for the usual public ones. ``allow_private`` lets in addresses of this machine and of private networks, and
    ``https_port`` is where an address without a port leads: no setting reaches these two, they are for tests with
    servers of their own.
    """

    resolve: Callable[[str, int], Awaitable[list[str]]] = _resolve
    name_servers: tuple[tuple[str, int], ...] = ()
    authorities: Path | None = None
    allow_private: bool = False
    https_port: int = 443


@dataclass(frozen=True, slots=True)
class Runtime:
    """Time, randomness, the way out and the key-encryption keys. ``repr`` never shows a key.

    ``kek`` wraps what is stored from now on; ``previous_keks`` still open what was stored under them.
    """

    settings: Settings
    kek: WrappingKey
    now: Callable[[], datetime] = _now
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    random_below: Callable[[int], int] = secrets.randbelow
    network: Network = Network()
    previous_keks: tuple[WrappingKey, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings, *, create_key: bool = False) -> Runtime:
        """Read the key-encryption keys and build the Runtime.

        With ``create_key`` a missing key *file* is made (mode 0600). Raises SettingRefused when a key is
        missing or is not 32 bytes of base64, or when the key management service cannot be loaded.
        """
        if settings.kms is not None:
            kek: WrappingKey = _load_kms(settings.kms)
        else:
            kek = KeyEncryptionKey.from_settings(settings, create=create_key)
        network = Network(name_servers=tuple((address, DNS_PORT) for address in settings.name_servers))
        return cls(settings, kek, network=network, previous_keks=KeyEncryptionKey.previous(settings))

    @staticmethod
    def fresh_bytes(count: int) -> bytes:
        """Random bytes for a caller that has no Runtime yet: the command that makes the first key."""
        return secrets.token_bytes(count)

    def new_id(self) -> str:
        """A random UUID (version 4) as text: 122 bits nobody can guess."""
        return str(uuid.UUID(bytes=self.random_bytes(16), version=4))


class KeyServiceDown(Exception):
    """The key management service did not answer, or not as it should. Nothing was done; the same may work later."""


class WrappingKey(Protocol):
    """What wraps data keys: a key of ours, or a key management service (``REFOLIO_KMS=package.module:factory``).

    ``kek_id`` names the key for ever: at most 255 bytes in UTF-8. Both methods bind ``aad``, which is no secret;
    ``unwrap`` raises ValueError for anything that was not wrapped by it with the same ``aad``, and anything else where
    it cannot tell. Those of a service may wait: ``outside/key_service.py`` calls them, in threads.
    """

    @property
    def kek_id(self) -> str: ...
    def wrap(self, dek: bytes, aad: bytes) -> bytes: ...
    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, repr=False)
class KeyService:
    """A key management service. ``kek_id`` is what it said at the start: it must not change while keys are stored."""

    kek_id: str
    wrap: Callable[[bytes, bytes], bytes]
    unwrap: Callable[[bytes, bytes], bytes]

    def __repr__(self) -> str:
        return f"KeyService({self.kek_id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class KeyEncryptionKey:
    """256 bits that wrap every private key at rest, by AES-256-GCM with a random nonce in front."""

    secret: bytes

    @property
    def kek_id(self) -> str:
        """Sixteen hexadecimal digits of a hash of the key: names it and tells nothing of it."""
        return hashlib.sha256(_KEK_ID + self.secret).hexdigest()[:16]

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        """``nonce (12) ‖ ciphertext ‖ tag (16)``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, dek, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Raises ValueError when it does not open."""
        try:
            return AESGCM(self.secret).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except InvalidTag:
            raise ValueError("not wrapped by this key, or for something else") from None

    def __repr__(self) -> str:
        return "KeyEncryptionKey(…)"

    @classmethod
    def from_settings(cls, settings: Settings, *, create: bool) -> KeyEncryptionKey:
        """Read it from ``REFOLIO_KEK`` or from the key file."""
        if settings.kek is not None:
            return cls(_decode(settings.kek, "REFOLIO_KEK"))
        path = settings.kek_file
        if create and not path.exists():
            _write_new(path)
        return cls._read(path)

    @classmethod
    def previous(cls, settings: Settings) -> tuple[KeyEncryptionKey, ...]:
        """Those of before, from ``REFOLIO_KEK_PREVIOUS`` and the files of ``REFOLIO_KEK_PREVIOUS_FILE``."""
        given = [cls(_decode(text, "REFOLIO_KEK_PREVIOUS")) for text in settings.previous_keks]
        return (*given, *(cls._read(path) for path in settings.previous_kek_files))

    @classmethod
    def _read(cls, path: Path) -> KeyEncryptionKey:
        try:
            text = path.read_text("ascii")
            if path.stat().st_mode & 0o077:
                log.warning("%s holds a key-encryption key, and others on this machine may read it: chmod 600", path)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingRefused(
                f"The key-encryption key cannot be read from {path} ({type(error).__name__}). "
                "Set REFOLIO_KEK, set REFOLIO_KEK_FILE, or make one with: python -m verify key encryption"
            ) from None
        return cls(_decode(text.strip(), str(path)))


def _load_kms(reference: str) -> KeyService:
    module, _, factory = reference.partition(":")
    try:
        made = getattr(importlib.import_module(module), factory)()
        kek_id, wrap, unwrap = (getattr(made, name, None) for name in ("kek_id", "wrap", "unwrap"))
        named = isinstance(kek_id, str) and 0 < len(kek_id.encode()) < 256
    except Exception as error:  # whatever the operator's own code raises
        raise SettingRefused(f"REFOLIO_KMS={reference} cannot be used: {type(error).__name__}: {error}") from None
    if not (named and callable(wrap) and callable(unwrap)):
        raise SettingRefused(f"REFOLIO_KMS={reference} must give an object with kek_id, wrap and unwrap.")
    return KeyService(str(kek_id), wrap, unwrap)


def _decode(text: str, source: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEK_BYTES:
        raise SettingRefused(f"{source} must hold {KEK_BYTES} random bytes in base64.")
    return secret


def _write_new(path: Path) -> None:
    """Write a fresh key so that a crash leaves either no file or a whole one, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(
        f".{secrets.token_hex(8)}"
    )  # not the process id, which a container uses again after a crash
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEK_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails when another process was faster: its key stays
    except FileExistsError:
        pass
    finally:
        draft.unlink()

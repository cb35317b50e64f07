"""Ed25519 keys as Multikeys, weak ones refused, and the DIDs that name them: did:key and did:web.

For a public key of small order anybody can make signatures that verify; so every PublicKey is checked when it is made,
wherever it came from.
Sources: RFC 8032; vc-di-eddsa 1.0 §2.1.1; "Taming the many EdDSAs" (algorithm 2); did:key; did:web.
"""

from __future__ import annotations

import re
from typing import NoReturn, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from refolio.credential import ed25519, multibase
from refolio.errors import KeyRefused

_PUBLIC_CODE = b"\xed\x01"  # multicodec ed25519-pub, as a varint
_SECRET_CODE = b"\x80\x26"  # multicodec ed25519-priv


class PublicKey(msgspec.Struct, frozen=True):
    """An Ed25519 public key that is safe to verify with.

    ``raw`` is the 32 bytes of RFC 8032 §5.1.2. Raises KeyRefused ``key-length``, ``weak-key`` (small order) or
    ``non-canonical-key`` (y ≥ p).
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise KeyRefused("key-length", f"An Ed25519 public key has 32 bytes, this one has {len(self.raw)}.")
        if self.raw in ed25519.SMALL_ORDER:
            raise KeyRefused("weak-key", "The key is of small order: anybody can sign in its name.")
        if int.from_bytes(self.raw, "little") & (2**255 - 1) >= ed25519.P:
            raise KeyRefused("non-canonical-key", "The key is not in its canonical encoding.")

    @property
    def multibase(self) -> str:
        """The key as a Multikey: ``z6Mk…``, 48 characters."""
        return multibase.encode(_PUBLIC_CODE + self.raw)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` (64 bytes) over ``message`` was made with the private half of this key.

        Decided by ed25519.holds(). Never raises.
        """
        return ed25519.holds(signature, message, self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.multibase})"


class Signer(Protocol):
    """Whatever signs with one Ed25519 key: a PrivateKey, or a key in a KMS, an HSM or a smart card.

    Every signature is checked against ``public`` when it is made, so a device that answers wrongly publishes nothing.
    """

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over ``message`` (RFC 8032 §5.1.6, "pure" Ed25519)."""


class PrivateKey:
    """An Ed25519 private key. Its secret cannot be read back, printed, copied or pickled."""

    __slots__ = ("_openssl", "public")

    public: PublicKey
    _openssl: Ed25519PrivateKey

    def __init__(self) -> None:
        raise TypeError("Use PrivateKey.from_seed or PrivateKey.from_secret_multikey.")

    @classmethod
    def from_seed(cls, seed: bytes) -> PrivateKey:
        """Make the key from its 32 secret bytes (RFC 8032 §5.1.5). Raises KeyRefused ``key-length``."""
        if len(seed) != 32:
            raise KeyRefused("key-length", f"An Ed25519 seed has 32 bytes, this one has {len(seed)}.")
        key = cls.__new__(cls)
        key._openssl = Ed25519PrivateKey.from_private_bytes(seed)
        key.public = PublicKey(key._openssl.public_key().public_bytes_raw())
        return key

    @classmethod
    def from_secret_multikey(cls, text: str) -> PrivateKey:
        """Read ``z3u2…`` as secret_multikey() writes it. Raises KeyRefused, whose message never shows the text."""
        data = multibase.decode(text, length=34)
        if not data.startswith(_SECRET_CODE):
            raise KeyRefused("key-type", "The value is not an Ed25519 secret Multikey (z3u2…).")
        return cls.from_seed(data[2:])

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over ``message``; the same every time (RFC 8032 needs no randomness)."""
        return self._openssl.sign(message)

    def __repr__(self) -> str:
        return f"PrivateKey(of {self.public.multibase})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A private key is neither copied nor pickled.")


def decode_multikey(text: str) -> PublicKey:
    """Read a ``publicKeyMultibase`` of an Ed25519 key: ``z6Mk…``, exactly 48 characters.

    Raises KeyRefused ``key-type`` for keys of another kind, ``multibase`` for a malformed value, and what PublicKey
    raises for weak ones. Source: CID 1.0 §2.2.2 Multikey, multicodec 0xed.
    """
    if not text.startswith("z6Mk"):
        raise KeyRefused("key-type", "The key is not an Ed25519 Multikey; those begin with z6Mk.")
    data = multibase.decode(text, length=34)
    if not data.startswith(_PUBLIC_CODE):
        raise KeyRefused("key-type", "The key is not an Ed25519 Multikey (multicodec 0xed01).")
    return PublicKey(data[2:])


def secret_multikey(seed: bytes) -> str:
    """Spell 32 secret bytes as ``secretKeyMultibase`` (``z3u2…``), for a key file. Raises KeyRefused ``key-length``."""
    if len(seed) != 32:
        raise KeyRefused("key-length", f"An Ed25519 seed has 32 bytes, this one has {len(seed)}.")
    return multibase.encode(_SECRET_CODE + seed)


# --- did:key -----------------------------------------------------------------------------------------------------


def did_key(key: PublicKey) -> str:
    """Return the DID that is the key itself: ``did:key:z6Mk…``."""
    return f"did:key:{key.multibase}"


def read_did_key(did: str) -> PublicKey:
    """Return the key that a ``did:key`` DID spells. Raises KeyRefused ``did-key`` and what decode_multikey() raises."""
    if not did.startswith("did:key:"):
        raise KeyRefused("did-key", "The DID is not a did:key.")
    return decode_multikey(did.removeprefix("did:key:"))


# --- did:web -----------------------------------------------------------------------------------------------------

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A last label that begins with a letter leaves no room for IP addresses in decimal, octal, hexadecimal or dotted form.
_HOST = re.compile(rf"(?P<name>localhost|(?:{_LABEL}\.)+(?![0-9]){_LABEL})(?:%3A(?P<port>[1-9][0-9]{{0,4}}))?")
_SEGMENT = re.compile("(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+")
_ENCODED = re.compile("%([0-9A-F]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
# Decoded, these would end the path, leave the folder or be decoded once more.
_UNSAFE = frozenset("/\\%")


def did_web_url(did: str) -> str:
    """Return the https URL at which the document of a ``did:web`` DID is published.

    ``did:web:acme.example`` is ``https://acme.example/.well-known/did.json``; with a path, ``…:issuers:acme`` is
    ``…/issuers/acme/did.json``. The only percent-encoding that is undone is that of the colon before a port.

    One spelling per DID, because DIDs are compared as strings: host in lower case and A-labels, ``%3A``. Refused with
    KeyRefused ``did-web``: IP addresses, single-label hosts other than ``localhost`` (for development), user names, dot
    segments, empty parts, non-ASCII. Source: did:web method, Read.
    """
    if not did.startswith("did:web:"):
        raise KeyRefused("did-web", "The DID is not a did:web.")
    host, *path = did.removeprefix("did:web:").split(":")
    match = _HOST.fullmatch(host) if len(did) <= 2048 else None
    if match is None or len(match["name"]) > 253 or int(match["port"] or 0) > 65535:
        raise KeyRefused(
            "did-web",
            "After did:web: a host name in lower case is expected, with its port after %3A if it has one; "
            "no IP address, no user name, no characters outside ASCII.",
        )
    for segment in path:
        if not _is_plain_segment(segment):
            raise KeyRefused(
                "did-web",
                "A part of the did:web path is empty, a dot segment, or holds a character that does not belong there.",
            )
    return "/".join(["https:/", host.replace("%3A", ":"), *(path or [".well-known"]), "did.json"])


def did_web(host: str, *path: str) -> str:
    """Return the did:web DID of a host (``acme.example``, ``localhost:8000``) and path parts (``issuers``, ``acme``).

    Characters a DID does not allow are percent-encoded. Raises KeyRefused ``did-web`` where did_web_url() would.
    """
    parts = ["".join(c if c in _PLAIN else f"%{ord(c):02X}" for c in part) for part in path]
    did = ":".join(["did:web", host.replace(":", "%3A"), *parts])
    did_web_url(did)
    return did


def _is_plain_segment(segment: str) -> bool:
    if segment in (".", "..") or not _SEGMENT.fullmatch(segment):
        return False
    decoded = [chr(int(code, 16)) for code in _ENCODED.findall(segment)]
    return all(" " <= c <= "~" and c not in _UNSAFE and c not in _PLAIN for c in decoded)

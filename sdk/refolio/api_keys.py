"""What an API key looks like: ``rf_test_`` or ``rf_live_``, 43 letters and digits of secret, 6 of checksum.

The checksum tells a typing or copying mistake from a key that is unknown, before anybody is asked. The fixed form lets
programs that scan files for secrets find a key: ``rf_(test|live)_[0-9A-Za-z]{49}``.
"""

from __future__ import annotations

import re
import zlib

SECRET_BYTES = 32
EMULATOR_SECRET = b"known to all: refolio's emulator"  # of the keys that only an emulator's database ever holds
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET, _CHECKSUM = 43, 6  # digits of base 62 that 256 bits and a CRC-32 need
_KEY = re.compile(rf"(rf_(?:test|live)_[0-9A-Za-z]{{{_SECRET}}})([0-9A-Za-z]{{{_CHECKSUM}}})")
# Keys from before there was a checksum: 32 bytes in base64url.
_OLDER = re.compile(r"rf_live_[A-Za-z0-9_-]{43}")


def compose_key(mode: str, secret: bytes) -> str:
    """The key of a mode (``test`` or ``live``) with these 32 random bytes."""
    stem = f"rf_{mode}_{_base62(int.from_bytes(secret), _SECRET)}"
    return stem + _checksum(stem)


def key_fault(text: str) -> str | None:
    """A sentence about what keeps ``text`` from being an API key, None for one that may be known. Never repeats it."""
    if _OLDER.fullmatch(text):
        return None
    if not text.startswith(("rf_test_", "rf_live_")):
        return "An API key begins with rf_test_ or rf_live_."
    if is_mistyped(text):
        return "It was mistyped: its last six characters do not fit."
    if _KEY.fullmatch(text):
        return None
    return f"It was cut short or has something added: a key has {len('rf_test_') + _SECRET + _CHECKSUM} characters."


def is_mistyped(text: str) -> bool:
    """True of a key of the right form whose checksum does not fit: no service will know it."""
    parts = _KEY.fullmatch(text)
    return parts is not None and _checksum(parts[1]) != parts[2]


def _checksum(stem: str) -> str:
    return _base62(zlib.crc32(stem.encode()), _CHECKSUM)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits

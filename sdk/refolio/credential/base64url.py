"""Base64url without padding, strictly: one spelling for each value (RFC 4648 §5, RFC 7515 §2).

Python's own reader skips white space and foreign characters and ignores spare bits, so that one signed token would have
many spellings (SEC-055).
"""

from __future__ import annotations

import base64

import msgspec

_READER = msgspec.json.Decoder(bytes)  # as strict as binascii in strict mode, in half the time


def encode(data: bytes) -> str:
    """Return ``data`` in base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str | bytes) -> bytes:
    """Return the bytes that ``text`` spells. Raises ValueError for any spelling but the one encode() gives."""
    digits = text.encode("ascii") if isinstance(text, str) else text
    # The standard alphabet where it differs, padding, and the escapes of JSON; all else is nobody's base64.
    if b"+" in digits or b"/" in digits or b"=" in digits or b"\\" in digits:
        raise ValueError("There is a character that is not one of base64url.")
    padded = digits.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(digits) % 4)
    try:
        data = _READER.decode(b'"%b"' % padded)
    except (msgspec.MsgspecError, UnicodeError):
        raise ValueError("There is a character that is not one of base64url, or one too many.") from None
    # The last digit of an incomplete group has bits to spare; they must be zero.
    if (extra := len(digits) % 4) and encode(data[1 - extra :]).encode() != digits[-extra:]:
        raise ValueError("The last digit has bits to spare that are not zero.")
    return data

"""Base64url without padding, strictly: one spelling for each value (RFC 4648 §5, RFC 7515 §2).

Python's own reader skips white space and foreign characters and ignores spare bits, so that one signed token would have
many spellings (SEC-055).
"""

from __future__ import annotations

import binascii

import msgspec

_READER = msgspec.json.Decoder(bytes)  # as strict as binascii in strict mode, in half the time
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
# By the length of an incomplete last group, the digits that it may end with: those whose spare bits are zero.
_LAST_DIGITS = (None, b"", b"AQgw", b"AEIMQUYcgkosw048")


def encode(data: bytes) -> str:
    """Return ``data`` in base64url, without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


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
    last = _LAST_DIGITS[len(digits) % 4]
    if last is not None and digits[-1] not in last:
        raise ValueError("The last digit has bits to spare that are not zero.")
    return data

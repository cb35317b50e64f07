"""Base64url without padding, strictly: one spelling for each value (RFC 4648 §5, RFC 7515 §2).

Python's own reader skips white space and foreign characters and ignores spare bits, so that one signed token would have
many spellings (SEC-055).
"""

from __future__ import annotations

import base64
import binascii

# Characters of the other alphabet and padding become something that no alphabet has.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")


def encode(data: bytes) -> str:
    """Return ``data`` in base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str | bytes) -> bytes:
    """Return the bytes that ``text`` spells. Raises ValueError for any spelling but the one encode() gives."""
    digits = text.encode("ascii") if isinstance(text, str) else text
    padded = digits.translate(_TO_STANDARD) + b"=" * (-len(digits) % 4)
    data = binascii.a2b_base64(padded, strict_mode=True)
    # The last digit of an incomplete group has bits to spare; they must be zero.
    if (extra := len(digits) % 4) and encode(data[1 - extra :]).encode() != digits[-extra:]:
        raise ValueError("The last digit has bits to spare that are not zero.")
    return data

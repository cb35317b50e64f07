"""Multibase base58btc, strictly: ``z`` and the Bitcoin alphabet, as keys and signatures are spelled in credentials.

Base58 takes quadratic time to read, so the caller says how many bytes must come out and everything else is refused
unread. That also leaves exactly one spelling for each value. Source: CID 1.0 §2.4; vc-di-eddsa §2.
"""

from __future__ import annotations

from refolio.errors import KeyRefused

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: digit for digit, character in enumerate(_ALPHABET)}


def encode(data: bytes) -> str:
    """Return ``z`` and the base58btc digits of ``data``; leading zero bytes become leading ``1``."""
    number = int.from_bytes(data)
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))


def decode(text: str, *, length: int) -> bytes:
    """Return the ``length`` bytes that ``text`` spells.

    Raises KeyRefused ``multibase`` for any other length, another base, a character outside the alphabet (such as
    white space, 0, O, I or l) and superfluous leading ``1``.
    """
    # One byte takes log(256)/log(58) = 1.3657… digits. Length first: no work for 200,000 digits.
    if len(text) > 2 + length * 1.366 or text[:1] != "z":
        raise KeyRefused("multibase", f"Expected “z” and {length} bytes in base58btc.")
    number = 0
    try:
        for character in text[1:]:
            number = number * 58 + _DIGITS[character]
        data = number.to_bytes(length)
    except KeyError:
        raise KeyRefused("multibase", "The value holds a character that base58btc does not use.") from None
    except OverflowError:
        raise KeyRefused("multibase", f"The value spells more than {length} bytes.") from None
    ones = len(text) - 1 - len(text[1:].lstrip("1"))
    zeros = length - len(data.lstrip(b"\0"))
    if ones != zeros:
        raise KeyRefused("multibase", f"The value does not spell exactly {length} bytes.")
    return data

"""Multibase base58btc, strictly: ``z`` and the Bitcoin alphabet, as keys and signatures are spelled in credentials.

Base58 takes quadratic time to read, so the caller says how many bytes must come out and everything else is refused
unread. That also leaves exactly one spelling for each value. Source: CID 1.0 §2.4; vc-di-eddsa §2.
"""

from __future__ import annotations

from refolio.errors import KeyRefused

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [tens + ones for tens in _ALPHABET for ones in _ALPHABET]

_NO_DIGIT = 0xFF
_DIGITS = bytes(_ALPHABET.find(chr(byte)) & _NO_DIGIT for byte in range(256))
# One step each in reading up to 128 digits: the width of a lane in bits, the base in it, a mask for every second lane.
_FOLDS = [
    (8 << step, 58 ** (1 << step), sum(((1 << (8 << step)) - 1) << at for at in range(0, 1024, 16 << step)))
    for step in range(7)
]


def encode(data: bytes) -> str:
    """Return ``z`` and the base58btc digits of ``data``; leading zero bytes become leading ``1``."""
    number = int.from_bytes(data)
    pairs = []
    while number:
        number, chunk = divmod(number, 58**10)  # long division only once for ten digits
        for _ in range(5):
            chunk, pair = divmod(chunk, 58**2)
            pairs.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(pairs)).lstrip("1")


def decode(text: str, *, length: int) -> bytes:
    """Return the ``length`` bytes, up to 93, that ``text`` spells.

    Raises KeyRefused ``multibase`` for any other length, another base, a character outside the alphabet (such as
    white space, 0, O, I or l) and superfluous leading ``1``.
    """
    # One byte takes log(256)/log(58) = 1.3657… digits. Length first: no work for 200,000 digits.
    if len(text) > 2 + length * 1.366 or text[:1] != "z":
        raise KeyRefused("multibase", f"Expected “z” and {length} bytes in base58btc.")
    digits = text[1:].encode("latin-1", "replace").translate(_DIGITS)
    if _NO_DIGIT in digits:
        raise KeyRefused("multibase", "The value holds a character that base58btc does not use.")
    # The digits stand in one long integer, each in a lane of its own. Each step joins two neighbours in all lanes at
    # once, so 128 digits take seven steps.
    number = int.from_bytes(digits)
    for width, base, low in _FOLDS:
        number = (number & low) + (number >> width & low) * base
    try:
        data = number.to_bytes(length)
    except OverflowError:
        raise KeyRefused("multibase", f"The value spells more than {length} bytes.") from None
    ones = len(digits) - len(digits.lstrip(b"\0"))
    zeros = length - len(data.lstrip(b"\0"))
    if ones != zeros:
        raise KeyRefused("multibase", f"The value does not spell exactly {length} bytes.")
    return data

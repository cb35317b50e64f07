"""The verification code: sixteen characters that name exactly one signed document.

80 bits of the SHA-256 of the signed bytes in Crockford's base 32, shown in groups of four. Because the code
is derived from the document, any copy of it can be found by the code and no other document can take its place.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_LOOKS_LIKE = str.maketrans("OIL", "011")
_LONGEST = 300  # of a pasted link
_LINK = re.compile(r"(?:.*/)?v/([^/?#]*).*", re.IGNORECASE | re.DOTALL)
# What text gets on its way from a CV through a mail: hyphens, spaces and marks that nobody sees, in all their kinds.
_BETWEEN = {"Pd", "Pc", "Zs", "Cf"}
_AROUND = " \t\r\n.,;:!?…<>()[]\"'“”‘’«»"


def code_of(document: bytes) -> str:
    """The code of a signed document, without hyphens."""
    number = int.from_bytes(hashlib.sha256(document).digest()[:10])
    return "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))


def parse_code(text: str) -> str | None:
    """The code a person meant, None if none.

    In any case, with or without hyphens or spaces, with O for 0 and I or L for 1, with the punctuation of the sentence
    it stood in, or as the whole link.
    """
    text = text[:_LONGEST]
    typed = (link[1] if (link := _LINK.fullmatch(text)) else text).strip(_AROUND).upper().translate(_LOOKS_LIKE)
    code = "".join(letter for letter in typed if letter != "−" and unicodedata.category(letter) not in _BETWEEN)
    return code if len(code) == LENGTH and all(character in ALPHABET for character in code) else None


def grouped(code: str) -> str:
    """The code as it is shown: ``7Q4K-9XBD-2MTR-6WFH``."""
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))

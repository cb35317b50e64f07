"""JSON Canonicalization Scheme (RFC 8785): one spelling for every JSON value.

msgspec's sorted encoding is forty times faster than ``rfc8785`` and gives the same bytes where a value holds no float,
no integer beyond 2^53-1 and only ASCII names (RFC 8785 sorts names by UTF-16 code units, msgspec by code points; the
two orders agree below U+E000). Everything else goes through ``rfc8785``.
"""

from __future__ import annotations

import msgspec
import rfc8785

from refolio.credential.reading import JSON, MAX_INTEGER
from refolio.errors import DocumentRefused

# Far above what read() lets pass; it only keeps a document built in memory from exhausting the stack.
MAX_JCS_DEPTH = 128

_SORTED = msgspec.json.Encoder(order="sorted")


def jcs(value: JSON) -> bytes:
    """Return the canonical bytes of ``value``: UTF-8, no whitespace, names sorted by UTF-16 code units (RFC 8785).

    Raises DocumentRefused with ``big-integer`` (beyond ±(2^53-1)), ``float`` (NaN or infinite), ``lone-surrogate``,
    ``too-deep`` or ``not-json`` (a Python value that JSON does not have); ``path`` is then "".
    """
    try:
        return _SORTED.encode(value) if _is_plain(value, 1) else rfc8785.dumps(value)
    except rfc8785.IntegerDomainError:
        raise DocumentRefused(
            "big-integer", "", f"A number lies beyond ±{MAX_INTEGER}, where JavaScript rounds.", "Put it into a string."
        ) from None
    except rfc8785.FloatDomainError:
        raise DocumentRefused("float", "", "NaN and Infinity are not JSON numbers.", "Leave the member out.") from None
    except UnicodeEncodeError:
        raise _half_a_character() from None
    except rfc8785.CanonicalizationError as fault:
        if "UTF-8" in str(fault):
            raise _half_a_character() from None
        raise DocumentRefused("not-json", "", f"The value is not JSON: {fault}.") from None


def jcs_of_sound(value: JSON) -> bytes:
    """Return jcs() of a value that is known to hold no float, no integer beyond ±(2^53-1) and nothing but JSON.

    For others the result may be wrong, so this is for canonical.jcs_defined() alone. Where no character lies beyond
    U+FFFF, whose UTF-8 begins with F0 to F4, code points and UTF-16 code units sort names alike.
    """
    spelled = _SORTED.encode(value)
    is_astral = not spelled.isascii() and any(byte in spelled for byte in range(0xF0, 0xF5))
    return jcs(value) if is_astral else spelled


def _is_plain(value: JSON, depth: int) -> bool:
    """True when msgspec's sorted encoding of ``value`` is provably its canonical form."""
    if depth > MAX_JCS_DEPTH:
        raise DocumentRefused("too-deep", "", f"More than {MAX_JCS_DEPTH} levels.", "Flatten the document.")
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is dict:
        for name, member in value.items():  # type: ignore[union-attr]
            if not (type(name) is str and name.isascii()):
                return False
            if type(member) is not str and not _is_plain(member, depth + 1):
                return False
        return True
    if kind is list:
        return all(type(item) is str or _is_plain(item, depth + 1) for item in value)  # type: ignore[union-attr]
    return kind is int and -MAX_INTEGER <= value <= MAX_INTEGER  # type: ignore[operator]


def _half_a_character() -> DocumentRefused:
    return DocumentRefused(
        "lone-surrogate",
        "",
        "A text holds half of a character (a lone surrogate).",
        "Write the whole character in UTF-8.",
    )

"""The one reader from raw bytes: strict JSON (I-JSON and stricter), one object, or a refusal that names the place.

There are three roads. The fast one is msgspec, whose leniency is made good by a proof: what it read, spelled anew, is
the text itself but for white space. Everything else takes the road of the standard library's parser, with hooks that
stop at the first oddity. Only then the text is parsed once more, leniently, to say *where* (a JSON Pointer). All are
bounded by MAX_BYTES and MAX_DEPTH.

What is refused that an ordinary parser lets pass: duplicate names (RFC 8785 §3.1), numbers that JCS or JavaScript would
change (fractions, exponents, -0, beyond 2^53-1), NaN and Infinity, lone surrogates, and control characters other than
line feed, which RDF libraries write differently.
"""

from __future__ import annotations

import json
import re
from types import GenericAlias
from typing import Annotated, Any, Final, NoReturn, TypeAlias

import msgspec

from refolio.credential.oddities import MAX_INTEGER, first_oddity, syntax_refusal
from refolio.errors import DocumentRefused

__all__ = ["JSON", "MAX_BYTES", "MAX_DEPTH", "MAX_INTEGER", "read"]

# float is in the type because msgspec and the standard library know it; read() never returns one.
JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

MAX_BYTES = 512 * 1024
MAX_DEPTH = 32


def read(raw: bytes) -> dict[str, JSON]:
    """Return the one JSON object in ``raw``, UTF-8 without byte order mark.

    Names keep their order. Strings come out exactly as spelled: no Unicode normalisation. The result holds no float.

    Raises DocumentRefused with one of the codes ``too-large``, ``not-utf-8``, ``byte-order-mark``, ``too-deep``,
    ``not-json``, ``not-an-object``, ``duplicate-name``, ``not-a-number``, ``float``, ``negative-zero``,
    ``big-integer``, ``control-character``, ``lone-surrogate``. ``path`` is a JSON Pointer (RFC 6901, long names cut)
    where the text is JSON at all; otherwise the sentence names line and column, both counted from 1.
    """
    if len(raw) > MAX_BYTES:
        raise DocumentRefused(
            "too-large",
            "",
            f"The document has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.",
            "Send a smaller document.",
        )
    value = _respelled(raw)
    if value is None:
        is_deep = _looks_deep(raw)
        is_plain = not is_deep and _SIXTEEN_DIGITS not in raw.translate(_DIGITS_TO_ZERO)
        value = _respelled(raw, _ANY) if is_plain else None
        if value is None:
            value = _read_by_hooks(raw, is_deep)
    if type(value) is not dict:
        raise DocumentRefused(
            "not-an-object", "", "The text is JSON, but not an object.", "Send exactly one JSON object: { … }."
        )
    return value


def _read_by_hooks(raw: bytes, is_deep: bool) -> JSON:
    text = _decode(raw)
    if is_deep:
        _refuse_depth(text)
    try:
        value: JSON = _STRICT.decode(text)
    except _OddError:
        raise (first_oddity(text) or _unexplained()) from None
    except json.JSONDecodeError as fault:
        raise syntax_refusal(fault) from None
    if _may_hold_odd_characters(raw) and (refusal := first_oddity(text)):
        raise refusal
    return value


def _unexplained() -> DocumentRefused:  # pragma: no cover - both roads look for the same things; if not, refuse anyway
    return DocumentRefused("not-json", "", "The document is not read the same way by every JSON parser.")


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")  # strict: refuses overlong forms, encoded surrogates and other encodings
    except UnicodeDecodeError as fault:
        line, column = raw.count(b"\n", 0, fault.start) + 1, fault.start - raw.rfind(b"\n", 0, fault.start)
        raise DocumentRefused(
            "not-utf-8",
            "",
            f"Line {line}, byte {column} is not UTF-8 ({fault.reason}).",
            "Save the document as UTF-8 without a byte order mark.",
        ) from None
    if "\0" in text[:4]:  # UTF-16 and UTF-32 of ASCII text are also valid UTF-8, with NULs in between
        raise DocumentRefused("not-utf-8", "", "The text begins like UTF-16 or UTF-32.", "Save the document as UTF-8.")
    if text.startswith("\ufeff"):
        raise DocumentRefused(
            "byte-order-mark",
            "",
            "The text begins with a byte order mark.",
            "Save the document as UTF-8 without a byte order mark.",
        )
    return text


# --- depth, before anything recurses ---------------------------------------------------------------------------------

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_TO_SQUARE = bytes.maketrans(b"{}", b"[]")
_NEITHER_BRACKET_NOR_QUOTE = bytes(set(range(256)) - set(b'[]{}"'))
# A whole string (possessive, so that a missing quote costs no second look) or one bracket.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def _looks_deep(raw: bytes) -> bool:
    """False when no more than MAX_DEPTH levels are certain: strings cut out, then pairs of brackets peeled off."""
    if b"\\" in raw:
        raw = _ESCAPE.sub(b"", raw)
    brackets = raw.translate(_TO_SQUARE, _NEITHER_BRACKET_NOR_QUOTE).replace(b'""', b"")
    if b'"' in brackets:  # some string holds a bracket: of the parts between quotes, every second one is a string
        brackets = b"".join(brackets.split(b'"')[::2])
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return True


def _refuse_depth(text: str) -> None:
    """Count exactly. Returns when the brackets merely do not match, which the parser explains better."""
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        kind = text[token.start()]
        if kind in "[{":
            depth += 1
        elif kind in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise DocumentRefused(
                "too-deep",
                "",
                f"{_place(text, token.start())}: more than {MAX_DEPTH} objects and arrays inside one another.",
                "Flatten the document.",
            )


def _place(text: str, position: int) -> str:
    return f"Line {text.count(chr(10), 0, position) + 1}, column {position - text.rfind(chr(10), 0, position)}"


# --- the fast road ---------------------------------------------------------------------------------------------------

_WHITE_SPACE = b" \t\n\r"
# Levels of objects and arrays that _SHALLOW reads; a badge has eight or nine. Each level doubles the size of the type.
_FEW_LEVELS = 9


def _shallow() -> msgspec.json.Decoder[JSON]:
    """A reader of objects of few levels, all of whose numbers are whole and within bounds: msgspec looks in C."""
    number: Any = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
    scalar: Any = str | bool | number | None
    value = scalar
    for _ in range(_FEW_LEVELS - 1):
        value = scalar | GenericAlias(list, value) | GenericAlias(dict, (str, value))
    return msgspec.json.Decoder(GenericAlias(dict, (str, value)))


_SHALLOW: Final = _shallow()
_ENCODER: Final = msgspec.json.Encoder()
# Every digit becomes 0, so that a run of sixteen, the shortest that may be too big, is a plain piece of text.
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_SIXTEEN_DIGITS = b"0" * 16


def _respelled(raw: bytes, decoder: msgspec.json.Decoder[JSON] = _SHALLOW) -> JSON:
    """Return the value if this road can prove that it is what every strict reader reads; None if it cannot.

    msgspec lets the last of two members with the same name win. Its own spelling of what it read then has a colon fewer
    than the text. So where the two are the same, no member was lost, and all texts and numbers are spelled in the one
    way in which msgspec spells them. White space may differ; it is left out everywhere, inside the texts, too, which
    moves no quotation mark and no colon.
    """
    try:
        value = decoder.decode(raw)
        spelled = _ENCODER.encode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, _OddError):
        return None
    is_same = raw == spelled or raw.translate(None, _WHITE_SPACE) == spelled.translate(None, _WHITE_SPACE)
    return value if is_same and not _may_hold_odd_characters(raw) else None


# --- the road of the hooks -------------------------------------------------------------------------------------------


class _OddError(ValueError):
    """Something to refuse was met; first_oddity() finds out what and where."""


def _object(members: list[tuple[str, JSON]]) -> dict[str, JSON]:
    result = dict(members)
    if len(result) != len(members):
        raise _OddError
    return result


def _integer(literal: str) -> int:
    # Length first: turning thousands of digits into a number takes quadratic time.
    if len(literal) > len(str(-MAX_INTEGER)) or literal == "-0":
        raise _OddError
    number = int(literal)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise _OddError
    return number


def _odd(literal: str) -> NoReturn:
    raise _OddError


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_odd, parse_constant=_odd)

# For deeper documents, whose depth and digits are counted before; asked for numbers with a fraction or an exponent.
_ANY: Final = msgspec.json.Decoder[JSON](float_hook=_odd)

# Escapes that may stand for a control character or half a surrogate pair. Also matches a doubled backslash followed by
# such letters; the second look decides.
_RISKY_ESCAPE = re.compile(rb"\\(?:[bfrt]|u(?:00[01]|007[fF]|[dD][89a-fA-F]))")


def _may_hold_odd_characters(raw: bytes) -> bool:
    return b"\x7f" in raw or (b"\\" in raw and _RISKY_ESCAPE.search(raw) is not None)

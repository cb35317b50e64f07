"""What exactly is odd about a JSON text that was refused, and where: the slow look, taken only to explain a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from refolio.errors import DocumentRefused

MAX_INTEGER = 2**53 - 1  # beyond it JavaScript rounds, so two verifiers would read two numbers (RFC 7493 §2.2)


class _Members(list[tuple[str, object]]):
    """An object as it was written: all its members in order, duplicates kept."""


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


_LENIENT = json.JSONDecoder(object_pairs_hook=_Members, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def first_oddity(text: str) -> DocumentRefused | None:
    """The refusal for what comes first in reading order."""
    try:
        return next(_oddities(_LENIENT.decode(text), ""), None)
    except json.JSONDecodeError as fault:
        return syntax_refusal(fault)


def _oddities(value: object, path: str) -> Iterator[DocumentRefused]:
    if isinstance(value, _Number):
        if len(value) > 15 or not value.isdigit():  # most are short and plain, and there may be 200,000
            yield from _odd_number(value, path)
    elif isinstance(value, str):
        yield from _odd_characters(value, path, "The text")
    elif isinstance(value, _Members):
        seen = set()
        for name, member in value:
            inner = f"{path}/{_shown(name).replace('~', '~0').replace('/', '~1')}"
            yield from _odd_characters(name, inner, "The member name")
            if name in seen:
                yield DocumentRefused(
                    "duplicate-name",
                    inner,
                    f"The member “{_shown(name)}” stands twice in one object, so two readers may see two documents.",
                    "Keep one of them.",
                )
            seen.add(name)
            yield from _oddities(member, inner)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _oddities(item, f"{path}/{position}")


def _odd_number(literal: str, path: str) -> Iterator[DocumentRefused]:
    shown = _shown(literal)
    if literal in ("NaN", "Infinity", "-Infinity"):
        yield DocumentRefused("not-a-number", path, f"{shown} is not a JSON number.", "Leave the member out.")
    elif any(mark in literal for mark in ".eE"):
        yield DocumentRefused(
            "float",
            path,
            f"{shown} has a fraction or an exponent; such numbers are written differently by different libraries.",
            "Write a whole number, or put the number into a string.",
        )
    elif literal == "-0":
        yield DocumentRefused("negative-zero", path, "-0 is read as 0 by some and kept by others.", "Write 0.")
    elif len(literal) > 17 or abs(int(literal)) > MAX_INTEGER:
        yield DocumentRefused(
            "big-integer",
            path,
            f"{shown} lies beyond ±{MAX_INTEGER}, where JavaScript rounds.",
            "Put the number into a string.",
        )


def _odd_characters(text: str, path: str, what: str) -> Iterator[DocumentRefused]:
    if found := _CONTROL.search(text):
        yield DocumentRefused(
            "control-character",
            path,
            f"{what} holds the control character U+{ord(found[0]):04X}; only line feed is allowed.",
            "Replace tabs by spaces and carriage returns by line feeds.",
        )
    if found := _SURROGATE.search(text):
        yield DocumentRefused(
            "lone-surrogate",
            path,
            f"{what} holds U+{ord(found[0]):04X}, half of a character.",
            "Write the whole character in UTF-8.",
        )


def syntax_refusal(fault: json.JSONDecodeError) -> DocumentRefused:
    place = f"line {fault.lineno}, column {fault.colno}"
    if fault.msg.startswith("Invalid control character"):
        return DocumentRefused(
            "control-character",
            "",
            f"At {place} a raw control character stands inside a string.",
            'Write a line break inside a string as "\\n".',
        )
    return DocumentRefused(
        "not-json",
        "",
        f"The text stops being JSON at {place}: {fault.msg}.",
        "Send exactly one JSON object (RFC 8259): no comments, nothing before or after it.",
    )


def _shown(text: str) -> str:
    """Text for a message: printable, and short even when the sender's is not."""
    short = text if len(text) <= 60 else text[:59] + "…"
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in short)

"""Where things stand in a JSON document, and small changes to what stands there, made in the document itself."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

Document = dict[str, Any]
Path = tuple[str | int, ...]


class Place(NamedTuple):
    """One member or item: the object or array that holds it, and its name or position there."""

    holder: Any
    key: Any
    path: Path

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        self.holder[self.key] = value


def copied(document: Any) -> Any:
    """A deep copy; a document that JSON cannot hold is no document here."""
    return json.loads(json.dumps(document))


def places(document: Any) -> list[Place]:
    """Every member and item, in document order."""

    def within(value: Any, path: Path) -> Iterator[Place]:
        keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            yield Place(value, key, (*path, key))
            yield from within(value[key], (*path, key))

    return list(within(document, ()))


def at(document: Any, path: Path) -> Place:
    for key in path[:-1]:
        document = document[key]
    return Place(document, path[-1], path)


def objects(document: Any) -> list[Document]:
    return [document, *(place.value for place in places(document) if isinstance(place.value, dict))]


def arrays(document: Any) -> list[list[Any]]:
    return [place.value for place in places(document) if isinstance(place.value, list)]


def strings(document: Any) -> list[Place]:
    return [place for place in places(document) if isinstance(place.value, str)]


def inserted(rng: Random, holder: Document, name: str, value: Any) -> bool:
    """Put a member at a random place among the others, as its order may matter to a streaming reader."""
    members = [(key, old) for key, old in holder.items() if key != name]
    if holder.get(name) == value and name in holder:
        return False
    members.insert(rng.randrange(len(members) + 1), (name, value))
    holder.clear()
    holder.update(members)
    return True


# --- texts ---------------------------------------------------------------------------------------------------------

# Characters that a reader does not see, or takes for another one (SEC-007, SEC-061).
_UNSEEN = "\u200b\u200d\u200e\u200f\u202e\u2060\ufeff\u00ad\u0301\ufe0f\U000e0041\u0000\u0001\t\r\u007f\u0085\ufffe"
_ALIKE = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "i": "і", "A": "Α", "s": "ѕ", " ": "\u00a0", "-": "‐"}
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def altered(rng: Random, text: str) -> str:
    """Another text, near to the given one."""
    at = rng.randrange(len(text) + 1)
    changes = (
        text[:at] + rng.choice(_UNSEEN) + text[at:],
        text + rng.choice(("x", " ", "\n", "/", "#", "0", "\u0000")),
        rng.choice((" ", "x", "_:", "\ufeff")) + text,
        text[:at] + text[at + 1 :],
        text[:at],
        text.swapcase(),
        text.upper(),
        "".join(_ALIKE.get(character, character) for character in text),
        unicodedata.normalize(rng.choice(_FORMS), text),
        text[:at] + chr(rng.choice((0x30, 0x41, 0x1F600, 0xD7FF, 0xE000, 0x10FFFF, 0x2028, 0x3A))) + text[at + 1 :],
        text.replace(
            *rng.choice((("0", "1"), ("1", "0"), ("Z", "+00:00"), ("T", "t"), (":", "%3A"), ("https", "http")))
        ),
        text[::-1],
        text * 2,
        json.dumps(text),
        text.replace("\n", "\r\n"),
        text.translate({ord(digit): 0x660 + int(digit) for digit in "0123456789"}),
    )
    other = rng.choice(changes)
    return other if other != text else text + "x"


def of_another_type(rng: Random, value: Any) -> Any:
    """A value of another JSON type, as near as can be."""
    text = value if isinstance(value, str) else json.dumps(value)
    options: list[Any] = [None, True, False, 0, 7, -1, 2**53 - 1, [], {}, [value], {"id": text}, {"@value": text}, ""]
    options += [[value, "x"], {"name": text}, [[value]], {"@id": text}, {"@list": [value]}, {"@set": [value]}, text]
    options += [{"x": value}, [None], int(text) if isinstance(value, str) and text.isdecimal() else 42]
    while (other := rng.choice(options)) == value and type(other) is type(value):
        continue
    return other


def changed(rng: Random, value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([value + 1, -value - 1, value * 10 + 1, 2**53, 0 if value else 1])
    if isinstance(value, str):
        return altered(rng, value)
    if isinstance(value, list):
        return [*value, rng.choice(["urn:x:y", {}, {"id": "urn:x:y"}, {"type": ["Evidence"], "name": "x"}, 1, None])]
    if isinstance(value, dict):
        return {**value, rng.choice(["name", "description", "note", "id", "url"]): "urn:x:y"}
    return 0

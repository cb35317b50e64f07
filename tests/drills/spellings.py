"""Changes to the text of a JSON document: other spellings of one value, and texts that two parsers read differently."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from tests.drills.places import Document, altered, at, copied, objects, of_another_type, places

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\n": "\\n"}
_MARK = "\x00here\x00"  # no document of the corpus holds it
_MARKED = json.dumps(_MARK)


def dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


# --- the same value ------------------------------------------------------------------------------------------------


def spaced(rng: Random, document: Document) -> bytes:
    """White space anywhere between the tokens."""
    text = rng.choice([dumped(document), json.dumps(document, ensure_ascii=False, indent=rng.choice([0, 1, 4, "\t"]))])
    blanks = ("", "", " ", "\n", "\t", "\r\n", "    ")
    spread = "".join(match[0] + rng.choice(blanks) for match in _TOKEN.finditer(text))
    return (rng.choice(blanks) + spread).encode()


def members_reordered(rng: Random, document: Document) -> bytes:
    """The members of every object in another order."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            names = list(value)
            rng.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    return dumped(shuffled(document)).encode()


def escaped(rng: Random, document: Document) -> bytes:
    """Characters written as escapes, in names too; those beyond the basic plane as two of them."""
    share = rng.choice([0.02, 0.2, 1.0])

    def respell(match: re.Match[str]) -> str:
        content = json.loads(match[0])
        return '"' + "".join(_escape(rng, c) if c in '"\\\n' or rng.random() < share else c for c in content) + '"'

    return _STRING.sub(respell, dumped(document)).encode()


def _escape(rng: Random, character: str) -> str:
    if character in _SHORT and rng.random() < 0.5:
        return _SHORT[character]
    units = character.encode("utf-16-be")
    codes = [f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2)]
    return "".join(rng.choice([code, code[:2] + code[2:].upper()]) for code in codes)


# --- what two parsers may read differently -------------------------------------------------------------------------


def name_doubled(rng: Random, document: Document) -> bytes:
    """One member twice in one object, the false one first or last, one of them spelled with escapes (SEC-001, 054)."""
    document = copied(document)
    holder = rng.choice([item for item in objects(document) if item])
    name = rng.choice(list(holder))
    value = holder[name]
    other = rng.choice([value, altered(rng, value) if isinstance(value, str) else of_another_type(rng, value)])
    members = [(key, member) for key, member in holder.items()]
    position = rng.choice([0, len(members), [key for key, _ in members].index(name), rng.randrange(len(members) + 1)])
    members.insert(position, (_MARK, other))
    holder.clear()
    holder.update(members)
    plain = json.dumps(name, ensure_ascii=False)
    spelled = (
        '"' + "".join(rng.choice([c, f"\\u{ord(c):04x}"]) if c.isalnum() and ord(c) < 128 else c for c in name) + '"'
    )
    return dumped(document).replace(_MARKED, rng.choice([plain, plain, spelled]), 1).encode()


def number_respelled(rng: Random, document: Document) -> bytes:
    """A number, or a text that looks like one, in another spelling (SEC-002, 003, 026)."""
    document = copied(document)
    numeric = [place for place in places(document) if type(place.value) is int]
    textual = [place for place in places(document) if isinstance(place.value, str) and place.value.isdecimal()]
    candidates = numeric if numeric and rng.random() < 0.7 else textual or numeric
    place = rng.choice(candidates or places(document))
    n = str(place.value) if candidates else "1"
    spelled = (
        f"{n}.0",
        f"{n}e0",
        f"{n}E+0",
        f"{n}.00",
        f"0{n}",
        f"+{n}",
        f"-{n}",
        "-0",
        "1e400",
        "NaN",
        "Infinity",
        f"{n}_0",
    )
    spelled += (
        "9007199254740993",
        f"{n}{'0' * 400}",
        f"0x{n}",
        "1E9999",
        f"{n}.",
        f".{n}",
        "٣",
        f"{n}.0000000000000001",
    )
    place.put(_MARK)
    return dumped(document).replace(_MARKED, rng.choice(spelled), 1).encode()


def encoded(rng: Random, document: Document) -> bytes:
    """Another encoding, or bytes that are no UTF-8 (SEC-005, 006)."""
    text = dumped(document)
    raw = text.encode()
    place = rng.choice([match.end() - 1 for match in _STRING.finditer(text)])
    before, after = text[:place].encode(), text[place:].encode()
    odd = (
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xed\xa0\xbd\xed\xb8\x80",
        b"\xff",
        b"\0",
        b"\x01",
        b"\t",
        b"\\u0000",
        b"\\ud83d",
    )
    odd += (
        b"\\ude00\\ud83d",
        b"\\u000a\\u0009",
        b"\\ufffe",
        b"\xef\xbf\xbf",
        b"\\x41",
        b"\\u00",
        b"\xf4\x90\x80\x80",
        b"\x7f",
    )
    options = [before + rng.choice(odd) + after] * 6
    options += [b"\xef\xbb\xbf" + raw, text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-32-be")]
    latin = text.encode("latin-1", "replace")
    return rng.choice([*options, latin if latin != raw else b"\xff" + latin])


def surrounded(rng: Random, document: Document) -> bytes:
    """Something before or after it, or it inside a text (SEC-008, 012, 058)."""
    text = dumped(document)
    options = [
        f"{text}x",
        f"{text}{text}",
        f"{text},",
        f"[{text}]",
        f"/**/{text}",
        f"{text}//",
        f"x({text});",
        f")]}}'\n{text}",
    ]
    options += [
        json.dumps(text),
        f"{text}\0",
        f"\u00a0{text}",
        f"{text}\n{{}}",
        text[:-1],
        text[1:],
        f"{text}}}",
        f"\v{text}",
    ]
    options += [
        text.replace('"', "'"),
        text.replace("}", ",}", 1),
        text.replace("]", ",]", 1),
        f"data:application/json,{text}",
    ]
    return rng.choice(options).encode()


def bytes_changed(rng: Random, raw: bytes) -> bytes:
    """Bits flipped, bytes put in, taken out, repeated or swapped anywhere."""
    place = rng.randrange(len(raw))
    choice = rng.randrange(6)
    if choice <= 1:
        return raw[:place] + bytes([raw[place] ^ (1 << rng.randrange(8))]) + raw[place + 1 :]
    if choice == 2:
        return raw[:place] + raw[place + rng.randrange(1, 9) :]
    if choice == 3:
        return raw[:place] + rng.choice([b'"', b"{", b"}", b",", b"\\", b" ", b"0", b":", b"[", b"."]) + raw[place:]
    end = place + rng.randrange(1, 200)
    part = raw[place:end]
    if choice == 4:
        return raw[:end] + part + raw[end:]
    other = rng.randrange(len(raw))
    return raw[:other] + part + raw[other + len(part) :]


def member_spelled(document: Document, path: tuple[str | int, ...], spelled: str) -> bytes:
    """The document with ``spelled`` written where the value at ``path`` stood."""
    document = copied(document)
    at(document, path).put(_MARK)
    return dumped(document).replace(_MARKED, spelled, 1).encode()

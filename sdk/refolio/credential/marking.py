"""The mark of a test credential: signed, in the words that people read and in one that programs read.

It stands in the names of issuer, credential and achievement, where every reader of Open Badges shows it, and in
``achievementType``, which is the composer's to write and never a partner's. Whoever takes it away changes what is
signed; whoever adds it only makes a credential that counts for nothing (docs/decisions/0023).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

import msgspec

MARK = "TEST – "
TEST_TYPE = "ext:Test"
SAYS = "Test credential. It says nothing about anybody."

# The mark, and what a reader would take for it; "Test-Achats" is a name like any other.
_LIKE_MARK = re.compile(r"test(\s*[‒–—―|]|\s+[-‐‑:]|[-‐‑:]\s)", re.IGNORECASE)
# Whole documents of others inside this one; each is judged by itself.
_OTHERS = frozenset({"verifiableCredential", "endorsement", "endorsementJwt", "proof"})


def marked(name: str) -> str:
    """The name with the mark in front, once."""
    return name if name.startswith(MARK) else f"{MARK}{name}"


def looks_marked(name: str) -> bool:
    """May a reader see the mark in front of this name?"""
    return _LIKE_MARK.match(unicodedata.normalize("NFKC", name).lstrip()) is not None


def is_test(document: Mapping[str, object]) -> bool:
    """Does the document say of itself that it is a test, by its achievement or by the name of its issuer?

    Looks everywhere in it: a signature over statements does not notice in which of the allowed spellings or places
    the same statement stands (SEC-024).
    """
    if not _may_say_so(document):
        return False
    if any(TEST_TYPE in _texts(value) for value in _values("achievementType", document)):
        return True
    names = (name for issuer in _values("issuer", document) for name in _values("name", issuer))
    return any(text.startswith(MARK) for name in names for text in _texts(name))


def _may_say_so(document: Mapping[str, object]) -> bool:
    """False when the mark stands nowhere in it, which is quickly seen in its text."""
    try:
        text = msgspec.json.encode(document)
    except (TypeError, ValueError, OverflowError):  # nothing that JSON holds: look closely
        return True
    return TEST_TYPE.encode() in text or MARK.encode() in text


def _values(member: str, inside: object) -> Iterator[object]:
    """Every value of a member of this name, at any depth."""
    if isinstance(inside, Mapping):
        for name, value in inside.items():
            if name == member:
                yield value
            elif name not in _OTHERS:
                yield from _values(member, value)
    elif isinstance(inside, list):
        for value in inside:
            yield from _values(member, value)


def _texts(value: object) -> Iterator[str]:
    """The text, or the texts in a list, also where one is written as {"@value": …}."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        yield from _texts(value.get("@value"))

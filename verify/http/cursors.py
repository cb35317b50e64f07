"""The places where lists go on: opaque to callers, no right to anything, good for one list only."""

from __future__ import annotations

import hashlib
from typing import Annotated, TypeVar

import msgspec

from refolio.credential import base64url
from refolio.errors import Fault
from verify.http.refusals import Refused

Place = TypeVar("Place")
# What every database can be asked for: a place that we gave fits well, and anybody can write a cursor.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Text = Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\Z")]


def cursor(bound: object, place: object) -> str:
    """The cursor for ``place`` in the list that ``bound`` names with its owner and filters. Both are plain JSON."""
    return base64url.encode(msgspec.json.encode((_digest(bound), place)))


def place_in(text: str, bound: object, place: type[Place]) -> Place:
    """The place, of this type, that a cursor of this list names. Raises Refused (400), naming ``after``, otherwise."""
    try:
        digest, found = msgspec.json.decode(base64url.decode(text), type=tuple[str, place])  # type: ignore[valid-type]
    except (ValueError, msgspec.DecodeError):
        raise outside() from None
    if digest != _digest(bound):
        raise outside()
    return found


def outside() -> Refused:
    """The refusal of a cursor that is of another list."""
    says = "This is no place in this list, with these filters."
    fix = "Send next of an answer to the same request, unchanged, or leave it out."
    return Refused("bad-request", says, [Fault("after", says, fix)])


def _digest(bound: object) -> str:
    return hashlib.sha256(msgspec.json.encode(bound)).hexdigest()[:12]

"""The places where lists go on: opaque to callers, and good for the list they were given for alone."""

from __future__ import annotations

import hashlib

import msgspec

from refolio.credential import base64url
from refolio.errors import Fault
from verify.http.refusals import Refused


def cursor(bound: str, place: int) -> str:
    """The cursor for ``place`` in the list that ``bound`` names with its owner and filters."""
    return base64url.encode(msgspec.json.encode([_digest(bound), place]))


def place_in(text: str, bound: str) -> int:
    """The place that a cursor of this list names. Raises Refused (400), naming ``after``, for any other text."""
    try:
        digest, place = msgspec.json.decode(base64url.decode(text), type=tuple[str, int])
    except (ValueError, msgspec.DecodeError):
        digest, place = "", 0
    if digest != _digest(bound):
        says = "This is no place in this list."
        raise Refused("bad-request", says, [Fault("after", says, "Send next of an answer to the same request.")])
    return place


def _digest(bound: str) -> str:
    return hashlib.sha256(bound.encode()).hexdigest()[:12]

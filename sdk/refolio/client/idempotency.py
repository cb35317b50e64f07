"""Idempotency keys: the same key and body give the same answer, however often they are sent."""

from __future__ import annotations

import hashlib
import re

import msgspec

from refolio.credential.jcs import jcs
from refolio.credential.model import Completion, completion_members
from refolio.errors import RequestRefused


def content_key(completion: Completion) -> str:
    """``completion-`` and the SHA-256 (hex) of the completion's canonical JSON (RFC 8785).

    The same completion gives the same key in every process and on every machine.
    """
    members = msgspec.json.decode(msgspec.json.encode(completion_members(completion)))
    return "completion-" + hashlib.sha256(jcs(members)).hexdigest()


def require_key(key: str) -> str:
    """Return an idempotency key, or refuse what cannot travel in a header."""
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise RequestRefused("An idempotency key is 1 to 255 visible ASCII characters without spaces.")
    return key

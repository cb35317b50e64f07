"""Idempotency keys: the same key and body give the same answer, however often they are sent."""

from __future__ import annotations

import hashlib
import re

import msgspec

from refolio.client.requests import body_of
from refolio.credential.jcs import jcs
from refolio.credential.model import Completion, completion_members
from refolio.errors import DocumentRefused, RequestRefused


def content_key(completion: Completion) -> str:
    """``completion-`` and the SHA-256 (hex) of the completion's canonical JSON (RFC 8785).

    The same completion gives the same key in every process and on every machine.
    """
    return "completion-" + content_digest(completion_members(completion))


def content_digest(members: dict[str, object]) -> str:
    """The SHA-256 (hex) of canonical JSON. Raises RequestRefused for what JSON cannot say everywhere."""
    try:
        return hashlib.sha256(jcs(msgspec.json.decode(body_of(members)))).hexdigest()
    except DocumentRefused as error:
        raise RequestRefused(f"{error.says} {error.fix}") from None


def require_key(key: str) -> str:
    """Return an idempotency key, or refuse what cannot travel in a header."""
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise RequestRefused("An idempotency key is 1 to 255 visible ASCII characters without spaces.")
    return key

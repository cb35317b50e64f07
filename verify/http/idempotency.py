"""The Idempotency-Key of a request: what makes sending it again harmless."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from litestar import Request

from refolio.errors import Fault
from verify.http.refusals import Refused

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(request: Request[Any, Any, Any]) -> str:
    """Return it. Raises Refused (400) where it is missing or cannot be one."""
    key: str = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        says = "The request carries no usable Idempotency-Key."
        fix = "Send 1 to 255 visible ASCII characters without spaces."
        raise Refused("idempotency-key-missing", says, [Fault("Idempotency-Key", says, fix)])
    return key


def kept_key(key: str, *, is_test: bool) -> str:
    """The key as it is kept. That of a test holds a space, which none of a live request can: modes never meet."""
    return f"test {hashlib.sha256(key.encode()).hexdigest()}" if is_test else key

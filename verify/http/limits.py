"""No more requests of one caller than are good for the others (SEC-212, SEC-213).

The headers are those of draft-ietf-httpapi-ratelimit-headers: ``RateLimit-Policy: "key";q=1000;w=10`` is the limit,
``RateLimit: "key";r=998;t=7`` what is left of it, and for how many seconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from verify.http.callers import address_of
from verify.http.refusals import Refused
from verify.settings import Rate

LIMITED_POSTS = ("/credentials/", "/presentations/")  # VCALM
_STATE = "rate_limit"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of ``rate`` for the next ``reset`` seconds. ``policy`` is ``key`` or ``address``."""

    policy: str
    rate: Rate
    remaining: int
    reset: int
    is_over: bool


Charge = Callable[[str | None, str | None], Awaitable[Left | None]]


async def require_within_limits(request: Request[Any, Any, Any], charge: Charge) -> None:
    """Count a request of the API. Raises Refused (429) when it is one too many."""
    path = request.scope["path"]
    if not (path.startswith("/api/") or (request.method == "POST" and path.startswith(LIMITED_POSTS))):
        return
    left = await charge(request.headers.get("authorization"), address_of(request) or None)
    if left is not None:
        request.scope["state"][_STATE] = left
        if left.is_over:
            says = f"More than {left.rate.most} requests came in {left.rate.seconds} seconds."
            raise Refused("rate-limited", says)


async def limit_headers(message: Message, scope: Scope) -> None:
    """A hook that tells every caller what is left."""
    left: Left | None = scope["state"].get(_STATE)
    if left is not None and message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers["RateLimit-Policy"] = f'"{left.policy}";q={left.rate.most};w={left.rate.seconds}'
        headers["RateLimit"] = f'"{left.policy}";r={left.remaining};t={left.reset}'
        if left.is_over:
            headers["Retry-After"] = str(left.reset)

"""What every noun shares: requests and answers as data, which answer is which error, when to send again.

Pure: no I/O, no clock, no dice. ``Client`` and ``AsyncClient`` are two thin shells that send; each noun
(``credentials``, ``issuers``, ...) has a file of its own with its requests and its two resources, so both say exactly
the same. Requests never hold the API key; the shells add it to everything but public documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TypeAlias, TypeVar
from urllib.parse import urlencode

import msgspec

from refolio.addresses import PLAIN_URL
from refolio.api_keys import is_mistyped
from refolio.errors import (
    AuthenticationFailed,
    Conflict,
    NotFound,
    PermissionRefused,
    RateLimited,
    RequestRefused,
    ServiceError,
    Unavailable,
    faults_in,
)

MAX_ANSWER = 1024 * 1024  # bytes; the longest real one is a signed document of at most half of that
DEFAULT_URL = "http://localhost:8000"
TIMEOUT = 20.0  # seconds without a byte
CONNECT_TIMEOUT = 5.0
MOST_ATTEMPTS = 4
CONNECTIONS = 100  # at a time
LONGEST_PAUSE = 30.0  # seconds; a service that asks for more is reported as unavailable instead
LONGEST_BACKOFF = 8.0

# Only what packs at most a thousandfold: of a few kilobytes others can make gigabytes in one step (SEC-101).
PACKINGS = ("gzip", "deflate", "identity")
JSON = {"Accept": "application/json, application/problem+json"}
JSON_BODY = {**JSON, "Content-Type": "application/json"}

Read = TypeVar("Read")

_API_KEY = re.compile(r"rf_(?:live|test)_[A-Za-z0-9_-]{8,200}")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as data. ``path`` is relative to the service; ``repeatable`` means safe to send twice."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    repeatable: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as data. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Send: TypeAlias = Callable[[Request], Answer]
AsyncSend: TypeAlias = Callable[[Request], Awaitable[Answer]]


def get(path: str, **filters: object) -> Request:
    """Ask for something. ``filters`` are the query; those that are None are left out."""
    given = {name: str(value) for name, value in filters.items() if value is not None}
    return Request("GET", f"{path}?{urlencode(given, errors='replace')}" if given else path, JSON, repeatable=True)


def body_of(members: object) -> bytes:
    """The JSON that is sent. Raises RequestRefused for text that cannot be, before it is."""
    try:
        return msgspec.json.encode(members)
    except UnicodeEncodeError:
        raise RequestRefused("A text holds half of a character (a lone surrogate). Write the whole one.") from None


def read(answer: Answer, type_: type[Read]) -> Read:
    """Read an answer. Members added later are passed over; ServiceError when this is no Refolio service's answer."""
    try:
        return msgspec.json.decode(answer.body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        says = f"The answer is not one of a Refolio service: {error}. Check the address of the service."
        raise ServiceError(says, status=answer.status, request_id=answer.headers.get("request-id")) from None


def require_short_name(issuer: str) -> str:
    """Return an issuer's short name, or refuse what cannot be one before it becomes part of an address."""
    if not issuer or not all(c.isascii() and (c.isalnum() or c == "-") for c in issuer):
        raise RequestRefused(f"“{issuer[:60]}” is not an issuer's short name, such as acme-textiles.")
    return issuer


def require_api_key(api_key: str) -> str:
    """Return the key, or refuse what cannot be one before it is sent anywhere; never repeats it in the message."""
    if not _API_KEY.fullmatch(api_key):
        raise RequestRefused(
            "This is not an API key: one begins with rf_live_ or rf_test_. Ask the operator of the service for yours."
        )
    if is_mistyped(api_key):
        says = "This API key was mistyped: its last six characters do not fit the rest. Copy it again, whole."
        raise AuthenticationFailed(says, problem={"code": "api-key-malformed"})
    return api_key


def account_at(base_url: str, api_key: str) -> str:
    """Where the credentials of an API key are: the service, and test or live data. Nothing secret."""
    return f"{base_url}#{api_key.split('_')[1]}"


def require_base_url(base_url: str) -> str:
    """Return the service's address without its last slash; plain http is for this machine only."""
    parts = PLAIN_URL.fullmatch(base_url)
    if parts is None or int(parts["port"] or 0) > 65535 or "?" in parts["rest"]:
        named = base_url if "@" not in base_url else "What was given"  # before the @ there may be a password
        raise RequestRefused(f"“{named[:80]}” is not the address of a service. Write it like {DEFAULT_URL}.")
    if parts["scheme"] == "http" and not is_loopback(parts["host"]):
        raise RequestRefused(
            f"Over {base_url} the API key could be read on the way. Use https, or pass an httpx client of your own "
            "as http= if that network is safe."
        )
    return base_url.rstrip("/")


def is_loopback(host: str) -> bool:
    """True for the names and addresses of this very machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def failure_in(answer: Answer) -> ServiceError | None:
    """The error an answer stands for, None when it is a success.

    409 with a Retry-After means that the same request is still being worked on, which is no conflict.
    """
    if 200 <= answer.status < 300:
        return None
    problem = _problem(answer.body)
    says = _says(answer, problem)
    request_id = answer.headers.get("request-id")
    if answer.status == 429 or answer.status >= 500 or (answer.status == 409 and "retry-after" in answer.headers):
        says = f"{says} The same request may be sent again later."
        kind_ = RateLimited if answer.status == 429 else Unavailable
        asked = retry_after(answer)
        return kind_(says, status=answer.status, problem=problem, request_id=request_id, retry_after=asked)
    kind = _KINDS.get(answer.status, RequestRefused)
    return kind(says, status=answer.status, problem=problem, request_id=request_id)


_KINDS: Mapping[int, type[RequestRefused]] = {
    401: AuthenticationFailed,
    403: PermissionRefused,
    404: NotFound,
    409: Conflict,
    410: NotFound,
}


def require_packing(headers: Mapping[str, str]) -> None:
    """Refuse an answer that is packed in a way that was not asked for, before any of it is unpacked."""
    if headers.get("content-encoding", "identity").strip().lower() not in PACKINGS:
        raise ServiceError("The service's answer is packed in a way that was not asked for. Check its address.")


def extend(body: bytearray, chunk: bytes) -> None:
    """Add a chunk to an answer's body. Raises ServiceError when it grows beyond MAX_ANSWER, unpacked (SEC-101)."""
    body += chunk
    if len(body) > MAX_ANSWER:
        raise ServiceError("The service's answer is far too long. Check that the address is that of a Refolio service.")


def unreachable(base_url: str, error: Exception) -> Unavailable:
    """The error for a request that got no answer."""
    why = str(error) or type(error).__name__
    return Unavailable(f"The service at {base_url} gave no answer ({why}). Check the address and that it is running.")


def pause_before_retry(
    request: Request,
    failure: ServiceError,
    attempt: int,
    dice: float,
    most: int = MOST_ATTEMPTS,
) -> float | None:
    """Seconds to wait before sending again, None to give up.

    ``attempt`` counts from 1 to ``most``, ``dice`` is a random number from 0 to 1 that keeps many clients from coming
    back at once.
    """
    if not request.repeatable or not isinstance(failure, Unavailable) or attempt >= most:
        return None
    if failure.retry_after is None:
        return backoff(attempt, dice)
    return failure.retry_after + dice if failure.retry_after <= LONGEST_PAUSE else None


def backoff(attempt: int, dice: float) -> float:
    """Seconds to wait after this attempt where the service does not say: 1, 2, 4 … to 8, half of it by chance."""
    return min(LONGEST_BACKOFF, 0.5 * 2.0 ** min(attempt, 10)) * (1 + dice) / 2


def retry_after(answer: Answer) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 §10.2.3); a date in it is read against the answer's own Date."""
    value = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        seconds = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, seconds.total_seconds())


def _problem(body: bytes) -> dict[str, object]:
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _says(answer: Answer, problem: Mapping[str, object]) -> str:
    """Everything the sender needs to know, once: the detail, each fault, else the fix."""
    if 300 <= answer.status < 400:
        leads_to = answer.headers.get("location", "")[:200] or "another one"
        return f"This address leads on to {leads_to}, and the API key is not sent there. Check the service's address."
    says = str(problem.get("detail") or problem.get("title") or f"The service answered {answer.status}.")
    more = [*map(str, faults_in(problem))] or [str(problem.get("fix") or "")]
    return " ".join([says, *(part for part in more if part and part not in says)])

"""What is said to the service and how its answers are read.

Pure: no I/O, no clock, no dice. ``Client`` and ``AsyncClient`` are two thin shells around these functions, so
both say exactly the same. Requests never hold the API key; the shells add it to everything but public documents.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from refolio.api_keys import is_mistyped
from refolio.credential.jcs import jcs
from refolio.credential.model import Completion, completion_members
from refolio.errors import AccessRefused, Conflict, Fault, RequestRefused, ServiceError, Unavailable

MAX_ANSWER = 1024 * 1024  # bytes; the longest real one is a signed document of at most half of that
DEFAULT_URL = "http://localhost:8000"
MOST_ATTEMPTS = 4
LONGEST_PAUSE = 30.0  # seconds; a service that asks for more is reported as unavailable instead
LONGEST_BACKOFF = 8.0

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_REFERENCE = re.compile(rf"(?:urn:uuid:|https?://[^\s?#]+/)?({_UUID})", re.I)
_API_KEY = re.compile(r"rf_(?:live|test)_[A-Za-z0-9_-]{8,200}")


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Absolute URLs around one credential; ``portfolio`` is None while the intern's page is not public."""

    credential: str
    verify: str
    qr: str
    portfolio: str | None = None


class IssuedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential as the service knows it.

    ``id`` is the credential's URL and ``uuid`` the last part of it; ``record`` the platform's own id; ``state`` is
    ``current`` or ``withdrawn``; ``code`` the short code printed under the QR code. ``edition`` counts from 1; later
    ones are corrections. ``kind`` and ``reason`` say why it was withdrawn, ``replaces`` and ``replaced_by`` are URLs of
    other credentials. Times are aware, in UTC.
    """

    id: str
    uuid: str
    record: str
    issuer: str
    state: str
    issued_at: datetime
    code: str
    edition: int = 1
    corrected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    kind: str | None = None
    reason: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    links: Links


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


def issue_request(completion: Completion, idempotency_key: str | None, *, allow_duplicate: bool) -> Request:
    """Ask for a credential. Without a key of yours the content's own key is sent, so a retry never issues twice."""
    key = content_key(completion) if idempotency_key is None else idempotency_key
    return Request(
        "POST",
        "/api/v1/credentials" + ("?allow_duplicate=true" if allow_duplicate else ""),
        {**_JSON_BODY, "Idempotency-Key": _require_key(key)},
        msgspec.json.encode(completion_members(completion)),
        repeatable=True,
    )


def content_key(completion: Completion) -> str:
    """``completion-`` and the SHA-256 (hex) of the completion's canonical JSON (RFC 8785).

    The same completion gives the same key in every process and on every machine.
    """
    members = msgspec.json.decode(msgspec.json.encode(completion_members(completion)))
    return "completion-" + hashlib.sha256(jcs(members)).hexdigest()


def withdraw_request(credential: str | IssuedCredential, reason: str, kind: str | None = None) -> Request:
    """Ask to withdraw. Repeatable, because the same withdrawal again changes nothing."""
    path = f"/api/v1/credentials/{uuid_of(credential)}/withdraw"
    return Request("POST", path, _JSON_BODY, msgspec.json.encode(_why(reason, kind)), repeatable=True)


def replace_request(
    credential: str | IssuedCredential,
    completion: Completion,
    idempotency_key: str | None,
    *,
    successor: bool,
    reason: str | None,
    kind: str | None,
) -> Request:
    """Ask for a replacement. Without a key of yours the content's own key is sent, so a retry never replaces twice."""
    uuid = uuid_of(credential)
    body: dict[str, object] = {"completion": completion_members(completion)}
    if successor:
        body |= {"as": "successor", **_why(reason, kind)}
    key = idempotency_key
    if key is None:
        content = msgspec.json.decode(msgspec.json.encode({"replaces": uuid, **body}))
        key = "replacement-" + hashlib.sha256(jcs(content)).hexdigest()
    headers = {**_JSON_BODY, "Idempotency-Key": _require_key(key)}
    path = f"/api/v1/credentials/{uuid}/replace"
    return Request("POST", path, headers, msgspec.json.encode(body), repeatable=True)


def _why(reason: str | None, kind: str | None) -> dict[str, str]:
    return {name: value for name, value in (("reason", reason), ("kind", kind)) if value is not None}


def _require_key(key: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise RequestRefused("An idempotency key is 1 to 255 visible ASCII characters without spaces.")
    return key


def get_request(credential: str | IssuedCredential) -> Request:
    """Ask what the service knows about a credential."""
    return Request("GET", f"/api/v1/credentials/{uuid_of(credential)}", _JSON, repeatable=True)


def document_request(credential: str | IssuedCredential) -> Request:
    """Ask for the signed bytes: a public document, so no API key goes with it."""
    headers = {"Accept": "application/vc, application/json;q=0.5"}
    return Request("GET", f"/credentials/{uuid_of(credential)}", headers, repeatable=True, public=True)


_JSON = {"Accept": "application/json, application/problem+json"}
_JSON_BODY = {**_JSON, "Content-Type": "application/json"}


def uuid_of(credential: str | IssuedCredential) -> str:
    """The UUID of a credential given as its UUID, its URL or what ``issue`` returned. RequestRefused otherwise."""
    if isinstance(credential, IssuedCredential):
        credential = credential.uuid
    if found := _REFERENCE.fullmatch(credential.strip().rstrip("/")):
        return found[1].lower()
    raise RequestRefused(
        f"“{credential[:80]}” does not name a credential. Give its UUID, its URL, or the object that issue() returned."
    )


def require_api_key(api_key: str) -> str:
    """Return the key, or refuse what cannot be one before it is sent anywhere; never repeats it in the message."""
    if not _API_KEY.fullmatch(api_key):
        raise RequestRefused(
            "This is not an API key: one begins with rf_live_ or rf_test_. Ask the operator of the service for yours."
        )
    if is_mistyped(api_key):
        says = "This API key was mistyped: its last six characters do not fit the rest. Copy it again, whole."
        raise AccessRefused(says, problem={"code": "api-key-malformed"})
    return api_key


def require_base_url(base_url: str) -> str:
    """Return the service's address without its last slash; plain http is for this machine only."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise RequestRefused(f"“{base_url}” is not the address of a service. Write it like {DEFAULT_URL}.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
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
    if answer.status == 429 or answer.status >= 500 or (answer.status == 409 and "retry-after" in answer.headers):
        return Unavailable(f"{says} The same request may be sent again later.", status=answer.status, problem=problem)
    kind = {401: AccessRefused, 403: AccessRefused, 409: Conflict}.get(answer.status, RequestRefused)
    return kind(says, status=answer.status, problem=problem)


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
    request: Request, failure: ServiceError, attempt: int, asked: float | None, dice: float
) -> float | None:
    """Seconds to wait before sending again, None to give up.

    ``attempt`` counts from 1, ``asked`` is the service's Retry-After, ``dice`` a random number from 0 to 1 that
    keeps many clients from coming back at once.
    """
    if not request.repeatable or not isinstance(failure, Unavailable) or attempt >= MOST_ATTEMPTS:
        return None
    if asked is None:
        return dice * min(LONGEST_BACKOFF, 0.5 * 2.0**attempt)
    return asked + dice if asked <= LONGEST_PAUSE else None


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


def credential_in(answer: Answer) -> IssuedCredential:
    """Read the answer to issue, withdraw and get. Members added later are passed over.

    Raises ServiceError when this is not a Refolio service's answer at all.
    """
    try:
        return msgspec.json.decode(answer.body, type=IssuedCredential)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        says = f"The answer is not one of a Refolio service: {error}. Check the address of the service."
        raise ServiceError(says, status=answer.status) from None


def faults_in(problem: Mapping[str, object]) -> list[Fault]:
    """The faults listed in a problem document (``problem`` of any ServiceError), in the service's order."""
    listed = problem.get("faults")
    faults = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return [Fault(*(str(fault.get(name) or "") for name in Fault._fields)) for fault in faults]


def _problem(body: bytes) -> dict[str, object]:
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _says(answer: Answer, problem: Mapping[str, object]) -> str:
    """Everything the sender needs to know, once: the detail, each fault, else the fix."""
    if 300 <= answer.status < 400:
        return f"The service has moved to {answer.headers.get('location', 'another address')}. Use that as base_url."
    says = str(problem.get("detail") or problem.get("title") or f"The service answered {answer.status}.")
    more = [*map(str, faults_in(problem))] or [str(problem.get("fix") or "")]
    return " ".join([says, *(part for part in more if part and part not in says)])

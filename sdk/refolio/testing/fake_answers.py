"""What the fake service says: answers, refusals as problem documents, and what it takes from a request."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import httpx
import msgspec

from refolio.api_keys import key_fault
from refolio.credential.reading import JSON, read
from refolio.errors import DocumentRefused, Fault
from refolio.testing.fake_records import URL, Refused

# code → status, title, fix, as the service has them; a test of the service holds them true
PROBLEMS = {
    "unreadable-body": (
        400,
        "The request body cannot be read",
        "The body must be one JSON object in UTF-8 with unique member names, no fractions outside quotes, "
        "at most 32 levels deep. The fault names the place.",
    ),
    "idempotency-key-missing": (
        400,
        "An Idempotency-Key is required",
        "Send an Idempotency-Key header of 1 to 255 visible ASCII characters; use the same one when you retry.",
    ),
    "api-key-missing": (401, "An API key is required", "Send Authorization: Bearer rf_live_… or rf_test_…"),
    "api-key-malformed": (
        401,
        "This is not an API key",
        "Copy it again, whole; it was shown once when it was made. Or use another key.",
    ),
    "api-key-unknown": (
        401,
        "This API key is not known here",
        "Check that it is a key of this service, or make a new one.",
    ),
    "not-found": (404, "Nothing is here", "Check the link for a copying mistake."),
    "method-not-allowed": (405, "This address does not do that", "See the Allow header for what it does."),
    "idempotency-key-reused": (
        409,
        "This Idempotency-Key was used for another request",
        "Send the same body as before, or a new key for a new request.",
    ),
    "duplicate-completion": (
        409,
        "This completion was issued before",
        "The same person, project and dates already have a credential of this issuer. Withdraw it first, or add "
        "?allow_duplicate=true if there really were two.",
    ),
    "already-withdrawn": (
        409,
        "This credential was withdrawn before",
        "A withdrawal is final; its reason cannot be changed.",
    ),
    "reference-answered": (
        409,
        "The referee has answered",
        "A question can be taken back until it is answered. What was signed stays.",
    ),
    "body-too-large": (413, "The request body is too large", "Send at most 512 kB."),
    "unsupported-media-type": (
        415,
        "The body is not sent as JSON",
        "Send Content-Type: application/json, without compression and other than UTF-8 charsets.",
    ),
    "completion-refused": (
        422,
        "The completion cannot be signed",
        "Each fault names a field, the reason and the fix.",
    ),
}


class Said(NamedTuple):
    """One answer."""

    status: int
    body: bytes
    media_type: str = "application/json"


def members_in(request: httpx.Request, body: bytes) -> dict[str, JSON]:
    """The members of a body."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        says = "The body must be sent as application/json in UTF-8."
        fault = Fault("Content-Type", says, "Send Content-Type: application/json.")
        raise Refused("unsupported-media-type", says, (fault,))
    try:
        return read(body)
    except DocumentRefused as error:
        if error.code == "too-large":
            says = "The body is larger than 512 kB."
            raise Refused("body-too-large", says, (Fault("body", says, "Send at most 512 kB."),)) from None
        fault = Fault(error.path or "body", error.says, error.fix)
        raise Refused("unreadable-body", f"{error.says} {error.fix}".strip(), (fault,)) from None


def require_api_key(request: httpx.Request) -> None:
    """Refuse a request without an API key, and a live key before it is read by anybody."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("api-key-missing", "The request carries no API key.")
    if not key.startswith(("rf_test_", "rf_live_")):
        raise Refused("api-key-malformed", str(key_fault(key)))
    if not key.startswith("rf_test_"):
        raise Refused("api-key-unknown", "The fake service takes keys that begin with rf_test_, and no live one.")


def problem(request: httpx.Request, request_id: str, refused: Refused, kind: tuple[int, str, str]) -> Said:
    """A refusal as a problem document."""
    status, title, fix = kind
    members: dict[str, Any] = {
        "type": f"{URL}/problems/{refused.code}",
        "title": title,
        "status": status,
        "detail": refused.detail,
        "instance": request.url.path,
        "code": refused.code,
        "fix": fix,
        "faults": [fault._asdict() for fault in refused.faults],
        "request_id": request_id,
    }
    return Said(status, msgspec.json.encode(members), "application/problem+json")


def idempotency_key(request: httpx.Request) -> str:
    """The Idempotency-Key of a request."""
    key: str = request.headers.get("idempotency-key", "")
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        says = "The request carries no usable Idempotency-Key."
        fault = Fault("Idempotency-Key", says, "Send 1 to 255 visible ASCII characters without spaces.")
        raise Refused("idempotency-key-missing", says, (fault,))
    return key


def reused(key: str) -> Refused:
    """The refusal of a key that was used for another body."""
    says = f"The key {key!r} was already used for a request with another body."
    fault = Fault("Idempotency-Key", "It belongs to another request.", "Use a new key for a changed request.")
    return Refused("idempotency-key-reused", says, (fault,))

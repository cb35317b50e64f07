"""A service that is none: an httpx transport that answers as the service does, with really signed credentials.

    service = FakeService()
    client = refolio.Client(FAKE_API_KEY, http=httpx.Client(transport=service, base_url=service.url))
    issued = client.credentials.issue(completion)
    refolio.verify(service.document(issued.uuid), documents=service.documents())

All in memory: issuing, looking up, listing, withdrawing, ``client.key()`` and the public documents; refusals are those
of the service. The key is one that everybody has; every issuer is there, and called FAKE. A live API key is refused, so
that nobody sends one here by mistake. For all the rest there is ``refolio emulator``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any, NamedTuple

import httpx
import msgspec

from refolio.api_keys import key_fault
from refolio.credential.model import Completion, completion_from
from refolio.credential.reading import JSON, read
from refolio.credential.rules import require_sound
from refolio.errors import CompletionRefused, DocumentRefused, Fault
from refolio.testing.fake_records import URL, Records, Refused

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
SCOPES = ("credentials:read", "credentials:write")
_KEYS = "/api/v1/key"
_CREDENTIALS = "/api/v1/credentials"


class _Said(NamedTuple):
    status: int
    body: bytes
    media_type: str = "application/json"


class FakeService(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For ``httpx.Client(transport=…)`` and ``httpx.AsyncClient(transport=…)``. ``now`` is its clock."""

    url: str = URL

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or (lambda: datetime.now(UTC))  # noqa: TID251 - only a default
        self._records = Records(self._now)
        self._keys: dict[str, tuple[str, str]] = {}
        self._failures: list[int] = []
        self._requests = 0
        self._lock = Lock()  # batches ask from several threads

    # --- what a test asks for and arranges

    @property
    def completions(self) -> list[Completion]:
        """What was issued, in its order; a retry adds nothing."""
        return [issued.completion for issued in self._records.issued.values()]

    def document(self, credential: str) -> bytes:
        """The signed bytes of a credential, by its UUID."""
        return self._records.issued[credential].document

    def documents(self) -> dict[str, bytes]:
        """What a verification needs, by URL: the key documents and the status lists as they are at this moment."""
        slugs = sorted({completion.issuer for completion in self.completions})
        keys = {f"{self.url}/issuers/{slug}/did.json": self._records.key_document(slug) for slug in slugs}
        return {**keys, **{f"{self.url}/status/{slug}": self._records.status_list(slug) for slug in slugs}}

    def fail(self, *statuses: int) -> None:
        """Answer the next requests with these statuses instead; 0 drops the connection after the work is done."""
        self._failures.extend(statuses)

    # --- the transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        with self._lock:
            self._requests += 1
            request_id = "req_" + base64.b32encode(self._requests.to_bytes(10)).decode().lower()
            failing = self._failures.pop(0) if self._failures else None
            if failing:
                arranged = Refused("unavailable", "The test asked for this.")
                said = _problem(request, request_id, arranged, (failing, "Arranged failure", "Send it again."))
            else:
                try:
                    said = self._route(request, body)
                except Refused as refused:
                    said = _problem(request, request_id, refused, PROBLEMS[refused.code])
        if failing == 0:
            raise httpx.ReadError("The test asked for a dropped connection.", request=request)
        headers = {"Content-Type": said.media_type, "Cache-Control": "no-store", "Request-Id": request_id}
        content = b"" if request.method == "HEAD" else said.body
        return httpx.Response(said.status, headers=headers, content=content, request=request)

    def _route(self, request: httpx.Request, body: bytes) -> _Said:
        path = request.url.path
        if path == _KEYS:
            return self._for_key(request, ("GET", "HEAD"), self._key)
        if path == _CREDENTIALS:
            if request.method == "POST":
                return self._for_key(request, ("POST",), lambda: self._issue(request, body))
            return self._for_key(request, ("GET", "HEAD", "POST"), lambda: self._list(request))
        if found := re.fullmatch(rf"{_CREDENTIALS}/([^/]+)(/withdraw)?", path):
            credential, withdraw = found.groups()
            if withdraw:
                return self._for_key(request, ("POST",), lambda: self._withdraw(request, credential, body))
            return self._for_key(request, ("GET", "HEAD"), lambda: self._said(credential))
        if found := re.fullmatch(r"/(credentials|issuers|status)/([a-z0-9-]+)(?:/did\.json)?", path):
            kind, name = found[1], found[2]
            if kind == "credentials":
                return _Said(200, self._records.find(name).document, "application/vc")
            if self._records.is_issuer(name):
                document = self._records.key_document if kind == "issuers" else self._records.status_list
                return _Said(200, document(name))
        raise Refused("not-found", "The fake service knows nothing at this address.")

    def _for_key(self, request: httpx.Request, methods: tuple[str, ...], act: Callable[[], _Said]) -> _Said:
        if request.method not in methods:
            raise Refused("method-not-allowed", f"{request.method} does not work at this address.")
        _require_api_key(request)
        return act()

    def _said(self, credential: str, status: int = 200) -> _Said:
        return _Said(status, msgspec.json.encode(self._records.members_of(credential)))

    def _key(self) -> _Said:
        members = {
            "platform": "FAKE platform",
            "name": "FAKE",
            "mode": "test",
            "scopes": SCOPES,
            "hint": "rf_test_FAKE",
        }
        issuers = sorted({completion.issuer for completion in self.completions})
        return _Said(200, msgspec.json.encode({**members, "issuers": issuers, "addresses": None, "expires_at": None}))

    def _list(self, request: httpx.Request) -> _Said:
        found = self._records.listed(dict(request.url.params))
        return _Said(200, msgspec.json.encode({"items": found, "next": None}))

    def _withdraw(self, request: httpx.Request, credential: str, body: bytes) -> _Said:
        members = _members(request, body)
        self._records.withdraw(credential, members)
        return self._said(credential)

    def _issue(self, request: httpx.Request, body: bytes) -> _Said:
        key = request.headers.get("idempotency-key", "")
        if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
            says = "The request carries no usable Idempotency-Key."
            fault = Fault("Idempotency-Key", says, "Send 1 to 255 visible ASCII characters without spaces.")
            raise Refused("idempotency-key-missing", says, (fault,))
        members = _members(request, body)
        allow_duplicate = request.url.params.get("allow_duplicate") == "true"
        asked = hashlib.sha256(body + b"\x00" * allow_duplicate).hexdigest()
        if key in self._keys and self._keys[key][0] != asked:
            says = f"The key {key!r} was already used for a request with another body."
            fault = Fault("Idempotency-Key", "It belongs to another request.", "Use a new key for a changed request.")
            raise Refused("idempotency-key-reused", says, (fault,))
        if key not in self._keys:
            try:
                completion = completion_from(members)
                require_sound(completion, self._now().date())
            except CompletionRefused as error:
                raise Refused("completion-refused", error.says, error.faults) from None
            self._keys[key] = (asked, self._records.issue(key, completion, allow_duplicate=allow_duplicate))
        return self._said(self._keys[key][1], 201)


def _members(request: httpx.Request, body: bytes) -> dict[str, JSON]:
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


def _require_api_key(request: httpx.Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("api-key-missing", "The request carries no API key.")
    if not key.startswith(("rf_test_", "rf_live_")):
        raise Refused("api-key-malformed", str(key_fault(key)))
    if not key.startswith("rf_test_"):
        raise Refused("api-key-unknown", "The fake service takes keys that begin with rf_test_, and no live one.")


def _problem(request: httpx.Request, request_id: str, refused: Refused, kind: tuple[int, str, str]) -> _Said:
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
    return _Said(status, msgspec.json.encode(members), "application/problem+json")

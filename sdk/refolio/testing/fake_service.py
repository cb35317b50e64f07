"""A service that is none: an httpx transport that answers as the service does, with really signed credentials.

    service = FakeService()
    client = refolio.Client(FAKE_API_KEY, http=httpx.Client(transport=service, base_url=service.url))
    issued = client.credentials.issue(completion)
    refolio.verify(service.document(issued.uuid), documents=service.documents())

All in memory: issuing, looking up, listing, withdrawing, references, ``client.key()`` and public documents; refusals
are those of the service. The key is one that everybody has; every issuer is there, and called FAKE. A live API key is
refused, so that nobody sends one here by mistake. For all the rest there is ``refolio emulator``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

import httpx
import msgspec

from refolio.credential.model import Completion, completion_from
from refolio.credential.rules import require_sound
from refolio.errors import CompletionRefused
from refolio.testing.fake_answers import (
    PROBLEMS,
    Said,
    idempotency_key,
    members_in,
    problem,
    require_api_key,
    reused,
)
from refolio.testing.fake_records import URL, Records, Refused
from refolio.testing.fake_references import FakeReferences

SCOPES = ("credentials:read", "credentials:write", "references:read", "references:write")
_KEYS = "/api/v1/key"
_CREDENTIALS = "/api/v1/credentials"
_REFERENCES = "/api/v1/references"


class FakeService(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For ``httpx.Client(transport=…)`` and ``httpx.AsyncClient(transport=…)``. ``now`` is its clock."""

    url: str = URL

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or (lambda: datetime.now(UTC))  # noqa: TID251 - only a default
        self._records = Records(self._now)
        self._keys: dict[str, tuple[str, str]] = {}
        self._references = FakeReferences(self.url, self._now)
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

    def answer(self, reference: str, state: str) -> None:
        """Let a reference (its id) be ``declined``, ``written``, ``shown`` or ``withdrawn`` by whoever can do that."""
        self._references.answer(reference, state)

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
                said = problem(request, request_id, arranged, (failing, "Arranged failure", "Send it again."))
            else:
                try:
                    said = self._route(request, body)
                except Refused as refused:
                    said = problem(request, request_id, refused, PROBLEMS[refused.code])
        if failing == 0:
            raise httpx.ReadError("The test asked for a dropped connection.", request=request)
        headers = {"Content-Type": said.media_type, "Cache-Control": "no-store", "Request-Id": request_id}
        content = b"" if request.method == "HEAD" else said.body
        return httpx.Response(said.status, headers=headers, content=content, request=request)

    def _route(self, request: httpx.Request, body: bytes) -> Said:
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
        if path == _REFERENCES:
            if request.method == "POST":
                return self._for_key(request, ("POST",), lambda: self._ask(request, body))
            return self._for_key(request, ("GET", "HEAD", "POST"), lambda: self._asked(request))
        if found := re.fullmatch(rf"{_REFERENCES}/([^/]+)", path):
            reference = found[1]
            return self._for_key(request, ("GET", "HEAD", "DELETE"), lambda: self._reference(request, reference))
        if found := re.fullmatch(r"/(credentials|issuers|status)/([a-z0-9-]+)(?:/did\.json)?", path):
            kind, name = found[1], found[2]
            if kind == "credentials":
                return Said(200, self._records.find(name).document, "application/vc")
            if self._records.is_issuer(name):
                document = self._records.key_document if kind == "issuers" else self._records.status_list
                return Said(200, document(name))
        raise Refused("not-found", "The fake service knows nothing at this address.")

    def _for_key(self, request: httpx.Request, methods: tuple[str, ...], act: Callable[[], Said]) -> Said:
        if request.method not in methods:
            raise Refused("method-not-allowed", f"{request.method} does not work at this address.")
        require_api_key(request)
        return act()

    def _said(self, credential: str, status: int = 200) -> Said:
        return Said(status, msgspec.json.encode(self._records.members_of(credential)))

    def _key(self) -> Said:
        members = {
            "platform": "FAKE platform",
            "name": "FAKE",
            "mode": "test",
            "scopes": SCOPES,
            "hint": "rf_test_FAKE",
        }
        issuers = sorted({completion.issuer for completion in self.completions})
        return Said(200, msgspec.json.encode({**members, "issuers": issuers, "addresses": None, "expires_at": None}))

    def _list(self, request: httpx.Request) -> Said:
        found = self._records.listed(dict(request.url.params))
        return Said(200, msgspec.json.encode({"items": found, "next": None}))

    def _withdraw(self, request: httpx.Request, credential: str, body: bytes) -> Said:
        members = members_in(request, body)
        self._records.withdraw(credential, members)
        return self._said(credential)

    def _ask(self, request: httpx.Request, body: bytes) -> Said:
        key = idempotency_key(request)
        members = members_in(request, body)
        if self._references.is_of_another(key, body):
            raise reused(key)
        if faults := self._references.faults(members):
            raise Refused("completion-refused", str(faults[0]), faults)
        self._records.find(str(members["credential"]))
        return Said(201, msgspec.json.encode(self._references.ask(key, body, members)))

    def _asked(self, request: httpx.Request) -> Said:
        found = self._references.all(dict(request.url.params))
        return Said(200, msgspec.json.encode({"items": found, "next": None}))

    def _reference(self, request: httpx.Request, reference: str) -> Said:
        one = self._references.find(reference)
        if one is None:
            raise Refused("not-found", "Your platform has no reference with this id.")
        if request.method == "DELETE" and not self._references.cancel(reference):
            raise Refused("reference-answered", "The referee has answered.")
        return Said(200, msgspec.json.encode(one))

    def _issue(self, request: httpx.Request, body: bytes) -> Said:
        key = idempotency_key(request)
        members = members_in(request, body)
        allow_duplicate = request.url.params.get("allow_duplicate") == "true"
        asked = hashlib.sha256(body + b"\x00" * allow_duplicate).hexdigest()
        if key in self._keys and self._keys[key][0] != asked:
            raise reused(key)
        if key not in self._keys:
            try:
                completion = completion_from(members)
                require_sound(completion, self._now().date())
            except CompletionRefused as error:
                raise Refused("completion-refused", error.says, error.faults) from None
            self._keys[key] = (asked, self._records.issue(key, completion, allow_duplicate=allow_duplicate))
        return self._said(self._keys[key][1], 201)

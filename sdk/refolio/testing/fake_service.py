"""A service that is none: an httpx transport that answers as the service does, with really signed credentials.

    service = FakeService()
    client = refolio.Client(FAKE_API_KEY, http=httpx.Client(transport=service, base_url=service.url))
    issued = client.credentials.issue(completion)
    refolio.verify(service.document(issued.uuid), documents=service.documents())

All in memory: issuing, looking up, withdrawing and the public documents. The key is one that everybody has, and the
issuer is called FAKE. A live API key is refused, so that nobody sends one here by mistake.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.controllers import did_document
from refolio.credential.document import Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.issuing import LIST_VALID_FOR, secure, secure_list
from refolio.credential.keys import did_web
from refolio.credential.model import Completion, completion_from
from refolio.credential.reading import JSON, read
from refolio.credential.rules import require_sound
from refolio.errors import CompletionRefused, DocumentRefused, Fault
from refolio.testing.fake_keys import fake_key

HOST = "fake.refolio.example"
KEY = fake_key("issuer")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TITLES = {
    "unreadable-body": (400, "The request body cannot be read"),
    "idempotency-key-missing": (400, "An Idempotency-Key is required"),
    "api-key-missing": (401, "An API key is required"),
    "api-key-unknown": (401, "This API key is not valid"),
    "not-found": (404, "Nothing is here"),
    "idempotency-key-reused": (409, "This Idempotency-Key was used for another request"),
    "already-withdrawn": (409, "This credential was withdrawn before"),
    "completion-refused": (422, "The completion cannot be signed"),
}


class _Refused(Exception):
    def __init__(self, code: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        self.code, self.detail, self.faults = code, detail, faults


@dataclass
class _Issued:
    completion: Completion
    document: bytes
    index: int
    issued_at: datetime
    withdrawn_at: datetime | None = None
    why: dict[str, str] = field(default_factory=dict)


class _Said(NamedTuple):
    status: int
    body: bytes
    media_type: str = "application/json"


class FakeService(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For ``httpx.Client(transport=…)`` and ``httpx.AsyncClient(transport=…)``. ``now`` is its clock."""

    url: str = f"https://{HOST}"

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or (lambda: datetime.now(UTC))  # noqa: TID251 - only a default
        self._issued: dict[str, _Issued] = {}
        self._keys: dict[str, tuple[bytes, str]] = {}
        self._failures: list[int] = []
        self._requests = 0

    # --- what a test asks for and arranges

    @property
    def completions(self) -> list[Completion]:
        """What was issued, in its order; a retry adds nothing."""
        return [issued.completion for issued in self._issued.values()]

    def document(self, credential: str) -> bytes:
        """The signed bytes of a credential, by its UUID."""
        return self._issued[credential].document

    def documents(self) -> dict[str, bytes]:
        """What a verification needs, by URL: the key documents and the status lists as they are at this moment."""
        slugs = sorted({issued.completion.issuer for issued in self._issued.values()})
        keys = {f"{self.url}/issuers/{slug}/did.json": self._key_document(slug) for slug in slugs}
        return {**keys, **{f"{self.url}/status/{slug}": self._status_list(slug) for slug in slugs}}

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
        self._requests += 1
        request_id = "req_" + base64.b32encode(self._requests.to_bytes(10)).decode().lower()
        failing = self._failures.pop(0) if self._failures else None
        if failing:
            refused = _Refused("unavailable", "The test asked for this.")
            said = _problem(request, request_id, refused, failing, "Arranged failure")
        else:
            try:
                said = self._route(request, body)
            except _Refused as refused:
                status, title = _TITLES[refused.code]
                said = _problem(request, request_id, refused, status, title)
        if failing == 0:
            raise httpx.ReadError("The test asked for a dropped connection.", request=request)
        headers = {"Content-Type": said.media_type, "Cache-Control": "no-store", "Request-Id": request_id}
        return httpx.Response(said.status, headers=headers, content=said.body, request=request)

    def _route(self, request: httpx.Request, body: bytes) -> _Said:
        path = request.url.path
        if path == "/api/v1/credentials" and request.method == "POST":
            _require_key(request)
            return self._issue(request, body)
        if found := re.fullmatch(r"/api/v1/credentials/([0-9a-f-]{36})(/withdraw)?", path):
            _require_key(request)
            issued = self._find(found[1])
            if found[2] and request.method == "POST":
                self._withdraw(issued, _members(body))
            return _Said(200, self._members_of(found[1], issued))
        if found := re.fullmatch(r"/(credentials|issuers|status)/([a-z0-9-]+)(?:/did\.json)?", path):
            kind, name = found[1], found[2]
            if kind == "credentials":
                return _Said(200, self._find(name).document, "application/vc")
            if any(issued.completion.issuer == name for issued in self._issued.values()):
                return _Said(200, self._key_document(name) if kind == "issuers" else self._status_list(name))
        raise _Refused("not-found", "The fake service knows nothing at this address.")

    def _issue(self, request: httpx.Request, body: bytes) -> _Said:
        key = request.headers.get("idempotency-key", "")
        if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
            says = "The request carries no usable Idempotency-Key."
            fault = Fault("Idempotency-Key", says, "Send 1 to 255 visible ASCII characters without spaces.")
            raise _Refused("idempotency-key-missing", says, (fault,))
        if key in self._keys and self._keys[key][0] != body:
            fault = Fault("Idempotency-Key", "It belongs to another request.", "Use a new key for a changed request.")
            raise _Refused("idempotency-key-reused", f"The key {key!r} was used with another body.", (fault,))
        if key not in self._keys:
            try:
                completion = completion_from(_members(body))
                require_sound(completion, self._now().date())
            except CompletionRefused as error:
                raise _Refused("completion-refused", error.says, error.faults) from None
            self._keys[key] = (body, self._sign(key, completion))
        credential = self._keys[key][1]
        return _Said(201, self._members_of(credential, self._issued[credential]))

    def _sign(self, key: str, completion: Completion) -> str:
        digest = hashlib.sha256(key.encode()).digest()
        credential, index = str(uuid.UUID(bytes=digest[:16], version=4)), len(self._issued)
        slug, at = completion.issuer, self._now().replace(microsecond=0)
        did, listed = _did(slug), f"{self.url}/status/{slug}"
        issuance = Issuance(
            credential_url=f"{self.url}/credentials/{credential}",
            origin=self.url,
            issuer=IssuerProfile(did, f"FAKE – {slug.replace('-', ' ').title()}"),
            valid_from=at,
            salt=digest.hex()[:32],
            status=StatusEntry(listed, index, f"{self.url}/credentials/{credential}/status"),
            platform="FAKE platform",
        )
        created = timestamps.format(at)
        document = secure(compose(completion, issuance), KEY, method=_method(did), created=created)
        self._issued[credential] = _Issued(completion, document, index, at)
        return credential

    def _withdraw(self, issued: _Issued, members: Mapping[str, JSON]) -> None:
        reason, kind = members.get("reason"), members.get("kind", "other")
        if not isinstance(reason, str) or not reason or not isinstance(kind, str):
            fault = Fault("reason", "A reason is required.", "Say in a sentence why it is withdrawn.")
            raise _Refused("completion-refused", str(fault), (fault,))
        why = {"reason": reason, "kind": kind}
        if issued.withdrawn_at and issued.why != why:
            raise _Refused("already-withdrawn", "It was withdrawn before, for another reason.")
        issued.withdrawn_at, issued.why = issued.withdrawn_at or self._now().replace(microsecond=0), why

    def _find(self, credential: str) -> _Issued:
        if credential not in self._issued:
            raise _Refused("not-found", "There is no credential with this id.")
        return self._issued[credential]

    def _members_of(self, credential: str, issued: _Issued) -> bytes:
        number = int.from_bytes(hashlib.sha256(issued.document).digest()[:10])
        code = "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
        code = "-".join(code[start : start + 4] for start in range(0, 16, 4))
        at = f"{self.url}/credentials/{credential}"
        links = {"credential": at, "verify": f"{self.url}/v/{code}", "qr": f"{self.url}/v/{code}/qr.svg"}
        withdrawn = issued.withdrawn_at
        return msgspec.json.encode(
            {
                "id": at,
                "uuid": credential,
                "record": issued.completion.record,
                "issuer": issued.completion.issuer,
                "state": "withdrawn" if withdrawn else "current",
                "issued_at": timestamps.format(issued.issued_at),
                "code": code,
                "edition": 1,
                "corrected_at": None,
                "withdrawn_at": timestamps.format(withdrawn) if withdrawn else None,
                "kind": issued.why.get("kind"),
                "reason": issued.why.get("reason"),
                "replaces": None,
                "replaced_by": None,
                "links": {**links, "portfolio": None},
            }
        )

    def _key_document(self, slug: str) -> bytes:
        return msgspec.json.encode(did_document(_did(slug), [KEY.public]))

    def _status_list(self, slug: str) -> bytes:
        withdrawn = [one.index for one in self._issued.values() if one.withdrawn_at and one.completion.issuer == slug]
        at, did = self._now().replace(microsecond=0), _did(slug)
        unsigned = status_list.compose(
            list_id=f"{self.url}/status/{slug}",
            issuer=did,
            valid_from=timestamps.format(at),
            valid_until=timestamps.format(at + LIST_VALID_FOR),
            bits=status_list.with_bits(status_list.MINIMUM_ENTRIES, withdrawn),
        )
        return secure_list(unsigned, KEY, method=_method(did), created=timestamps.format(at))


def _did(slug: str) -> str:
    return did_web(HOST, "issuers", slug)


def _method(did: str) -> str:
    return f"{did}#{KEY.public.multibase}"


def _members(body: bytes) -> dict[str, JSON]:
    try:
        return read(body)
    except DocumentRefused as error:
        fault = Fault(error.path or "body", error.says, error.fix)
        raise _Refused("unreadable-body", f"{error.says} {error.fix}".strip(), (fault,)) from None


def _require_key(request: httpx.Request) -> None:
    if "authorization" not in request.headers:
        raise _Refused("api-key-missing", "The request carries no API key.")
    if not request.headers["authorization"].startswith("Bearer rf_test_"):
        raise _Refused("api-key-unknown", "The fake service takes keys that begin with rf_test_, and no live one.")


def _problem(request: httpx.Request, request_id: str, refused: _Refused, status: int, title: str) -> _Said:
    members: dict[str, Any] = {
        "type": f"{FakeService.url}/problems/{refused.code}",
        "title": title,
        "status": status,
        "detail": refused.detail,
        "instance": request.url.path,
        "code": refused.code,
        "fix": title,
        "faults": [fault._asdict() for fault in refused.faults],
        "request_id": request_id,
    }
    return _Said(status, msgspec.json.encode(members), "application/problem+json")

"""Requests and answers as data: what is sent for what, and which error stands for which answer."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from refolio.client import credential_requests, idempotency, requests
from refolio.client.issued import IssuedCredential, credential_in
from refolio.client.requests import Answer, Request
from refolio.errors import (
    AuthenticationFailed,
    Conflict,
    Fault,
    NotFound,
    PermissionRefused,
    RateLimited,
    RequestRefused,
    ServiceError,
    Unavailable,
)
from tests.client.conftest import KEY, UUID, a_completion

URL = f"https://portfolio.example/credentials/{UUID}"


def problem(status: int, headers: dict[str, str] | None = None, **members: object) -> Answer:
    return Answer(status, headers or {}, json.dumps(members).encode())


def test_an_equal_completion_has_the_same_key_in_every_process() -> None:
    here = idempotency.content_key(a_completion())
    program = (
        "from tests.client.conftest import a_completion as a; from refolio.client.idempotency import content_key as k"
    )
    there = subprocess.run(
        [sys.executable, "-c", f"{program}; print(k(a()))"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert here == there
    assert here.startswith("completion-")
    assert len(here) == len("completion-") + 64


def test_another_completion_has_another_key() -> None:
    assert idempotency.content_key(a_completion()) != idempotency.content_key(a_completion(role="Designer"))


def test_issue_sends_the_completion_as_json_under_its_key() -> None:
    request = credential_requests.issue_request(a_completion(), None, allow_duplicate=False)
    assert (request.method, request.path) == ("POST", "/api/v1/credentials")
    assert request.headers["Idempotency-Key"] == idempotency.content_key(a_completion())
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body)["started"] == "2026-08-24"
    assert request.repeatable


def test_issue_with_a_key_of_ones_own_and_leave_to_duplicate() -> None:
    request = credential_requests.issue_request(a_completion(), "again-7", allow_duplicate=True)
    assert request.path == "/api/v1/credentials?allow_duplicate=true"
    assert request.headers["Idempotency-Key"] == "again-7"


@pytest.mark.parametrize("key", ["", "two words", "a\r\nX-Evil: 1", "ключ", "x" * 256])
def test_a_key_that_cannot_travel_in_a_header_is_refused(key: str) -> None:
    with pytest.raises(RequestRefused, match="idempotency key"):
        credential_requests.issue_request(a_completion(), key, allow_duplicate=False)


@pytest.mark.parametrize("reference", [UUID, UUID.upper(), URL, URL + "/", f"urn:uuid:{UUID}", f" {UUID}\n"])
def test_a_credential_may_be_named_by_uuid_or_url(reference: str) -> None:
    assert credential_requests.get_request(reference).path == f"/api/v1/credentials/{UUID}"


@pytest.mark.parametrize(
    "reference", ["", "NF-2026-001", "../keys", f"{UUID}/withdraw", f"{URL}?a=1", f"{URL}#x", "{}"]
)
def test_anything_else_does_not_name_a_credential(reference: str) -> None:
    with pytest.raises(RequestRefused, match="UUID"):
        credential_requests.withdraw_request(reference, "wrong person")


def test_withdraw_may_be_sent_again_because_the_same_withdrawal_changes_nothing() -> None:
    request = credential_requests.withdraw_request(UUID, "Issued to the wrong person.")
    assert request.path == f"/api/v1/credentials/{UUID}/withdraw"
    assert json.loads(request.body) == {"reason": "Issued to the wrong person."}
    assert request.repeatable


def test_the_signed_document_is_asked_for_without_a_key() -> None:
    request = credential_requests.document_request(URL)
    assert (request.path, request.public) == (f"/credentials/{UUID}", True)
    assert request.headers["Accept"].startswith("application/vc,")


def test_answer_becomes_an_issued_credential(issued: dict[str, object]) -> None:
    credential = credential_in(Answer(201, {}, json.dumps(issued).encode()))
    assert credential.id == URL
    assert credential.issued_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert credential.links.portfolio is None
    assert credential_requests.get_request(credential).path.endswith(UUID)


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in to the airport wi-fi</html>", b"[]", b"{}", b'{"id": 3}', b"\xff"]
)
def test_an_answer_of_something_else_says_so(body: bytes) -> None:
    with pytest.raises(ServiceError, match="not one of a Refolio service"):
        credential_in(Answer(200, {}, body))


def test_a_refusal_names_field_reason_and_fix() -> None:
    faults = [
        {"field": "ended", "reason": "The end is before the start.", "fix": "Swap the two dates."},
        {"field": "hours.total", "reason": "No hours were worked.", "fix": "Give the hours worked."},
    ]
    failure = requests.failure_in(
        problem(400, title="Refused", detail="The completion was refused.", code="completion-refused", faults=faults)
    )
    assert type(failure) is RequestRefused
    assert str(failure) == (
        "The completion was refused. ended: The end is before the start. Swap the two dates. "
        "hours.total: No hours were worked. Give the hours worked."
    )
    assert failure.status == 400
    assert failure.problem["code"] == "completion-refused"
    assert failure.code == "completion-refused"
    assert failure.faults[0] == Fault("ended", "The end is before the start.", "Swap the two dates.")


def test_a_refusal_says_each_thing_once() -> None:
    fault = {"field": "role", "reason": "Blank.", "fix": "Fill it in."}
    assert str(
        requests.failure_in(problem(422, detail="role: Blank. Fill it in.", faults=[fault], fix="See below."))
    ) == ("role: Blank. Fill it in.")
    assert str(requests.failure_in(problem(401, detail="This key is not known.", fix="Ask for a new one."))) == (
        "This key is not known. Ask for a new one."
    )


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (400, {}, RequestRefused),
        (401, {}, AuthenticationFailed),
        (403, {}, PermissionRefused),
        (404, {}, NotFound),
        (410, {}, NotFound),
        (422, {}, RequestRefused),
        (409, {}, Conflict),
        (409, {"retry-after": "1"}, Unavailable),
        (429, {}, RateLimited),
        (500, {}, Unavailable),
        (503, {}, Unavailable),
        (308, {"location": "https://new.example"}, RequestRefused),
    ],
)
def test_which_error_an_answer_is(status: int, headers: dict[str, str], kind: type[ServiceError]) -> None:
    failure = requests.failure_in(problem(status, headers, detail="So it is."))
    assert type(failure) is kind
    assert failure.status == status


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[1]", b"null", b"[" * 5000, b'{"faults": 1}', b'{"faults": [1, {}]}', b'{"detail": [3]}']
)
def test_a_mangled_problem_is_still_an_error(body: bytes) -> None:
    failure = requests.failure_in(Answer(400, {}, body))
    assert isinstance(failure, RequestRefused)
    assert str(failure)


def test_success_is_no_failure() -> None:
    assert requests.failure_in(Answer(200, {}, b"{}")) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert requests.retry_after(Answer(503, headers, b"")) == seconds


@pytest.mark.parametrize(
    ("request_", "failure", "attempt", "pause"),
    [
        (Request("GET", "/"), Unavailable("x"), 1, None),
        (Request("GET", "/", repeatable=True), RequestRefused("x"), 1, None),
        (Request("GET", "/", repeatable=True), Unavailable("x"), 1, 0.75),
        (Request("GET", "/", repeatable=True), Unavailable("x"), 3, 3.0),
        (Request("GET", "/", repeatable=True), Unavailable("x"), 4, None),
        (Request("GET", "/", repeatable=True), Unavailable("x", retry_after=20.0), 1, 20.5),
        (Request("GET", "/", repeatable=True), Unavailable("x", retry_after=31.0), 1, None),
    ],
)
def test_pause_before_retry(request_: Request, failure: ServiceError, attempt: int, pause: float | None) -> None:
    assert requests.pause_before_retry(request_, failure, attempt, dice=0.5) == pause


def test_pauses_grow_to_an_end_however_often_it_is_tried() -> None:
    assert [requests.backoff(attempt, 1.0) for attempt in (1, 2, 3, 4, 5, 5000)] == [1, 2, 4, 8, 8, 8]
    assert requests.backoff(1, 0.0) > 0, "a service that is just starting is not asked four times at once"


@pytest.mark.parametrize(
    "key", ["", "secret", "whsec_abcdefghijklmnop", KEY + "\r\nX: 1", f" {KEY}", "rf_live_x", "rf_live_ä" * 3]
)
def test_sec_177_what_is_no_api_key_is_refused_unrepeated(key: str) -> None:
    with pytest.raises(RequestRefused, match="rf_live_") as caught:
        requests.require_api_key(key)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "https://portfolio.example/refolio/"]
)
def test_addresses_of_a_service(url: str) -> None:
    assert requests.require_base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "portfolio.example", "ftp://portfolio.example", "https://u:p@x.example", "https://x.example?a"),
        *("http://[::1", "http://localhost:abc", "http://localhost:65536", 'http://localhost/"', "http://localhost\n"),
        *("https://x.example#a", "https://x.exa mple", "http://"),
    ],
)
def test_addresses_of_no_service(url: str) -> None:
    with pytest.raises(RequestRefused, match="address of a service"):
        requests.require_base_url(url)


def test_sec_177_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(RequestRefused, match="address of a service") as caught:
        requests.require_base_url("https://me:hunter2@portfolio.example")
    assert "hunter2" not in str(caught.value)


def test_the_api_key_does_not_cross_a_network_in_the_clear() -> None:
    with pytest.raises(RequestRefused, match="Use https"):
        requests.require_base_url("http://portfolio.example")


def test_an_issued_credential_is_immutable(issued: dict[str, object]) -> None:
    credential = credential_in(Answer(201, {}, json.dumps(issued).encode()))
    with pytest.raises(AttributeError):
        credential.state = "withdrawn"  # type: ignore[misc]
    assert isinstance(credential, IssuedCredential)


def test_an_error_tells_the_request_id_of_the_problem_or_of_the_header() -> None:
    failure = requests.failure_in(problem(404, {"request-id": "req_header"}, detail="No.", request_id="req_body"))
    assert failure is not None
    assert failure.request_id == "req_body"
    bare = requests.failure_in(Answer(502, {"request-id": "req_header"}, b"<html>"))
    assert bare is not None
    assert (bare.request_id, bare.code, bare.fix, bare.faults) == ("req_header", "", "", ())


def test_an_answer_nested_without_end_is_an_error_of_the_service() -> None:
    with pytest.raises(ServiceError, match="not one of a Refolio service"):
        credential_in(Answer(200, {}, b'{"new":' + b"[" * 100_000))


def test_a_busy_service_says_how_long_to_wait_too() -> None:
    failure = requests.failure_in(problem(409, {"retry-after": "3"}, detail="It is being worked on."))
    assert isinstance(failure, Unavailable)
    assert failure.retry_after == 3.0


def test_too_many_requests_say_how_long_to_wait() -> None:
    failure = requests.failure_in(problem(429, {"retry-after": "7"}, detail="Too many."))
    assert isinstance(failure, RateLimited)
    assert (failure.status, failure.retry_after) == (429, 7.0)

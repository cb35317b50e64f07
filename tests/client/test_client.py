"""Client and AsyncClient against a real server on loopback, and against a Litestar app in process."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, post
from litestar.testing import AsyncTestClient, TestClient

import refolio
from refolio import (
    AsyncClient,
    AuthenticationFailed,
    Client,
    Completion,
    Conflict,
    RequestRefused,
    ServiceError,
    Unavailable,
)
from refolio.client.idempotency import content_key
from refolio.configuration import Configuration
from tests.client.conftest import KEY, UUID
from tests.client.loopback import Connection, Loopback, answer


class Both:
    """Calls the same thing on Client and AsyncClient."""

    def __init__(self, server: Loopback, kind: str) -> None:
        self.server = server
        self.kind = kind
        self.pauses: list[float] = []

    async def __call__(self, act: Callable[[Any], Any]) -> Any:
        if self.kind == "Client":
            with Client(KEY, self.server.url, sleep=self.pauses.append) as client:
                return act(client.credentials)

        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async with AsyncClient(KEY, self.server.url, sleep=sleep) as client:
            return await act(client.credentials)


@pytest.fixture(params=["Client", "AsyncClient"])
def call(request: pytest.FixtureRequest, server: Loopback) -> Both:
    return Both(server, request.param)


def hang_up(connection: Connection) -> None:
    connection.request.close()


async def test_issue(call: Both, completion: Completion, issued: dict[str, object]) -> None:
    call.server.script = [answer(201, issued)]
    credential = await call(lambda credentials: credentials.issue(completion))
    assert credential.code == "7Q4K-9XBD-2MTR-6WFH"
    assert call.server.received[0].startswith(b"POST /api/v1/credentials HTTP/1.1\r\n")
    assert call.server.headers()["authorization"] == f"Bearer {KEY}"
    assert call.server.headers()["idempotency-key"] == content_key(completion)
    assert refolio.completion_from(json.loads(call.server.body())) == completion


async def test_withdraw(call: Both, issued: dict[str, object]) -> None:
    call.server.script = [answer(200, {**issued, "state": "withdrawn", "reason": "Wrong person."})]
    credential = await call(lambda credentials: credentials.withdraw(UUID, "Wrong person."))
    assert (credential.state, credential.reason) == ("withdrawn", "Wrong person.")


async def test_get(call: Both, issued: dict[str, object]) -> None:
    call.server.script = [answer(200, issued)]
    assert (await call(lambda credentials: credentials.get(UUID))).uuid == UUID


async def test_document_is_byte_for_byte_and_needs_no_key(call: Both) -> None:
    signed = b'{ "name":"Zo\xc3\xab",\r\n\t"kept" :  "as it is"}\n'
    call.server.script = [answer(200, signed, Content_Type="application/vc")]
    assert await call(lambda credentials: credentials.document(UUID)) == signed
    assert "authorization" not in call.server.headers()


async def test_a_keyed_request_is_sent_again_with_the_same_key(
    call: Both, completion: Completion, issued: dict[str, object]
) -> None:
    call.server.script = [hang_up, answer(503), answer(429, Retry_After="2"), answer(201, issued)]
    assert (await call(lambda credentials: credentials.issue(completion))).uuid == UUID
    keys = {call.server.headers(n)["idempotency-key"] for n in range(4)}
    assert keys == {content_key(completion)}
    assert len({call.server.body(n) for n in range(4)}) == 1
    assert len(call.pauses) == 3
    assert 2 <= call.pauses[2] <= 3


async def test_it_gives_up_after_four_attempts(call: Both, completion: Completion) -> None:
    call.server.script = [answer(503, {"detail": "Back at noon."})]
    with pytest.raises(Unavailable, match="Back at noon"):
        await call(lambda credentials: credentials.issue(completion))
    assert len(call.server.received) == 4


async def test_a_withdrawal_whose_answer_was_lost_is_sent_again(call: Both, issued: dict[str, object]) -> None:
    call.server.script = [hang_up, answer(200, {**issued, "state": "withdrawn"})]
    assert (await call(lambda credentials: credentials.withdraw(UUID, "Wrong person."))).state == "withdrawn"
    assert call.server.body(0) == call.server.body(1)


async def test_a_refusal_is_not_repeated(call: Both, completion: Completion) -> None:
    call.server.script = [
        answer(400, {"detail": "No.", "faults": [{"field": "role", "reason": "Blank.", "fix": "Fill it in."}]})
    ]
    with pytest.raises(RequestRefused, match=r"No\. role: Blank\. Fill it in\."):
        await call(lambda credentials: credentials.issue(completion))
    assert len(call.server.received) == 1


async def test_sec_101_an_endless_answer_is_cut_off(call: Both) -> None:
    call.server.script = [answer(200, "x" * 3_000_000)]
    with pytest.raises(ServiceError, match="far too long"):
        await call(lambda credentials: credentials.get(UUID))


def packed(packing: str, content: bytes) -> bytes:
    return answer(200, content, Content_Encoding=packing)


async def test_a_packed_answer_is_read(call: Both, issued: dict[str, object]) -> None:
    call.server.script = [packed("gzip", gzip.compress(json.dumps(issued).encode()))]
    assert (await call(lambda credentials: credentials.get(UUID))).uuid == UUID
    assert call.server.headers()["accept-encoding"] == "gzip, deflate"


async def test_sec_101_a_bomb_is_not_unpacked(call: Both) -> None:
    call.server.script = [packed("gzip", gzip.compress(b"x" * 50_000_000))]
    with pytest.raises(ServiceError, match="far too long"):
        await call(lambda credentials: credentials.get(UUID))
    for packing in ("gzip, gzip", "zstd", "br", "x-unknown"):  # a few kilobytes of these can be gigabytes
        call.server.script = [packed(packing, gzip.compress(gzip.compress(b"x" * 50_000_000)))]
        with pytest.raises(ServiceError, match="not asked for"):
            await call(lambda credentials: credentials.get(UUID))


@pytest.mark.parametrize("host", [f"{'a' * 70}.example", "portfolio..example"])
async def test_a_host_that_cannot_be_asked_for_is_an_answer_that_does_not_come(host: str) -> None:
    with (
        pytest.raises(Unavailable, match="gave no answer"),
        Client(KEY, f"https://{host}", sleep=lambda _: None) as client,
    ):
        client.credentials.get(UUID)
    async with AsyncClient(KEY, f"https://{host}", attempts=1) as async_client:
        with pytest.raises(Unavailable, match="gave no answer"):
            await async_client.credentials.get(UUID)


async def test_a_conflict_is_not_repeated(call: Both, completion: Completion) -> None:
    call.server.script = [answer(409, {"detail": "This key was used with another body."})]
    with pytest.raises(Conflict, match="another body"):
        await call(lambda credentials: credentials.issue(completion))
    assert len(call.server.received) == 1


async def test_no_service_at_the_address(call: Both, completion: Completion) -> None:
    call.server.shutdown()
    call.server.server_close()
    with pytest.raises(Unavailable, match="gave no answer"):
        await call(lambda credentials: credentials.issue(completion))
    assert len(call.pauses) == 3


async def test_the_key_does_not_follow_a_redirect(call: Both, completion: Completion) -> None:
    call.server.script = [answer(307, Location=f"{call.server.url}/elsewhere")]
    with pytest.raises(RequestRefused, match="leads on to http"):
        await call(lambda credentials: credentials.issue(completion))
    assert len(call.server.received) == 1


async def test_sec_105_neither_proxies_nor_netrc_of_the_environment(
    call: Both, issued: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login mallory password x\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    call.server.script = [answer(200, issued)]
    await call(lambda credentials: credentials.get(UUID))
    assert call.server.headers()["authorization"] == f"Bearer {KEY}"


def test_the_key_is_not_shown() -> None:
    with Client(KEY) as client:
        assert KEY not in repr(client) + repr(client.credentials)
    assert KEY not in repr(Configuration("https://portfolio.example", KEY))


def test_sec_177_nothing_that_is_logged_holds_the_key(
    server: Loopback, issued: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [answer(200, issued), answer(401)]
    with caplog.at_level(logging.DEBUG), Client(KEY, server.url) as client:
        client.credentials.get(UUID)
        with pytest.raises(AuthenticationFailed):
            client.credentials.get(UUID)
    assert caplog.text
    assert KEY not in caplog.text


def test_the_secret_of_a_webhook_is_not_shown() -> None:
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    hook = refolio.Webhook(id="whk_1", url="https://x.example", enabled=True, created_at=at, secret="whsec_hidden")
    assert "whsec" not in f"{hook!r} {hook} {[hook]}"


@post("/api/v1/credentials")
async def issue(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    sent = await request.json()
    links = {"credential": "c", "verify": "v", "qr": "q"}
    members = {"id": "i", "uuid": UUID, "record": sent["record"], "issuer": sent["issuer"], "state": "current"}
    extra = {"code": "c", "issued_at": "2026-11-23T10:00:00Z", "links": links}
    return Response({**members, **extra, "reason": request.headers["authorization"]}, status_code=201)


def test_a_test_client_is_taken_as_it_is(completion: Completion) -> None:
    with TestClient(Litestar([issue])) as http:
        assert Client(KEY, http=http).credentials.issue(completion).reason == f"Bearer {KEY}"


async def test_an_async_test_client_is_taken_as_it_is(completion: Completion) -> None:
    async with AsyncTestClient(Litestar([issue])) as http:
        assert (await AsyncClient(KEY, http=http).credentials.issue(completion)).record == "NF-2026-001"


def test_an_http_client_of_ones_own_stays_open(server: Loopback, issued: dict[str, object]) -> None:
    server.script = [answer(200, issued)]
    with httpx.Client(headers={"X-Mine": "1"}) as http:
        with Client(KEY, server.url, http) as client:
            client.credentials.get(UUID)
        assert not http.is_closed
    assert server.headers()["x-mine"] == "1"

"""What a hostile or broken server can do to a fetch: make it give up, with a reason, in time."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from refolio.client.fetching import MAX_BYTES, fetch
from tests.client.loopback import Behaviour, Connection, Loopback, answer
from tests.client.test_fetching import unfetched


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def endless(connection: Connection) -> None:
    connection.say(head())
    while True:
        connection.say(b"x" * 65536)


@pytest.mark.parametrize(
    "behaviour",
    [
        lambda connection: connection.drip(head("Content-Length: 9000") + b"x" * 9000),
        lambda connection: (connection.say(head("Content-Length: 9000")), connection.drip(b"x" * 9000)),
        lambda connection: connection.server.over.wait(),
    ],
    ids=["slow headers", "slow body", "silence"],
)
def test_sec_101_a_slow_server_has_one_deadline_for_everything(server: Loopback, behaviour: Behaviour) -> None:
    server.script = [behaviour]
    began = time.monotonic()
    assert "did not answer in full within 0.3 seconds" in unfetched(fetch(server.url, allow_private=True, seconds=0.3))
    assert time.monotonic() - began < 4


def test_sec_101_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    says = unfetched(fetch("https://slow.example/", allow_private=True, seconds=0.2))
    over.set()
    assert "did not answer" in says


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (answer(200, b"x" * (MAX_BYTES + 1)), "larger than 1,024 KiB"),
        (endless, "larger than 1,024 KiB"),
        (answer(200, b"\x1f\x8b...", Content_Encoding="gzip"), "compressed"),
        (answer(200, b"x", Content_Encoding="br"), "compressed"),
        (head("X: " + "x" * 200_000), "failed"),
        (head(*(f"X-{n}: x" for n in range(40_000))), "failed"),
        (head("Content-Length: 100") + b"short", "failed"),
        (head("Content-Length: 1", "Content-Length: 2") + b"xx", "failed"),
        (head("Content-Length: -1") + b"x", "failed"),
        (head("Transfer-Encoding: chunked") + b"zz\r\n", "failed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "failed"),
        (b"", "failed"),
        (answer(404), "answered 404"),
        (answer(500), "answered 500"),
        (answer(204), "answered 204"),
    ],
)
def test_sec_101_a_server_that_misbehaves(server: Loopback, behaviour: Behaviour, says: str) -> None:
    server.script = [behaviour]
    assert says in unfetched(fetch(server.url, allow_private=True))


def test_a_document_of_exactly_the_limit_is_had(server: Loopback) -> None:
    server.script = [answer(200, b"x" * MAX_BYTES)]
    assert fetch(server.url, allow_private=True) == b"x" * MAX_BYTES


def test_nobody_there(server: Loopback) -> None:
    server.shutdown()
    server.server_close()
    assert unfetched(fetch(server.url, allow_private=True)) == f"localhost:{server.port} refused the connection."


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert unfetched(fetch("https://gone.example/", allow_private=False)) == "the name gone.example is not known."


def test_sec_105_the_request_carries_nothing_of_the_environment(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login maya password x\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.script = [answer(200, b"{}", Set_Cookie="a=b")]
    for _ in range(2):
        assert fetch(f"{server.url}/did.json", allow_private=True) == b"{}"
    assert set(server.headers()) == {"host", "accept", "accept-encoding", "connection"}
    assert server.headers()["host"] == f"localhost:{server.port}"


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[Loopback]:
    """A server for localhost whose TLS certificate nobody vouches for."""
    with Loopback(_self_signed(tmp_path / "localhost.pem")) as loopback:
        thread = threading.Thread(target=loopback.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield loopback
        loopback.shutdown()
        thread.join()


def _self_signed(file: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_sec_107_a_self_signed_server_is_not_believed(tls_server: Loopback) -> None:
    tls_server.script = [answer(200, b"{}")]
    says = unfetched(fetch(f"https://localhost:{tls_server.port}/did.json", allow_private=True))
    assert says.startswith(f"the TLS certificate of localhost:{tls_server.port} is not valid (")
    assert not tls_server.received


def test_sec_107_a_server_that_speaks_no_tls(server: Loopback) -> None:
    server.greeting = b"220 mail.example ESMTP\r\n"
    says = unfetched(fetch(f"https://localhost:{server.port}/did.json", allow_private=True))
    assert says == f"no secure connection to localhost:{server.port} could be made."

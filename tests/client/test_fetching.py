"""What a hostile credential can make us fetch: nothing inside, nothing odd, nothing but plain https documents."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from refolio.client.fetching import address_of, fetch, from_files, from_mapping
from refolio.client.guarded_network import is_public
from refolio.credential.verification import Found, Unfetched
from refolio.errors import DocumentRefused, KeyRefused
from tests.client.loopback import Loopback, answer

INSIDE = """
0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.0.1
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1
fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
""".split()  # noqa: SIM905
OUTSIDE = "1.1.1.1 8.8.8.8 93.184.215.14 172.32.0.1 192.167.255.255 2606:4700::1111 2a00:1450::1".split()  # noqa: SIM905


def unfetched(found: Found) -> str:
    assert isinstance(found, Unfetched), found
    return found.says


@pytest.mark.parametrize("address", INSIDE)
def test_sec_093_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_sec_093_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1.2.3"])
def test_sec_093_this_machine_is_not_asked_unless_allowed(server: Loopback, host: str) -> None:
    for scheme in ("http", "https"):
        says = unfetched(fetch(f"{scheme}://{host}:{server.port}/did.json", allow_private=False))
        assert "private network" in says or "https://" in says
    assert server.connections == 0


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
def test_sec_094_other_spellings_of_inside_addresses(server: Loopback, host: str) -> None:
    assert "private network" in unfetched(fetch(f"https://{host}:{server.port}/", allow_private=False))
    assert server.connections == 0


@pytest.mark.parametrize("host", ["①②⑦.0.0.1", "127。0。0。1", "lоcalhost", "ⓔxample.com", "example.com\u200b"])
def test_sec_094_letters_that_only_look_like_it(host: str) -> None:
    assert unfetched(fetch(f"https://{host}/", allow_private=True)) == "its address is not a plain web address."


def test_sec_095_a_name_is_looked_up_once(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[object] = []
    resolve = socket.getaddrinfo

    def flipping(host: str, *rest: object, **more: object) -> object:
        looked_up.append(host)
        return resolve("127.0.0.1" if host == "rebind.example" else host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", flipping)
    assert "private network" in unfetched(fetch(f"https://rebind.example:{server.port}/", allow_private=False))
    assert looked_up == ["rebind.example"]
    looked_up.clear()
    server.script = [answer(200, b"{}")]
    fetch(f"http://localhost:{server.port}/", allow_private=True)
    assert looked_up.count("localhost") == 1


def test_sec_096_a_redirect_is_not_followed(server: Loopback) -> None:
    server.pages = {"/a": answer(302, Location=f"{server.url}/b"), "/b": answer(200, b"secret")}
    assert "not followed" in unfetched(fetch(f"{server.url}/a", allow_private=True))
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://portfolio.example/a",
        "gopher://portfolio.example/",
        "data:application/json,{}",
        "javascript:alert(1)",
        "//portfolio.example/",
        "HTTPS://portfolio.example/",
        "https:/portfolio.example",
        "https://",
        "",
    ],
)
def test_sec_097_other_schemes(url: str) -> None:
    assert unfetched(fetch(url, allow_private=True)) == "its address is not a plain web address."


def test_sec_097_plain_http_is_for_this_machine() -> None:
    assert "only https://" in unfetched(fetch("http://portfolio.example/did.json", allow_private=True))


@pytest.mark.parametrize(
    "url",
    [
        "https://maya@localhost/",
        "https://maya:x@localhost/",
        "https://localhost\\@portfolio.example/",
        "https://localhost/a b",
        "https://localhost/\r\nX-Evil: 1",
        "https://localhost/\t",
        "https://localhost/#part",
        "https://localhost:99999/",
        "https://localhost:port/",
        "https://[::1/",
        "https://localhost/é",
        "https://[::gg]/",
    ],
)
def test_sec_098_odd_addresses(url: str) -> None:
    assert unfetched(fetch(url, allow_private=True))


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:portfolio.example", "https://portfolio.example/.well-known/did.json"),
        ("did:web:portfolio.example:issuers:acme", "https://portfolio.example/issuers/acme/did.json"),
        ("did:web:localhost%3A8000:issuers:acme", "http://localhost:8000/issuers/acme/did.json"),
        ("https://portfolio.example/status/1", "https://portfolio.example/status/1"),
    ],
)
def test_sec_099_where_a_did_web_document_is(did: str, url: str) -> None:
    assert address_of(did) == url


@pytest.mark.parametrize(
    "did", ["did:web:127.0.0.1", "did:web:a.example%2F..", "did:web:x@a.example", "did:web:a.example:..:b"]
)
def test_sec_099_a_did_web_that_leads_astray(did: str) -> None:
    with pytest.raises(KeyRefused):
        address_of(did)


def test_a_documents_map_gives_files_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "did.json").write_bytes(b"{}")
    map_file = tmp_path / "documents.json"
    map_file.write_text(
        '{"documents": {"https://a.example/did.json": "did.json", "https://a.example/gone": "gone.json",'
        ' "https://localhost:8000/did.json": "did.json"}}'
    )
    source = from_files(map_file)
    assert source("https://a.example/did.json") == b"{}"
    assert source("http://localhost:8000/did.json") == b"{}"
    assert unfetched(source("https://b.example/did.json")) == "it is not in the documents map."
    assert "cannot be read" in unfetched(source("https://a.example/gone"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"documents": 3}', '{"documents": ["a"]}', "[" * 9999, "\ud7ff{"])
def test_what_is_no_documents_map(tmp_path: Path, content: str) -> None:
    map_file = tmp_path / "documents.json"
    map_file.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentRefused, match="documents map"):
        from_files(map_file)


def test_documents_out_of_memory() -> None:
    source = from_mapping({"https://a.example/did.json": b"{}"})
    assert source("https://a.example/did.json") == b"{}"
    assert unfetched(source("https://b.example/did.json")) == "it is not among the documents given."

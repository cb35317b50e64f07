"""The service's way out: what a stranger's credential can make it fetch. By the same tables as the client's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from refolio.credential.verification import Found, Unfetched
from tests.client.loopback import Connection, answer
from tests.client.test_fetching import INSIDE
from tests.outside.strangers import NAMES, Strangers, strangers
from tests.world import Clock
from verify.outside import fetching
from verify.outside.fetching import Fetcher
from verify.runtime import Network

DID = b'{"id": "did:web:issuer.example"}'


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Strangers]:
    with strangers(tmp_path) as others:
        others.server.script = [answer(200, DID)]
        yield others


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetcher(outside: Strangers, clock: Clock) -> Fetcher:
    return Fetcher(outside.network, clock)


def unfetched(found: Found) -> str:
    assert isinstance(found, Unfetched), found
    return found.says


async def test_a_document_as_it_is_sent(outside: Strangers, fetcher: Fetcher) -> None:
    assert await fetcher.fetch(outside.url("/.well-known/did.json?a=b")) == DID
    assert outside.server.received[0].startswith(b"GET /.well-known/did.json?a=b HTTP/1.1\r\n")
    headers = outside.server.headers()
    assert headers["host"] == f"issuer.example:{outside.server.port}"
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "authorization", "referer"} & set(headers)


@pytest.mark.parametrize("address", INSIDE)
async def test_sec_093_a_name_that_leads_inside_is_not_followed(outside: Strangers, clock: Clock, address: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [address]

    guarded = Fetcher(replace(outside.network, resolve=resolve, allow_private=False), clock)
    assert "not on the public Internet" in unfetched(await guarded.fetch(outside.url("/")))
    assert outside.server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f000001", "127.1", "0"])
async def test_sec_094_this_machine_under_any_spelling(outside: Strangers, clock: Clock, host: str) -> None:
    guarded = Fetcher(Network(), clock)
    assert "not on the public Internet" in unfetched(await guarded.fetch(f"https://{host}:{outside.server.port}/"))
    assert outside.server.connections == 0


async def test_sec_095_the_address_that_was_judged_is_the_one_that_is_asked(outside: Strangers, clock: Clock) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def flipping(host: str, port: int) -> list[str]:
        return next(answers)  # a second look would lead inside; a third would fail

    assert await Fetcher(replace(outside.network, resolve=flipping), clock).fetch(outside.url("/did.json")) == DID
    assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300])
async def test_sec_096_no_redirect_is_followed(outside: Strangers, fetcher: Fetcher, status: int) -> None:
    outside.server.script = [answer(status, Location=outside.url("/elsewhere")), answer(200, DID)]
    assert "sends us on" in unfetched(await fetcher.fetch(outside.url("/did.json")))
    assert outside.server.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "gopher://issuer.example/", "ftp://issuer.example/", "data:application/json,{}"),
        *("http://issuer.example/", "https://user@issuer.example/", "https://issuer.example\\@other.example/"),
        *("https://issuer.example/#fragment", "https://issuer.example/\r\nHost: x", "https://issuer.example/ x"),
        *("https://issuer.example:0/", "https://issuer.example:65536/", "https://①②⑦.0.0.1/", "", "https://"),
    ],
)
async def test_sec_097_098_only_plain_https_addresses(outside: Strangers, fetcher: Fetcher, url: str) -> None:
    assert unfetched(await fetcher.fetch(url))
    assert not outside.asked
    assert outside.server.connections == 0


async def test_sec_101_an_endless_body_is_cut_off(outside: Strangers, fetcher: Fetcher) -> None:
    def endless(connection: Connection) -> None:
        connection.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.say(b"x" * 65536)

    outside.server.script = [endless]
    assert "larger than 1,024 KiB" in unfetched(await fetcher.fetch(outside.url("/did.json")))


async def test_sec_101_a_slow_drip_ends_at_the_deadline(
    outside: Strangers, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    outside.server.script = [lambda connection: connection.drip(answer(200, DID * 1000))]
    assert "did not answer in full" in unfetched(await fetcher.fetch(outside.url("/did.json")))


async def test_sec_101_compressed_bodies_are_not_unpacked(outside: Strangers, fetcher: Fetcher) -> None:
    outside.server.script = [answer(200, b"\x1f\x8b", Content_Encoding="gzip")]
    assert "compressed" in unfetched(await fetcher.fetch(outside.url("/did.json")))


@pytest.mark.parametrize("status", [204, 206, 400, 404, 500])
async def test_any_other_answer_is_no_document(outside: Strangers, fetcher: Fetcher, status: int) -> None:
    outside.server.script = [answer(status)]
    assert unfetched(await fetcher.fetch(outside.url("/did.json")))


async def test_sec_102_what_was_asked_a_moment_ago_is_not_asked_again(
    outside: Strangers, fetcher: Fetcher, clock: Clock
) -> None:
    urls = [outside.url("/did.json")] * 20
    assert set(await asyncio.gather(*map(fetcher.fetch, urls))) == {DID}
    assert outside.server.connections == 1
    clock.move(seconds=61)
    await fetcher.fetch(urls[0])
    assert outside.server.connections == 2


async def test_sec_102_a_refusal_is_remembered_too(outside: Strangers, fetcher: Fetcher) -> None:
    outside.server.script = [answer(500)]
    for _ in range(5):
        assert unfetched(await fetcher.fetch(outside.url("/did.json")))
    assert outside.server.connections == 1


async def test_sec_102_one_address_gets_so_many_requests_a_minute_whatever_its_names(
    outside: Strangers, fetcher: Fetcher, clock: Clock
) -> None:
    for number in range(fetching.MOST_A_MINUTE):
        assert await fetcher.fetch(outside.url(f"/{number}", NAMES[number % 2])) == DID
    assert "too often" in unfetched(await fetcher.fetch(outside.url("/one-more")))
    assert outside.server.connections == fetching.MOST_A_MINUTE
    clock.move(minutes=1)
    assert await fetcher.fetch(outside.url("/later")) == DID


async def test_sec_104_a_closed_port_and_a_wrong_protocol_sound_alike(outside: Strangers, fetcher: Fetcher) -> None:
    outside.server.script = [lambda connection: connection.say(b"SSH-2.0-OpenSSH\r\n")]
    wrong = unfetched(await fetcher.fetch(outside.url("/did.json")))
    closed = unfetched(await fetcher.fetch("https://issuer.example:1/did.json"))
    assert wrong == closed == "no secure connection to its host could be made."


async def test_sec_105_proxies_of_the_environment_are_not_used(
    outside: Strangers, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await fetcher.fetch(outside.url("/did.json")) == DID


async def test_sec_107_a_certificate_nobody_vouches_for_is_not_believed(outside: Strangers, clock: Clock) -> None:
    stranger = Fetcher(replace(outside.network, authorities=None), clock)
    assert (
        unfetched(await stranger.fetch(outside.url("/did.json"))) == "no secure connection to its host could be made."
    )
    assert not outside.server.received


async def test_sec_107_a_certificate_for_another_name_is_not_believed(outside: Strangers, fetcher: Fetcher) -> None:
    url = outside.url("/did.json", "acme.example")
    assert unfetched(await fetcher.fetch(url)) == "no secure connection to its host could be made."
    assert not outside.server.received


async def test_a_name_that_nobody_has(outside: Strangers, clock: Clock) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError(f"{host} is not known")

    found = await Fetcher(replace(outside.network, resolve=unknown), clock).fetch(outside.url("/did.json"))
    assert "its name is not known" in unfetched(found)

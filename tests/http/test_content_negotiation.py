"""One address, several readers: programs get the signed bytes, people get the verdict."""

from __future__ import annotations

import pytest

from tests.world import BROWSER, PUBLIC_URL, World

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
DOCUMENT_FOR = {
    None: "application/vc+ld+json",
    "*/*": "application/vc+ld+json",
    "application/*": "application/vc+ld+json",
    "application/vc": "application/vc",
    "application/vc+ld+json": "application/vc+ld+json",
    "application/ld+json": "application/ld+json",
    'application/ld+json; profile="https://w3id.org/security#x"': "application/ld+json",
    "application/json": "application/json",
    "application/json, */*;q=0.1": "application/json",
    "application/vc, text/html;q=0.1": "application/vc",
    "image/png": "application/vc+ld+json",
}


@pytest.mark.parametrize(("accept", "media_type"), DOCUMENT_FOR.items())
async def test_a_program_gets_the_signed_bytes_at_the_credentials_address(
    accept: str | None, media_type: str, sqlite_world: World
) -> None:
    issued = await sqlite_world.issued()
    sqlite_world.http.headers.pop("accept")
    answer = await sqlite_world.http.get(issued["id"], headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content.startswith(b'{"@context":["https://www.w3.org/ns/credentials/v2"')


async def test_all_readers_get_the_same_bytes(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    addresses = [issued["id"], issued["links"]["verify"]]
    accepts = ["application/vc", "application/json", "application/ld+json"]
    answers = [await sqlite_world.http.get(at, headers={"Accept": accept}) for at in addresses for accept in accepts]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("accept", [BROWSER["Accept"], FIREFOX, "text/html"])
async def test_a_browser_at_the_credentials_address_is_sent_to_the_verdict(accept: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    answer = await sqlite_world.http.get(issued["id"], headers={"Accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PUBLIC_URL}/v/{issued['code']}")
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("accept", [None, "*/*", BROWSER["Accept"], "text/html", "text/*", "image/png"])
async def test_a_person_who_opens_the_link_gets_the_verdict(accept: str | None, sqlite_world: World) -> None:
    """Also by a QR scanner's preview that says nothing of what it takes."""
    issued = await sqlite_world.issued()
    sqlite_world.http.headers.pop("accept")
    answer = await sqlite_world.http.get(issued["links"]["verify"], headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "accept", ["application/vc", "application/vc+ld+json", "application/json", "application/ld+json"]
)
async def test_a_verifier_that_follows_the_link_gets_the_document(accept: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    answer = await sqlite_world.http.get(issued["links"]["verify"], headers={"Accept": accept})
    assert answer.headers["content-type"] == accept
    assert answer.content == await sqlite_world.document(issued["uuid"])


@pytest.mark.parametrize(
    "accept",
    [
        b"",
        b"/",
        b";;;",
        b"text/html;q=NaN",
        b"text/html;q=1e999",
        b"a/b;" + b"c=d;" * 5000,
        b"\xff\xfe",
        b'text/html;x="',
        b"," * 5000,
    ],
)
async def test_no_accept_header_breaks_an_answer(accept: bytes, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    for path in (issued["id"], issued["links"]["verify"], "/p/nobody", "/nope", "/"):
        answer = await sqlite_world.http.get(path, headers=[(b"Accept", accept)])
        assert answer.status_code < 500, path

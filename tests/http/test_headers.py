"""Headers that keep pages inert and let foreign verifiers in: on every answer, whoever gave it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.showing import shows
from tests.web.reading import Reader
from tests.world import BROWSER, World, maya, stage
from verify.issuers.tables import IssuerKey

EVIL = {"Origin": "https://mallory.example"}
ABSENT = "00000000-0000-4000-8000-000000000000"


async def answers(world: World) -> dict[str, httpx.Response]:
    """One answer of every kind that the service gives."""
    issued = await world.issued()
    await shows(world, "maya@northfield.example", "maya")
    document = (await world.http.get(f"/credentials/{issued['uuid']}")).json()
    verdict = f"/v/{issued['code']}"
    get: dict[str, tuple[str, dict[str, str]]] = {
        "front page": ("/", BROWSER),
        "portfolio": ("/p/maya", BROWSER),
        "verdict page": (verdict, BROWSER),
        "problem page": ("/nope", BROWSER),
        "page of a problem type": ("/problems/not-found", BROWSER),
        "redirect": (f"/credentials/{issued['uuid']}", BROWSER),
        "credential": (f"/credentials/{issued['uuid']}", {}),
        "not modified": (f"/credentials/{issued['uuid']}", {"If-None-Match": "*"}),
        "credential status": (f"/credentials/{issued['uuid']}/status", {}),
        "status list": (document["credentialStatus"]["statusListCredential"], {}),
        "issuer": ("/issuers/acme/did.json", {}),
        "achievement": (document["credentialSubject"]["achievement"]["id"], {}),
        "QR drawing": (f"{verdict}/qr.svg", {}),
        "QR picture": (f"{verdict}/qr.png", {}),
        "file to keep": (f"{verdict}/signed.json", BROWSER),
        "health": ("/healthz", {}),
        "stylesheet": ("/static/refolio.css", {}),
        "no route": ("/nope", {}),
        "no credential": (f"/credentials/{ABSENT}", {}),
        "no key": (f"/api/v1/credentials/{issued['uuid']}", {}),
    }
    found = {name: await world.http.get(path, headers=headers | EVIL) for name, (path, headers) in get.items()}
    found["wrong method"] = await world.http.delete(verdict, headers=EVIL)
    found["bad body"] = await world.post(b"", **EVIL)
    found["issued"] = await world.post(maya(), "again", query="?allow_duplicate=true", **EVIL)
    for path in (verdict, "/api/v1/credentials"):
        found[f"OPTIONS {path[:4]}"] = await world.http.options(path, headers=EVIL)
    await IssuerKey.update({IssuerKey.wrapped: b""}).where(IssuerKey.issuer == "acme")
    found["our fault"] = await world.post(maya(), "third", query="?allow_duplicate=true")
    return found


async def test_every_answer_is_guarded(sqlite_world: World) -> None:
    """SEC-117, SEC-140, SEC-141, SEC-157."""
    found = await answers(sqlite_world)
    statuses = {answer.status_code for answer in found.values()}
    assert statuses == {200, 201, 204, 303, 304, 400, 401, 404, 405, 500}
    for name, answer in found.items():
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "script-src" not in policy, name
        assert "unsafe" not in policy, name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.headers["referrer-policy"] == "no-referrer", name
        assert answer.headers["strict-transport-security"], name
        assert "set-cookie" not in answer.headers, name
        assert "server" not in answer.headers, name


async def test_sec_169_public_documents_are_open_to_other_sites_and_nothing_else_is(sqlite_world: World) -> None:
    found = await answers(sqlite_world)
    closed = {
        *("front page", "portfolio", "problem page", "page of a problem type", "health", "stylesheet", "no route"),
        *("no key", "bad body", "issued", "our fault", "OPTIONS /api"),
    }
    opened = {name for name, answer in found.items() if "access-control-allow-origin" in answer.headers}
    assert opened == set(found) - closed
    assert {found[name].headers["access-control-allow-origin"] for name in opened} == {"*"}
    assert not [name for name, answer in found.items() if "access-control-allow-credentials" in answer.headers]


async def test_without_https_a_browser_is_not_told_to_insist_on_it(sqlite_url: str) -> None:
    async with stage(sqlite_url, public_url="http://localhost:8000") as world:
        assert "strict-transport-security" not in (await world.http.get("/")).headers


async def test_sec_216_pages_load_nothing_from_anywhere_else_and_hold_no_script(sqlite_world: World) -> None:
    found = await answers(sqlite_world)
    pages = {
        name: answer for name, answer in found.items() if answer.headers.get("content-type", "")[:9] == "text/html"
    }
    assert len(pages) == 5
    for name, answer in pages.items():
        page = Reader(answer.text)
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"script", "iframe", "object", "embed", "style", "base"}, name
        assert all(re.fullmatch(r"/(?!/).*", source) for source in page.attributes("src")), name
        loaded = [values["href"] for tag, values in page.elements if tag == "link" and "canonical" not in values["rel"]]
        assert all(re.fullmatch(r"/(?!/).*", address) for address in loaded), name
        assert not [attribute for _, values in page.elements for attribute in values if attribute.startswith("on")], (
            name
        )
        assert not page.attributes("style"), name


async def test_files_of_the_program_are_not_served(sqlite_world: World, sqlite_url: str) -> None:
    for path in (
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/..\\..\\app.py",
    ):
        assert (await sqlite_world.http.get(path)).status_code == 404, path
    database = Path(sqlite_url.removeprefix("sqlite:///")).name
    assert (await sqlite_world.http.get(f"/{database}")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/schema", "/schema/openapi.json", "/docs", "/metrics", "/debug", "/admin", "/.env", "/.git/HEAD"]
)
async def test_sec_218_nothing_answers_that_was_not_put_there(path: str, sqlite_world: World) -> None:
    assert (await sqlite_world.http.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/v/0000-0000-0000-0000"])
async def test_head_answers_like_get_without_a_body(path: str, sqlite_world: World) -> None:
    """RFC 9110 §9.3.2; link checkers ask this way."""
    head, whole = [await sqlite_world.http.request(method, path) for method in ("HEAD", "GET")]
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers.get("content-type") == whole.headers.get("content-type")

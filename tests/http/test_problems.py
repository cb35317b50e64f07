"""When something is refused or broken: a problem document for programs, a calm page for people, never our insides."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from tests.web.reading import Reader
from tests.world import BROWSER, MALLORY_KEY, PUBLIC_URL, World, maya, stage
from verify.credentials.tables import AnsweredRequest, Credential
from verify.http.refusals import KINDS

ABSENT = "00000000-0000-4000-8000-000000000000"
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "fix", "faults", "request_id"}
JSON = {"Content-Type": "application/json"}

# Method, path, headers, body; then status and code of the answer.
REFUSALS = {
    "no route": ("GET", "/nope", {}, b"", 404, "not-found"),
    "no credential": ("GET", f"/credentials/{ABSENT}", {}, b"", 404, "not-found"),
    "no portfolio": ("GET", "/p/nobody", {}, b"", 404, "not-found"),
    "no code": ("GET", "/v/hello", {}, b"", 404, "code-malformed"),
    "a static file that is not there": ("GET", "/static/nope.css", {}, b"", 404, "not-found"),
    "wrong method": ("DELETE", f"/credentials/{ABSENT}", {}, b"", 405, "method-not-allowed"),
    "no API key": ("POST", "/api/v1/credentials", JSON, b"{}", 401, "api-key-missing"),
    "wrong API key": (
        "GET",
        f"/api/v1/credentials/{ABSENT}",
        {"Authorization": "Bearer rf_live_no"},
        b"",
        401,
        "api-key-malformed",
    ),
}


@pytest.mark.parametrize(("method", "path", "headers", "body", "status", "code"), REFUSALS.values(), ids=REFUSALS)
async def test_a_program_gets_a_problem_document(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int, code: str, sqlite_world: World
) -> None:
    """RFC 9457 §3."""
    answer = await sqlite_world.http.request(method, path, headers=headers, content=body)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert set(problem) == MEMBERS
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"{PUBLIC_URL}/problems/{code}"
    assert problem["title"] == KINDS[code].title
    assert problem["instance"] == path
    assert problem["detail"].endswith(".")


@pytest.mark.parametrize("name", ["no route", "no credential", "no portfolio", "no code", "wrong method"])
async def test_a_browser_gets_a_page_that_says_what_to_do(name: str, sqlite_world: World) -> None:
    method, path, _, _, status, code = REFUSALS[name]
    answer = await sqlite_world.http.request(method, path, headers=BROWSER)
    page = Reader(answer.text)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert KINDS[code].title in page.text
    assert "What you can do" in page.text
    assert f"Error {status}" in page.text


async def test_the_interface_for_programs_never_answers_with_a_page(sqlite_world: World) -> None:
    answer = await sqlite_world.http.get(f"/api/v1/credentials/{ABSENT}", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_lacks_a_key_is_told_how_to_send_one(sqlite_world: World) -> None:
    answer = await sqlite_world.http.get(f"/api/v1/credentials/{ABSENT}")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_uses_a_wrong_method_is_told_the_right_ones(sqlite_world: World) -> None:
    answer = await sqlite_world.http.get("/credentials/verify")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("code", KINDS)
async def test_the_address_of_a_type_explains_it(code: str, sqlite_world: World) -> None:
    page = Reader(await sqlite_world.page(f"/problems/{code}"))
    assert KINDS[code].title in page.text
    assert KINDS[code].meaning in page.text
    assert f"Code {code}" in page.text
    assert "What you can do" not in page.text, "nothing went wrong for whoever reads this"
    assert "form" not in {tag for tag, _ in page.elements}


async def test_every_kind_of_refusal_has_a_sentence_and_a_fix() -> None:
    assert all(kind.title and kind.meaning.endswith((".", "…")) and 400 <= kind.status < 600 for kind in KINDS.values())


# ------------------------------------------------------------------------------------------ a fault on our own side


@pytest.fixture
async def broken(sqlite_url: str) -> AsyncIterator[World]:
    """The service on a database that lost its tables of credentials."""
    async with stage(sqlite_url) as world:
        for table in (AnsweredRequest, Credential):
            await table.raw(f"DROP TABLE {table._meta.tablename}")
        yield world


@pytest.mark.parametrize("headers", [BROWSER, {}], ids=["browser", "program"])
async def test_sec_219_a_fault_of_ours_shows_nothing_of_our_insides(headers: dict[str, str], broken: World) -> None:
    answer = await broken.http.get(f"/credentials/{ABSENT}", headers=headers)
    assert answer.status_code == 500
    assert KINDS["internal-error"].title in answer.text
    insides = ("Traceback", "sqlite", "no such table", "SELECT", ".py", "piccolo", "OperationalError")
    assert not [inside for inside in insides if inside in answer.text]


async def test_sec_132_what_is_logged_of_a_fault_holds_neither_key_nor_body(
    broken: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await broken.post(maya(issuer="mallory-inc"), "canary-key", api_key=MALLORY_KEY)
    assert answer.status_code == 500
    assert "Unexpected" in caplog.text, "a fault must be logged"
    for secret in (MALLORY_KEY, "maya@northfield.example", "Maya Okafor", "canary-key"):
        assert secret not in caplog.text


@pytest.mark.parametrize("path", ["/p/a%0d%0aINFO:%20forged", "/p/%1b[31mred", "/p/%00", "/status/%7f", "/v/%0a"])
async def test_sec_132_an_address_with_control_characters_finds_nothing_and_forges_no_log_line(
    path: str, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """SEC-006: PostgreSQL takes no NUL, so it must not come that far."""
    assert (await world.http.get(path)).status_code == 404
    assert not [record for record in caplog.records if not record.name.startswith("httpx")]  # that one is our client's


async def test_a_malformed_host_is_no_fault_of_ours(sqlite_world: World) -> None:
    """The refusal names the path from the request line; the Host header has no say in it."""
    for host in ("x:abc", "x:99999999"):
        answer = await sqlite_world.http.get("/nope", headers={"Host": host})
        assert (answer.status_code, answer.json()["instance"]) == (404, "/nope")
        assert "content-security-policy" in answer.headers

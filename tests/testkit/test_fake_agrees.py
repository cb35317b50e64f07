"""The same requests to the fake and to the real service, one after the other: the same answers, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from refolio.testing import FAKE_API_KEY, FakeService
from refolio.testing.fake_answers import PROBLEMS
from refolio.testing.fake_records import REASON_KINDS
from tests.completions import another, plain
from tests.testkit.recording import NO_SUCH, service
from tests.world import NOW
from verify.credentials.reasons import KINDS as REASONS
from verify.http.refusals import KINDS

CREDENTIALS = "/api/v1/credentials"
ONE = f"{CREDENTIALS}/UUID"
LOOSE = {"not-found"}  # its sentence names the platform, which a fake has none of


class Asked(NamedTuple):
    method: str
    path: str
    body: Any = None
    key: str | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def script() -> Iterator[Asked]:
    """In this order: what is asked later builds on what was issued before."""
    yield Asked("POST", CREDENTIALS, plain(), "1")
    yield Asked("POST", CREDENTIALS, plain(), "1")
    yield Asked("POST", CREDENTIALS, json.dumps(plain(), indent=1), "1")
    yield Asked("POST", f"{CREDENTIALS}?allow_duplicate=true", plain(), "1")
    yield Asked("POST", CREDENTIALS, plain(), "2")
    yield Asked("POST", CREDENTIALS, plain(record="other", role="Designer"), "3")
    yield Asked("POST", CREDENTIALS, plain(intern={"name": "M. O.", "email": "MAYA@northfield.example"}), "4")
    yield Asked("POST", f"{CREDENTIALS}?allow_duplicate=true", plain(record="other"), "5")
    yield Asked("POST", CREDENTIALS, another(), "6")
    yield Asked("POST", CREDENTIALS, plain(ended="2026-08-01"), "7")
    yield Asked("POST", CREDENTIALS, plain(shoe_size=42), "7")
    for body in ("", "[]", "{", '{"a": 1, "a": 2}', '{"hours": 1.5}', json.dumps(plain(story="x" * 600_000))):
        yield Asked("POST", CREDENTIALS, body, "8")
    for key in (None, "two words", "x" * 256):
        yield Asked("POST", CREDENTIALS, plain(), key)
    for media_type in ("", "text/plain"):
        yield Asked("POST", CREDENTIALS, plain(), "9", {"Content-Type": media_type})
    for authorization in ("", "Basic abc", "Bearer secret"):
        yield Asked("POST", CREDENTIALS, plain(), "9", {"Authorization": authorization})
        yield Asked("GET", ONE, headers={"Authorization": authorization})
    for method in ("PUT", "DELETE", "PATCH"):
        yield Asked(method, ONE)
    yield Asked("GET", f"{ONE}/withdraw")
    for path in (ONE, f"{CREDENTIALS}/{NO_SUCH}", f"{CREDENTIALS}/nonsense", "/api/v1/nothing"):
        yield Asked("GET", path)
    yield Asked("GET", "/credentials/UUID", headers={"Accept": "application/vc"})
    for query in ("", "?state=withdrawn", "?issuer=acme", "?record=other", "?email=Maya@northfield.example"):
        yield Asked("GET", f"{CREDENTIALS}{query}")
    for wrong in ({}, {"reason": " "}, {"reason": 3}, {"reason": "x" * 501}, {"reason": "x", "kind": "no"}, {"why": 1}):
        yield Asked("POST", f"{ONE}/withdraw", wrong)
    yield Asked("POST", f"{ONE}/withdraw", "")
    yield Asked("POST", f"{CREDENTIALS}/{NO_SUCH}/withdraw", {"reason": "Wrong dates."})
    for reason in ("Wrong dates.", "Wrong dates.", " Wrong dates. ", "Wrong hours."):
        yield Asked("POST", f"{ONE}/withdraw", {"reason": reason})
    yield Asked("GET", ONE)
    yield Asked("GET", f"{CREDENTIALS}?state=withdrawn")
    yield Asked("POST", CREDENTIALS, plain(), "1")
    yield Asked("POST", CREDENTIALS, plain(), "10")


class Service:
    """One of both, and the UUID of what it issued first."""

    def __init__(self, http: httpx.AsyncClient, api_key: str) -> None:
        self.http, self.api_key, self.uuid = http, api_key, NO_SUCH

    async def says(self, asked: Asked) -> object:
        headers = {"Authorization": f"Bearer {self.api_key}", **asked.headers}
        if asked.body is not None:
            headers = {"Content-Type": "application/json", **headers}
        if asked.key is not None:
            headers["Idempotency-Key"] = asked.key
        headers = {name: value for name, value in headers.items() if value}
        content = asked.body if isinstance(asked.body, str | None) else json.dumps(asked.body)
        path = asked.path.replace("UUID", self.uuid)
        answer = await self.http.request(asked.method, path, headers=headers, content=content)
        body = answer.json()
        if answer.status_code == 201 and self.uuid == NO_SUCH:
            self.uuid = body["uuid"]
        kind = answer.headers["content-type"]
        if answer.is_success:
            return answer.status_code, kind, _told(body)
        detail = "" if body["code"] in LOOSE else body["detail"]
        return answer.status_code, kind, body["code"], body["title"], body["fix"], detail, body["faults"]


def _told(body: Any) -> object:
    """What of an answer does not change with clock and dice."""
    if "items" in body:
        return [_told(item) for item in body["items"]], body["next"]
    same = ("record", "issuer", "state", "edition", "kind", "reason")
    return sorted(body), {name: body.get(name) for name in same} if "record" in body else None


async def test_the_fake_service_answers_and_refuses_as_the_real_one(tmp_path: Path) -> None:
    fake = FakeService(lambda: NOW)
    async with (
        service(tmp_path) as (http, api_key),
        httpx.AsyncClient(transport=fake, base_url=fake.url) as imitated,
    ):
        both = Service(http, api_key), Service(imitated, FAKE_API_KEY)
        for asked in script():
            real, faked = [await one.says(asked) for one in both]
            assert faked == real, asked


@pytest.mark.parametrize("code", PROBLEMS)
def test_its_problems_are_those_of_the_service(code: str) -> None:
    kind = KINDS[code]
    assert PROBLEMS[code] == (kind.status, kind.title, kind.meaning)


def test_so_are_the_kinds_of_reasons() -> None:
    assert tuple(REASONS) == REASON_KINDS

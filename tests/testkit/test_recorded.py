"""The recorded exchanges are what the real service says, and the fake service says the same."""

from __future__ import annotations

import json
from typing import Any

import httpx

from refolio.testing import FakeService, exchanges
from tests.testkit.recording import FOLDER, NO_SUCH, record
from tests.world import NOW


async def test_the_files_are_what_the_service_answers() -> None:
    kept = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.json")}
    assert kept == await record(), "run: python -m tests.testkit.recording"


def test_the_fake_service_answers_in_the_same_form() -> None:
    recorded = exchanges()
    assert len(recorded) >= 12
    uuid = recorded[0].response["body"]["uuid"]
    service = FakeService(lambda: NOW)
    with httpx.Client(transport=service, base_url=service.url) as http:
        own = ""
        for exchange in recorded:
            request, response = exchange.request, exchange.response
            body = request["body"]
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else None
            path = request["path"].replace(uuid, own or NO_SUCH)
            answer = http.request(request["method"], path, headers=request["headers"], content=content)
            own = own or answer.json()["uuid"]
            assert answer.status_code == response["status"], (exchange.name, answer.text)
            assert answer.headers["content-type"] == response["headers"]["content-type"], exchange.name
            if response["status"] >= 400:
                assert answer.json().get("code") == response["body"].get("code"), exchange.name
            assert form(answer.json()) == form(response["body"]), exchange.name


def form(value: Any) -> Any:
    """The names and kinds of a body, without its values."""
    if isinstance(value, dict):
        return {name: form(inner) for name, inner in value.items()}
    return [form(inner) for inner in value] if isinstance(value, list) else type(value).__name__

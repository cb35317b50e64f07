"""Lists of the service as one: page by page, and an end to those that have none."""

from __future__ import annotations

import itertools
import json

import pytest

from refolio import IssuedCredential, ServiceError
from refolio.client import requests
from refolio.client.events import AsyncEvents, Events
from refolio.client.pages import walk
from refolio.client.requests import Answer, Request
from tests.client.conftest import UUID


def test_a_list_is_walked_page_by_page(issued: dict[str, object]) -> None:
    asked: list[str] = []

    def send(request: Request) -> Answer:
        asked.append(request.path)
        page = {"items": [issued], "next": "more" if len(asked) == 1 else None}
        return Answer(200, {}, json.dumps(page).encode())

    found = list(walk(send, "/api/v1/credentials", IssuedCredential, issuer="acme-textiles", state=None))
    assert [one.uuid for one in found] == [UUID, UUID]
    assert asked == [
        "/api/v1/credentials?issuer=acme-textiles&limit=100",
        "/api/v1/credentials?issuer=acme-textiles&limit=100&after=more",
    ]


@pytest.mark.parametrize("cursors", [["more"], ["one", "two"], ["", "one"]])
def test_a_list_that_goes_in_circles_ends(issued: dict[str, object], cursors: list[str]) -> None:
    circle = itertools.cycle(cursors)

    def send(request: Request) -> Answer:
        cursor = next(circle)
        return Answer(200, {}, json.dumps({"items": [], "next": cursor, "cursor": cursor}).encode())

    with pytest.raises(ServiceError, match="circles"):
        list(walk(send, "/api/v1/credentials", IssuedCredential))
    with pytest.raises(ServiceError, match="circles"):
        list(Events(send, pytest.fail).list())


def test_a_filter_that_is_no_text_finds_nothing_and_breaks_nothing() -> None:
    assert requests.get("/api/v1/credentials", record="\udcff").path == "/api/v1/credentials?record=%3F"


async def test_a_service_that_does_not_hold_its_answers_back_is_not_asked_without_a_pause() -> None:
    event = {"id": "evt_1", "type": "webhook.test", "timestamp": "2026-11-23T10:00:00Z"}
    answers = [[], [], [event]]
    pauses: list[float] = []

    def send(request: Request) -> Answer:
        return Answer(200, {}, json.dumps({"items": answers.pop(0), "cursor": "c"}).encode())

    async def send_async(request: Request) -> Answer:
        return send(request)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    assert next(Events(send, pauses.append).follow()).id == "evt_1"
    assert len(pauses) == 2
    answers = [[], [], [event]]
    async for told in AsyncEvents(send_async, sleep).follow():
        assert told.id == "evt_1"
        break
    assert len(pauses) == 4
    assert all(0.5 < pause <= 1 for pause in pauses)

"""Lists of the service as one: page by page, and an end to those that have none."""

from __future__ import annotations

import itertools
import json

import pytest

from refolio import IssuedCredential, ServiceError
from refolio.client import requests
from refolio.client.events import Events
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
        list(Events(send).list())


def test_a_filter_that_is_no_text_finds_nothing_and_breaks_nothing() -> None:
    assert requests.get("/api/v1/credentials", record="\udcff").path == "/api/v1/credentials?record=%3F"

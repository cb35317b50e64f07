"""Every answer has an id of ours, which the problem document, the SDK's error and the log name too."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

import refolio
from tests.live_demo import free_port
from tests.serving import NORTHFIELD_KEY, Mortal, settings_of
from tests.world import BROWSER, World
from verify.http.request_ids import WithRequestId

ID = re.compile(r"req_[a-z2-7]{16}")
ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("path", ["/", "/nope", "/healthz", "/static/favicon.svg", "/api/v1/credentials", "/%00"])
async def test_every_answer_has_an_id_of_its_own(path: str, sqlite_world: World) -> None:
    answers = [await sqlite_world.http.get(path) for _ in range(2)]
    ids = [answer.headers["request-id"] for answer in answers]
    assert all(ID.fullmatch(one) for one in ids)
    assert ids[0] != ids[1]


async def test_the_id_is_never_that_of_the_caller(sqlite_world: World) -> None:
    forged = {"Request-Id": "req_aaaaaaaaaaaaaaaa", "X-Request-Id": "req_aaaaaaaaaaaaaaaa"}
    answer = await sqlite_world.http.get("/nope", headers=forged)
    assert answer.headers["request-id"] != forged["Request-Id"]
    assert answer.json()["request_id"] == answer.headers["request-id"]


async def test_an_error_of_the_sdk_names_it(sqlite_world: World) -> None:
    with pytest.raises(refolio.NotFound) as caught:
        await sqlite_world.northfield.credentials.get(ABSENT)
    assert caught.value.request_id
    assert ID.fullmatch(caught.value.request_id)


async def test_what_broke_on_our_side_is_found_in_the_log_by_the_id(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(WithRequestId())
    del sqlite_world.app.state.limiter
    with caplog.at_level(logging.ERROR):
        answer = await sqlite_world.http.get("/")
        page = await sqlite_world.http.get("/", headers=BROWSER)
    assert (answer.status_code, answer.json()["request_id"]) == (500, answer.headers["request-id"])
    assert page.headers["request-id"] in page.text
    logged = [record.request_id for record in caplog.records]  # type: ignore[attr-defined]
    assert logged == [answer.headers["request-id"], page.headers["request-id"]]


def test_the_servers_log_has_it_in_each_line(sqlite_url: str, tmp_path: Path) -> None:
    service = Mortal(settings_of(sqlite_url, tmp_path, free_port(), ""), tmp_path / "log")
    service.settings["REFOLIO_PUBLIC_URL"] = service.address
    service.start()
    try:
        with refolio.Client(NORTHFIELD_KEY, service.address) as client, pytest.raises(refolio.NotFound) as caught:
            client.credentials.get(ABSENT)
    finally:
        service.stop()
    assert caught.value.request_id
    (line,) = [line for line in (tmp_path / "log").read_text().splitlines() if ABSENT in line]
    assert line.endswith(f" {caught.value.request_id}")

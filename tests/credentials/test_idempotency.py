"""One request, one credential, however often and however parallel it is sent; another request never passes for it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextvars import Context
from datetime import datetime
from itertools import count

import httpx
import pytest

import refolio
from tests.comparing import alike
from tests.world import MALLORY_KEY, MEMBERS, World, another, maya, plain, stage
from verify.credentials import reserving
from verify.credentials.tables import AnsweredRequest, Credential
from verify.trail.recording import Rows


def codes(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    """How many answers had which status, with the problem's code."""
    return Counter((answer.status_code, answer.json().get("code", "") if answer.is_error else "") for answer in answers)


async def test_two_hundred_at_once_are_one_credential_and_one_answer(world: World) -> None:
    answers = await asyncio.gather(*(world.post(maya(), "retry") for _ in range(200)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    rows = await world.rows()
    assert (rows["credential"], rows["answered_request"], rows["status_list"]) == (1, 1, 1)
    assert rows["person"] == len(MEMBERS) + 1


async def test_the_same_key_with_another_body_is_refused_and_nothing_is_stored(world: World) -> None:
    """SEC-180."""
    issued, before = await world.issued(maya(), key="k"), await world.rows()
    answer = await world.post(another(), "k")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-key-reused")
    assert answer.json()["faults"][0]["field"] == "Idempotency-Key"
    assert await world.rows() == before
    assert (await world.post(maya(), "k")).json() == issued


async def test_two_bodies_racing_under_one_key_leave_one_winner(world: World) -> None:
    bodies = [another(), another()]
    answers = await asyncio.gather(*(world.post(bodies[number % 2], "k") for number in range(40)))
    assert codes(answers) == {(201, ""): 20, (409, "idempotency-key-reused"): 20}
    assert len({answer.content for answer in answers if not answer.is_error}) == 1
    assert await Credential.count() == 1


async def test_another_platforms_same_key_is_its_own(world: World) -> None:
    northfields = await world.issued(maya(), key="k")
    mallorys = await world.issued(maya(issuer="mallory-inc"), key="k", api_key=MALLORY_KEY)
    assert northfields["uuid"] != mallorys["uuid"]
    assert (await world.issued(maya(), key="k")) == northfields


async def test_sec_180_another_platform_learns_nothing_by_guessing_key_and_body(world: World) -> None:
    await world.issued(maya(), key="k")
    used, fresh = [await world.post(maya(), key, api_key=MALLORY_KEY) for key in ("k", "fresh")]
    assert used.status_code == 403
    assert alike(used) == alike(fresh)


async def test_a_retry_months_later_and_after_a_restart_gives_the_same_answer(database_url: str) -> None:
    async with stage(database_url) as world:
        first = await world.issued(maya(), key="k")
    async with stage(database_url) as world:
        world.clock.move(days=200)
        assert await world.issued(maya(), key="k") == first


async def test_a_retry_after_withdrawal_gives_the_withdrawn_credential(world: World) -> None:
    issued = await world.issued(maya(), key="k")
    await world.withdraw(issued["uuid"])
    again = await world.issued(maya(), key="k")
    assert (again["uuid"], again["state"]) == (issued["uuid"], "withdrawn")


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "tab\tkey", "schlüssel"])
async def test_a_request_without_a_usable_key_is_refused(key: str, sqlite_world: World) -> None:
    headers = {b"Authorization": f"Bearer {MALLORY_KEY}".encode(), b"Content-Type": b"application/json"}
    headers[b"Idempotency-Key"] = key.encode()
    answer = await sqlite_world.http.post("/api/v1/credentials", content=json.dumps(maya()), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    assert answer.json()["faults"][0]["field"] == "Idempotency-Key"


# ----------------------------------------------------------------------------------- the same work under another key


async def test_sec_181_the_same_work_under_another_key_is_not_issued_twice(world: World) -> None:
    await world.issued(maya())
    before = await world.rows()
    hers = {"name": "Maya O.", "email": "MAYA@northfield.example"}
    again = maya(record="NF-2", intern=hers, hours={"total": 41, "basis": "estimated"})
    answer = await world.post(again)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-completion")
    assert "'NF-2026-001'" in answer.json()["detail"]
    assert await world.rows() == before


async def test_sec_181_the_same_work_under_many_keys_at_once_is_issued_once(world: World) -> None:
    answers = await asyncio.gather(*(world.post(maya()) for _ in range(40)))
    assert codes(answers) == {(201, ""): 1, (409, "duplicate-completion"): 39}
    assert await Credential.count() == await AnsweredRequest.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "brightline"},
        {"started": "2026-08-25"},
        {"ended": "2026-09-12"},
        {"intern": {"name": "Maya Okafor", "email": "maya.okafor@northfield.example"}},
        {"project": {**plain()["project"], "title": "Market scan, second part"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_different_work_is_no_duplicate(changes: dict[str, object], sqlite_world: World) -> None:
    await sqlite_world.issued(plain())
    await sqlite_world.issued(plain(**changes))


async def test_a_platform_may_insist_that_there_were_two(world: World) -> None:
    first = await world.issued(maya())
    second = await world.issued(maya(), key="second", query="?allow_duplicate=true")
    assert first["uuid"] != second["uuid"]
    assert await world.issued(maya(), key="second", query="?allow_duplicate=true") == second


async def test_insisting_is_part_of_the_request(world: World) -> None:
    await world.issued(maya(), key="k")
    answer = await world.post(maya(), "k", query="?allow_duplicate=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-key-reused")


async def test_withdrawn_work_may_be_issued_again_corrected(world: World) -> None:
    wrong = await world.issued(maya())
    await world.withdraw(wrong["uuid"], "Wrong hours.")
    right = await world.issued(maya(hours={"total": 41, "basis": "logged"}))
    assert right["uuid"] != wrong["uuid"]
    assert right["state"] == "current"


async def test_the_sdk_client_makes_a_retry_the_same_request(world: World) -> None:
    completion = refolio.completion_from(maya())
    first, again = [await world.northfield.credentials.issue(completion) for _ in range(2)]
    assert first == again
    with pytest.raises(refolio.Conflict, match="already issued"):
        await world.northfield.credentials.issue(completion, idempotency_key="another")


@pytest.mark.parametrize(
    "database_url", ["postgresql"], indirect=True
)  # SQLite has one writer, so nothing comes between
async def test_a_twin_that_finishes_while_we_look_is_no_duplicate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, calls = reserving.refuse_duplicate, count()
    twins: list[httpx.Response] = []

    async def look_late(natural_key: str, platform: str, now: datetime) -> Rows:
        if next(calls) == 0:
            task = asyncio.create_task(world.post(maya(), "k"), context=Context())  # outside of our transaction
            twins.append(await task)
        return await look(natural_key, platform, now)

    monkeypatch.setattr(reserving, "refuse_duplicate", look_late)
    answer = await world.post(maya(), "k")
    assert (answer.status_code, answer.content) == (201, twins[0].content)

"""SEC-014: a query, or a header, that says two things at once."""

from __future__ import annotations

import pytest

from tests.world import NORTHFIELD_KEY, PUBLIC_URL, World, maya


@pytest.mark.parametrize("last", ["true", "false"])
async def test_sec_014_a_query_that_contradicts_itself_is_refused(last: str, sqlite_world: World) -> None:
    """Whoever stands in between (a proxy, a filter, a log) may have read the other one."""
    await sqlite_world.issued()
    first = {"true": "false", "false": "true"}[last]
    answer = await sqlite_world.post(maya(), query=f"?allow_duplicate={first}&allow_duplicate={last}")
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (400, "allow_duplicate")
    assert (await sqlite_world.rows())["credential"] == 1


@pytest.mark.parametrize("name", ["Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key"])
async def test_sec_014_a_header_that_contradicts_itself_is_refused(name: str, sqlite_world: World) -> None:
    good = {
        "Authorization": f"Bearer {NORTHFIELD_KEY}",
        "Content-Type": "application/json",
        "Content-Encoding": "identity",
        "Idempotency-Key": "order-1",
    }
    for headers in ([(name, "another"), *good.items()], [*good.items(), (name, "another")]):
        answer = await sqlite_world.http.post("/api/v1/credentials", json=maya(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
        assert answer.json()["faults"][0]["field"] == name
    assert (await sqlite_world.rows())["credential"] == 0


@pytest.mark.parametrize("name", ["Origin", "Sec-Fetch-Site"])
async def test_sec_158_a_form_from_two_places_at_once_is_from_elsewhere(name: str, sqlite_world: World) -> None:
    ours = {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}
    for headers in ([(name, "null"), *ours.items()], [*ours.items(), (name, "null")]):
        answer = await sqlite_world.http.post("/sign-in", data={"email": "maya@northfield.example"}, headers=headers)
        assert answer.status_code == 400
    assert await sqlite_world.mails() == []

"""SEC-014: a query that says two things at once."""

from __future__ import annotations

import pytest

from tests.world import World, maya


@pytest.mark.parametrize("last", ["true", "false"])
async def test_sec_014_a_query_that_contradicts_itself_is_refused(last: str, sqlite_world: World) -> None:
    """Whoever stands in between (a proxy, a filter, a log) may have read the other one."""
    await sqlite_world.issued()
    first = {"true": "false", "false": "true"}[last]
    answer = await sqlite_world.post(maya(), query=f"?allow_duplicate={first}&allow_duplicate={last}")
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (400, "allow_duplicate")
    assert (await sqlite_world.rows())["credential"] == 1

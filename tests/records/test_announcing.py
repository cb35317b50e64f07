"""A plugin tells the other system what became of its record: after the commit, again when that system was away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from refolio.credential.model import completion_from
from tests.completions import another
from tests.records.hosting import hosting, install, send
from tests.world import World
from verify.credentials import issuing
from verify.http.access import Actor, Mode, Scope
from verify.platforms import keying
from verify.records.delivering import request_of
from verify.records.tables import Announcement


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe, since a plugin writes no files."""
    path = tmp_path / "told"
    os.mkfifo(path)
    return path


class Told:
    """What arrives in the pipe, line by line."""

    def __init__(self, pipe: Path) -> None:
        self._pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def lines(self) -> list[str]:
        return os.read(self._pipe, 65536).decode().splitlines()

    def close(self) -> None:
        os.close(self._pipe)


async def settled(world: World) -> int:
    """Announce what is due; the number of announcements left."""
    await world.app.state.announcer.settled()
    return await Announcement.count()


async def test_what_was_issued_is_announced_once(database_url: str, tmp_path: Path, pipe: Path) -> None:
    told = Told(pipe)
    async with hosting(database_url, tmp_path, telling={"config": {"file": str(pipe)}}) as world:
        record = another()
        issued = await send(world, "telling", record)
        refused = await send(world, "telling", {**record, "role": "Another"})
        assert (issued.status_code, refused.status_code) == (201, 409)
        assert await settled(world) == 0
        (line,) = told.lines()
        event, *rest = line.split()
        assert event.startswith("evt_")
        assert rest == ["credential.issued", "live", "acme", record["record"]]
    told.close()


async def test_a_test_is_not_announced_and_the_same_record_is_still_new_to_a_live_key(
    database_url: str, tmp_path: Path, pipe: Path
) -> None:
    told = Told(pipe)
    async with hosting(database_url, tmp_path, telling={"config": {"file": str(pipe)}}) as world:
        record = another()
        testing = await keying.new_api_key(world.runtime, "northfield", keying.Wanted(mode=Mode.TEST))
        tried = await send(world, "telling", record, testing)
        assert tried.status_code == 201
        assert tried.json()["issuer"] == "acme"
        assert await settled(world) == 0
        assert told.lines() == []
        issued = await send(world, "telling", record)
        assert issued.status_code == 201
        assert issued.json()["uuid"] != tried.json()["uuid"]
        assert await settled(world) == 0
        assert [line.split()[2] for line in told.lines()] == ["live"]
    told.close()


@pytest.mark.parametrize(
    ("scopes", "status"), [(["credentials:read", "webhooks:write"], 403), (["credentials:write"], 201)]
)
async def test_a_plugin_takes_what_the_scope_of_the_key_allows(
    scopes: list[str], status: int, sqlite_url: str, tmp_path: Path, pipe: Path
) -> None:
    told = Told(pipe)
    async with hosting(sqlite_url, tmp_path, telling={"config": {"file": str(pipe)}}) as world:
        key = await keying.new_api_key(world.runtime, "northfield", keying.Wanted(scopes=scopes))
        assert (await send(world, "telling", another(), key)).status_code == status
    told.close()


async def test_a_temporary_fault_is_tried_again_until_three_days_have_passed(
    database_url: str, tmp_path: Path, pipe: Path
) -> None:
    plugins = {"not_yet": {"config": {"file": str(pipe)}}}
    async with hosting(database_url, tmp_path, **plugins) as world:
        assert (await send(world, "not-yet", another())).status_code == 201
        assert await settled(world) == 1
        (first,) = await Announcement.select()
        assert (first["state"], first["fault"]) == ("waiting", "The other system is away.")
        assert first["due_at"] > world.clock()
    # the same database, the other system back: the plugin is now one that tells
    told = Told(pipe)
    again = {"not_yet": {"plugin": "telling", "config": {"file": str(pipe)}}}
    async with hosting(database_url, tmp_path, **again) as world:
        assert await settled(world) == 1, "not before its time"
        world.clock.move(minutes=5)
        assert await settled(world) == 0
        assert len(told.lines()) == 1
    told.close()


async def test_what_is_never_taken_is_given_up(sqlite_url: str, tmp_path: Path, pipe: Path) -> None:
    async with hosting(sqlite_url, tmp_path, not_yet={"config": {"file": str(pipe)}}) as world:
        await send(world, "not-yet", another())
        for _ in range(80):
            world.clock.move(hours=1)
            await settled(world)
        (last,) = await Announcement.select()
        assert last["state"] == "dead"
        # Beside another one that is given up a month later, nobody remembers it.
        world.clock.move(days=28)
        await send(world, "not-yet", another())
        for _ in range(80):
            world.clock.move(hours=1)
            await settled(world)
        (left,) = await Announcement.select()
        assert left["id"] != last["id"]


async def test_what_was_given_up_is_announced_when_the_same_record_is_sent_again(
    sqlite_url: str, tmp_path: Path, pipe: Path
) -> None:
    told, record = Told(pipe), another()
    async with hosting(sqlite_url, tmp_path, not_yet={"config": {"file": str(pipe)}}) as world:
        await send(world, "not-yet", record)
        for _ in range(80):
            world.clock.move(hours=1)
            await settled(world)
        at = world.clock.time
    again = {"not_yet": {"plugin": "telling", "config": {"file": str(pipe)}}}
    async with hosting(sqlite_url, tmp_path, **again) as world:
        world.clock.time = at
        assert await settled(world) == 1, "given up"
        assert (await send(world, "not-yet", record)).status_code == 201
        assert await settled(world) == 0
        assert len(told.lines()) == 1
    told.close()


async def test_sec_187_a_plugin_that_fails_keeps_no_other_one_back(sqlite_url: str, tmp_path: Path, pipe: Path) -> None:
    """It is asked once at each look, however many of its announcements wait, and were there first."""
    told = Told(pipe)
    plugins = {name: {"config": {"file": str(pipe)}} for name in ("not_yet", "telling")}
    async with hosting(sqlite_url, tmp_path, **plugins) as world:
        async with world.app.state.announcer._pass:  # the worker of the service looks away
            for _ in range(5):
                assert (await send(world, "not-yet", another())).status_code == 201
            assert (await send(world, "telling", another())).status_code == 201
        await settled(world)
        assert len(told.lines()) == 1
        assert await Announcement.count().where(Announcement.attempts > 0) < 5
    told.close()


async def test_a_crash_between_issuing_and_announcing_loses_nothing(
    sqlite_url: str, tmp_path: Path, pipe: Path
) -> None:
    told = Told(pipe)
    async with hosting(sqlite_url, tmp_path, telling={"config": {"file": str(pipe)}}) as world:
        request = request_of("northfield", "telling", completion_from(another()))
        await world.app.state.announcer.promise("telling", request)
        northfield = Actor(
            platform="northfield", issuers=frozenset({"acme"}), scopes=frozenset({Scope.CREDENTIALS_WRITE})
        )
        await issuing.issue(world.runtime, northfield, request)  # and here the process ends
        lost = request_of("northfield", "telling", completion_from(another()))
        await world.app.state.announcer.promise("telling", lost)  # and here before anything is issued
    async with hosting(sqlite_url, tmp_path, telling={"config": {"file": str(pipe)}}) as world:
        assert await settled(world) == 2
        world.clock.move(minutes=5)
        assert await settled(world) == 0
        (line,) = told.lines()
        assert line.endswith(request.completion.record)
    told.close()

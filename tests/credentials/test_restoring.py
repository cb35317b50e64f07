"""A database restored from an older backup: nothing comes back that was withdrawn, and no index is given twice.

SEC-086, SEC-087, SEC-204.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from refolio.credential.status_list import decode, is_set
from tests.postgres import new_postgres, put_back
from tests.world import BROWSER, NORTHFIELD_KEY, Clock, World, a_runtime, another, stage
from verify.__main__ import main
from verify.audit.checking import audit
from verify.credentials.tables import Credential, StatusList
from verify.runtime import Runtime

Restore = Callable[[], Awaitable[None]]


async def places(world: World, uuid: str) -> tuple[str, int]:
    status = json.loads(await world.document(uuid))["credentialStatus"]
    return status["statusListCredential"], int(status["statusListIndex"])


async def is_withdrawn(world: World, place: tuple[str, int]) -> bool:
    answer = await world.http.get(place[0])
    assert answer.status_code == 200, place
    return is_set(decode(answer.json()["credentialSubject"]["encodedList"]), place[1])


@pytest.fixture
def runtime(database_url: str, tmp_path: Path) -> Runtime:
    """One data folder through all restarts, beside the database that is restored."""
    return a_runtime(database_url, now=Clock(), data=tmp_path / "data")


def copied(database_url: str, folder: Path) -> Restore:
    """Copy a database of SQLite, and return what brings the copy back."""
    file = Path(database_url.removeprefix("sqlite:///"))
    shutil.copy(file, folder / "backup.db")

    async def restore() -> None:
        for leftover in file.parent.glob(f"{file.name}-*"):
            leftover.unlink()
        shutil.copy(folder / "backup.db", file)

    return restore


@pytest.fixture
def backup(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Awaitable[Restore]]]:
    """Copies the database, and gives back what restores the copy. Called while no service runs."""
    is_sqlite = database_url.startswith("sqlite")
    server = "" if is_sqlite else request.getfixturevalue("postgres_server")
    with ExitStack() as copies:

        async def copy() -> Restore:
            if is_sqlite:
                return copied(database_url, tmp_path)
            made = await asyncio.to_thread(copies.enter_context, new_postgres(server, database_url))
            return lambda: asyncio.to_thread(put_back, server, database_url, made)

        yield copy


async def test_sec_086_and_204_after_a_restore_nothing_is_un_withdrawn_and_no_index_is_used_twice(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]], caplog: pytest.LogCaptureFixture
) -> None:
    url = runtime.settings.database_url
    async with stage(url, runtime=runtime) as world:
        before = [await world.issued(another()) for _ in range(6)]
        kept = [await places(world, issued["uuid"]) for issued in before]
        await world.withdraw(before[0]["uuid"], "Before the backup.")
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        world.clock.move(hours=1)
        await world.withdraw(before[1]["uuid"], "After the backup.")
        after = [await world.issued(another()) for _ in range(30)]
        lost = [await places(world, issued["uuid"]) for issued in after]
        await world.withdraw(after[0]["uuid"], "After the backup too.")
    await restore()
    async with stage(url, runtime=runtime) as world:
        assert "THE DATABASE IS OLDER THAN WHAT WAS PUBLISHED FOR acme" in caplog.text
        assert [await is_withdrawn(world, place) for place in kept] == [True, True, *[False] * 4]
        assert await is_withdrawn(world, lost[0])
        again = await world.northfield.credentials.get(before[1]["uuid"])
        assert (again.state, again.kind) == ("withdrawn", "record-lost")
        status = (await world.http.get(f"/credentials/{before[1]['uuid']}/status")).json()
        assert status["state"] == "withdrawn"
        page = await world.http.get(f"/v/{before[1]['code']}", headers=BROWSER)
        assert "Genuine, withdrawn by the issuer" in page.text
        new = [await world.issued(another()) for _ in range(30)]
        taken = [await places(world, issued["uuid"]) for issued in new]
        assert not {*taken} & {*kept, *lost}
        assert len({address for address, _ in taken}) == 1
        assert {address for address, _ in taken}.isdisjoint(address for address, _ in [*kept, *lost])
        assert (await audit(world.runtime)).mismatches == ()
    caplog.clear()
    async with stage(url, runtime=runtime) as world:  # made good once, not at every start
        assert "OLDER" not in caplog.text
        assert await StatusList.count() == 2


async def test_sec_087_after_issuing_alone_a_restore_is_found_too(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]]
) -> None:
    url = runtime.settings.database_url
    async with stage(url, runtime=runtime) as world:
        first = await places(world, (await world.issued(another()))["uuid"])
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        lost = await places(world, (await world.issued(another()))["uuid"])
        assert lost[0] == first[0]
    await restore()
    async with stage(url, runtime=runtime) as world:
        new = await places(world, (await world.issued(another()))["uuid"])
        assert new[0] != first[0]


async def test_a_list_that_the_backup_does_not_know_is_served_again(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]]
) -> None:
    url = runtime.settings.database_url
    async with stage(url, runtime=runtime):
        pass
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        issued = await world.issued(another())
        document = await world.document(issued["uuid"])
        place = await places(world, issued["uuid"])
        await world.withdraw(issued["uuid"])
    await restore()
    async with stage(url, runtime=runtime) as world:
        assert await Credential.count() == 0
        assert await is_withdrawn(world, place)
        assert (await world.report(document)).checks[6].code == "withdrawn"


async def test_who_signed_out_after_the_backup_is_not_signed_in_again(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]]
) -> None:
    url = runtime.settings.database_url
    async with stage(url, runtime=runtime) as world:
        await world.issued(another())
        async with world.signed_in("ann@acme.example") as browser:
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        await world.issued(another())
    await restore()
    async with stage(url, runtime=runtime) as world:
        answer = await world.http.get("/console", headers={**BROWSER, "Cookie": cookies})
        assert answer.status_code == 303


async def test_a_platform_that_has_seen_events_from_after_the_backup_misses_none(
    runtime: Runtime, backup: Callable[[], Awaitable[Restore]]
) -> None:
    url = runtime.settings.database_url
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    async with stage(url, runtime=runtime) as world:
        withdrawn = await world.issued(another())
    restore = await backup()
    async with stage(url, runtime=runtime) as world:
        for _ in range(5):
            await world.issued(another())
        await world.withdraw(withdrawn["uuid"])
        seen = (await world.http.get("/api/v1/events", headers=headers)).json()
        assert len(seen["items"]) == 7
    await restore()
    async with stage(url, runtime=runtime) as world:
        new = await world.issued(another())
        answer = await world.http.get(f"/api/v1/events?after={seen['cursor']}", headers=headers)
        told = [(event["type"], event["data"]["uuid"]) for event in answer.json()["items"]]
        assert told == [("credential.withdrawn", withdrawn["uuid"]), ("credential.issued", new["uuid"])]


async def test_a_start_on_the_database_that_was_left_finds_nothing(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    url = runtime.settings.database_url
    for _ in range(3):
        async with stage(url, runtime=runtime) as world:
            issued = await world.issued(another())
            await world.withdraw(issued["uuid"])
            runtime.now.move(days=2)  # type: ignore[attr-defined]
            assert isinstance(world.http, httpx.AsyncClient)
    assert "OLDER" not in caplog.text
    assert await StatusList.count() == 1


def test_the_operator_can_ask_for_the_state_of_the_lists(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"

    async def issue_and_withdraw(times: int) -> None:
        async with stage(sqlite_url, runtime=a_runtime(sqlite_url, now=Clock(), data=data)) as world:
            for _ in range(times):
                issued = await world.issued(another())
                await world.withdraw(issued["uuid"])

    asyncio.run(issue_and_withdraw(1))
    restore = copied(sqlite_url, tmp_path)
    asyncio.run(issue_and_withdraw(1))
    asyncio.run(restore())
    asyncio.run(issue_and_withdraw(1))
    for name, value in {
        "REFOLIO_PUBLIC_URL": "https://refolio.example",
        "REFOLIO_DATA": str(data),
        "REFOLIO_KEK": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "DATABASE_URL": sqlite_url,
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "acme: list " in said
    assert "1 credential, 1 withdrawn, published" in said
    assert "acme: restored from a backup, found on 2026-11-23" in said

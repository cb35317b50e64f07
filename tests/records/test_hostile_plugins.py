"""A plugin that hangs, crashes, eats, prints, forks or lies: the service goes on, and nothing untrue is issued.

SEC-187.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.completions import another, plain
from tests.records.hosting import hosting, install, send
from verify.platforms.plugins import containing
from verify.platforms.plugins.containing import Contained

BROKEN = {
    "hanging": "It gave no answer within 2 seconds.",
    "deaf": "Its process ended: it hung up.",
    "segfault": "Its process ended: signal SIGSEGV.",
    "leaving": "Its process ended: exit status 0.",
    "exiting": "It broke: SystemExit at hostile_plugins.py:",
    "hungry": "It broke: MemoryError at hostile_plugins.py:",
    "endless": "It answered with more than 512 kB.",
    "two-tongues": "It reads the same record in two ways.",
    "for-others": "It delivers for an issuer that it may not deliver for.",
    "untrue": "What it read is no completion: role is not as it must be.",
    "unspeakable": "What it read is no completion: it cannot be written as JSON.",
    "boundless": "What it read is no completion: it cannot be written as JSON.",
    "approving": "It broke: AttributeError at worker.py:",
    "raising": "It broke: KeyError at hostile_plugins.py:",
}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.setattr(containing, "CALL_SECONDS", 2.0)


@pytest.mark.parametrize("plugin", BROKEN)
async def test_what_a_broken_plugin_does_is_said_and_nothing_is_issued(
    plugin: str, sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}, **{plugin.replace("-", "_"): {}}) as world:
        before = await world.rows()
        answer = await send(world, plugin, another())
        assert answer.status_code == 503, answer.text
        assert answer.json()["code"] == "plugin-fault"
        assert BROKEN[plugin] in answer.json()["detail"]
        assert await world.rows() == before
        health = (await world.http.get("/healthz")).json()
        assert health["plugins"][plugin]["state"] == "faulty"
        assert BROKEN[plugin] in health["plugins"][plugin]["why"]
        assert health["plugins"]["sound"] == {"state": "on"}
        assert f"Plugin fault of {plugin}" in caplog.text
        for told in (answer.text, str(health), caplog.text):
            assert "maya@northfield" not in told
        assert (await send(world, "sound", another())).status_code == 201


async def test_the_service_answers_others_while_a_plugin_hangs(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, hanging={}) as world:
        waiting = [asyncio.create_task(send(world, "hanging", another())) for _ in range(6)]
        await asyncio.sleep(0)
        answers = [await world.http.get("/healthz") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 5
        assert not any(task.done() for task in waiting)
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {503}


async def test_too_many_deliveries_at_once_are_sent_away(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}) as world:
        answers = await asyncio.gather(*(send(world, "sound", {}) for _ in range(60)))
        by_code = {answer.json()["code"] for answer in answers}
        assert by_code == {"record-refused", "unavailable"}


async def test_three_faults_in_one_delivery_are_enough(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, raising={}) as world:
        answer = await send(world, "raising", {"records": [another() for _ in range(6)]})
        said = [result["problem"]["detail"] for result in answer.json()["results"]]
        assert ["not tried" in one for one in said] == [False, False, False, True, True, True]


@pytest.mark.parametrize("plugin", ["printing", "changing"])
async def test_what_is_sound_but_for_its_manners_issues_what_was_read(
    plugin: str, sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with hosting(sqlite_url, tmp_path, **{plugin: {}}) as world:
        answer = await send(world, plugin, plain(role="Junior intern"))
        assert answer.status_code == 201, answer.text
        document = await world.document(answer.json()["uuid"])
        assert b"Junior intern" in document
        assert b"Chief executive" not in document
        assert "maya@northfield" not in caplog.text
        assert ("prints" in caplog.text) is (plugin == "printing")


async def test_an_answer_forged_in_a_pipe_is_not_believed(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, forging={}) as world:
        answer = await send(world, "forging", another())
        assert (answer.status_code, answer.json()["code"]) == (503, "plugin-fault")


async def test_a_plugin_sees_no_secret_and_nothing_of_the_service(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFOLIO_KEK", "c2VjcmV0")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    async with hosting(sqlite_url, tmp_path, peeking={}) as world:
        answer = await send(world, "peeking", another())
        assert answer.status_code == 422
        (fault,) = answer.json()["faults"]
        assert "KEK" not in fault["reason"]
        assert "DATABASE" not in fault["reason"]
        assert fault["reason"].startswith("['LANG', 'LC_CTYPE'") or fault["reason"].startswith("['LANG', 'PATH'")
        assert fault["reason"].endswith("[]"), "no module of the service is loaded beside a plugin"


def test_a_plugin_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "written"
    with Contained("hostile_plugins:Writing", {}) as contained, pytest.raises(containing.PluginFault, match="OSError"):
        contained.ask({"do": "read", "record": another(story=str(target))}, among=("completion",))
    assert target.stat().st_size == 0


def test_what_it_started_is_ended_with_it() -> None:
    with Contained("hostile_plugins:Forking", {}) as contained:
        session = str(contained._process.pid)
        with pytest.raises(containing.PluginFault, match=r"no answer|BlockingIOError"):
            contained.ask({"do": "read", "record": another()}, among=("completion",))
    # a killed one whose parent is gone may stay as a zombie (Z) where nothing reaps it
    left = subprocess.run(["pgrep", "-s", session, "-r", "R,S,D"], capture_output=True, text=True, check=False)
    assert left.stdout == ""


async def test_a_refusal_reaches_the_sender_short_and_harmless(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, shouting={}) as world:
        answer = await send(world, "shouting", another())
        assert answer.status_code == 422
        assert len(answer.content) < 20_000
        assert "\\u001b" not in answer.text


def test_it_ends_by_itself_when_the_service_is_no_more() -> None:
    """SEC-187: kill -9 of the service must not leave plugins behind that hang."""
    command = [sys.executable, str(containing.WORKER), str(containing.MEMORY), "60", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as orphan:
        assert orphan.wait(30) == -signal.SIGALRM


def test_a_command_put_before_it_is_used() -> None:
    entry = "hostile_plugins:Sound"
    with Contained(entry, {}, wrap=("nice", "-n", "19")) as contained:
        assert contained.manifest["name"] == "sound"
    with pytest.raises(containing.PluginFault, match="cannot be started"):
        Contained(entry, {}, wrap=("/no/such/program",)).__enter__()

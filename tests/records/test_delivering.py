"""Records of a foreign system through a plugin: issued once, refused with the names that its people know."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from refolio import RequestRefused
from tests.completions import another, plain
from tests.records.hosting import hosting, install, send


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


async def test_a_record_becomes_a_genuine_credential(database_url: str, tmp_path: Path) -> None:
    async with hosting(database_url, tmp_path, sound={}) as world:
        answer = await send(world, "sound", another())
        assert answer.status_code == 201, answer.text
        members = answer.json()
        report = await world.report(await world.document(members["uuid"]))
        assert report.verdict.value == "passed"
        again = await world.http.get(
            f"/api/v1/credentials/{members['uuid']}", headers={"Authorization": answer.request.headers["authorization"]}
        )
        assert again.json() == members, "it is the platform's, as any other"


async def test_the_same_record_again_gives_the_same_credential(database_url: str, tmp_path: Path) -> None:
    async with hosting(database_url, tmp_path, sound={}) as world:
        record = another()
        answers = await asyncio.gather(*(send(world, "sound", record) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["uuid"] for answer in answers}) == 1
        changed = await send(world, "sound", {**record, "role": "Another role"})
        assert (changed.status_code, changed.json()["code"]) == (409, "idempotency-key-reused")


async def test_a_record_that_cannot_be_read_is_refused_by_the_plugins_words(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}) as world:
        before = await world.rows()
        refused = await send(world, "sound", {"colour": "red"})
        assert (refused.status_code, refused.json()["code"]) == (422, "record-refused")
        assert refused.json()["faults"] == [{"field": "role", "reason": "It is missing.", "fix": "Add it."}]
        objected = await send(world, "sound", another(role="Doubtful"))
        assert (objected.status_code, objected.json()["code"]) == (422, "completion-objected")
        assert objected.json()["faults"] == [{"field": "role", "reason": "It is doubtful.", "fix": "Ask."}]
        future = await send(world, "sound", another(ended="2026-12-24"))
        assert (future.status_code, future.json()["code"]) == (422, "completion-refused")
        assert await world.rows() == before


async def test_the_rules_of_the_service_hold_for_plugins_too(sqlite_url: str, tmp_path: Path) -> None:
    """Switched on for an issuer that the platform has no mandate for, or for work that was issued before."""
    async with hosting(sqlite_url, tmp_path, sound={"issuers": ["acme", "mallory-inc"]}) as world:
        answer = await send(world, "sound", another(issuer="mallory-inc"))
        assert (answer.status_code, answer.json()["code"]) == (403, "issuer-not-allowed")
        await world.issued(plain())
        answer = await send(world, "sound", plain(record="another"))
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-completion")


async def test_many_records_each_stand_for_themselves(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}) as world:
        records = [another(), {"colour": "red"}, another(role="Doubtful"), another()]
        answer = await send(world, "sound", {"records": records})
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        assert [bool(one["credential"]) for one in results] == [True, False, False, True]
        codes = [one["problem"] and one["problem"]["code"] for one in results]
        assert codes == [None, "record-refused", "completion-objected", None]
        assert results[3]["credential"]["record"] == records[3]["record"]


@pytest.mark.parametrize("body", [{"records": []}, {"records": ["x"]}, {"records": [{}] * 101}])
async def test_a_list_that_is_none_is_refused_whole(body: Any, sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}) as world:
        answer = await send(world, "sound", body)
        assert (answer.status_code, answer.json()["faults"][0]["field"]) == (400, "records")


async def test_a_dry_run_says_what_would_be_and_issues_nothing(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={"issuers": ["acme", "mallory-inc"]}) as world:
        before = await world.rows()
        records = [another(), {}, another(ended="2026-12-24"), another(issuer="mallory-inc")]
        would = await world.northfield.plugins.deliver("sound", records, dry_run=True)
        assert [one.problem and one.problem["code"] for one in would] == [
            None,
            "record-refused",
            "completion-refused",
            "issuer-not-allowed",
        ]
        assert [one.credential for one in would] == [None] * 4
        assert [str(fault) for fault in would[1].faults] == ["role: It is missing. Add it."]
        assert await world.rows() == before


async def test_the_sdk_delivers_and_tells_each_row(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}) as world:
        record = another()
        first, second = await world.northfield.plugins.deliver("sound", [record, {"colour": "red"}])
        assert first.credential
        assert first.credential.record == record["record"]
        assert (second.credential, second.says) == (None, "role: It is missing. Add it.")
        with pytest.raises(RequestRefused, match="no plugin of this name"):
            await world.mallory.plugins.deliver("sound", [record])
        with pytest.raises(RequestRefused, match="1 to 100 records"):
            await world.northfield.plugins.deliver("sound", [])

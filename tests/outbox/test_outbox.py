"""The page of letters: for the demo and the emulator, on this machine, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.world import BROWSER, a_runtime, stage
from verify.runtime import Runtime
from verify.settings import SettingRefused, Settings

LOCAL = "http://localhost:8000"


def with_outbox(database_url: str, data: Path) -> Runtime:
    runtime = a_runtime(database_url, public_url=LOCAL, data=data)
    return replace(runtime, settings=replace(runtime.settings, outbox=True))


async def test_every_letter_can_be_read_and_its_links_followed(sqlite_url: str, tmp_path: Path) -> None:
    async with stage(sqlite_url, public_url=LOCAL, runtime=with_outbox(sqlite_url, tmp_path)) as world:
        assert "Nothing yet." in await world.page("/outbox")
        await world.issued()
        page = await world.page("/outbox")
        assert "Northfield Careers Service wants to add to your record" in page
        assert '<a href="http://localhost:8000/account/grants">http://localhost:8000/account/grants</a>' in page
        assert "wants to add" in await world.page("/outbox?to=maya@northfield.example")
        assert "wants to add" not in await world.page("/outbox?to=sam@acme.example")


async def test_a_site_whose_name_leads_to_this_machine_reads_no_letters(sqlite_url: str, tmp_path: Path) -> None:
    """DNS rebinding: the browser is here, the page is somebody else's."""
    async with stage(sqlite_url, public_url=LOCAL, runtime=with_outbox(sqlite_url, tmp_path)) as world:
        answer = await world.http.get("/outbox", headers={**BROWSER, "Host": "mallory.example"})
        assert answer.status_code == 404


async def test_a_service_has_no_such_page() -> None:
    with pytest.raises(SettingRefused, match="on this machine only"):
        Settings(public_url="https://refolio.example", outbox=True)
    with pytest.raises(SettingRefused, match="on this machine only"):
        Settings(smtp="smtp://mail.example", outbox=True)
    assert not Settings.from_environ({}).outbox

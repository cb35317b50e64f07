"""The service with plugins switched on, and records to send to them."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.world import NORTHFIELD_KEY, Clock, World, a_runtime, stage

INSTALLED = Path(__file__).parent / "installed"


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the plugins of this folder installed ones."""
    monkeypatch.setattr(sys, "path", [str(INSTALLED), *sys.path])


def toml(plugins: Mapping[str, Mapping[str, Any]]) -> str:
    """The file that switches plugins on, for Northfield and Acme unless they say otherwise."""
    sections = []
    for name, members in plugins.items():
        config = members.get("config", {})
        own = {"platform": "northfield", "issuers": ["acme"], **members, "config": None}
        lines = [f"{key} = {json.dumps(value)}" for key, value in own.items() if value is not None]
        sections += [f"[{name}]", *lines, f"[{name}.config]", *(f"{k} = {json.dumps(v)}" for k, v in config.items())]
    return "\n".join(sections)


@asynccontextmanager
async def hosting(database_url: str, folder: Path, **plugins: Mapping[str, Any]) -> AsyncIterator[World]:
    """The service with these plugins; ``two_tongues={}`` is the section [two-tongues]."""
    file = folder / "plugins.toml"
    file.write_text(toml({name.replace("_", "-"): members for name, members in plugins.items()}))
    plain = a_runtime(database_url, data=folder)
    runtime = replace(plain, settings=replace(plain.settings, plugins=file))
    async with stage(database_url, runtime=runtime) as world:
        assert isinstance(runtime.now, Clock)
        world.clock = runtime.now
        yield world


async def send(world: World, plugin: str, body: Any, api_key: str = NORTHFIELD_KEY) -> httpx.Response:
    """Send a record, or many."""
    headers = {"Authorization": f"Bearer {api_key}"}
    return await world.http.post(f"/api/v1/plugins/{plugin}/records", json=body, headers=headers)

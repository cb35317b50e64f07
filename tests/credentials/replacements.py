"""Maya under her new name, and the request that replaces."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.world import NORTHFIELD_KEY, Members, World, maya

OLD, NEW = "Maya Okafor", "Maya Adeyemi"


def renamed(**changes: Any) -> Members:
    """Maya's work, under the name that she has now."""
    return maya(intern={"name": NEW, "email": "maya@northfield.example"}, **changes)


async def replaced(world: World, uuid: str, body: Members, *, key: str = "r", api_key: str = NORTHFIELD_KEY) -> Any:
    """The answer to a request to replace."""
    headers = {
        "Authorization": f"Bearer {api_key}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    path = f"/api/v1/credentials/{uuid}/replace"
    return await world.http.post(path, content=msgspec.json.encode(body), headers=headers)


CORRECTION: Members = {"completion": renamed()}
SUCCESSOR: Members = {"completion": renamed(), "as": "successor", "reason": "Her name was wrong."}

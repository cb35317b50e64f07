"""A process of the service that is killed at one step: ``python -m tests.platforms.dying STEP DATABASE_URL HOOK``.

It registers the address HOOK and issues one credential. The step's function is replaced by the kill, so everything
before it has happened and nothing after it does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from tests.world import NORTHFIELD_KEY, maya, stage
from verify.credentials import issuing
from verify.outside.posting import Poster
from verify.platforms import delivery_outcomes

LOCALHOST = "http://localhost:8000"
STEPS = {
    "before-the-event-is-written": (issuing, "announce"),
    "before-it-is-sent": (Poster, "post"),
    "before-it-is-noted": (delivery_outcomes, "note"),
}


async def die(*arguments: object) -> None:
    """Gone: no clean-up, no last flush."""
    os.kill(os.getpid(), signal.SIGKILL)


async def live(step: str, database_url: str, hook: str) -> None:
    setattr(*STEPS[step], die)
    async with stage(database_url, public_url=LOCALHOST) as world:
        headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}", "Idempotency-Key": "k"}
        await world.http.post("/api/v1/webhooks", json={"url": hook}, headers=headers)
        await world.issued(maya(), key="k")
        await world.app.state.webhooks.settled()


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:]))

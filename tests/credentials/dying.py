"""A process of the service that is killed at one step: ``python -m tests.credentials.dying STEP DATABASE_URL``.

The step's function is replaced by the kill, so everything before it has happened and nothing after it does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from tests.credentials.replacements import CORRECTION, SUCCESSOR, replaced
from tests.world import maya, stage
from verify.credentials import api, correcting, issuing, replacing, reserving, withdrawing

STEPS = {
    "inside-the-reservation": (reserving, "recognise"),
    "after-the-reservation": (issuing, "_sign"),
    "between-signing-and-storing": (issuing, "_store"),
    "before-the-answer": (api, "_answer"),
    "before-the-list-is-published": (withdrawing, "current"),
}

# The same of a replacement: Maya's credential is issued first, then replaced under the key ``r``.
REPLACING = {
    "inside-the-reservation-of-a-correction": (correcting, "keep_answer", CORRECTION),
    "after-the-reservation-of-a-correction": (issuing, "_sign", CORRECTION),
    "before-the-correction-takes-its-place": (correcting, "_take_place", CORRECTION),
    "inside-the-correction": (correcting, "_put_away", CORRECTION),
    "before-the-answer-to-a-correction": (api, "_answer", CORRECTION),
    "inside-the-reservation-of-a-successor": (replacing, "set_aside", SUCCESSOR),
    "after-the-reservation-of-a-successor": (issuing, "_sign", SUCCESSOR),
    "before-the-successor-is-stored": (issuing, "_store", SUCCESSOR),
    "before-the-answer-to-a-successor": (api, "_answer", SUCCESSOR),
}


async def die(*arguments: object, **named: object) -> None:
    """Tell the bytes that were signed, if any, and be gone: no clean-up, no last flush."""
    for signed in (argument for argument in arguments if isinstance(argument, bytes)):
        os.write(sys.stdout.fileno(), signed)
    os.kill(os.getpid(), signal.SIGKILL)


async def live(step: str, database_url: str) -> None:
    if step in REPLACING:
        where, function, body = REPLACING[step]
        async with stage(database_url) as world:
            issued = await world.issued(maya(), key="k")
            setattr(where, function, die)
            await replaced(world, issued["uuid"], body)
    module, name = STEPS[step]
    async with stage(database_url) as world:
        if module is withdrawing:
            issued = await world.issued(maya(), key="k")
            setattr(module, name, die)
            await world.withdraw(issued["uuid"], "Wrong dates.")
        setattr(module, name, die)
        await world.post(maya(), "k")


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:]))

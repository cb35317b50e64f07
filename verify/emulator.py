"""``refolio emulator``: the whole service on this machine for a partner who tries it out, gone when it ends.

Nothing is emulated but the world around it: mail lies on a page, the database and the keys are new and temporary. There
is one issuer, a platform that delivers for it, and an API key of each mode, the same ones every time.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from refolio.api_keys import EMULATOR_SECRET
from verify import serving
from verify.database import tx
from verify.http.access import Mode, Role
from verify.issuers.appointing import appoint
from verify.issuers.registering import register
from verify.platforms import admitting
from verify.platforms.keying import Wanted, new_api_key
from verify.platforms.mandating import mandate
from verify.platforms.tables import EventHead
from verify.runtime import Runtime
from verify.settings import Settings

ISSUER, ISSUER_NAME = "example-company", "Example Company"
PLATFORM, PLATFORM_NAME = "example-platform", "Example Careers Service"
ADMIN = "admin@example.com"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def play(port: int) -> int:
    """Run it on ``localhost:port`` until Ctrl-C. Returns 1 with a sentence when the port is taken."""
    if serving.taken(port):
        print(
            f"Port {port} is in use. Stop what runs there, or choose another: refolio emulator --port {port + 1}",
            file=sys.stderr,
        )
        return 1
    # Both end it in good order, so that nothing is left behind, also where a script has begun it with "&".
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, where there is one
    fast = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="refolio-emulator-", dir=fast) as name:
        folder = Path(name)
        settings = Settings(
            public_url=f"http://localhost:{port}",
            data=folder,
            database_url=f"sqlite:///{folder / 'refolio.db'}",
            kek_file=folder / "kek",
            port=port,
            outbox=True,
        )
        return asyncio.run(_play(Runtime.from_settings(settings, create_key=True)))


async def _play(runtime: Runtime) -> int:
    async with serving.on_localhost(runtime) as server:
        if server is None:
            return 1
        keys = await _furnish(runtime)
        url = runtime.settings.public_url
        print(
            f"Refolio emulator on {url}\n\n"
            f"Issuer     {ISSUER}\n"
            f"Test key   {keys[Mode.TEST]}\n"
            f"Live key   {keys[Mode.LIVE]}\n"
            f"Console    {url}/console   (sign in as {ADMIN})\n"
            f"Mail       {url}/outbox\n\n"
            "Nothing leaves this machine, and nothing is left when you press Ctrl-C.",
            flush=True,
        )
        await server
    return 0


async def _furnish(runtime: Runtime) -> dict[Mode, str]:
    """Issuer, platform, mandate, an admin, and the two keys. Events count on from those of every emulator before.

    So whoever goes on with the cursor of an earlier one, as ``refolio listen`` does, misses nothing.
    """
    await register(runtime, ISSUER, ISSUER_NAME, url="https://company.example", vouched_by=PLATFORM_NAME)
    await admitting.admit(runtime, PLATFORM, PLATFORM_NAME, url="https://careers.example")
    await mandate(runtime, PLATFORM, ISSUER)
    await appoint(runtime, ISSUER, ADMIN, Role.ADMIN)
    async with tx():
        seconds = int((runtime.now() - BEGINNING).total_seconds())
        await EventHead.insert(EventHead(platform=PLATFORM, position=seconds))
    loaded = replace(runtime, random_bytes=lambda _: EMULATOR_SECRET)  # the same keys every time
    return {mode: await new_api_key(loaded, PLATFORM, Wanted(mode=mode, name="Emulator")) for mode in Mode}

"""``make demo``: the service on an embedded database, and the cast played in from outside through the real SDK.

The careers office's export ``examples/placements.csv`` goes through the partner's command line (``refolio import``)
as a separate process over HTTP, exactly as a partner would send it. Runs any number of times: what was issued before is
found again. Its database lives in ``var/demo-<port>``, apart from everything else.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from verify.app import create_app
from verify.credentials import finding, links
from verify.issuers.registering import register
from verify.people import profiles
from verify.platforms import admitting
from verify.runtime import Runtime
from verify.settings import Settings
from verify.verification import qr

EXPORT = Path(__file__).parent.parent / "examples" / "placements.csv"
PLATFORM = "northfield"
PLATFORM_NAME = "Northfield Careers Service"
ISSUERS = {
    "acme-textiles": ("Acme Textiles", "https://acme-textiles.example", "Maker of recycled fabrics."),
    "brightline-studio": ("Brightline Studio", "https://brightline.example", "Brand and interface design."),
    "harbour-analytics": ("Harbour Analytics", "https://harbour-analytics.example", "Data for ports and shipping."),
    "fernway-coop": ("Fernway Co-op", "https://fernway.example", "A neighbourhood food cooperative."),
}
MAYA = ("maya.okafor@northfield.example", "maya", "Marketing and data student, Northfield University")


def play(port: int) -> int:
    """Run the demo on ``localhost:port`` until Ctrl-C. Returns 1 with a sentence when the port is taken."""
    if _taken(port):
        print(f"Port {port} is in use. Stop what runs there, or choose another: make demo PORT={port + 1}", file=sys.stderr)
        return 1
    data = Path("var") / f"demo-{port}"
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        public_url=f"http://localhost:{port}",
        data=data,
        database_url=f"sqlite:///{data / 'refolio.db'}",
        kek_file=data / "kek",
        port=port,
    )
    return asyncio.run(_play(Runtime.from_settings(settings, create_key=True)))


async def _play(runtime: Runtime) -> int:
    settings = runtime.settings
    print(f"Refolio demo: starting on {settings.public_url} …", flush=True)
    config = uvicorn.Config(
        create_app(runtime), host="localhost", port=settings.port, log_level="warning", server_header=False
    )
    async with _serving(uvicorn.Server(config)) as serving:
        if serving.done():
            return 1
        api_key = await _admit_cast(runtime)
        print(f"{PLATFORM_NAME} sends {EXPORT.name} through the SDK:\n", flush=True)
        await _import(settings.public_url, api_key)
        await profiles.publish(runtime, *MAYA)
        await _show_links(runtime)
        await serving
    return 0


@asynccontextmanager
async def _serving(server: uvicorn.Server) -> AsyncIterator[asyncio.Task[None]]:
    """The server as a task, yielded when it accepts connections; Ctrl-C ends it in good order."""
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.02)
    try:
        yield task
    finally:
        server.should_exit = True
        await task


async def _admit_cast(runtime: Runtime) -> str:
    """Issuers, platform, mandates and API key, as an operator would make them; harmless when they exist."""
    await admitting.admit(runtime, PLATFORM, PLATFORM_NAME, url="https://careers.northfield.example")
    for slug, (name, url, description) in ISSUERS.items():
        await register(runtime, slug, name, url=url, description=description, vouched_by=PLATFORM_NAME)
        await admitting.mandate(runtime, PLATFORM, slug)
    keep = runtime.settings.data / "api-key"
    if not keep.exists():
        secret = await admitting.new_api_key(runtime, PLATFORM)
        keep.touch(mode=0o600)
        keep.write_text(secret)
    return keep.read_text()


async def _import(url: str, api_key: str) -> None:
    """Run the partner's own command in its own process; it reports row by row, broken rows included."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "refolio.cli", "import", str(EXPORT), env=_partner_environment(url, api_key)
    )
    await process.wait()


def _partner_environment(url: str, api_key: str) -> dict[str, str]:
    return {**os.environ, "REFOLIO_URL": url, "REFOLIO_API_KEY": api_key}


async def _show_links(runtime: Runtime) -> None:
    profile = await profiles.published(MAYA[1])
    assert profile, "published a moment ago"
    latest = max(await finding.by_person(profile.person), key=lambda stored: stored.issued_at)
    link = links.verdict(runtime, latest.code)
    print(f"\nScan this at a career fair:\n\n{qr.terminal(links.printed(runtime, latest.code), colour=sys.stdout.isatty())}\n")
    print(f"Verification   {link}")
    print(f"Portfolio      {links.portfolio(runtime, profile.handle)}")
    print(f"Signed file    {links.credential(runtime, latest.id)}")
    print("\nServing until you press Ctrl-C.", flush=True)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("localhost", port)) == 0

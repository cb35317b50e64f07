"""``make demo``: the service on an embedded database, and the cast played in from outside through the real SDK.

The careers office's export ``examples/placements.csv`` goes through the partner's command line (``refolio import``)
as a separate process over HTTP, exactly as a partner would send it; an export in another system's layout goes the same
way and is read by a plugin. Runs any number of times: what was issued before is found again. Its database lives in
``var/demo-<port>``, apart from everything else.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from refolio.credential.model import Intern
from verify import serving
from verify.credentials import finding, links
from verify.database import tx
from verify.http.access import Actor
from verify.issuers.registering import register
from verify.people import profiles
from verify.people.recognising import recognise
from verify.platforms import admitting, granting
from verify.platforms.keying import new_api_key
from verify.platforms.mandating import mandate
from verify.runtime import Runtime
from verify.settings import Settings, inherited_environment
from verify.verification import qr

EXAMPLES = Path(__file__).parent.parent / "examples"
EXPORT = EXAMPLES / "placements.csv"
FOREIGN_EXPORT, PLUGINS, PLUGIN = EXAMPLES / "careers-export.csv", EXAMPLES / "plugins.toml", "placement-records"
PLATFORM = "northfield"
PLATFORM_NAME = "Northfield Careers Service"
ISSUERS = {
    "acme-textiles": ("Acme Textiles", "https://acme-textiles.example", "Maker of recycled fabrics."),
    "brightline-studio": ("Brightline Studio", "https://brightline.example", "Brand and interface design."),
    "harbour-analytics": ("Harbour Analytics", "https://harbour-analytics.example", "Data for ports and shipping."),
    "fernway-coop": ("Fernway Co-op", "https://fernway.example", "A neighbourhood food cooperative."),
}
MAYA = Intern(name="Maya Okafor", email="maya.okafor@northfield.example")
MAYA_HANDLE, MAYA_HEADLINE = "maya", "Marketing and data student, Northfield University"


def play(port: int) -> int:
    """Run the demo on ``localhost:port`` until Ctrl-C. Returns 1 with a sentence when the port is taken."""
    if serving.taken(port):
        print(
            f"Port {port} is in use. Stop what runs there, or choose another: make demo PORT={port + 1}",
            file=sys.stderr,
        )
        return 1
    data = Path("var") / f"demo-{port}"
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        public_url=f"http://localhost:{port}",
        data=data,
        database_url=f"sqlite:///{data / 'refolio.db'}",
        kek_file=data / "kek",
        port=port,
        outbox=True,
        plugins=PLUGINS,
    )
    return asyncio.run(_play(Runtime.from_settings(settings, create_key=True)))


async def _play(runtime: Runtime) -> int:
    settings = runtime.settings
    print(f"Refolio demo: starting on {settings.public_url} …", flush=True)
    async with serving.on_localhost(runtime) as server:
        if server is None:
            return 1
        api_key = await _admit_cast(runtime)
        print(f"Portfolio      {links.portfolio(runtime, MAYA_HANDLE)}   (fills up while you watch)\n")
        print(f"{PLATFORM_NAME} sends {EXPORT.name} through the SDK:\n", flush=True)
        await _import(settings.public_url, api_key, EXPORT)
        print(
            f"\nIts placement system's own export, {FOREIGN_EXPORT.name}, is read by the plugin {PLUGIN}:\n", flush=True
        )
        await _import(settings.public_url, api_key, FOREIGN_EXPORT, "--plugin", PLUGIN)
        await _show_links(runtime)
        await server
    return 0


async def _admit_cast(runtime: Runtime) -> str:
    """Issuers, platform, mandates, API key, Maya's portfolio: what an operator would make; harmless when it exists."""
    await admitting.admit(runtime, PLATFORM, PLATFORM_NAME, url="https://careers.northfield.example")
    for slug, (name, url, description) in ISSUERS.items():
        await register(runtime, slug, name, url=url, description=description, vouched_by=PLATFORM_NAME)
        await mandate(runtime, PLATFORM, slug)
    async with tx():
        person = await recognise(runtime, MAYA)
    await profiles.publish(runtime, MAYA.email, MAYA_HANDLE, MAYA_HEADLINE)
    keep = runtime.settings.data / "api-key"
    if not keep.exists():
        async with tx():
            grant = await granting.ask(runtime, person, PLATFORM, MAYA.email)
        await granting.answer(runtime, Actor(person=person), grant, "allow")  # Maya's own click, for once made for her
        draft = keep.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(await new_api_key(runtime, PLATFORM))
        draft.replace(keep)  # whole or not at all
    return keep.read_text()


async def _import(url: str, api_key: str, file: Path, *options: str) -> None:
    """Run the partner's own command in its own process; it reports row by row, broken rows included."""
    command = (sys.executable, "-m", "refolio.cli", "import", str(file), *options)
    environment = inherited_environment(REFOLIO_URL=url, REFOLIO_API_KEY=api_key)
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    await process.wait()


async def _show_links(runtime: Runtime) -> None:
    profile = await profiles.published(MAYA_HANDLE)
    assert profile, "published a moment ago"
    (latest,), _ = await finding.by_person(profile.person, 1, await granting.on_page(profile.person))
    link = links.verdict(runtime, latest.code)
    code = qr.terminal(links.printed(runtime, latest.code), colour=sys.stdout.isatty())
    print(f"\nScan this at a career fair:\n\n{code}\n")
    print(f"Verification   {link}")
    print(f"Portfolio      {links.portfolio(runtime, profile.handle)}")
    print(f"Signed file    {links.credential(runtime, latest.id)}")
    print(f"Sign in        {runtime.settings.public_url}/sign-in   (mail lies at {runtime.settings.public_url}/outbox)")
    print("\nServing until you press Ctrl-C.", flush=True)

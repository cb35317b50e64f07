"""Sam as a referee: asked by Northfield about Maya's work, with nothing but the link in the mail."""

from __future__ import annotations

import re
from typing import Any

import httpx

import refolio
from tests.completions import Members, another
from tests.forms import csrf
from tests.showing import shows
from tests.world import World, text_of

MAYA = "maya@northfield.example"
SAM = "sam@acme.example"
NAME, ROLE = "Sam Rivera", "Head of Product"
TEXT = "Maya compared twelve suppliers.\nI would gladly work with her again."
SIGNED = {"relation": "supervised", "text": TEXT, "agreed": "yes"}


async def work(world: World, **changes: Any) -> Members:
    """Maya's work at Acme, delivered by Northfield, whom she has allowed to add to the record that she shows."""
    await shows(world, MAYA, "maya")
    return await world.issued(another(**changes))


async def asked(world: World, issued: Members, email: str = SAM, **changes: Any) -> refolio.Reference:
    """Northfield asks."""
    given = {"name": NAME, "role": ROLE, **changes}
    return await world.northfield.references.ask(issued["uuid"], email=email, **given)


async def links(world: World, email: str = SAM) -> list[str]:
    """The paths of the links in the mails to a referee, the newest last."""
    found = [re.search(r"https://refolio\.example(/referee/\S+)", text_of(m)) for m in await world.mails(email)]
    return [one[1] for one in found if one]


async def signed(world: World, issued: Members, email: str = SAM, **form: str) -> tuple[refolio.Reference, str]:
    """A reference that was asked for and signed, and the link by which it was."""
    reference = await asked(world, issued, email)
    link = (await links(world, email))[-1]
    async with world.browser() as sam:
        answer = await sam.post(link, data={**SIGNED, **form})
        assert answer.status_code == 303, answer.text
    return reference, link


async def decide(world: World, reference: refolio.Reference, choice: str) -> httpx.Response:
    """Maya shows or hides a reference."""
    async with world.signed_in(MAYA, staff=False) as maya:
        form = {**await csrf(maya, "/account"), "choice": choice}
        world.app.state.portfolios.clear()
        return await maya.post(f"/account/references/{reference.id}", data=form)


async def shown(world: World, issued: Members) -> tuple[refolio.Reference, str]:
    """A signed reference that Maya shows, and the link by which it was signed."""
    reference, link = await signed(world, issued)
    assert (await decide(world, reference, "show")).status_code == 303
    return reference, link


async def press(sam: httpx.AsyncClient, path: str) -> httpx.Response:
    """A button alone, as a browser sends its form."""
    return await sam.post(path, headers={"Content-Type": "application/x-www-form-urlencoded"})

"""A person who shows her portfolio, because she has allowed those who issue for her to add to it."""

from __future__ import annotations

from refolio.credential.model import Intern
from tests.world import World
from verify.database import tx
from verify.http.access import Actor
from verify.people import profiles
from verify.people.recognising import recognise
from verify.platforms import granting


async def shows(
    world: World,
    email: str,
    handle: str,
    headline: str | None = None,
    *,
    allowed: tuple[str, ...] = ("northfield",),
) -> None:
    """Let the person with this address allow these grantees, and publish her portfolio under ``handle``."""
    async with tx():
        person = await recognise(world.runtime, Intern(name=email.partition("@")[0].title(), email=email))
        grants = [await granting.ask(world.runtime, person, grantee, email) for grantee in allowed]
    for grant in grants:
        await granting.answer(world.runtime, Actor(person=person), grant, "allow")
    await profiles.publish(world.runtime, email, handle, headline)

"""A portfolio's address: who can have which, and who decides that it is seen."""

from __future__ import annotations

import pytest

from tests.showing import shows
from tests.world import MEMBERS, World, another, maya
from verify.http.refusals import Refused
from verify.people.profiles import hide, publish, published, published_handle
from verify.people.tables import Person

MAYA = "maya@northfield.example"
OSCAR = {"name": "Oscar Lind", "email": "oscar@northfield.example"}


@pytest.mark.parametrize("handle", ["m", "jo", "maya", "maya-okafor", "7", "a" * 60])
async def test_handles_that_can_be_had(handle: str, sqlite_world: World) -> None:
    await sqlite_world.issued()
    await publish(sqlite_world.runtime, MAYA, handle)
    assert (await sqlite_world.http.get(f"/p/{handle}")).status_code == 200


@pytest.mark.parametrize(
    "handle", ["", "-maya", "maya-", "Maya", "maya okafor", "maya/cv", "../x", "mаya", "a" * 61, "maya\n"]
)
async def test_handles_that_cannot_be_had(handle: str, sqlite_world: World) -> None:
    """SEC-061: among them one with a Cyrillic letter in it."""
    await sqlite_world.issued()
    with pytest.raises(Refused, match="lower-case letters, digits"):
        await publish(sqlite_world.runtime, MAYA, handle)


async def test_somebody_elses_handle_cannot_be_had(world: World) -> None:
    await world.issued()
    await world.issued(another(intern=OSCAR))
    await publish(world.runtime, MAYA, "maya")
    with pytest.raises(Refused, match="taken"):
        await publish(world.runtime, OSCAR["email"], "maya")
    assert (found := await published("maya")) is not None
    assert found.name == "Maya Okafor"


async def test_a_hidden_portfolio_keeps_its_handle(world: World) -> None:
    await world.issued()
    await world.issued(another(intern=OSCAR))
    await publish(world.runtime, MAYA, "maya")
    await hide(world.runtime, "maya")
    with pytest.raises(Refused, match="taken"):
        await publish(world.runtime, OSCAR["email"], "maya")


async def test_nobody_publishes_for_an_address_without_a_credential(world: World) -> None:
    with pytest.raises(Refused, match="Nobody with this address"):
        await publish(world.runtime, "nobody@northfield.example", "nobody")


async def test_publishing_again_changes_handle_and_headline(world: World) -> None:
    await world.issued()
    await publish(world.runtime, MAYA, "maya", "Student")
    await publish(world.runtime, f" {MAYA.upper()} ", "okafor", "Researcher")
    assert await published("maya") is None
    assert (found := await published("okafor")) is not None
    assert found.headline == "Researcher"


async def test_a_handle_is_found_in_any_case(world: World) -> None:
    await world.issued()
    await publish(world.runtime, MAYA, "maya")
    assert (await world.http.get("/p/MAYA")).status_code == 200


async def test_a_headline_has_an_end(sqlite_world: World) -> None:
    await sqlite_world.issued()
    with pytest.raises(Refused, match="at most 200"):
        await publish(sqlite_world.runtime, MAYA, "maya", "x" * 201)


async def test_the_platform_is_told_of_the_portfolio_only_while_it_is_public(world: World) -> None:
    issued = await world.issued()
    assert issued["links"]["portfolio"] is None
    await shows(world, MAYA, "maya")
    shown = await world.northfield.credentials.get(issued["uuid"])
    assert shown.links.portfolio == "https://refolio.example/p/maya"
    await hide(world.runtime, "maya")
    assert (await world.northfield.credentials.get(issued["uuid"])).links.portfolio is None
    assert await published_handle((await Person.select(Person.id).where(Person.email == MAYA))[0]["id"]) is None


async def test_a_person_is_known_again_however_the_address_is_written(world: World) -> None:
    for email in (MAYA, "Maya@Northfield.Example", "MAYA@NORTHFIELD.EXAMPLE"):
        await world.issued(another(intern={"name": "Maya", "email": email}))
    assert await Person.select(Person.email, Person.name).where(Person.email.not_in(list(MEMBERS))) == [
        {"email": MAYA, "name": "Maya"}
    ]


@pytest.mark.parametrize(
    "email", ["maya+work@northfield.example", "m.aya@northfield.example", "maya@northfield.example.org"]
)
async def test_sec_163_addresses_that_only_look_alike_are_two_people(email: str, sqlite_world: World) -> None:
    await sqlite_world.issued(maya())
    await sqlite_world.issued(another(intern={"name": "Maya Okafor", "email": email}))
    assert await Person.count() == len(MEMBERS) + 2

"""A withdrawn credential gets a successor under an id of its own: SEC-090, SEC-232."""

from __future__ import annotations

import asyncio

from refolio import Outcome
from tests.credentials.replacements import renamed, replaced
from tests.world import World, maya
from verify.credentials.tables import Credential


async def test_a_successor_takes_the_place_and_both_links_stay(world: World) -> None:
    issued = await world.issued()
    world.clock.move(hours=1)
    body = {"completion": renamed(), "as": "successor", "reason": "Her name was wrong.", "kind": "wrong-facts"}
    answer = await replaced(world, issued["uuid"], body)
    assert answer.status_code == 201, answer.text
    successor = answer.json()
    assert (successor["state"], successor["edition"], successor["replaces"]) == ("current", 1, issued["id"])
    assert (await replaced(world, issued["uuid"], body)).json() == successor
    old = await world.northfield.credentials.get(issued["uuid"])
    assert (old.state, old.kind, old.replaced_by) == ("withdrawn", "wrong-facts", successor["id"])
    page = await world.page(f"/v/{issued['code']}")
    assert "Genuine, withdrawn by the issuer" in page
    assert f'href="/v/{successor["code"]}"' in page
    status = (await world.http.get(f"/credentials/{issued['uuid']}/status")).json()
    assert status["replaced_by"] == successor["id"]
    assert (await world.report(await world.document(successor["uuid"]))).verdict is Outcome.PASSED
    second = await replaced(world, issued["uuid"], body, key="another")
    assert (second.status_code, second.json()["code"]) == (409, "already-replaced")


async def test_of_two_successors_racing_one_wins(world: World) -> None:
    issued = await world.issued()
    body = {"completion": renamed(), "as": "successor", "reason": "Her name was wrong."}
    answers = await asyncio.gather(*(replaced(world, issued["uuid"], body, key=str(n)) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert await Credential.count() == 2


async def test_sec_232_what_was_withdrawn_by_mistake_is_issued_again_with_a_link_and_stays_withdrawn(
    world: World,
) -> None:
    issued = await world.issued()
    await world.withdraw(issued["uuid"], "By mistake.")
    assert (await replaced(world, issued["uuid"], {"completion": renamed()})).json()["code"] == "already-withdrawn"
    body = {"completion": maya(), "as": "successor"}
    other = await replaced(world, issued["uuid"], {**body, "reason": "No, all was well."}, key="x")
    assert (other.status_code, other.json()["code"]) == (409, "already-withdrawn")
    answer = await replaced(world, issued["uuid"], body)
    assert answer.status_code == 201, answer.text
    old = await world.northfield.credentials.get(issued["uuid"])
    assert (old.state, old.reason, old.replaced_by) == ("withdrawn", "By mistake.", answer.json()["id"])


async def test_one_issued_to_the_wrong_person_leads_nobody_to_the_right_one(world: World) -> None:
    issued = await world.issued()
    right = maya(intern={"name": "Oscar Lind", "email": "oscar@northfield.example"})
    body = {"completion": right, "as": "successor", "reason": "Not hers.", "kind": "wrong-person"}
    successor = (await replaced(world, issued["uuid"], body)).json()
    page = await world.page(f"/v/{issued['code']}")
    assert successor["code"] not in page
    assert (await world.http.get(f"/credentials/{issued['uuid']}/status")).json()["replaced_by"] is None

"""What a platform is told, by whichever door the act came, and how it reads it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.completions import another
from tests.credentials.console import TYPED, issue
from tests.credentials.holding import SLUG, registered, reserved, signed, submit
from tests.credentials.replacements import CORRECTION, SUCCESSOR, replaced
from tests.credentials.test_console_replace import replace
from tests.forms import send
from tests.platforms.receivers import Partner
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, maya
from verify.database import tx
from verify.platforms import event_reading
from verify.platforms.announcing import Happening, announce
from verify.platforms.tables import Attempt, Delivery, Event

ANN, SAM, MAYA = "ann@acme.example", "sam@acme.example", "maya@northfield.example"


def told(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Type and UUID of each."""
    return [(one["type"], one["data"]["uuid"]) for one in events]


async def test_each_act_of_the_platform_is_told_once(northfield: Partner) -> None:
    world = northfield.world
    first = (await world.issued(maya(), key="k"))["uuid"]
    for _ in range(2):
        await world.issued(maya(), key="k")
        await replaced(world, first, CORRECTION, key="c")
    second = (await replaced(world, first, SUCCESSOR, key="s")).json()["uuid"]
    for _ in range(2):
        await replaced(world, first, SUCCESSOR, key="s")
        await world.withdraw(second)
    events = await northfield.events()
    assert told(events) == [
        ("credential.issued", first),
        ("credential.replaced", first),
        ("credential.withdrawn", first),
        ("credential.issued", second),
        ("credential.replaced", first),
        ("credential.withdrawn", second),
    ]
    corrected, succeeded = events[1]["data"], events[4]["data"]
    assert (corrected["edition"], corrected["state"]) == (2, "current")
    assert succeeded["replaced_by"] == f"https://refolio.example/credentials/{second}"
    assert events[3]["data"]["replaces"] == f"https://refolio.example/credentials/{first}"
    answer = (await northfield.told("GET", f"/credentials/{second}")) | {"reason": None}
    assert events[5]["data"] == answer


async def test_acts_of_the_issuers_own_people_are_told_too(northfield: Partner) -> None:
    world = northfield.world
    one, other = await northfield.issue(), await northfield.issue()
    async with world.signed_in(SAM) as sam:
        page = f"/console/acme/credentials/{one}"
        await send(sam, page, f"{page}/withdraw", reason="Wrong dates.", kind="wrong-facts")
        why = {"as": "successor", "kind": "wrong-facts", "reason": "Wrong role."}
        answer = await replace(sam, f"/console/acme/credentials/{other}", role="Analyst", **why)
        assert answer.status_code == 303, answer.text
    events = (await northfield.events())[2:]
    assert told(events) == [
        ("credential.withdrawn", one),
        ("credential.withdrawn", other),
        ("credential.replaced", other),
    ]
    successor = answer.headers["location"].rpartition("/")[2]
    assert events[-1]["data"]["replaced_by"].endswith(successor)


async def test_of_a_mass_withdrawal_each_is_told_to_whoever_delivered_it(northfield: Partner) -> None:
    world = northfield.world
    issued = [await world.issued(another()) for _ in range(11)]
    async with world.signed_in(SAM) as sam:
        page = "/console/acme/withdrawals"
        codes = "\n".join(one["code"] for one in issued)
        proposed = await send(sam, page, credentials=codes, kind="other", reason="The wrong cohort.")
        assert len(await northfield.events()) == 11, "proposed is not done"
    async with world.signed_in(ANN) as ann:
        proposal = proposed.headers["location"]
        await send(ann, proposal, f"{proposal}/approve")
    events = (await northfield.events())[11:]
    assert sorted(told(events)) == sorted(("credential.withdrawn", one["uuid"]) for one in issued)


async def test_an_interns_reply_is_told_and_that_she_took_it_back_but_not_what_it_says(northfield: Partner) -> None:
    world = northfield.world
    uuid = (await world.issued(maya()))["uuid"]
    await world.withdraw(uuid)
    async with world.signed_in(MAYA) as maya_herself:
        page = f"/account/credentials/{uuid}/reply"
        await send(maya_herself, page, text="I came every day.")
        await send(maya_herself, page, f"{page}/taken-back")
    events = (await northfield.events())[2:]
    assert told(events) == [("credential.replied", uuid), ("credential.reply_taken_back", uuid)]
    assert "every day" not in str(events)


async def test_what_an_issuer_signs_itself_is_told_when_it_is_submitted(northfield: Partner) -> None:
    world = northfield.world
    key = await registered(world.runtime)
    reservation = await reserved(world)
    assert await northfield.events() == []
    document = signed(world, reservation["unsigned"], key)
    for _ in range(2):
        assert (await submit(world, reservation["uuid"], document)).status_code == 201
    (event,) = await northfield.events()
    assert (event["type"], event["issuer"], event["data"]["uuid"]) == ("credential.issued", SLUG, reservation["uuid"])


async def test_what_was_refused_is_not_told(northfield: Partner) -> None:
    uuid = await northfield.issue()
    await northfield.world.withdraw(uuid, "")
    await northfield.world.withdraw(uuid, api_key=MALLORY_KEY)
    await northfield.world.post({"record": "broken"})
    assert len(await northfield.events()) == 1


async def test_what_its_own_members_issue_is_told_to_no_platform(northfield: Partner) -> None:
    async with northfield.world.signed_in(SAM) as sam:
        assert (await issue(sam, dict(TYPED))).status_code == 303
    assert await Event.count() == 0


async def test_one_goes_on_from_where_one_was(northfield: Partner) -> None:
    uuids = [await northfield.issue() for _ in range(5)]
    seen, after = [], ""
    for _ in range(3):
        page = await northfield.told("GET", f"/events?limit=2{after}")
        seen += [one["data"]["uuid"] for one in page["items"]]
        after = f"&after={page['cursor']}"
        assert (page["next"] is None) == (len(page["items"]) < 2)
    assert seen == uuids
    at_the_end = await northfield.told("GET", f"/events?limit=2{after}")
    assert (at_the_end["items"], at_the_end["next"], at_the_end["cursor"]) == ([], None, page["cursor"])
    latest = await northfield.told("GET", "/events?after=latest")
    assert latest == at_the_end
    new = await northfield.issue()
    assert told((await northfield.told("GET", f"/events?after={latest['cursor']}"))["items"]) == [
        ("credential.issued", new)
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=x", "after"),
        ("after=", "after"),
        ("after=WyJ4IiwxXQ", "after"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("wait=26", "wait"),
        ("wait=-1", "wait"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused_by_name(
    northfield_on_sqlite: Partner, query: str, field: str
) -> None:
    answer = await northfield_on_sqlite.call("GET", f"/events?{query}")
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]


async def test_who_waits_is_answered_as_soon_as_something_happens(northfield: Partner) -> None:
    waiting = [asyncio.create_task(northfield.told("GET", "/events?after=latest&wait=25")) for _ in range(3)]
    while event_reading.waiting["northfield"] < 3:
        await northfield.events("?limit=1")
    uuid = await northfield.issue()
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*waiting)
    assert [told(one["items"]) for one in answers] == [[("credential.issued", uuid)]] * 3
    # What is there already is given at once.
    assert (await northfield.told("GET", "/events?wait=25"))["items"]


async def test_who_waits_for_nothing_gets_it_in_the_end_and_ten_may_wait(northfield_on_sqlite: Partner) -> None:
    northfield = northfield_on_sqlite
    assert (await northfield.told("GET", "/events?wait=1"))["items"] == []
    waiting = [asyncio.create_task(northfield.told("GET", "/events?wait=25")) for _ in range(10)]
    while event_reading.waiting["northfield"] < 10:
        await northfield.events("?limit=1")
    refused = await northfield.call("GET", "/events?wait=25")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-waiting")
    assert (await northfield.call("GET", "/events?wait=1", api_key=MALLORY_KEY)).status_code == 200
    await northfield.issue()
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting)
    assert event_reading.waiting["northfield"] == 0


async def test_a_single_event_has_a_strong_etag(northfield: Partner) -> None:
    await northfield.issue()
    (event,) = await northfield.events()
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    answer = await northfield.world.http.get(f"/api/v1/events/{event['id']}", headers=headers)
    assert answer.json() == event
    assert answer.headers["cache-control"] == "private, no-cache"
    known = headers | {"If-None-Match": answer.headers["etag"]}
    assert (await northfield.world.http.get(f"/api/v1/events/{event['id']}", headers=known)).status_code == 304


async def test_sec_186_an_act_that_is_not_kept_is_not_told(northfield: Partner) -> None:
    await northfield.hook()

    async def broken() -> None:
        async with tx():
            await announce(
                northfield.world.runtime, [Happening("credential.issued", "northfield", "acme", {"uuid": "never"})]
            )
            raise RuntimeError("the act goes wrong")

    with pytest.raises(RuntimeError):
        await broken()
    await northfield.settle()
    assert await northfield.events() == []
    assert northfield.heard == []


async def test_no_reader_is_ever_overtaken(northfield: Partner) -> None:
    """Sixty acts at once, and a reader who goes on from its cursor all the while: it sees each, once, in one order."""
    seen, after = list[str](), ""
    acts = asyncio.gather(*(northfield.issue("acme" if number % 2 else "brightline") for number in range(60)))
    while not acts.done() or len(seen) < 60:
        page = await northfield.told("GET", f"/events?limit=7{after}")
        seen += [one["data"]["uuid"] for one in page["items"]]
        after = f"&after={page['cursor']}"
    assert sorted(seen) == sorted(await acts)
    assert seen == [one["data"]["uuid"] for one in await northfield.events("?limit=100")]


async def test_after_ninety_days_an_event_is_forgotten_with_all_that_hangs_on_it(northfield: Partner) -> None:
    await northfield.hook()
    await northfield.issue()
    await northfield.settle()
    cursor = (await northfield.told("GET", "/events"))["cursor"]
    worker = northfield.world.app.state.webhooks
    northfield.clock.move(days=90)
    await worker.clean()
    assert len(await northfield.events()) == 1
    northfield.clock.move(seconds=1)
    await worker.clean()
    assert [await table.count() for table in (Event, Delivery, Attempt)] == [0, 0, 0]
    uuid = await northfield.issue()
    assert told((await northfield.told("GET", f"/events?after={cursor}"))["items"]) == [("credential.issued", uuid)]

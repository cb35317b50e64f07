"""Many credentials in one act: all or none, and beyond ten by two people. SEC-232."""

from __future__ import annotations

import asyncio

import pytest

from refolio.credential.status_list import decode, is_set
from refolio.errors import CompletionRefused
from tests.world import MALLORY_KEY, PUBLIC_URL, World, another
from verify.audit.checking import audit
from verify.credentials.recounting import recount
from verify.credentials.status_placing import new_list
from verify.credentials.tables import Credential, StatusList
from verify.credentials.withdrawing_many import carry_out, withdraw_many
from verify.database import tx
from verify.http.access import OPERATOR, Role
from verify.http.refusals import Refused
from verify.issuers import members
from verify.issuers.members import SignedIn
from verify.trail.tables import TrailEntry

WHY = {"reason": "The whole term was issued twice.", "kind": "duplicate"}


async def somebody(world: World, email: str) -> SignedIn:
    async with world.signed_in(email) as browser:
        return await members.signed_in(world.runtime, dict(browser.cookies))


@pytest.fixture
async def second_admin(world: World) -> SignedIn:
    """Oscar, who has been made an admin of Acme."""
    oscar = await somebody(world, "oscar@northfield.example")
    await members.add(world.runtime, OPERATOR, "acme", oscar.person, Role.ADMIN)
    return await somebody(world, "oscar@northfield.example")


async def issued(world: World, number: int) -> list[str]:
    return [(await world.issued(another()))["uuid"] for _ in range(number)]


async def withdrawn() -> int:
    return await Credential.count().where(Credential.state == "withdrawn")


async def test_up_to_ten_are_withdrawn_by_one_person_in_one_act(world: World) -> None:
    uuids = await issued(world, 10)
    sam = await somebody(world, "sam@acme.example")
    assert await withdraw_many(world.runtime, sam, "acme", uuids, WHY) is None
    assert await withdrawn() == 10
    assert await TrailEntry.count().where(TrailEntry.act == "credentials-withdrawn") == 1
    row = await StatusList.select().first()
    assert row
    assert row["published"] == row["version"] == 10
    listed = (await world.http.get(f"{PUBLIC_URL}/status/{row['id']}")).json()
    bits = decode(listed["credentialSubject"]["encodedList"])
    places = await Credential.select(Credential.status_index)
    assert all(is_set(bits, place["status_index"]) for place in places)
    mails = await world.mails("maya@northfield.example")
    assert len([mail for mail in mails if "withdrawn" in str(mail["Subject"])]) == 10
    assert (await audit(world.runtime)).mismatches == ()


async def test_sec_232_more_than_ten_wait_for_a_second_admin(world: World, second_admin: SignedIn) -> None:
    uuids = await issued(world, 11)
    sam, ann = await somebody(world, "sam@acme.example"), await somebody(world, "ann@acme.example")
    proposal = await withdraw_many(world.runtime, sam, "acme", uuids, WHY)
    assert proposal
    assert await withdrawn() == 0
    for nobody in (sam, await somebody(world, "mallory@mallory.example")):
        with pytest.raises(Refused):
            await carry_out(world.runtime, nobody, "acme", proposal)
    assert await withdrawn() == 0
    assert await carry_out(world.runtime, ann, "acme", proposal) == 11
    assert await withdrawn() == 11
    with pytest.raises(Refused):
        await carry_out(world.runtime, second_admin, "acme", proposal)
    assert (await audit(world.runtime)).mismatches == ()


async def test_sec_232_nobody_approves_what_she_proposed(world: World, second_admin: SignedIn) -> None:
    uuids = await issued(world, 11)
    ann = await somebody(world, "ann@acme.example")
    proposal = await withdraw_many(world.runtime, ann, "acme", uuids, WHY)
    assert proposal
    with pytest.raises(Refused, match="Another admin"):
        await carry_out(world.runtime, ann, "acme", proposal)
    assert await withdrawn() == 0
    assert await carry_out(world.runtime, second_admin, "acme", proposal) == 11


async def test_of_two_who_approve_at_once_one_does_it(world: World, second_admin: SignedIn) -> None:
    uuids = await issued(world, 12)
    sam, ann = await somebody(world, "sam@acme.example"), await somebody(world, "ann@acme.example")
    proposal = await withdraw_many(world.runtime, sam, "acme", uuids, WHY)
    assert proposal
    done = await asyncio.gather(
        *(carry_out(world.runtime, one, "acme", proposal) for one in (ann, second_admin, ann, second_admin)),
        return_exceptions=True,
    )
    assert [one for one in done if not isinstance(one, Refused)] == [12]
    assert await TrailEntry.count().where(TrailEntry.act == "credentials-withdrawn") == 1


async def test_each_of_many_tells_in_its_own_history_who_proposed_and_who_agreed(world: World) -> None:
    uuids = await issued(world, 12)
    sam, ann = await somebody(world, "sam@acme.example"), await somebody(world, "ann@acme.example")
    await withdraw_many(world.runtime, sam, "acme", uuids[:1], WHY)
    proposal = await withdraw_many(world.runtime, sam, "acme", uuids, WHY)
    assert proposal
    await carry_out(world.runtime, ann, "acme", proposal)
    alone, together = [await recount("acme", uuid) for uuid in uuids[:2]]
    assert [one.says for one in alone] == ["Withdrawn", "Signed and issued", "Ordered"]
    assert (alone[0].who, alone[0].proposed_by) == ("Sam", None)
    assert [one.says for one in together] == ["Withdrawn together with 10 others", "Signed and issued", "Ordered"]
    assert (together[0].who, together[0].proposed_by) == ("Ann", "Sam")
    async with world.signed_in("vic@acme.example") as vic:
        page = (await vic.get(f"/console/acme/credentials/{uuids[5]}")).text
    assert "Withdrawn together with 10 others by <bdi>Ann</bdi>, proposed by <bdi>Sam</bdi>" in page


async def test_what_was_withdrawn_since_it_was_proposed_keeps_its_reason(world: World) -> None:
    uuids = await issued(world, 11)
    sam, ann = await somebody(world, "sam@acme.example"), await somebody(world, "ann@acme.example")
    proposal = await withdraw_many(world.runtime, sam, "acme", uuids, WHY)
    assert proposal
    await world.withdraw(uuids[0], "Wrong dates.")
    assert await carry_out(world.runtime, ann, "acme", proposal) == 10
    assert (await world.northfield.credentials.get(uuids[0])).reason == "Wrong dates."


async def test_sec_193_acts_that_meet_in_two_lists_do_not_lock_each_other_out(world: World) -> None:
    """Each of two members withdraws some of either list, in an order in which they cross."""
    uuids = sorted(await issued(world, 40))
    first = (await StatusList.select(StatusList.id).where(StatusList.issuer == "acme"))[0]["id"]
    async with tx():
        _, second = await new_list(world.runtime, "acme", 2)
        in_second = [uuid for number, uuid in enumerate(uuids) if number % 4 in (1, 2)]
        await Credential.update({Credential.status_list: second}).where(Credential.id.is_in(in_second))
    sam, ann = await somebody(world, "sam@acme.example"), await somebody(world, "ann@acme.example")
    await asyncio.gather(
        *(
            withdraw_many(world.runtime, who, "acme", uuids[start + shift : start + shift + 2], WHY)
            for start in range(0, 40, 4)
            for who, shift in ((sam, 0), (ann, 2))
        )
    )
    assert await withdrawn() == 40
    versions = {row["id"]: row["version"] for row in await StatusList.select(StatusList.id, StatusList.version)}
    assert versions == {first: 20, second: 20}


async def test_one_that_is_not_theirs_stops_all_of_them(world: World) -> None:
    own = await issued(world, 3)
    others = (await world.issued(another(issuer="mallory-inc"), api_key=MALLORY_KEY))["uuid"]
    sam, vic = await somebody(world, "sam@acme.example"), await somebody(world, "vic@acme.example")
    for bad in (others, "00000000-0000-4000-8000-000000000000", "x"):
        with pytest.raises(Refused):
            await withdraw_many(world.runtime, sam, "acme", [*own, bad], WHY)
    with pytest.raises(Refused):
        await withdraw_many(world.runtime, vic, "acme", own, WHY)
    for ids, why in (([], WHY), (own, {}), (own, {"reason": "x", "kind": "whim"})):
        with pytest.raises(CompletionRefused):
            await withdraw_many(world.runtime, sam, "acme", ids, why)
    assert await withdrawn() == 0

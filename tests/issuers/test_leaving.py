"""Roles change, members go, and an issuer keeps an admin."""

from __future__ import annotations

import asyncio

import pytest

from tests.forms import csrf, send
from tests.web.reading import Reader
from tests.world import World
from verify.http.access import OPERATOR, Action, Role
from verify.http.refusals import Refused
from verify.issuers import inviting, leaving, members, proposing
from verify.issuers.tables import IssuerKey
from verify.people import accounts
from verify.people.tables import Session
from verify.trail.tables import TrailEntry

TEAM = "/console/acme/members"


async def ids() -> dict[str, str]:
    """Address → person, of Acme's members."""
    return {member.address: member.person for member in await members.team("acme")}


async def test_a_role_changes_at_once_and_in_open_sign_ins_too(world: World) -> None:
    person = (await ids())["vic@acme.example"]
    async with world.signed_in("ann@acme.example") as ann, world.signed_in("vic@acme.example") as vic:
        assert (await vic.get(f"{TEAM}/{person}")).status_code == 404
        assert (await send(ann, f"{TEAM}/{person}", f"{TEAM}/{person}/role", role="admin")).status_code == 303
        assert (await vic.get(f"{TEAM}/{person}")).status_code == 200
        assert (
            "Ann changed the role of Vic from viewer to admin"
            in Reader((await ann.get("/console/acme/trail")).text).text
        )


async def test_sec_176_removing_a_member_ends_her_sign_ins(world: World) -> None:
    person = (await ids())["sam@acme.example"]
    async with world.signed_in("ann@acme.example") as ann, world.signed_in("sam@acme.example") as sam:
        assert (await sam.get(TEAM)).status_code == 200
        assert (await send(ann, f"{TEAM}/{person}", f"{TEAM}/{person}/remove")).status_code == 303
        assert (await sam.get(TEAM)).headers["location"].startswith("/sign-in?")
        assert not await Session.exists().where(Session.person == person)
        assert (await ann.get(f"{TEAM}/{person}")).status_code == 404
    async with world.signed_in("sam@acme.example") as sam:
        assert (await sam.get(TEAM)).status_code == 404


async def test_the_last_admin_can_neither_leave_nor_be_anything_else(world: World) -> None:
    person = (await ids())["ann@acme.example"]
    async with world.signed_in("ann@acme.example") as ann:
        for path, typed in (
            (f"{TEAM}/{person}/role", {"role": "viewer"}),
            (f"{TEAM}/{person}/remove", {}),
            ("/console/acme/leave", {}),
        ):
            refused = await send(ann, TEAM, path, **typed)
            assert refused.status_code == 422
            assert "An organisation needs an admin." in refused.text
        assert (await ann.get(TEAM)).status_code == 200


async def test_an_admin_whose_account_is_closed_does_not_count_as_another_one(world: World) -> None:
    await leaving.change_role(world.runtime, OPERATOR, "acme", (await ids())["sam@acme.example"], Role.ADMIN)
    await accounts.disable(world.runtime, "sam@acme.example")
    async with world.signed_in("ann@acme.example") as ann:
        assert (await send(ann, TEAM, "/console/acme/leave")).status_code == 422


async def test_of_two_admins_who_leave_at_the_same_moment_one_stays(world: World) -> None:
    await leaving.change_role(world.runtime, OPERATOR, "acme", (await ids())["sam@acme.example"], Role.ADMIN)
    async with world.signed_in("ann@acme.example") as ann, world.signed_in("sam@acme.example") as sam:
        answers = await asyncio.gather(*(send(who, TEAM, "/console/acme/leave") for who in (ann, sam)))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert [member.role for member in await members.team("acme")].count(Role.ADMIN) == 1


async def test_a_viewer_leaves_of_her_own_will(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("vic@acme.example") as vic:
        left = await send(vic, TEAM, "/console/acme/leave")
        assert (left.status_code, left.headers["location"]) == (303, "/console")
        assert (await vic.get(TEAM)).status_code == 404


@pytest.mark.parametrize("act", ["role", "remove"])
async def test_sec_171_a_member_of_another_issuer_is_nobody_here(sqlite_world: World, act: str) -> None:
    person = (await ids())["sam@acme.example"]
    before = await members.team("acme")
    async with sqlite_world.signed_in("mallory@mallory.example") as mallory:
        page = "/console/mallory-inc/members"
        typed = {"role": "viewer"} if act == "role" else {}
        absent = "00000000-0000-4000-8000-000000000000"
        theirs, nobodys = [await send(mallory, page, f"{page}/{who}/{act}", **typed) for who in (person, absent)]
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.text == nobodys.text
    assert await members.team("acme") == before


async def test_sec_158_a_form_of_another_sign_in_changes_nothing(sqlite_world: World) -> None:
    person = (await ids())["sam@acme.example"]
    async with sqlite_world.signed_in("ann@acme.example") as ann, sqlite_world.signed_in("vic@acme.example") as vic:
        foreign = await csrf(vic, TEAM)
        assert (await ann.post(f"{TEAM}/{person}/remove", data=foreign)).status_code == 403
    assert "sam@acme.example" in await ids()


async def test_members_are_managed_with_a_sign_in_of_a_moment_ago(sqlite_world: World) -> None:
    person = (await ids())["sam@acme.example"]
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        form = await csrf(ann, TEAM)
        sqlite_world.clock.move(minutes=16)
        refused = await ann.post(f"{TEAM}/{person}/remove", data=form)
        assert refused.headers["location"] == "/sign-in?next=/console/acme&again=1"
        assert (await ann.get(TEAM)).status_code == 200
    assert "sam@acme.example" in await ids()


@pytest.mark.parametrize("act", ["invite", "change", "remove", "leave", "propose", "refuse"])
async def test_sec_176_who_lost_her_role_between_page_and_act_does_nothing_any_more(world: World, act: str) -> None:
    """The request of a removed admin that was under way already: otherwise she could invite a second self."""
    async with world.signed_in("ann@acme.example") as browser:
        ann = await members.member_of(world.runtime, browser.cookies, Action.DECIDE, "acme")
        proposal = await proposing.propose(world.runtime, ann, "acme", proposing.KEY_COMPROMISED, {})
    sam = (await ids())["sam@acme.example"]
    await leaving.remove(world.runtime, OPERATOR, "acme", ann.person)
    before = await world.rows()
    acts = {
        "invite": lambda: inviting.invite(world.runtime, ann, "acme", {"email": "ann@home.example", "role": "admin"}),
        "change": lambda: leaving.change_role(world.runtime, ann.actor, "acme", sam, Role.ADMIN),
        "remove": lambda: leaving.remove(world.runtime, ann.actor, "acme", sam),
        "leave": lambda: leaving.leave(world.runtime, ann, "acme"),
        "propose": lambda: proposing.propose(world.runtime, ann, "acme", proposing.KEY_COMPROMISED, {}),
        "refuse": lambda: proposing.refuse(world.runtime, ann, "acme", proposal),
    }
    with pytest.raises(Refused, match="There is nothing at this address"):
        await acts[act]()
    assert await world.rows() == before


@pytest.mark.parametrize("act", ["remove", "leave", "take back", "refuse", "approve"])
async def test_the_same_button_twice_ends_where_once_does(world: World, act: str) -> None:
    """A double click must not end at "Nothing is here" after everything has gone well."""
    person = (await ids())["sam@acme.example"]
    key = await IssuerKey.select(IssuerKey.id).where(IssuerKey.issuer == "acme").first()
    assert key
    async with world.signed_in("sam@acme.example") as sam, world.signed_in("ann@acme.example") as ann:
        await send(ann, TEAM, email="new@acme.example", role="viewer")
        (invitation,) = await inviting.invited(world.runtime, "acme")
        await leaving.change_role(world.runtime, OPERATOR, "acme", person, Role.ADMIN)
        made = await send(sam, "/console/acme/keys/compromised", key=key["id"], since="2026-11-20T09:30")
        proposal = made.headers["location"].rpartition("/")[2]
        paths = {
            "remove": (ann, f"{TEAM}/{person}/remove", TEAM),
            "leave": (sam, "/console/acme/leave", "/console"),
            "take back": (ann, f"/console/acme/invitations/{invitation.id}", TEAM),
            "refuse": (ann, f"/console/acme/proposals/{proposal}/refuse", "/console/acme/proposals"),
            "approve": (ann, f"/console/acme/keys/proposals/{proposal}/approve", "/console/acme/keys"),
        }
        who, path, then = paths[act]
        form = await csrf(who, TEAM)
        acts = await TrailEntry.count()
        answers = [await who.post(path, data=form) for _ in range(2)]
        assert [(answer.status_code, answer.headers.get("location")) for answer in answers] == [(303, then)] * 2
        assert await TrailEntry.count() == acts + 1

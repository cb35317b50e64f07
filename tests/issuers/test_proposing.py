"""The two-person rule: nobody approves what she proposed, and of many who approve one does."""

from __future__ import annotations

import asyncio

import pytest

from tests.forms import send
from tests.web.reading import Reader
from tests.world import World, text_of
from verify.database import tx
from verify.http.access import OPERATOR, Action, Role
from verify.http.refusals import Refused
from verify.issuers import leaving, members, proposing
from verify.issuers.members import SignedIn
from verify.issuers.proposing import KEY_COMPROMISED, MASS_WITHDRAWAL
from verify.issuers.tables import Proposal
from verify.trail.recording import record

ANN, SAM, VIC, MALLORY = "ann@acme.example", "sam@acme.example", "vic@acme.example", "mallory@mallory.example"


async def member(world: World, email: str, issuer: str = "acme") -> SignedIn:
    """A person at work, signed in a moment ago."""
    async with world.signed_in(email) as browser:
        return await members.member_of(world.runtime, browser.cookies, Action.SEE_ISSUER, issuer)


async def appoint(world: World, email: str, role: Role) -> SignedIn:
    await leaving.change_role(world.runtime, OPERATOR, "acme", (await member(world, email)).person, role)
    return await member(world, email)


async def carry_out(
    world: World, who: SignedIn, proposal: str, act: str = KEY_COMPROMISED, issuer: str = "acme"
) -> object:
    """What an operation does with a proposal: approve it and act, in one transaction."""
    async with tx():
        approved = await proposing.approve(world.runtime, who, issuer, act, proposal)
        await record(world.runtime, who.actor.name, act, issuer, about=proposal, rows=[(Proposal, proposal)])
    return approved.body


async def test_an_admin_approves_what_another_admin_proposed(world: World) -> None:
    ann, sam = await member(world, ANN), await appoint(world, SAM, Role.ADMIN)
    body = {"key": "z6MkThis", "since": "2026-11-20T00:00:00Z"}
    proposal = await proposing.propose(world.runtime, sam, "acme", KEY_COMPROMISED, body)
    async with world.signed_in(ANN) as browser:
        assert "1 proposal waits for a second admin." in Reader((await browser.get("/console/acme/members")).text).text
        page = Reader((await browser.get("/console/acme/proposals")).text)
        assert "Declare a key compromised Proposed by Sam" in page.text
        assert f"/console/acme/keys/proposals/{proposal}" in page.attributes("href")
    assert await carry_out(world, ann, proposal) == body
    assert await proposing.proposals(world.runtime, "acme") == []


async def test_nobody_approves_her_own_proposal(world: World) -> None:
    ann = await member(world, ANN)
    proposal = await proposing.propose(world.runtime, ann, "acme", KEY_COMPROMISED, {})
    with pytest.raises(Refused, match="You proposed this yourself"):
        await carry_out(world, ann, proposal)
    assert (await proposing.proposal(world.runtime, "acme", proposal)).proposed_by == ann.person


async def test_of_many_who_approve_at_the_same_moment_one_does(world: World) -> None:
    ann, sam, vic = (
        await member(world, ANN),
        await appoint(world, SAM, Role.ADMIN),
        await appoint(world, VIC, Role.ADMIN),
    )
    proposal = await proposing.propose(world.runtime, ann, "acme", KEY_COMPROMISED, {"n": 1})
    outcomes = await asyncio.gather(
        *(carry_out(world, who, proposal) for who in (sam, vic) * 4), return_exceptions=True
    )
    assert [outcome for outcome in outcomes if not isinstance(outcome, Refused)] == [{"n": 1}]


@pytest.mark.parametrize(
    "how", ["expired", "refused", "proposer removed", "proposer is a viewer now", "decider demoted"]
)
async def test_a_proposal_that_has_ended_is_not_approved(world: World, how: str) -> None:
    ann, sam = await member(world, ANN), await appoint(world, SAM, Role.ADMIN)
    proposal = await proposing.propose(world.runtime, sam, "acme", KEY_COMPROMISED, {})
    if how == "expired":
        world.clock.move(days=7)
    elif how == "refused":
        async with world.signed_in(ANN) as browser:
            path = "/console/acme/proposals"
            assert (await send(browser, path, f"{path}/{proposal}/refuse")).status_code == 303
    elif how == "proposer removed":
        await leaving.remove(world.runtime, OPERATOR, "acme", sam.person)
    elif how == "proposer is a viewer now":
        await leaving.change_role(world.runtime, OPERATOR, "acme", sam.person, Role.VIEWER)
    else:
        await leaving.change_role(world.runtime, OPERATOR, "acme", ann.person, Role.ISSUER)
    with pytest.raises(Refused):
        await carry_out(world, ann, proposal)


async def test_sec_171_a_proposal_of_another_issuer_is_not_there(world: World) -> None:
    sam, mallory = await appoint(world, SAM, Role.ADMIN), await member(world, MALLORY, "mallory-inc")
    proposal = await proposing.propose(world.runtime, sam, "acme", KEY_COMPROMISED, {})
    for issuer in ("acme", "mallory-inc"):
        with pytest.raises(Refused, match="There is nothing at this address"):
            await carry_out(world, mallory, proposal, issuer=issuer)
    with pytest.raises(Refused, match="There is nothing at this address"):  # nor as another act than it is
        await carry_out(world, await member(world, ANN), proposal, act=MASS_WITHDRAWAL)


async def test_who_may_propose_depends_on_the_act(world: World) -> None:
    sam, vic = await member(world, SAM), await member(world, VIC)
    await proposing.propose(world.runtime, sam, "acme", MASS_WITHDRAWAL, {"credentials": ["x"]})
    for who, act in ((sam, KEY_COMPROMISED), (vic, MASS_WITHDRAWAL), (vic, KEY_COMPROMISED)):
        with pytest.raises(Refused, match="There is nothing at this address"):
            await proposing.propose(world.runtime, who, "acme", act, {})


async def test_an_organisation_with_one_admin_is_told_what_it_cannot_do_alone(sqlite_world: World) -> None:
    async with sqlite_world.signed_in(ANN) as ann:
        for page in ("members", "proposals"):
            assert "There is one admin." in (await ann.get(f"/console/acme/{page}")).text
    await appoint(sqlite_world, SAM, Role.ADMIN)
    async with sqlite_world.signed_in(ANN) as ann:
        assert "There is one admin." not in (await ann.get("/console/acme/proposals")).text


async def test_an_admin_made_for_the_purpose_is_no_second_person(world: World) -> None:
    """Ann turns bad, makes another account of hers an admin, proposes with one and approves with the other."""
    await appoint(world, SAM, Role.ADMIN)
    world.clock.move(days=2)
    ann, herself = await member(world, ANN), await appoint(world, VIC, Role.ADMIN)
    hers = await proposing.propose(world.runtime, ann, "acme", KEY_COMPROMISED, {})
    with pytest.raises(Refused, match="You have been an admin for less than a day"):
        await carry_out(world, herself, hers)
    others = await proposing.propose(world.runtime, herself, "acme", KEY_COMPROMISED, {})
    with pytest.raises(Refused, match="somebody who has had the role for less than a day"):
        await carry_out(world, await member(world, ANN), others)
    assert await carry_out(world, await member(world, SAM), hers) == {}
    world.clock.move(days=1)
    proposal = await proposing.propose(world.runtime, await member(world, ANN), "acme", KEY_COMPROMISED, {})
    assert await carry_out(world, await member(world, VIC), proposal) == {}


async def test_a_third_admin_who_was_removed_for_the_purpose_still_counts_for_a_day(world: World) -> None:
    sam = await appoint(world, SAM, Role.ADMIN)
    world.clock.move(days=2)
    ann, herself = await member(world, ANN), await appoint(world, VIC, Role.ADMIN)
    await leaving.remove(world.runtime, ann.actor, "acme", sam.person)
    assert (await world.mails(SAM))[-1]["Subject"] == "You no longer act for Acme Textiles"
    proposal = await proposing.propose(world.runtime, ann, "acme", KEY_COMPROMISED, {})
    with pytest.raises(Refused, match="You have been an admin for less than a day"):
        await carry_out(world, herself, proposal)
    world.clock.move(days=1)
    assert await carry_out(world, await member(world, VIC), proposal) == {}


async def test_the_second_admin_of_a_small_organisation_may_approve_at_once(world: World) -> None:
    """Where nobody else has been an admin for longer, there is nobody to be passed over."""
    world.clock.move(days=2)
    ann, sam = await member(world, ANN), await appoint(world, SAM, Role.ADMIN)
    proposal = await proposing.propose(world.runtime, ann, "acme", KEY_COMPROMISED, {})
    assert await carry_out(world, sam, proposal) == {}


async def test_admins_are_told_of_a_new_one_and_of_what_waits_for_them(world: World) -> None:
    sam = await appoint(world, SAM, Role.ADMIN)
    letter = (await world.mails(ANN))[-1]
    assert letter["Subject"] == "A new admin of Acme Textiles"
    assert "Sam (sam@acme.example)" in text_of(letter)
    await proposing.propose(world.runtime, sam, "acme", KEY_COMPROMISED, {})
    letter = (await world.mails(ANN))[-1]
    assert letter["Subject"] == "Acme Textiles: a proposal waits for you"
    assert "/console/acme/proposals" in text_of(letter)
    assert [mail["Subject"] for mail in await world.mails(SAM) if "proposal" in mail["Subject"]] == []
    assert [mail["Subject"] for mail in await world.mails(VIC) if "Acme" in mail["Subject"]] == []

"""SEC-176: an invitation is good once, for one address, for a week, and ends with whoever made it."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.forms import csrf, send
from tests.web.reading import Reader
from tests.world import World
from verify.http.cookies import cookie_name
from verify.issuers.inviting import MOST_TO_ONE_ADDRESS
from verify.issuers.members import team
from verify.issuers.tables import Invitation, Membership

TEAM = "/console/acme/members"
NINA = "nina@acme.example"


async def invite(world: World, email: str = NINA, role: str = "issuer") -> str:
    """Ann invites; returns the path of the link in the mail."""
    async with world.signed_in("ann@acme.example") as ann:
        invited = await send(ann, TEAM, email=email, role=role)
        assert invited.status_code == 200, invited.text
    (*_, mail) = await world.mails(email)
    (path,) = re.findall(r"/join/[\w-]+", mail.get_content())
    assert path in invited.text
    return str(path)


async def test_an_invited_person_joins_by_the_link_in_her_mail(world: World) -> None:
    path = await invite(world)
    assert (await world.mails(NINA))[0]["Subject"] == "Invitation to Acme Textiles"
    async with world.signed_in(NINA, staff=False) as nina:
        before = await world.rows()
        assert "You are invited as issuer." in Reader((await nina.get(path)).text).text
        assert (await nina.head(path)).status_code == 200
        assert (await world.rows()) == before  # looking, as mail scanners do, accepts nothing
        joined = await send(nina, path)
        assert (joined.status_code, joined.headers["location"]) == (303, "/console")
        assert "Acme Textiles You are an issuer" in Reader((await nina.get("/console")).text).text
        page = Reader((await nina.get(TEAM)).text)
        assert "Nina nina@acme.example · issuer since 23 Nov 2026" in page.text.replace(" (you)", "")
        assert "Invite somebody" not in page.text
    async with world.signed_in("ann@acme.example") as ann:
        told = Reader((await ann.get("/console/acme/trail")).text).text
    assert "Nina accepted an invitation as issuer" in told
    assert "Ann invited somebody as issuer" in told


async def test_sec_176_an_invitation_is_accepted_once_however_many_ask_at_once(world: World) -> None:
    path = await invite(world)
    async with world.signed_in(NINA, staff=False) as nina:
        answers = await asyncio.gather(*(send(nina, path) for _ in range(8)), return_exceptions=True)
        codes = [answer.status_code for answer in answers if isinstance(answer, httpx.Response)]
        assert 303 in codes
        assert (await nina.get(path)).headers["location"] == "/console"  # who opens her old mail gets on
    assert await Membership.count().where(Membership.role == "issuer", Membership.issuer == "acme") == 2


async def test_a_double_click_on_join_throws_nobody_out(world: World) -> None:
    """Also where the browser drops the answer to the first click, with the new secret of the sign-in."""
    path = await invite(world)
    async with world.signed_in(NINA, staff=False) as nina:
        name, form = cookie_name(world.runtime), await csrf(nina, path)
        old = {"Cookie": f"{name}={nina.cookies[name]}"}
        for _ in range(2):
            nina.cookies.clear()
            joined = await nina.post(path, data=form, headers=old)
            assert (joined.status_code, joined.headers["location"]) == (303, "/console")
        new = {"Cookie": f"{name}={joined.cookies[name]}"}
        nina.cookies.clear()
        assert "You are an issuer" in Reader((await nina.get("/console", headers=new)).text).text
    async with world.signed_in(NINA) as nina:  # and in a sign-in that stays as it is
        form = await csrf(nina, TEAM)
        again = await nina.post(path, data=form)
        assert (again.status_code, again.headers["location"]) == (303, "/console")


async def test_sec_176_a_used_link_brings_nobody_back(world: World) -> None:
    path = await invite(world)
    async with world.signed_in(NINA, staff=False) as nina:
        await send(nina, path)
        await send(nina, TEAM, "/console/acme/leave")
        assert (await nina.get(path)).status_code == 404
        assert (await nina.post(path, data={"csrf": "x"})).status_code == 403
        assert (await nina.get(TEAM)).status_code == 404


async def test_sec_176_an_invitation_is_for_nobody_else(world: World) -> None:
    path = await invite(world)
    async with world.signed_in("mallory@mallory.example") as mallory:
        page = await mallory.get(path)
        assert "This invitation is not for you" in page.text
        for told in ("Acme", NINA):
            assert told not in page.text
        stolen = await send(mallory, "/console/new", path)
        assert stolen.status_code == 404
        assert (await mallory.get(TEAM)).status_code == 404
    assert (await world.http.get(path)).status_code == 401  # and nobody at all has to sign in first
    async with world.signed_in(NINA.upper(), staff=False) as nina:  # the case of an address does not count
        assert (await send(nina, path)).status_code == 303


@pytest.mark.parametrize(
    "how", ["expired", "taken back", "invited again", "the admin was removed", "the admin was demoted"]
)
async def test_sec_176_a_link_that_has_ended_is_like_one_that_never_was(world: World, how: str) -> None:
    path = await invite(world)
    if how == "expired":
        world.clock.move(days=7)
    elif how == "invited again":
        world.clock.move(minutes=1)
        assert await invite(world) != path
    else:
        async with world.signed_in("ann@acme.example") as ann:
            if how == "taken back":
                row = await Invitation.select().first()
                assert row
                ended = await send(ann, TEAM, f"/console/acme/invitations/{row['id']}")
                assert ended.status_code == 303
            else:
                await send(ann, TEAM, email="bea@acme.example", role="admin")
                link = re.findall(r"/join/[\w-]+", (await world.mails("bea@acme.example"))[0].get_content())[0]
                async with world.signed_in("bea@acme.example", staff=False) as bea:
                    await send(bea, link)
                    (ann_id,) = [one.person for one in await team("acme") if one.address == "ann@acme.example"]
                    shown = (await bea.get(f"{TEAM}/{ann_id}")).text
                    assert NINA in shown  # what ends with her is listed before
                    how_to, typed = ("role", {"role": "viewer"}) if how.endswith("demoted") else ("remove", {})
                    assert (
                        await send(bea, f"{TEAM}/{ann_id}", f"{TEAM}/{ann_id}/{how_to}", **typed)
                    ).status_code == 303
    async with world.signed_in(NINA, staff=False) as nina:
        gone, never = await nina.get(path), await nina.get("/join/" + "x" * 32)
        assert gone.status_code == never.status_code == 404
        assert "This invitation has ended" in gone.text
        assert gone.text == never.text
        assert (await send(nina, "/console/new", path)).status_code == 404


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"email": "nobody"}, "This does not look like an e-mail address."),
        ({"email": "a@b.example\nBcc: c@d.example"}, "This does not look like an e-mail address."),
        ({"role": "owner"}, "This is not a role."),
        ({"email": "Sam@Acme.example"}, "This person is a member already."),
    ],
)
async def test_what_cannot_be_invited_is_said_at_its_field(
    sqlite_world: World, typed: dict[str, str], says: str
) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        refused = await send(ann, TEAM, **{"email": NINA, "role": "viewer", **typed})
    assert (refused.status_code, says in refused.text) == (422, True)
    assert await sqlite_world.mails(NINA) == []


async def test_nobody_sends_many_mails_through_invitations(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        assert (await send(ann, TEAM, email=NINA, role="viewer")).status_code == 200
        again = await send(ann, TEAM, email=NINA, role="viewer")
        assert "was invited a moment ago" in again.text
        for number in range(29):
            assert (await send(ann, TEAM, email=f"p{number}@acme.example", role="viewer")).status_code == 200
        assert "Thirty people were invited" in (await send(ann, TEAM, email="p@acme.example", role="viewer")).text
    assert len([mail for mail in await sqlite_world.mails() if mail["Subject"].startswith("Invitation")]) == 30


async def test_sec_172_no_form_about_members_takes_a_field_of_the_tables(sqlite_world: World) -> None:
    columns = {column._meta.name for table in (Invitation, Membership) for column in table._meta.columns}
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        for name in sorted(columns - {"role"}):
            refused = await send(ann, TEAM, email=NINA, role="viewer", **{name: "x"})
            assert refused.status_code == 400, name
    assert await Invitation.count() == 0


async def test_sec_162_nobody_is_bombed_with_invitations_of_many_organisations(sqlite_world: World) -> None:
    """Mallory makes one organisation after the other, and each invites Maya."""
    async with sqlite_world.signed_in("mallory@mallory.example") as mallory:
        answers = []
        for number in range(MOST_TO_ONE_ADDRESS + 2):
            await send(mallory, "/console/new", name=f"Mills {number}", url="mills.example", slug="")
            page = f"/console/mills-{number}/members"
            answers.append(await send(mallory, page, email="maya@northfield.example", role="viewer"))
    assert [answer.status_code for answer in answers] == [200] * MOST_TO_ONE_ADDRESS + [422] * 2
    assert "was invited often today" in answers[-1].text
    assert len(await sqlite_world.mails("maya@northfield.example")) == MOST_TO_ONE_ADDRESS

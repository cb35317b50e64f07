"""What a portfolio shows: signed work and nothing else, counted from what was signed, and nothing when private."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from tests.comparing import alike
from tests.showing import shows
from tests.web.reading import Reader
from tests.world import BROWSER, Members, World, another, maya, plain
from verify.credentials.tables import Credential
from verify.database import tx
from verify.issuers.members import signed_in
from verify.people.addresses import Spelled
from verify.people.mailboxes import remove
from verify.people.profiles import hide
from verify.people.recognising import add_mailbox
from verify.people.tables import Person
from verify.portfolio.showing import show

MAYA = "maya@northfield.example"
OSCAR = {"name": "Oscar Lind", "email": "oscar@northfield.example"}


async def shown(world: World) -> str:
    """Maya's portfolio as a browser gets it."""
    await shows(world, MAYA, "maya", "Marketing student")
    return await world.page("/p/maya")


def figures(html: str) -> dict[str, str]:
    """The numbers at the top, by their words."""
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))


def titles(html: str) -> list[str]:
    return re.findall(r"<h3[^>]*>(.*?)</h3>", html)


async def test_it_shows_what_was_signed(world: World) -> None:
    await world.issued()
    text = Reader(await shown(world)).text
    for said in (
        *(
            "Maya Okafor",
            "Marketing student",
            "Market scan of recycled textiles",
            "Acme Outlet",
            "Market research intern",
        ),
        *("24 Aug – 11 Sep 2026", "42.5 hours, logged · remote", "market research", "Asked the right questions."),
        *("signed by Acme Textiles, delivered by Northfield Careers Service", "Genuine and current"),
    ):
        assert said in text, said
    assert "northfield.example" not in text


async def test_it_counts_the_current_ones_only(world: World) -> None:
    await world.issued(another(hours={"total": "10.5", "basis": "logged"}))
    await world.issued(another(issuer="brightline", hours={"total": 20, "basis": "logged"}))
    gone = await world.issued(another(hours={"total": 400, "basis": "contracted"}, ended="2026-11-01"))
    await world.withdraw(gone["uuid"], "Wrong person.")
    page = await shown(world)
    assert figures(page) == {"hours": "30.5", "organisations": "2", "credentials": "2"}
    assert "Withdrawn by the issuer on 23 Nov 2026. Reason given: Wrong person. Not counted." in Reader(page).text


async def test_the_newest_work_comes_first(world: World) -> None:
    ends = {"Old": "2026-09-11", "Newest": "2026-11-20", "Newer": "2026-10-09"}
    for title, ended in ends.items():
        await world.issued(plain(project={**plain()["project"], "title": title}, ended=ended))
    assert titles(await shown(world)) == ["Newest", "Newer", "Old"]


async def test_it_shows_nobody_elses_work(world: World) -> None:
    await world.issued(plain(project={**plain()["project"], "title": "Hers"}))
    await world.issued(plain(project={**plain()["project"], "title": "His"}, intern=OSCAR))
    assert titles(await shown(world)) == ["Hers"]


async def test_sec_109_a_private_portfolio_answers_byte_for_byte_like_an_absent_one(world: World) -> None:
    """SEC-111: nor does any header tell."""
    await world.issued()
    await shows(world, MAYA, "maya")
    await hide(world.runtime, "maya")
    for headers in (BROWSER, {}, {"Accept": "application/vc"}, BROWSER | {"If-None-Match": "*"}):
        private, absent = [await world.http.get(f"/p/{handle}", headers=headers) for handle in ("maya", "nils")]
        assert private.status_code == 404
        assert alike(private, "/p/maya") == alike(absent, "/p/nils")


async def test_sec_109_a_private_portfolio_is_not_given_away_by_its_credentials(world: World) -> None:
    issued = await world.issued()
    public = await shown(world)
    assert 'href="/p/maya"' in await world.page(f"/v/{issued['code']}")
    await hide(world.runtime, "maya")
    assert "/p/" not in await world.page(f"/v/{issued['code']}")
    assert titles(public)


async def test_an_unpublished_portfolio_does_not_exist(world: World) -> None:
    await world.issued()
    assert (await world.http.get("/p/maya")).status_code == 404


# ------------------------------------------------------------------------------- SEC-205: somebody edited the database


async def tamper(uuid: str, old: bytes, new: bytes) -> None:
    """Change the stored document where it says ``old``."""
    row = await Credential.select(Credential.document).where(Credential.id == uuid).first()
    assert row
    document = bytes(row["document"])
    assert old in document
    await Credential.update({Credential.document: document.replace(old, new)}).where(Credential.id == uuid)


TAMPERINGS = {
    "hours": (b'"value":"42.5"', b'"value":"425"'),
    "level": (b"-exceeds", b"-exceedz"),
    "name": (b"Maya Okafor", b"Mallory Xyz"),
    "role": (b"Market research intern", b"Chief executive officer"),
    "a space": (b"Asked the right", b"Asked  the right"),
    "no JSON any more": (b'"credentialSubject":', b'"credentialSubject"'),
    "an unsigned member": (b'"role":', b'"salary":"1 million","role":'),
    "no proof": (b'"proof":[', b'"proof":[],"evidence2":['),
}


@pytest.mark.parametrize(("old", "new"), TAMPERINGS.values(), ids=TAMPERINGS)
async def test_sec_205_a_tampered_document_is_shown_as_broken_and_nothing_of_it(
    old: bytes, new: bytes, sqlite_world: World
) -> None:
    sound = await sqlite_world.issued(another())
    issued = await sqlite_world.issued()
    await tamper(issued["uuid"], old, new)
    page = await shown(sqlite_world)
    text = Reader(page).text
    assert "This entry was changed after signing and is not shown." in text
    assert figures(page) == {"hours": "40", "organisation": "1", "credential": "1"}
    assert len(titles(page)) == 1
    assert f'href="/v/{sound["code"]}"' in page
    for unsigned in ("Market scan", "Acme Outlet", "presenting", "Mallory", "Chief", "Asked", "million", "425"):
        assert unsigned not in text, unsigned


async def test_sec_205_one_changed_byte_anywhere_is_never_genuine(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    await shows(sqlite_world, MAYA, "maya")
    document = await sqlite_world.document(issued["uuid"])
    for place in range(5, len(document), len(document) // 60):
        changed = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
        await Credential.update({Credential.document: changed}).where(Credential.id == issued["uuid"])
        page = await sqlite_world.page("/p/maya")
        assert "Genuine" not in page, place
        assert "Market scan" not in page, place


async def test_sec_205_columns_beside_the_document_change_nothing_that_is_said_of_the_work(world: World) -> None:
    issued = await world.issued()
    before = await shown(world)
    forged: Members = maya(role="Chief executive officer", hours={"total": 400, "basis": "logged"})
    changes: dict[Any, Any] = {
        Credential.completion: json.dumps(forged),
        Credential.achievement: "forged",
        Credential.reason: "forged",
    }
    await Credential.update(changes).where(Credential.id == issued["uuid"])
    assert await world.page("/p/maya") == before


async def test_sec_205_somebody_elses_credential_hung_onto_a_portfolio_is_not_shown(world: World) -> None:
    """SEC-066: the signed hash of the address says whose it is, whatever the row says."""
    mine = await world.issued()
    foreign = await world.issued(another(intern=OSCAR))
    row = await Credential.select(Credential.person).where(Credential.id == mine["uuid"]).first()
    assert row
    await Credential.update({Credential.person: row["person"]}).where(Credential.id == foreign["uuid"])
    page = await shown(world)
    assert figures(page)["credential"] == "1"
    assert foreign["code"] not in page


async def test_sec_205_the_heading_is_the_name_that_was_signed(world: World) -> None:
    await world.issued()
    await Person.update({Person.name: "Mallory Vance"}).where(Person.email == MAYA)
    page = await shown(world)
    assert "Maya Okafor" in page
    assert "Mallory" not in page


async def test_work_under_every_mailbox_that_was_ever_hers_is_shown_together(world: World) -> None:
    home = "maya@home.example"
    await world.issued()
    async with world.signed_in(MAYA) as browser:
        session = (await signed_in(world.runtime, dict(browser.cookies))).session
    async with tx():
        await add_mailbox(world.runtime, session.person, Spelled(home, home))
    await world.issued(another(intern={"name": "Maya Okafor", "email": "Maya@Home.example"}))
    page = await shown(world)
    assert figures(page)["credentials"] == "2"
    assert "home.example" not in page
    await remove(world.runtime, world.app.state.staffing, session, home)
    assert figures(await shown(world))["credentials"] == "2", "what was issued to it stays hers"
    await world.issued(another(intern={"name": "Somebody Else", "email": home}))
    page = await shown(world)
    assert (figures(page)["credentials"], "Somebody" in page) == ("2", False)


async def test_a_page_never_grows_without_bound(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.portfolio.showing.MOST_SHOWN", 2)
    for _ in range(5):
        await sqlite_world.issued(another())
    page = await shown(sqlite_world)
    assert figures(page)["credentials"] == "2"
    assert "3 earlier credentials not shown here and not counted." in Reader(page).text


async def test_many_readers_at_once_share_one_page(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-213: a flood on one portfolio costs one page at a time."""
    await sqlite_world.issued()
    await shown(sqlite_world)
    made = 0

    async def counted(*arguments: Any) -> Any:
        nonlocal made
        made += 1
        return await show(*arguments)

    monkeypatch.setattr("verify.portfolio.pages.show", counted)
    pages = await asyncio.gather(*(sqlite_world.page("/p/maya") for _ in range(50)))
    assert len(set(pages)) == 1
    assert made < 10, "each of fifty readers had a page made"
    assert sqlite_world.app.state.portfolios == {}


async def test_another_platform_renames_nobody(sqlite_world: World) -> None:
    await sqlite_world.issued()
    mallory = {"name": "Mallory Was Here", "email": MAYA}
    await sqlite_world.issued(another(issuer="brightline", intern=mallory, ended="2026-11-20"))
    assert re.search(r"<h1[^>]*><bdi>(.*?)</bdi></h1>", await shown(sqlite_world))[1] == "Maya Okafor"  # type: ignore[index]

"""The public page of an issuer: what we know of it, what it says itself, and the same for programs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.showing import shows
from tests.web.reading import Reader
from tests.world import World, another, maya
from verify.credentials.tables import Credential
from verify.credentials.tallying import tally
from verify.database import tx
from verify.database.binding import bound_engine
from verify.http.access import OPERATOR
from verify.issuers.describing import PLEDGE, describe
from verify.issuers.registering import register

JSON = {"Accept": "application/json"}


async def test_the_page_counts_what_anybody_can_count(world: World) -> None:
    first = await world.issued(maya())  # ended on 11 Sep 2026, 73 days ago
    await world.issued(another())
    await world.issued(another())
    await world.withdraw(first["uuid"])
    text = Reader(await world.page("/issuers/acme")).text
    for said in ("Credentials 3", "Withdrawn 1 (33.3 %)", "73 days (median)", "0 days old, never changed"):
        assert said in text, said
    counts = (await world.http.get("/issuers/acme", headers=JSON)).json()["credentials"]
    assert counts == {"issued": 3, "withdrawn": 1, "withdrawn_percent": "33.3", "median_days_to_issue": "73"}


async def test_sec_205_a_spoilt_row_does_not_take_the_page_away(world: World) -> None:
    issued = await world.issued(maya())
    await world.issued(another())
    async with tx():
        await Credential.update({Credential.completion: "{"}).where(Credential.id == issued["uuid"])
    assert "Credentials 2" in Reader(await world.page("/issuers/acme")).text


async def test_counting_opens_no_credential(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public page that read a hundred thousand documents to count them would cost a second each time."""
    asked: list[str] = []
    engine = bound_engine()
    run = engine.run_querystring

    async def noted(querystring: Any, in_pool: bool = True) -> Any:
        asked.append(querystring.compile_string()[0])
        return await run(querystring, in_pool)

    monkeypatch.setattr(engine, "run_querystring", noted)
    await tally("acme")
    monkeypatch.undo()
    counts = [sql for sql in asked if "COUNT(" in sql]
    assert len(counts) == 2
    for sql in counts:
        plan = await engine.run_ddl("EXPLAIN QUERY PLAN " + re.sub(r"\$\d+|\?", "''", sql))
        assert "COVERING INDEX" in str(plan), (sql, plan)


async def test_an_issuer_that_has_done_nothing_yet_has_a_page_without_numbers_made_up(sqlite_world: World) -> None:
    sqlite_world.clock.move(days=40)
    text = Reader(await sqlite_world.page("/issuers/brightline")).text
    for said in ("Credentials 0", "Registered here by the operator of this site", "40 days old", "Not proven."):
        assert said in text, said
    assert "median" not in text
    members = (await sqlite_world.http.get("/issuers/brightline", headers=JSON)).json()
    assert (members["credentials"]["median_days_to_issue"], members["pledge"], members["domains"]) == (None, None, [])


async def test_programs_get_the_same_with_a_strong_validator(sqlite_world: World) -> None:
    answer = await sqlite_world.http.get("/issuers/acme", headers=JSON)
    members = answer.json()
    assert (members["slug"], members["id"]) == ("acme", "did:web:refolio.example:issuers:acme")
    assert members["how_known"] == "Northfield Careers Service vouches for this issuer; its web domain is not proven."
    assert members["keys"] == {"active_since": "2026-11-23T10:00:00+00:00", "rotations": 0}
    again = await sqlite_world.http.get("/issuers/acme", headers={**JSON, "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["vary"]) == (304, "Accept")
    assert answer.headers["access-control-allow-origin"] == "*"
    missing = await sqlite_world.http.get("/issuers/nobody", headers=JSON)
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")


async def test_the_verdict_and_the_portfolio_lead_to_it(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    await shows(sqlite_world, "maya@northfield.example", "maya")
    for path in (f"/v/{issued['code']}", "/p/maya"):
        assert '<a href="/issuers/acme">' in await sqlite_world.page(path)


async def test_the_pledge_is_the_issuers_own_word_with_its_first_date(world: World) -> None:
    assert PLEDGE not in Reader(await world.page("/issuers/acme")).text
    async with world.signed_in("ann@acme.example") as ann:
        page = Reader((await ann.get("/console/acme/settings")).text)
        csrf = next(e["value"] for tag, e in page.elements if e.get("name") == "csrf")
        form = {"csrf": csrf, "url": "acme.example", "description": "Recycled fabrics.", "pledge": "yes"}
        assert (await ann.post("/console/acme/settings", data=form)).status_code == 303
        world.clock.move(minutes=9)
        assert (await ann.post("/console/acme/settings", data=form)).status_code == 303
        wrong = await ann.post("/console/acme/settings", data={**form, "url": "javascript:alert(1)", "pledge": "maybe"})
        assert (wrong.status_code, wrong.text.count('class="fault"')) == (422, 2)
    members = (await world.http.get("/issuers/acme", headers=JSON)).json()
    assert members["pledge"] == {"says": PLEDGE, "since": "2026-11-23T10:00:00+00:00"}
    assert (members["url"], members["description"]) == ("https://acme.example", "Recycled fabrics.")
    text = Reader(await world.page("/issuers/acme")).text
    assert text.index("These are its own words.") < text.index(PLEDGE) < text.index("Said since 23 Nov 2026.")
    await describe(world.runtime, OPERATOR, "acme", {"url": "", "description": "", "pledge": "no"})
    assert (await world.http.get("/issuers/acme", headers=JSON)).json()["pledge"] is None


async def test_what_an_issuer_says_of_itself_stays_text(sqlite_world: World) -> None:
    hostile = "<script>alert(1)</script>"
    await register(sqlite_world.runtime, "hostile", "Hostile Works", description=hostile, vouched_by=hostile)
    page = await sqlite_world.page("/issuers/hostile")
    assert not {"script", "b"} & {tag for tag, _ in Reader(page).elements}


async def test_the_three_roles_are_told_also_when_they_are_one(sqlite_world: World) -> None:
    """Where the work was done, who says so, who delivered it."""
    three = await sqlite_world.issued(maya())
    two = await sqlite_world.issued(another())
    said = Reader(await sqlite_world.page(f"/v/{three['code']}")).text
    for words in ("Where the work was done: Acme Outlet", "Who says so", "Delivered by Northfield Careers Service"):
        assert words in said
    assert "Where the work was done, and who says so" in Reader(await sqlite_world.page(f"/v/{two['code']}")).text

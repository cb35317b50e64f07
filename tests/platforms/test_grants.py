"""An intern decides who may add to her record: asked once, answered, seen, taken back."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

import refolio
from tests.completions import Members, another, maya
from tests.credentials.console import TYPED, issue
from tests.cursors import WRONG_MOMENTS, forged
from tests.forms import csrf
from tests.showing import shows
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, text_of
from verify.database import migrate_forwards
from verify.http.access import OPERATOR, Mode, Role
from verify.issuers import appointing
from verify.issuers.registering import register
from verify.platforms import admitting
from verify.platforms.granting import remind
from verify.platforms.keying import Wanted, new_api_key
from verify.platforms.mandating import mandate
from verify.platforms.tables import Grant

MAYA = "maya@northfield.example"
LONG = "a-very-long-name-of-a-university-of-the-arts"
ASKS = "Northfield Careers Service wants to add to your record"


async def answer(http: httpx.AsyncClient, said: str, who: str = "Northfield") -> httpx.Response:
    """Click on the list of grants, in the entry of ``who``."""
    page = (await http.get("/account/grants")).text
    before, _, _ = page.partition(f"{who}")
    entry = page[len(before) :]
    grant = entry.partition('action="/account/grants/')[2].partition('"')[0]
    form = {**await csrf(http, "/account/grants"), "answer": said}
    return await http.post(f"/account/grants/{grant}", data=form)


async def api(world: World, method: str, path: str = "", body: Members | None = None, key: str = NORTHFIELD_KEY) -> Any:
    return await world.http.request(
        method, f"/api/v1/grants{path}", json=body, headers={"Authorization": f"Bearer {key}"}
    )


async def asks(world: World) -> list[str]:
    return [str(mail["Subject"]) for mail in await world.mails(MAYA) if "add to your record" in str(mail["Subject"])]


async def test_one_letter_however_many_credentials_name_her(world: World) -> None:
    await asyncio.gather(*(world.issued(another()) for _ in range(8)))
    await world.issued(another(issuer="brightline"))
    (letter,) = [text_of(mail) for mail in await world.mails(MAYA)]
    assert "Northfield Careers Service has recorded your work" in letter
    assert "https://refolio.example/account/grants" in letter
    assert "https://refolio.example/v/" in letter
    await world.issued(another(issuer="mallory-inc"), api_key=MALLORY_KEY)
    assert await asks(world) == [ASKS, "Mallory Talent wants to add to your record"]


async def test_nothing_stands_on_her_page_until_she_allows_it(world: World) -> None:
    await shows(world, MAYA, "maya", allowed=())
    issued = await world.issued()
    assert issued["links"]["portfolio"] is None, "a stranger does not even learn that she has a portfolio"
    assert "Market scan" not in await world.page("/p/maya")
    assert "/p/maya" not in await world.page(f"/v/{issued['code']}")
    async with world.signed_in(MAYA) as http:
        assert "Waiting for your answer" in (await http.get("/account/grants")).text
        assert "asks" in (await http.get("/account/credentials")).text
        assert (await answer(http, "allow")).status_code == 303
        world.app.state.portfolios.clear()
        assert "Market scan" in await world.page("/p/maya")
        assert (await api_get(world, issued["uuid"]))["links"]["portfolio"] == "https://refolio.example/p/maya"
        assert "/p/maya" in await world.page(f"/v/{issued['code']}")


async def api_get(world: World, uuid: str) -> Members:
    answer = await world.http.get(f"/api/v1/credentials/{uuid}", headers={"Authorization": f"Bearer {NORTHFIELD_KEY}"})
    members: Members = answer.json()
    return members


async def test_taken_back_the_old_stays_and_the_new_is_refused(world: World) -> None:
    await shows(world, MAYA, "maya")
    issued = await world.issued()
    async with world.signed_in(MAYA) as http:
        assert (await answer(http, "take-back")).status_code == 303
        refused = await world.post(another())
        assert refused.status_code == 403
        problem = refused.json()
        assert problem["code"] == "grant-refused"
        assert problem["faults"][0]["field"] == "intern.email"
        assert "taken back on 23 Nov 2026" in problem["detail"]
        corrected = {"completion": {**maya(), "role": "Research intern"}}
        replaced = await world.http.post(
            f"/api/v1/credentials/{issued['uuid']}/replace",
            json=corrected,
            headers={"Authorization": f"Bearer {NORTHFIELD_KEY}", "Idempotency-Key": "c"},
        )
        assert replaced.json()["code"] == "grant-refused"
        world.app.state.portfolios.clear()
        assert "Market scan" in await world.page("/p/maya"), "what was added while it was allowed stays"
        assert (await world.withdraw(issued["uuid"])).status_code == 200, "an issuer can always withdraw"
        before = await world.rows()
        assert (await answer(http, "allow")).status_code == 303
        await world.issued(another())
        after = await world.rows()
        assert after["record_grant"] == before["record_grant"], "allowing again makes no second grant"
    assert await asks(world) == [ASKS], "nor another letter"


async def test_refused_stops_at_once_and_is_not_asked_again(world: World) -> None:
    await world.issued()
    async with world.signed_in(MAYA) as http:
        await answer(http, "refuse")
    assert (await world.post(another())).json()["code"] == "grant-refused"
    again = await api(world, "POST", body={"email": MAYA, "name": "Maya"})
    assert again.json()["state"] == "refused"
    assert await asks(world) == [ASKS]
    await shows(world, MAYA, "maya", allowed=())
    assert "Market scan" not in await world.page("/p/maya")


async def test_an_issuers_own_members_are_asked_for_apart_from_platforms(world: World) -> None:
    """Allowing Northfield does not let Mallory's own organisation put something on Maya's page."""
    await shows(world, MAYA, "maya")
    await world.issued(another(issuer="mallory-inc"), api_key=MALLORY_KEY)
    assert "Mallory" not in await world.page("/p/maya")


async def test_an_organisation_is_asked_for_once_by_whatever_road(world: World) -> None:
    """In the console, by its API key, and for an issuer that gave it a mandate: one letter, one answer, one list."""
    async with world.signed_in("sam@acme.example") as sam:
        assert (await issue(sam, TYPED)).status_code == 303
    assert await asks(world) == ["Acme Textiles wants to add to your record"]
    own = await admitting.platform_of(world.runtime, OPERATOR, "acme")
    await mandate(world.runtime, own, "brightline")
    key = await new_api_key(world.runtime, own)
    await world.issued(another(issuer="acme"), api_key=key)
    await world.issued(another(issuer="brightline"), api_key=key)
    again = await api(world, "POST", body={"email": MAYA, "name": "Maya"}, key=key)
    assert (await api(world, "GET", key=key)).json()["items"] == [again.json()]
    assert await asks(world) == ["Acme Textiles wants to add to your record"]
    async with world.signed_in(MAYA) as http:
        await answer(http, "refuse", "Acme")
    assert (await world.post(another(issuer="brightline"), api_key=key)).json()["code"] == "grant-refused"
    async with world.signed_in("sam@acme.example") as sam:
        assert "was refused on 23 Nov 2026" in (await issue(sam, {**TYPED, "project.title": "More"})).text
    assert [
        event.type
        async for event in refolio.AsyncClient(key, http=world.http).events.list()
        if event.type.startswith("grant.")
    ] == ["grant.refused"]


async def test_a_long_short_name_finds_its_organisation(world: World) -> None:
    """The short name of its own platform is cut and hashed; that of another organisation begins alike."""
    await register(world.runtime, f"{LONG}-a", "Arts A")
    await register(world.runtime, f"{LONG}-b", "Arts B")
    await appointing.appoint(world.runtime, f"{LONG}-b", "zoe@arts.example", Role.ADMIN)
    async with world.signed_in("zoe@arts.example") as zoe:
        await issue(zoe, TYPED, slug=f"{LONG}-b")
    assert await asks(world) == ["Arts B wants to add to your record"]


async def test_portfolios_published_before_there_were_grants_keep_what_stands_on_them(world: World) -> None:
    await register(world.runtime, LONG, "University of the Arts")
    await appointing.appoint(world.runtime, LONG, "zoe@arts.example", Role.ADMIN)
    await world.issued(another())
    for who, slug in (("sam@acme.example", "acme"), ("zoe@arts.example", LONG)):
        async with world.signed_in(who) as member:
            await issue(member, {**TYPED, "project.title": f"In the console of {slug}"}, slug=slug)
    await shows(world, MAYA, "maya", allowed=())
    engine = Grant._meta.db
    for statement in (
        "DELETE FROM record_grant",
        "DROP INDEX record_grant_person_grantee",
        "DELETE FROM migration WHERE name = '2026-11-27T02:27:00:000000'",
    ):
        await engine.run_ddl(statement)
    await migrate_forwards(engine)
    page = await world.page("/p/maya")
    for title in ("Project ", "In the console of acme", f"In the console of {LONG}"):
        assert title in page
    async with world.signed_in(MAYA) as http:
        assert "University of the Arts" in (await http.get("/account/grants")).text
    for who, slug in (("sam@acme.example", "acme"), ("zoe@arts.example", LONG)):
        async with world.signed_in(who) as member:
            await issue(member, {**TYPED, "project.title": "Another"}, slug=slug)
    assert await Grant.count() == 3, "nobody is asked again"


async def test_a_platform_asks_sees_the_answers_and_gives_up(world: World) -> None:
    asked = await api(world, "POST", body={"email": " Maya@Northfield.example", "name": "Maya Okafor"})
    assert (asked.status_code, asked.json()["state"]) == (200, "asked")
    same = await api(world, "POST", body={"email": MAYA, "name": "M."})
    assert same.json() == asked.json()
    assert await asks(world) == [ASKS]
    uuid = asked.json()["id"]
    assert (await api(world, "GET", f"/{uuid}")).json()["email"] == MAYA
    assert (await api(world, "GET", f"/{uuid}", key=MALLORY_KEY)).status_code == 404
    async with world.signed_in(MAYA) as http:
        await answer(http, "allow")
    assert [one["state"] for one in (await api(world, "GET", "?state=allowed")).json()["items"]] == ["allowed"]
    assert (await api(world, "GET", "?state=refused")).json() == {"items": [], "next": None}
    assert (await api(world, "DELETE", f"/{uuid}")).json()["state"] == "taken-back"
    assert (await world.post(another())).status_code == 403


async def test_the_list_is_walked_page_by_page(world: World) -> None:
    for n in range(5):
        await api(world, "POST", body={"email": f"s{n}@northfield.example", "name": f"S {n}"})
    seen: list[str] = []
    after = ""
    while True:
        page = (await api(world, "GET", f"?limit=2{after}")).json()
        seen += [one["email"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(seen) == [f"s{n}@northfield.example" for n in range(5)]
    for place in WRONG_MOMENTS:
        refused = await api(world, "GET", f"?after={forged(after.removeprefix('&after='), place)}")
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (400, "after"), place


async def test_the_sdk_asks_lists_and_gives_up(world: World) -> None:
    asked = await world.northfield.grants.ask(MAYA, "Maya Okafor")
    for n in range(3):
        await world.northfield.grants.ask(f"s{n}@northfield.example", f"S {n}")
    assert MAYA in [one.email async for one in world.northfield.grants.list()]
    assert [one async for one in world.northfield.grants.list(email=MAYA)] == [asked]
    assert (await world.northfield.grants.give_up(asked)).state == "refused"
    assert (await world.northfield.grants.get(asked)).decided_at == world.clock()
    with pytest.raises(refolio.RequestRefused, match="no grant with this id"):
        await world.mallory.grants.get(asked)
    with pytest.raises(refolio.PermissionRefused, match=r"was refused on 23 Nov 2026\..*Ask the person"):
        await world.northfield.credentials.issue(refolio.completion_from(another()))


async def test_bad_questions_name_the_field(world: World) -> None:
    bad: list[tuple[Members, str]] = [
        ({"email": "maya", "name": "Maya"}, "email"),
        ({"email": MAYA}, "name"),
        ({"email": MAYA, "name": "a\u202eb"}, "name"),
        ({"email": MAYA, "name": "M", "why": "x"}, "why"),
        ({"email": 7, "name": "M"}, "email"),
    ]
    for body, field in bad:
        refused = await api(world, "POST", body=body)
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, field), refused.text
    assert (await api(world, "GET", "?state=maybe")).status_code == 400
    assert await world.mails() == []


async def test_who_does_not_answer_is_reminded_once(world: World) -> None:
    await world.issued()
    assert await remind(world.runtime) == 0
    world.clock.move(days=15)
    assert sorted([await remind(world.runtime), await remind(world.runtime)]) == [0, 1]
    assert await asks(world) == [ASKS, f"Reminder: {ASKS}"]


async def test_a_stranger_cannot_answer_for_her(world: World) -> None:
    await world.issued()
    async with world.signed_in(MAYA) as http:
        page = (await http.get("/account/grants")).text
    grant = page.partition('action="/account/grants/')[2].partition('"')[0]
    async with world.signed_in("oscar@oscar.example", staff=False) as oscar:
        form = await csrf(oscar, "/account")
        assert (await oscar.post(f"/account/grants/{grant}", data={**form, "answer": "allow"})).status_code == 404


async def test_the_platform_is_told_of_each_answer_and_nothing_more(world: World) -> None:
    await world.issued()
    async with world.signed_in(MAYA) as http:
        for said in ("allow", "take-back"):
            await answer(http, said)
    told = [event async for event in world.northfield.events.list() if event.type.startswith("grant.")]
    assert [event.type for event in told] == ["grant.allowed", "grant.taken_back"]
    assert set(told[0].data) == {"id", "state", "decided_at"}
    assert [event.type async for event in world.mallory.events.list()] == []


async def test_nobody_is_asked_for_a_test(world: World) -> None:
    key = await new_api_key(world.runtime, "northfield", Wanted(mode=Mode.TEST))
    issued = await world.post(another(), api_key=key)
    assert issued.status_code == 201
    assert (await api(world, "POST", body={"email": MAYA, "name": "Maya"}, key=key)).json()[
        "code"
    ] == "not-in-test-mode"
    assert await world.mails() == []
    assert (await api(world, "GET")).json()["items"] == []

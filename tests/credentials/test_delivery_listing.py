"""The list of what a platform delivered: all of its own, nothing of others, and each page after the one before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from refolio import PermissionRefused
from tests.cursors import WRONG_MOMENTS, forged
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, NOW, World, plain
from verify.credentials import listing
from verify.credentials.tables import Credential
from verify.platforms.tables import Mandate


def work(record: str, **changes: object) -> dict[str, object]:
    person = {"name": "Maya Okafor", "email": f"{record}@northfield.example"}
    return plain(record=record, intern=person, project={**plain()["project"], "title": record}, **changes)


async def ask(world: World, query: str = "", key: str = NORTHFIELD_KEY, **headers: str) -> httpx.Response:
    named = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await world.http.get(f"/api/v1/credentials{query}", headers=named)


async def records(world: World, query: str = "") -> list[str]:
    answer = await ask(world, query)
    assert answer.status_code == 200, answer.text
    return [one["record"] for one in answer.json()["items"]]


async def seven(world: World) -> list[str]:
    for number in range(7):
        await world.issued(work(f"r-{number}"))
        world.clock.move(seconds=number % 2)  # some of one moment
    return [one.record async for one in world.northfield.credentials.list()]


async def test_every_page_goes_on_where_the_last_ended_although_more_are_issued_meanwhile(world: World) -> None:
    everything = await seven(world)
    assert sorted(everything) == [f"r-{number}" for number in range(7)]
    walked: list[str] = []
    after = ""
    while True:
        page = (await ask(world, f"?limit=2{after}")).json()
        walked += [one["record"] for one in page["items"]]
        await world.issued(work(f"later-{len(walked)}"))
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert walked == everything


async def test_it_says_of_each_what_asking_for_it_says(world: World) -> None:
    withdrawn = await world.issued(work("gone"))
    assert (await world.withdraw(withdrawn["uuid"])).status_code == 200
    issued = await world.issued(work("kept"))
    listed = {one["uuid"]: one for one in (await ask(world)).json()["items"]}
    for uuid in (withdrawn["uuid"], issued["uuid"]):
        alone = await world.http.get(
            f"/api/v1/credentials/{uuid}", headers={"Authorization": f"Bearer {NORTHFIELD_KEY}"}
        )
        assert listed[uuid] == alone.json()


async def test_filters(world: World) -> None:
    gone = await world.issued(work("gone"))
    await world.withdraw(gone["uuid"])
    world.clock.move(hours=1)
    await world.issued(work("there", issuer="brightline"))
    world.clock.move(hours=1)
    await world.issued(work("last"))
    assert await records(world) == ["last", "there", "gone"]
    assert await records(world, "?issuer=acme") == ["last", "gone"]
    assert await records(world, "?state=withdrawn") == ["gone"]
    assert await records(world, "?state=current&issuer=acme") == ["last"]
    assert await records(world, "?record=there") == ["there"]
    assert await records(world, "?email=THERE%40northfield.example") == ["there"]
    assert await records(world, "?email=there%40northfield") == []
    assert await records(world, "?since=2026-11-23T11:00:00Z") == ["last", "there"]
    found = world.northfield.credentials.list(since=NOW + timedelta(hours=2), state="current", issuer="acme")
    assert [one.record async for one in found] == ["last"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=-1", "limit"),
        ("?limit=%D9%A3", "limit"),
        ("?limit=", "limit"),
        ("?state=lapsed", "state"),
        ("?since=yesterday", "since"),
        ("?since=2026-11-23T10:00:00", "since"),
        ("?isuer=acme", "isuer"),
        ("?record=%01", "record"),
        ("?record=", "record"),
        ("?after=", "after"),
        ("?after=AAAA", "after"),
        ("?after=%C3%A4", "after"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_name(world: World, query: str, field: str) -> None:
    answer = await ask(world, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]


async def test_a_cursor_is_for_the_list_that_it_was_made_for(world: World) -> None:
    await seven(world)
    cursor = (await ask(world, "?limit=2")).json()["next"]
    mine = [f"?after={forged(cursor, place)}" for place in WRONG_MOMENTS]
    for query in (f"?issuer=acme&after={cursor}", *mine, f"?after={cursor}x"):
        answer = await ask(world, query)
        assert (answer.status_code, answer.json()["faults"][0]["field"]) == (400, "after"), query
    assert len(await records(world, f"?limit=3&after={cursor}")) == 3  # another limit is the same list


async def test_nothing_of_anybody_else_is_listed(world: World) -> None:
    await world.issued(work("northfields"))
    await world.issued(work("mallorys", issuer="mallory-inc"), api_key=MALLORY_KEY)
    assert await records(world) == ["northfields"]
    for slug in ("mallory-inc", "no-such-issuer"):
        answer = await ask(world, f"?issuer={slug}")
        assert (answer.status_code, answer.json()["code"]) == (403, "issuer-not-allowed")
    with pytest.raises(PermissionRefused):
        [one async for one in world.mallory.credentials.list(issuer="acme")]


async def test_without_its_mandate_a_platform_sees_nothing_of_the_issuer(world: World) -> None:
    await world.issued(work("acmes"))
    await world.issued(work("brightlines", issuer="brightline"))
    await Mandate.delete().where(Mandate.issuer == "acme")
    assert await records(world) == ["brightlines"]
    await Mandate.delete(force=True)
    assert await records(world) == []


async def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    issued = await world.issued(work("one"))
    paths = ("", f"/{issued['uuid']}")
    tags = {path: (await ask(world, path)).headers["etag"] for path in paths}
    for path, tag in tags.items():
        again = await ask(world, path, If_None_Match=tag)
        assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "private, no-cache")
    await world.withdraw(issued["uuid"])
    for path, tag in tags.items():
        changed = await ask(world, path, If_None_Match=tag)
        assert (changed.status_code, '"withdrawn"' in changed.text) == (200, True)
    answer = await world.http.get(f"/api/v1/credentials/{issued['uuid']}", headers={"If-None-Match": "*"})
    assert answer.status_code == 401, "whoever has no key learns nothing"


async def test_credentials_from_before_there_was_a_list_are_found_by_address(world: World) -> None:
    await world.issued(work("old"))
    await Credential.update({Credential.email: None}, force=True)
    assert await records(world, "?email=old@northfield.example") == []
    assert await listing.complete() == 1
    assert await records(world, "?email=old@northfield.example") == ["old"]


async def test_the_issuers_of_a_platform(world: World) -> None:
    listed = [one async for one in world.northfield.issuers.list()]
    assert [(one.slug, one.name, one.state, one.holds_own_key) for one in listed] == [
        ("acme", "Acme Textiles", "open", False),
        ("brightline", "Brightline Studio", "open", False),
    ]
    assert await world.northfield.issuers.get("acme") == listed[0]
    assert listed[0].links.keys == "https://refolio.example/issuers/acme/did.json"
    first: dict[str, Any] = (await issuers(world, "?limit=1")).json()
    second = (await issuers(world, f"?limit=1&after={first['next']}")).json()
    assert [one["slug"] for one in first["items"] + second["items"]] == ["acme", "brightline"]
    assert second["next"] is None


async def issuers(world: World, path: str) -> httpx.Response:
    return await world.http.get(f"/api/v1/issuers{path}", headers={"Authorization": f"Bearer {NORTHFIELD_KEY}"})


async def test_another_platforms_issuer_is_like_none(world: World) -> None:
    answers = [(await issuers(world, f"/{slug}")).json() for slug in ("mallory-inc", "no-such-issuer")]
    assert [answer["status"] for answer in answers] == [404, 404]
    assert answers[0]["detail"] == answers[1]["detail"]

"""The audit trail as members read it."""

from __future__ import annotations

import re

from tests.credentials.console import press, row, sheet, upload
from tests.credentials.replacements import CORRECTION, SUCCESSOR, replaced
from tests.people.reading import submit
from tests.web.reading import Reader
from tests.world import World
from verify.database import tx
from verify.http.access import OPERATOR
from verify.issuers.telling import PAGE
from verify.trail.recording import record

TRAIL = "/console/acme/trail"


async def test_the_trail_says_who_did_what_and_leads_to_the_credential(world: World) -> None:
    uuid = (await world.issued())["uuid"]
    await world.withdraw(uuid)
    async with world.signed_in("vic@acme.example") as vic:
        page = Reader((await vic.get(TRAIL)).text)
    assert "The platform northfield withdrew a credential" in page.text
    assert "The operator of this site made Ann a member as admin" in page.text
    assert f"/console/acme/credentials/{uuid}" in page.attributes("href")


async def test_every_step_of_a_credential_is_a_sentence(sqlite_world: World) -> None:
    uuid = (await sqlite_world.issued())["uuid"]
    for key, body in (("corrected", CORRECTION), ("succeeded", SUCCESSOR)):
        assert (await replaced(sqlite_world, uuid, body, key=key)).is_success
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        started = (await upload(ann, "acme", sheet(row(1)))).headers["location"]
        await press(ann, started, "start")
        await sqlite_world.app.state.imports.settled()
        page = Reader((await ann.get(TRAIL)).text).text
    for says in (
        "The platform northfield ordered a credential 2",
        "The platform northfield ordered a correction of a credential",
        "The platform northfield ordered a credential in the place of another",
        "The service of this site signed a newer edition of a credential",
        "The service of this site finished an import",
    ):
        assert says in page


async def test_the_trail_is_read_a_page_at_a_time_and_by_kind(sqlite_world: World) -> None:
    for number in range(PAGE + 5):
        async with tx():
            await record(sqlite_world.runtime, OPERATOR.name, "domain-checked", "acme", about=str(number))
    async with sqlite_world.signed_in("vic@acme.example") as vic:
        first = (await vic.get(TRAIL, params={"act": "domain-checked"})).text
        assert first.count("domain checked</p>") == PAGE
        (before,) = re.findall(r"before=(\d+)", first)
        second = (await vic.get(TRAIL, params={"act": "domain-checked", "before": before})).text
        assert (second.count("domain checked</p>"), "Older entries" in second) == (5, False)
        assert "Nothing of this kind was done." in (await vic.get(TRAIL, params={"act": "no-such"})).text
        for wrong in ({"before": "x"}, {"before": "9" * 30}):
            assert (await vic.get(TRAIL, params=wrong)).status_code in (200, 400)


async def test_nobody_passes_for_a_colleague_by_calling_herself_like_one(sqlite_world: World) -> None:
    """Vic calls herself Ann, with a letter that only looks like an A."""
    async with sqlite_world.signed_in("vic@acme.example") as vic:
        assert (await submit(vic, "/account/name", {"name": "\u0410nn"})).status_code == 303
        page = Reader((await vic.get(TRAIL)).text).text
    assert "made Ann (ann@acme.example) a member as admin" in page
    assert "made \u0410nn (vic@acme.example) a member as viewer" in page
    assert "made Sam a member as issuer" in page


async def test_names_of_people_who_are_no_members_stay_out_of_the_trail(sqlite_world: World) -> None:
    """A trail entry of one issuer that names a person of another does not tell her name."""
    async with sqlite_world.signed_in("mallory@mallory.example") as mallory:
        page = (await mallory.get("/console/mallory-inc/trail")).text
    assert "Mallory" in page
    for name in ("Ann", "Sam", "Vic"):
        assert f'<strong dir="auto">{name}' not in page

"""Declaring a key compromised in the console: one admin proposes, another agrees (SEC-222)."""

from __future__ import annotations

from tests.completions import another
from tests.forms import send
from tests.world import World
from verify.http.access import Role
from verify.issuers import appointing
from verify.issuers.tables import IssuerKey

PAGE = "/console/acme/keys/compromised"


async def signing_key() -> str:
    row = await IssuerKey.select(IssuerKey.id).where(
        IssuerKey.issuer == "acme", IssuerKey.purpose == "credentials", IssuerKey.state == "active"
    )
    return str(row[0]["id"])


async def test_two_admins_declare_it_and_what_was_on_record_before_stays_good(world: World) -> None:
    issued = await world.issued(another())
    stolen = await signing_key()
    world.clock.move(days=2)
    await appointing.appoint(world.runtime, "acme", "beth@acme.example", Role.ADMIN)
    async with world.signed_in("ann@acme.example") as ann:
        answer = await send(ann, PAGE, key=stolen, since="2026-11-24T09:30")
        assert answer.status_code == 303
        proposal = answer.headers["location"]
        assert "Another admin has to agree." in (await ann.get(proposal)).text
        alone = await send(ann, PAGE, f"{proposal}/approve")
        assert alone.status_code == 409
        assert await signing_key() == stolen
    async with world.signed_in("beth@acme.example") as beth:
        assert "24 Nov 2026, 09:30 UTC" in (await beth.get(proposal)).text
        assert (await send(beth, proposal, f"{proposal}/approve")).headers["location"] == "/console/acme/keys"
        assert "Not to be trusted" in (await beth.get("/console/acme/keys")).text
    assert await signing_key() != stolen
    page = await world.page(f"/v/{issued['code']}")
    assert "Genuine and current" in page
    assert "this document was on record before" in page


async def test_a_proposal_says_which_key_and_a_time_that_has_come(sqlite_world: World) -> None:
    stolen = await signing_key()
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        for typed, says in (
            ({"key": "z6Mk", "since": "2026-11-20T09:30"}, "This is no key of yours."),
            ({"key": stolen, "since": "yesterday"}, "This is not a date with a time."),
            ({"key": stolen, "since": "2027-01-01T00:00"}, "This time has not come yet."),
        ):
            answer = await send(ann, PAGE, **typed)
            assert answer.status_code == 422
            assert says in answer.text

"""A platform asks for a reference: of whom, about what, how often, and what the mail says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import refolio
from tests.completions import Members, another
from tests.credentials.holding import client, registered
from tests.credentials.holding import work as held_work
from tests.references.referee import MAYA, NAME, ROLE, SAM, asked, links, press, signed, work
from tests.showing import shows
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, text_of
from verify.database import tx
from verify.http.access import OPERATOR, Mode
from verify.issuers.closing import close
from verify.people.addresses import read_address
from verify.people.recognising import add_mailbox, person_with
from verify.platforms.keying import Wanted, new_api_key
from verify.references.reminding import expire, remind
from verify.references.tables import Reference


async def api(
    world: World, body: object, *, key: str = "k", api_key: str = NORTHFIELD_KEY, path: str = "", method: str = "POST"
) -> Any:
    headers = {"Authorization": f"Bearer {api_key}", "Idempotency-Key": key}
    return await world.http.request(method, f"/api/v1/references{path}", json=body, headers=headers)


def question(issued: Members, **changes: object) -> Members:
    return {"credential": issued["uuid"], "name": NAME, "email": SAM, "role": ROLE, **changes}


async def test_one_mail_in_our_words_leads_to_a_page(world: World) -> None:
    issued = await work(world)
    reference = await asked(world, issued)
    assert (reference.state, reference.domain, reference.url) == ("asked", "acme.example", None)
    (mail,) = await world.mails(SAM)
    assert str(mail["Subject"]) == "A reference for Maya Okafor?"
    text = text_of(mail)
    assert "Northfield Careers Service asks whether you, as Head of Product," in text
    assert "Project" not in text, "a title is somebody's free text"
    assert text.count("://") == 1, "our own link and no other"


async def test_asking_again_returns_the_same_and_writes_to_nobody(world: World) -> None:
    issued = await work(world)
    first = await asked(world, issued)
    again = await asyncio.gather(*(asked(world, issued, " Sam+work@Acme.example", name=f"S {n}") for n in range(5)))
    assert {one.id for one in again} == {first.id}
    assert len(await world.mails(SAM)) == 1


async def test_the_key_makes_a_retry_harmless_and_another_body_is_refused(world: World) -> None:
    issued = await work(world)
    first, second = await asyncio.gather(api(world, question(issued)), api(world, question(issued)))
    assert (first.status_code, first.json()) == (201, second.json())
    refused = await api(world, question(issued, email="lee@acme.example"))
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency-key-reused")
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    missing = await world.http.post("/api/v1/references", json=question(issued), headers=headers)
    assert missing.json()["code"] == "idempotency-key-missing"


async def test_only_what_the_platform_delivered_and_counts(world: World) -> None:
    issued = await work(world)
    for body, key in ((question(issued), MALLORY_KEY), (question({"uuid": "no"}), NORTHFIELD_KEY)):
        refused = await api(world, body, api_key=key)
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (404, "credential")
    assert (await world.withdraw(issued["uuid"])).status_code == 200
    refused = await api(world, question(issued))
    assert (refused.status_code, refused.json()["code"]) == (409, "already-withdrawn")


async def test_only_where_the_intern_has_allowed_it(world: World) -> None:
    issued = await world.issued()
    refused = await api(world, question(issued))
    assert (refused.status_code, refused.json()["code"]) == (403, "grant-refused")
    assert "/account/grants" in refused.json()["faults"][0]["fix"]
    await shows(world, MAYA, "maya")
    assert (await asked(world, issued)).state == "asked"


async def test_whose_key_is_not_here_is_told_why(world: World) -> None:
    """The service signs references with the issuer's key; it has none of Brightpath's."""
    key = await registered(world.runtime)
    await shows(world, MAYA, "maya")
    issued = await client(world).credentials.issue_held(held_work(), key)
    refused = await api(world, question({"uuid": issued.uuid}))
    assert (refused.status_code, refused.json()["code"]) == (409, "reference-custody")
    assert "holds its key itself" in refused.json()["fix"]


async def test_a_closed_issuer_signs_no_reference(world: World) -> None:
    issued = await work(world)
    await close(world.runtime, OPERATOR, "acme")
    assert (await api(world, question(issued))).json()["code"] == "issuer-closed"


async def test_nobody_is_written_to_in_test_mode(world: World) -> None:
    issued = await work(world)
    key = await new_api_key(world.runtime, "northfield", Wanted(mode=Mode.TEST))
    assert (await api(world, question(issued), api_key=key)).json()["code"] == "not-in-test-mode"
    assert await world.mails(SAM) == []


async def test_a_key_needs_the_scope(world: World) -> None:
    issued = await work(world)
    reads = await new_api_key(world.runtime, "northfield", Wanted(scopes=["references:read"]))
    refused = await api(world, question(issued), api_key=reads)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
    assert (await api(world, None, api_key=reads, method="GET")).json() == {"items": [], "next": None}


async def test_sec_191_the_intern_is_no_referee_of_her_own(world: World) -> None:
    """Not by the address that the platform knows, nor by one that it does not, which it does not learn either."""
    issued = await work(world)
    refused = await api(world, question(issued, email="Maya+sam@northfield.example"))
    assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, "email")
    person = await person_with(MAYA)
    assert person
    async with tx():
        await add_mailbox(world.runtime, person, read_address("maya@home.example"))
    own = await api(world, question(issued, email="maya@home.example"))
    other = await api(world, question(issued, email="sam@home.example"), key="l")
    differ = {"id"}
    assert {k: v for k, v in own.json().items() if k not in differ} == {
        k: v for k, v in other.json().items() if k not in differ
    }
    assert await links(world, "maya@home.example") == []
    assert len(await links(world, "sam@home.example")) == 1


async def test_sec_131_no_free_text_gets_into_the_mail(world: World) -> None:
    issued = await work(world)
    bad: list[tuple[str, object]] = [
        ("name", "Win at https://evil.example"),
        ("name", "visit evil.example now"),
        ("name", "www.evil"),
        ("role", "write to me@evil.example"),
        ("role", "Head\nBcc: all@evil.example"),
        ("name", "a\u202eb"),
        ("name", "x" * 101),
        ("name", ""),
        ("role", 7),
        ("email", "sam"),
        ("email", "sam@acme.example, all@evil.example"),
        ("note", "Buy!"),
    ]
    for field, value in bad:
        refused = await api(world, question(issued, **{field: value}))
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, field), refused.text
    for name in ("Dr. Sam O’Neil-Rivera, M.Sc.", "سام", "Sam St. John"):
        assert (await api(world, question(issued, name=name), key=f"good {name}".encode().hex())).status_code == 201
    assert len(await world.mails(SAM)) == 1
    spam = another(intern={"name": "Win at evil.example", "email": MAYA})
    await asked(world, await world.issued(spam), "lee@acme.example")
    assert "evil" not in text_of((await world.mails("lee@acme.example"))[0])


async def test_sec_131_a_mailbox_is_not_flooded(world: World) -> None:
    """By whomever, about whatever: three mails a day, ten in thirty days; about one credential ten people."""
    first = await work(world)
    works = [await world.issued(another()) for _ in range(3)]
    for issued in (first, *works[:2]):
        await asked(world, issued)
    with pytest.raises(refolio.RateLimited, match="asked for references too often"):
        await asked(world, works[2])
    assert len(await world.mails(SAM)) == 3
    for n in range(9):
        await asked(world, works[2], f"p{n}@acme.example")
    await asked(world, works[2], "p9@acme.example")
    with pytest.raises(refolio.Conflict, match="10 people were asked"):
        await asked(world, works[2], "p10@acme.example")


async def test_sec_131_never_again_means_never(world: World) -> None:
    issued = await work(world)
    await asked(world, issued)
    (link,) = await links(world)
    async with world.browser() as sam:
        assert (await press(sam, f"{link}/no-mail")).status_code == 303
        assert (await press(sam, f"{link}/no-mail")).status_code == 303
        assert "We never ask you" in (await sam.get(link)).text
    other = await world.issued(another())
    assert (await asked(world, other)).state == "asked", "nobody finds out by asking"
    world.clock.move(days=15)
    assert await remind(world.runtime) == 0
    assert len(await world.mails(SAM)) == 1


async def test_one_reminder_with_a_link_of_its_own(world: World) -> None:
    issued = await work(world)
    await asked(world, issued)
    world.clock.move(days=11)
    assert sorted(await asyncio.gather(*(remind(world.runtime) for _ in range(3)))) == [0, 0, 1]
    world.clock.move(days=10)
    assert await remind(world.runtime) == 0
    first, second = await links(world)
    assert first != second
    async with world.browser() as sam:
        assert [(await sam.get(link)).status_code for link in (first, second)] == [200, 200]


async def test_thirty_days_later_it_is_over_and_can_be_asked_anew(world: World) -> None:
    issued = await work(world)
    reference = await asked(world, issued)
    (link,) = await links(world)
    world.clock.move(days=31)
    assert (await world.northfield.references.get(reference)).state == "expired"
    assert sorted(await asyncio.gather(expire(world.runtime), expire(world.runtime))) == [0, 1]
    assert await Reference.select(Reference.email).first() == {"email": None}
    assert (await world.northfield.references.get(reference)).state == "expired"
    async with world.browser() as sam:
        assert (await sam.get(link)).status_code == 410
    assert (await asked(world, issued)).id == reference.id, "the same request, the same answer"
    anew = await asked(world, issued, idempotency_key="anew")
    assert (anew.state, anew.id == reference.id) == ("asked", False)
    assert [one.state async for one in world.northfield.references.list(state="expired")] == ["expired"]


async def test_the_platform_lists_and_cancels_its_own(world: World) -> None:
    issued = await work(world)
    reference = await asked(world, issued)
    world.clock.move(seconds=1)
    other = await asked(world, await world.issued(another()), "lee@acme.example")
    assert [one.id async for one in world.northfield.references.list()] == [reference.id, other.id]
    assert [one async for one in world.northfield.references.list(credential=issued["id"])] == [reference]
    assert [one.id async for one in world.northfield.references.list(state="asked")] == [reference.id, other.id]
    assert [one async for one in world.mallory.references.list()] == []
    for attempt in (world.mallory.references.get, world.mallory.references.cancel):
        with pytest.raises(refolio.NotFound):
            await attempt(reference)
    assert (await world.northfield.references.cancel(reference)).state == "cancelled"
    assert (await world.northfield.references.cancel(reference)).state == "cancelled"
    (link,) = await links(world)
    async with world.browser() as sam:
        assert (
            await sam.post(link, data={"relation": "supervised", "text": "x" * 30, "agreed": "yes"})
        ).status_code == 410
    anew = await asked(world, issued, idempotency_key="anew")
    assert anew.id != reference.id


async def test_what_is_signed_cannot_be_cancelled(world: World) -> None:
    reference, _ = await signed(world, await work(world))
    with pytest.raises(refolio.Conflict, match="has answered"):
        await world.northfield.references.cancel(reference)

"""What a referee does with the link: nothing by opening it, one answer, and back again."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import httpx
import pytest

from tests.credentials.console import faults
from tests.forms import csrf
from tests.references.referee import MAYA, SAM, SIGNED, TEXT, asked, decide, links, press, shown, signed, work
from tests.web.reading import Reader
from tests.world import World, another, text_of
from verify.platforms.mandating import end_mandate
from verify.references import signing
from verify.references.tables import Reference, ReferenceLink
from verify.runtime import KeyServiceDown


async def events(world: World) -> list[str]:
    return [event.type async for event in world.northfield.events.list() if event.type.startswith("reference.")]


async def test_the_page_tells_the_facts_and_opening_it_does_nothing(world: World) -> None:
    issued = await work(world)
    reference = await asked(world, issued)
    (link,) = await links(world)
    await world.page(f"/v/{issued['code']}")  # which has the list of withdrawals signed, as every look at a credential
    before = await world.rows()
    async with world.browser() as scanner:
        for _ in range(3):
            page = await scanner.get(link)
        for path in ("decline", "take-back", "no-mail"):
            assert (await scanner.get(f"{link}/{path}")).status_code == 405
    assert await world.rows() == before
    assert (await world.northfield.references.get(reference)).state == "asked"
    text = Reader(page.text).text
    for fact in ("Maya Okafor", "Acme Textiles", "24 Aug", "40 hours", "Sam Rivera", "acme.example"):
        assert fact in text, fact
    assert page.headers["cache-control"] == "no-store"
    assert SAM not in page.text


async def test_signed_it_is_a_sound_endorsement_of_the_credential(world: World) -> None:
    issued = await work(world)
    reference, link = await shown(world, issued)
    document = (await world.http.get(f"/references/{reference.id}")).content
    report = await world.report(document)
    assert report.verdict.value == "passed", report.says
    members = json.loads(document)
    assert members["credentialSubject"] == {
        "id": issued["id"],
        "type": ["EndorsementSubject"],
        "endorsementComment": TEXT,
    }
    assert members["issuer"]["name"] == "Acme Textiles"
    assert (
        members["credentialStatus"]["statusListCredential"]
        != (json.loads(await world.document(issued["uuid"]))["credentialStatus"]["statusListCredential"])
    )
    assert SAM.encode() not in document
    async with world.browser() as sam:
        page = (await sam.get(link)).text
    assert "Thank you" in page
    assert "Take it back" in page


async def test_the_copy_has_the_text_and_a_way_back_and_maya_is_told_without_it(world: World) -> None:
    await signed(world, await work(world))
    copy = (await world.mails(SAM))[-1]
    assert str(copy["Subject"]) == "Your reference for Maya Okafor"
    assert TEXT in text_of(copy)
    told = text_of((await world.mails(MAYA))[-1])
    assert "https://refolio.example/account/references" in told
    assert "twelve suppliers" not in told
    row = await Reference.select(Reference.email, Reference.domain).first()
    assert row == {"email": None, "domain": "acme.example"}, "the address is kept until it was answered"


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        ({"relation": ""}, "relation", "Nothing is chosen here."),
        ({"relation": "hired"}, "relation", "Nothing is chosen here."),
        ({"text": "Very good."}, "text", "The text is very short."),
        ({"text": "x" * 2001}, "text", "The text is too long."),
        ({"text": "<b>Maya</b> did well, all of it."}, "text", "These characters cannot be taken: &lt; &gt;"),
        ({"text": "See [here](x) what Maya has done."}, "text", "These characters cannot be taken: [ ]"),
        ({"text": "Maya is great, see https://evil.example"}, "text", "It holds an address of the web."),
        ({"text": "Maya is great\u202e and all of that."}, "text", "invisible"),
        ({"text": " " * 40}, "text", "This is blank."),
        ({"agreed": "no"}, "agreed", "Your agreement is missing."),
    ],
)
async def test_sec_192_what_cannot_be_taken_is_named_and_nothing_is_lost(
    sqlite_world: World, form: dict[str, str], field: str, says: str
) -> None:
    await asked(sqlite_world, await work(sqlite_world))
    (link,) = await links(sqlite_world)
    async with sqlite_world.browser() as sam:
        answer = await sam.post(link, data={**SIGNED, **form})
        assert answer.status_code == 422
        assert says in answer.text
        assert field in faults(answer.text)
        if "text" not in form:
            assert "twelve suppliers" in answer.text, "what was typed stands there still"
        assert (await sam.post(link, data=SIGNED)).status_code == 303
    assert await events(sqlite_world) == ["reference.written"]


async def test_sec_191_and_p14_fifty_answers_at_once_are_one(world: World) -> None:
    await asked(world, await work(world))
    (link,) = await links(world)
    async with world.browser() as sam:
        answers = await asyncio.gather(
            *(sam.post(link, data={**SIGNED, "text": f"{TEXT} And again, {n}."}) for n in range(50))
        )
        assert Counter(answer.status_code for answer in answers) == {303: 1, 410: 49}
    assert await events(world) == ["reference.written"]
    assert len(await world.mails(SAM)) == 2, "the question and one copy"


async def test_a_double_click_signs_once_and_says_thank_you_twice(world: World) -> None:
    await asked(world, await work(world))
    (link,) = await links(world)
    async with world.browser() as sam:
        answers = await asyncio.gather(*(sam.post(link, data=SIGNED) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {303}
    assert await events(world) == ["reference.written"]


async def test_sec_191_a_guessed_link_opens_nothing(world: World) -> None:
    await asked(world, await work(world))
    (link,) = await links(world)
    secret = link.rpartition("/")[2]
    assert len(secret) == 22, "128 bits"
    kept = await ReferenceLink.select(ReferenceLink.sha256).first()
    assert kept
    guesses = [secret[:-1], secret + "A", "A" * 22, "%00", kept["sha256"], secret.swapcase()]
    async with world.browser() as mallory:
        for guess in guesses:
            for answer in (
                await mallory.get(f"/referee/{guess}"),
                await mallory.post(f"/referee/{guess}", data=SIGNED),
                await press(mallory, f"/referee/{guess}/decline"),
            ):
                assert answer.status_code in (400, 404), guess
    assert await events(world) == []


async def test_a_form_from_elsewhere_is_not_taken(world: World) -> None:
    await asked(world, await work(world))
    (link,) = await links(world)
    async with world.browser() as sam:
        elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert (await sam.post(link, data=SIGNED, headers=elsewhere)).status_code == 403
    assert await events(world) == []


async def test_declining_takes_one_click_and_is_final(world: World) -> None:
    issued = await work(world)
    reference = await asked(world, issued)
    (link,) = await links(world)
    async with world.browser() as sam:
        for _ in range(2):
            assert (await press(sam, f"{link}/decline")).status_code == 303
        assert "You declined" in (await sam.get(link)).text
        late = await sam.post(link, data=SIGNED)
        assert (late.status_code, "You declined" in late.text) == (410, True)
    assert await events(world) == ["reference.declined"]
    assert (await asked(world, issued, idempotency_key="anew")).id == reference.id, "nobody is asked twice"
    assert len(await world.mails(SAM)) == 1


async def test_what_is_signed_cannot_be_declined_any_more(world: World) -> None:
    _, link = await signed(world, await work(world))
    async with world.browser() as sam:
        late = await press(sam, f"{link}/decline")
        assert (late.status_code, "Thank you" in late.text) == (410, True)
    assert await events(world) == ["reference.written"]


async def test_sec_192_taken_back_it_is_gone_and_its_bit_is_set(world: World) -> None:
    issued = await work(world)
    reference, link = await shown(world, issued)
    document = (await world.http.get(f"/references/{reference.id}")).content
    copy = (await links(world))[-1]
    assert copy != link
    world.clock.move(seconds=1)
    async with world.browser() as sam:
        for path in (copy, link):
            assert (await press(sam, f"{path}/take-back")).status_code == 303
        assert "You took it back" in (await sam.get(link)).text
    report = await world.report(document)
    assert (report.verdict.value, report.decisive.number) == ("failed", 6)
    assert (await world.http.get(f"/references/{reference.id}")).status_code == 404
    world.app.state.portfolios.clear()
    for path in ("/p/maya", f"/v/{issued['code']}"):
        assert "twelve suppliers.\nI would" not in await world.page(path)
    assert (await decide(world, reference, "show")).status_code == 404
    now = await world.northfield.references.get(reference)
    assert (now.state, now.withdrawn_at, now.url) == ("withdrawn", world.clock(), None)
    assert await events(world) == ["reference.written", "reference.withdrawn"]


async def test_two_withdrawals_at_once_are_one(world: World) -> None:
    _, link = await shown(world, await work(world))
    async with world.browser() as sam:
        answers = await asyncio.gather(*(press(sam, f"{link}/take-back") for _ in range(10)))
        assert {answer.status_code for answer in answers} == {303}
    assert await events(world) == ["reference.written", "reference.withdrawn"]


async def _ends_by_withdrawal(world: World, uuid: str) -> None:
    assert (await world.withdraw(uuid)).status_code == 200


async def _ends_by_grant(world: World, uuid: str) -> None:
    async with world.signed_in(MAYA, staff=False) as maya:
        page = (await maya.get("/account/grants")).text
        grant = page.partition('action="/account/grants/')[2].partition('"')[0]
        form = {**await csrf(maya, "/account/grants"), "answer": "take-back"}
        assert (await maya.post(f"/account/grants/{grant}", data=form)).status_code == 303


async def _ends_by_mandate(world: World, uuid: str) -> None:
    await end_mandate(world.runtime, "northfield", "acme")


@pytest.mark.parametrize("over", [_ends_by_withdrawal, _ends_by_grant, _ends_by_mandate])
async def test_sec_191_when_it_is_over_nothing_can_be_signed(world: World, over: object) -> None:
    issued = await work(world)
    await asked(world, issued)
    (link,) = await links(world)
    await over(world, issued["uuid"])  # type: ignore[operator]
    async with world.browser() as sam:
        page = await sam.get(link)
        assert (page.status_code, "This question is over" in page.text) == (410, True)
        assert (await sam.post(link, data=SIGNED)).status_code == 410
    assert "reference.written" not in await events(world)


async def test_a_crash_before_signing_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer was committed; the key service is silent; later everything is signed, once."""
    reference = await asked(world, await work(world))
    (link,) = await links(world)

    async def silent(*_: object) -> bytes:
        raise KeyServiceDown("It does not answer.")

    async with world.browser() as sam:
        with monkeypatch.context() as patched:
            patched.setattr(signing, "private_key", silent)
            answer: httpx.Response = await sam.post(link, data=SIGNED)
            assert answer.status_code == 503
        assert (await world.northfield.references.get(reference)).state == "asked"
        assert "is kept. It is signed within minutes" in (await sam.get(link)).text
        assert await asyncio.gather(*(signing.resume(world.runtime) for _ in range(3))) != [0, 0, 0]
        assert "Thank you" in (await sam.get(link)).text
    assert await signing.resume(world.runtime) == 0
    assert await events(world) == ["reference.written"]
    assert len(await world.mails(SAM)) == 2


async def test_events_hold_no_word_of_a_person(world: World) -> None:
    reference, _ = await shown(world, await work(world))
    (event,) = [event async for event in world.northfield.events.list() if event.type.startswith("reference.")]
    assert event.data == {"id": reference.id, "credential": reference.credential, "state": "written"}
    assert [event.type async for event in world.mallory.events.list()] == []


async def test_two_referees_of_one_credential_have_places_of_their_own(world: World) -> None:
    issued = await work(world)
    await signed(world, issued)
    await signed(world, issued, "lee@acme.example")
    rows = await Reference.select(Reference.place.status_index.as_alias("index"), Reference.place.status_list)
    assert len({row["index"] for row in rows}) == 2
    assert len({row["place.status_list"] for row in rows}) == 1
    assert await world.issued(another())

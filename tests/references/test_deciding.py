"""Maya reads first and decides; what she does not show looks like nothing at all."""

from __future__ import annotations

import pytest

from tests.comparing import alike
from tests.forms import csrf
from tests.references.referee import MAYA, asked, decide, shown, signed, work
from tests.web.reading import Reader
from tests.world import BROWSER, NORTHFIELD_KEY, World, another, plain
from verify.audit.checking import audit
from verify.references.tables import Reference

ABSENT = "00000000-0000-4000-8000-000000000000"
WORDS = "twelve suppliers. I would gladly"


async def test_sec_192_she_reads_it_before_anybody_else(world: World) -> None:
    issued = await work(world)
    reference, _ = await signed(world, issued)
    async with world.signed_in(MAYA, staff=False) as maya:
        own = Reader((await maya.get("/account/references")).text).text
    assert WORDS in own
    assert "Sam Rivera supervised this work. Answered from an e-mail address at acme.example." in own
    world.app.state.portfolios.clear()
    for path in ("/p/maya", f"/v/{issued['code']}"):
        assert WORDS not in Reader(await world.page(path)).text
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    told = (await world.http.get(f"/api/v1/references/{reference.id}", headers=headers)).text
    assert "suppliers" not in told
    assert '"written"' in told


async def test_shown_it_stands_with_who_says_so_and_where_to_check_it(world: World) -> None:
    issued = await work(world)
    reference, _ = await shown(world, issued)
    for path in ("/p/maya", f"/v/{issued['code']}"):
        page = await world.page(path)
        text = Reader(page).text
        assert WORDS in text
        assert "Reference by Sam Rivera, Head of Product" in text
        assert f'href="/references/{reference.id}"' in page
    assert "acme.example" in text
    own = Reader(page := await world.page(f"/references/{reference.id}")).text
    for said in ("Genuine and current", WORDS, "acme.example", "Signed with the key of Acme Textiles", "23 Nov 2026"):
        assert said in own, said
    assert f'href="/v/{issued["code"]}"' in page
    file = await world.http.get(f"/references/{reference.id}/signed", headers=BROWSER)
    assert file.content == (await world.http.get(f"/references/{reference.id}")).content
    told = await world.northfield.references.get(reference)
    assert (told.state, told.url) == ("shown", f"https://refolio.example/references/{reference.id}")


async def test_n17_hidden_and_none_look_the_same(world: World) -> None:
    """Byte for byte: the reference's own address, the portfolio and the verdict page."""
    issued = await work(world)

    async def looks() -> list[tuple[object, ...]]:
        world.app.state.portfolios.clear()
        paths = [f"/references/{ABSENT}", f"/references/{ABSENT}/signed", "/p/maya", f"/v/{issued['code']}"]
        return [alike(await world.http.get(path, headers=h)) for path in paths for h in (BROWSER, {})]

    before = await looks()
    reference, _ = await shown(world, issued)
    assert (await decide(world, reference, "hide")).status_code == 303
    assert await looks() == before
    for path in ("", "/signed"):
        for headers in (BROWSER, {}):
            hidden = await world.http.get(f"/references/{reference.id}{path}", headers=headers)
            absent = await world.http.get(f"/references/{ABSENT}{path}", headers=headers)
            assert hidden.status_code == 404
            assert alike(hidden, reference.id) == alike(absent, ABSENT)


async def test_only_she_decides_and_only_about_what_is_signed(world: World) -> None:
    issued = await work(world)
    reference, _ = await signed(world, issued)
    open_ = await asked(world, issued, "lee@acme.example")
    assert (await decide(world, open_, "show")).status_code == 404
    assert (await decide(world, reference, "publish")).status_code == 400
    async with world.signed_in("oscar@oscar.example", staff=False) as oscar:
        form = {**await csrf(oscar, "/account"), "choice": "show"}
        assert (await oscar.post(f"/account/references/{reference.id}", data=form)).status_code == 404
        assert "Nobody was asked" in (await oscar.get("/account/references")).text
    async with world.signed_in(MAYA, staff=False) as maya:
        answer = await maya.post(f"/account/references/{reference.id}", data={"choice": "show", "csrf": "x"})
        assert answer.status_code == 403
    assert (await world.northfield.references.get(reference)).state == "written"


async def test_her_choice_is_none_of_the_organisations_business(world: World) -> None:
    """Its members read in their trail that a reference was signed in its name, and not what she made of it."""
    reference, _ = await signed(world, await work(world))
    for choice in ("hide", "show", "show", "hide"):
        assert (await decide(world, reference, choice)).status_code == 303
    async with world.signed_in("vic@acme.example") as vic:
        trail = Reader((await vic.get("/console/acme/trail")).text).text
    assert "A referee answered a question for a reference" in trail
    assert "signed a reference" in trail
    assert "hidden" not in trail
    assert "shown" not in trail
    assert (await audit(world.runtime)).mismatches == ()


async def test_what_becomes_of_it_with_its_credential(world: World) -> None:
    """A correction keeps it and says that it is older; a withdrawal takes it off every page; a successor has none."""
    issued = await work(world)
    reference, _ = await shown(world, issued)
    world.clock.move(days=1)
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}", "Idempotency-Key": "c"}
    replace = f"/api/v1/credentials/{issued['uuid']}/replace"
    corrected = await world.http.post(replace, json={"completion": plain(record=issued["record"])}, headers=headers)
    assert corrected.status_code == 200, corrected.text
    text = Reader(await world.page(f"/v/{corrected.json()['code']}")).text
    assert WORDS in text
    assert "before the credential was corrected" in text
    successor = await world.http.post(
        replace,
        json={"completion": another(), "as": "successor", "reason": "Wrong project."},
        headers={**headers, "Idempotency-Key": "s"},
    )
    assert successor.status_code == 201, successor.text
    world.app.state.portfolios.clear()
    for path in ("/p/maya", f"/v/{issued['code']}", f"/v/{successor.json()['code']}"):
        assert WORDS not in Reader(await world.page(path)).text
    assert (await world.http.get(f"/references/{reference.id}")).status_code == 404
    async with world.signed_in(MAYA, staff=False) as maya:
        assert "which was withdrawn, so nobody sees it" in Reader((await maya.get("/account/references")).text).text


async def test_sec_205_a_changed_row_shows_nobodys_words_as_somebody_elses(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Another signed reference in its place, one about other work, and a changed letter: none of them is shown."""
    first, second = await work(world), await world.issued(another())
    reference, _ = await shown(world, first)
    foreign, _ = await signed(world, second, text="Of the second work, and of nothing else.")
    row = await Reference.select(Reference.document).where(Reference.id == foreign.id).first()
    mine = await Reference.select(Reference.document).where(Reference.id == reference.id).first()
    assert row
    assert mine
    for document in (bytes(row["document"]), bytes(mine["document"]).replace(b"twelve", b"eleven")):
        await Reference.update({Reference.document: document}).where(Reference.id == reference.id)
        world.app.state.portfolios.clear()
        for path in ("/p/maya", f"/v/{first['code']}", f"/references/{reference.id}"):
            text = Reader(await world.page(path)).text
            assert "Of the second work" not in text
            assert "eleven suppliers" not in text
    assert "is not the one that was signed under this id" in caplog.text


async def test_verifiers_in_browsers_may_fetch_it_and_nobody_else_the_page_of_a_link(world: World) -> None:
    reference, link = await shown(world, await work(world))
    document = await world.http.get(f"/references/{reference.id}")
    assert document.headers["access-control-allow-origin"] == "*"
    page = await world.http.get(link, headers=BROWSER)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "access-control-allow-origin" not in page.headers

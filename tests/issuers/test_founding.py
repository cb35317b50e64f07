"""A new organisation by web form: from a name and a web site to an issuer that can sign."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.forms import csrf, send
from tests.web.reading import Reader
from tests.world import World
from verify.http.cookies import cookie_name
from verify.issuers.founding import MOST_AN_HOUR, suggested


async def found(browser: httpx.AsyncClient, **typed: str) -> httpx.Response:
    """Send the form of the page, as its browser would."""
    return await send(browser, "/console/new", **{"name": "", "url": "", "slug": "", **typed})


async def test_somebody_new_makes_an_organisation_and_is_its_admin_at_once(world: World) -> None:
    async with world.signed_in("oscar@oscar.example", staff=False) as oscar:
        assert "You are in none so far." in (await oscar.get("/console")).text
        made = await found(oscar, name="  Café  Größe & Söhne ", url="cafe.example")
        assert (made.status_code, made.headers["location"]) == (303, "/console/cafe-grosse-and-sohne/issue")
        page = Reader((await oscar.get("/console")).text)
        assert "Café Größe & Söhne You are an admin" in page.text
    document = (await world.http.get("/issuers/cafe-grosse-and-sohne/did.json")).json()
    assert document["assertionMethod"]


async def test_sec_155_the_first_role_comes_with_a_new_secret(sqlite_world: World) -> None:
    """Whoever had planted or copied the old one does not come to the role with it."""
    async with sqlite_world.signed_in("oscar@oscar.example", staff=False) as oscar:
        name = cookie_name(sqlite_world.runtime)
        old = oscar.cookies[name]
        made = await found(oscar, name="Oscar", url="oscar.example")
        new = made.cookies[name]
        oscar.cookies.clear()
        opened = await oscar.get("/console/oscar/members", headers={"Cookie": f"{name}={new}"})
        assert opened.status_code == 200
        refused = await oscar.get("/console/oscar/members", headers={"Cookie": f"{name}={old}"})
        assert refused.headers["location"].startswith("/sign-in")


async def filled_in(browser: httpx.AsyncClient, **typed: str) -> dict[str, str]:
    """The form of the page with its hidden fields, before it is sent."""
    inputs = [values for tag, values in Reader((await browser.get("/console/new")).text).elements if tag == "input"]
    hidden = {values["name"]: values["value"] for values in inputs if values["type"] == "hidden"}
    return {**hidden, "name": "Oscar", "url": "oscar.example", "slug": "", **typed}


@pytest.mark.parametrize("clicks", ["one after the other", "at once"])
async def test_a_double_click_makes_one_organisation_and_throws_nobody_out(world: World, clicks: str) -> None:
    """The browser drops the answer to the first click, and with it the new secret of the sign-in."""
    async with world.signed_in("oscar@oscar.example", staff=False) as oscar:
        name, form = cookie_name(world.runtime), await filled_in(oscar)
        old = {"Cookie": f"{name}={oscar.cookies[name]}"}
        oscar.cookies.clear()
        if clicks == "at once":
            answers = list(
                await asyncio.gather(*(oscar.post("/console/new", data=form, headers=old) for _ in range(4)))
            )
        else:
            answers = []
            for _ in range(3):
                answers.append(await oscar.post("/console/new", data=form, headers=old))
                oscar.cookies.clear()
        assert {answer.status_code for answer in answers} == {303}
        assert {answer.headers["location"] for answer in answers} <= {"/console", "/console/oscar/issue"}
        (new,) = {answer.cookies[name] for answer in answers}
        oscar.cookies.clear()
        page = await oscar.get("/console", headers={"Cookie": f"{name}={new}"})
        assert page.text.count("You are an admin") == 1


async def test_sec_155_the_old_secret_alone_comes_to_no_role_by_sending_a_form_again(sqlite_world: World) -> None:
    """Mallory knows Oscar's secret of before, and has opened the page of the form with it."""
    async with sqlite_world.signed_in("oscar@oscar.example", staff=False) as oscar:
        name = cookie_name(sqlite_world.runtime)
        mallorys, oscars = await filled_in(oscar), await filled_in(oscar)
        old = {"Cookie": f"{name}={oscar.cookies[name]}"}
        assert mallorys["csrf"] == oscars["csrf"]
        assert (await oscar.post("/console/new", data=oscars)).status_code == 303
        oscar.cookies.clear()
        for form in (mallorys, {**oscars, "key": ""}, {**oscars, "key": "A" * 43}, {"csrf": oscars["csrf"]}):
            answer = await oscar.post("/console/new", data=form, headers=old)
            assert answer.headers["location"].startswith("/sign-in?")
            assert name not in answer.cookies
        elsewhere = await oscar.post(
            "/console/new", data=oscars, headers={**old, "Origin": "https://mallory.example", "Sec-Fetch-Site": "none"}
        )
        assert name not in elsewhere.cookies


async def test_the_same_form_again_leads_to_what_it_made(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann, world.signed_in("mallory@mallory.example") as mallory:
        for _ in range(2):
            made = await found(ann, name="New Mills", url="new.example")
            assert (made.status_code, made.headers["location"]) == (303, "/console/new-mills/issue")
        for other in ({"name": "New  Mill", "slug": "new-mills"}, {"url": "other.example"}):
            assert (await found(ann, **{"name": "New Mills", "url": "new.example", **other})).status_code == 422
        assert (await found(mallory, name="New Mills", url="new.example")).status_code == 422
        world.clock.move(minutes=10)
        assert (await found(ann, name="New Mills", url="new.example")).status_code == 422


async def test_a_role_more_does_not_open_the_others_to_a_sign_in_that_does_not_open_them(world: World) -> None:
    """SEC-167: who waits for her roles must not get them by making an organisation."""
    async with world.signed_in("ann@acme.example", staff=False) as ann:
        assert "does not open all of your organisations" in (await ann.get("/console")).text
        made = await found(ann, name="Side Door", url="door.example")
        assert (made.status_code, made.headers["location"]) == (303, "/console")  # the page that says what to do
        page = (await ann.get("/console")).text
        assert "does not open all of your organisations" in page
        assert "Acme Textiles" not in page
    async with world.signed_in("ann@acme.example") as ann:
        page = (await ann.get("/console")).text
        assert "Acme Textiles" in page
        assert "Side Door" in page


@pytest.mark.parametrize(
    ("typed", "reason", "fix"),
    [
        ({"name": ""}, "The name is missing.", "Write it as it shall stand on credentials."),
        ({"name": "Zero\u200bwidth"}, "", ""),
        ({"name": "x" * 201}, "The name is too long.", "Use at most 200 characters."),
        (
            {"url": "http://new.example"},
            "This is not the address of a web site.",
            "Write it like https://acme.example.",
        ),
        ({"url": "javascript:alert(1)"}, "This is not the address of a web site.", ""),
        ({"url": "localhost"}, "This is not the address of a web site.", ""),
        ({"slug": "-new-"}, "This cannot be a short name.", "Use up to 48 lower-case letters"),
        ({"name": "新会社"}, "A short name is missing.", "Use up to 48 lower-case letters"),
        ({"slug": "service"}, "This word has another use here.", "Choose another one."),
        ({"slug": "acme"}, "acme is taken.", "acme-2 is free."),
    ],
)
async def test_a_form_that_cannot_be_taken_says_which_field_why_and_how_to_mend_it(
    sqlite_world: World, typed: dict[str, str], reason: str, fix: str
) -> None:
    whole = {"name": "New Mills", "url": "https://new.example", **typed}
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        before = await sqlite_world.rows()
        refused = await found(ann, **whole)
    assert refused.status_code == 422
    page = Reader(refused.text)
    assert f"{reason} {fix}".strip() in page.text
    assert page.attributes("aria-invalid") == ["true"]
    values = {e["name"]: e["value"] for tag, e in page.elements if tag == "input"}
    assert {name: values[name] for name in whole} == whole  # what was typed is still there
    assert await sqlite_world.rows() == before


async def test_sec_172_the_form_takes_its_three_fields_and_no_other(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        for name in ("did", "vouched_by", "created_at", "description", "role", "person", "state", "issuer"):
            refused = await found(ann, name="New Mills", url="new.example", **{name: "x"})
            assert (refused.status_code, f"There is no field &#39;{name}&#39;" in refused.text) == (400, True)


async def test_the_same_short_name_at_the_same_moment_goes_to_one(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann, world.signed_in("mallory@mallory.example") as mallory:
        answers = await asyncio.gather(
            *(found(who, name="New Mills", url="new.example") for who in (ann, mallory) for _ in range(3))
        )
    assert sorted(answer.status_code for answer in answers) == [303, 303, 303, 422, 422, 422]
    hers, others = answers[:3], answers[3:]
    assert len({answer.status_code for answer in hers}) == len({answer.status_code for answer in others}) == 1


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme Textiles", "acme-textiles"),
        ("  Ünder_score!! Ltd. ", "under-score-ltd"),
        ("O’Brien & Co", "obrien-and-co"),
    ],
)
def test_a_short_name_is_suggested_from_the_name(name: str, slug: str) -> None:
    assert suggested(name) == slug
    assert re.fullmatch(r"[a-z0-9-]{1,48}", suggested(name * 20))


async def test_nobody_takes_short_names_by_the_dozen(world: World) -> None:
    """Many at once would all be told that there is still room."""
    async with world.signed_in("mallory@mallory.example") as mallory:
        forms = [
            {**await csrf(mallory, "/console/new"), "name": f"Mills {n}", "url": "mills.example"} for n in range(30)
        ]
        answers = await asyncio.gather(*(mallory.post("/console/new", data=form) for form in forms))
    made = [answer for answer in answers if answer.status_code == 303]
    assert len(made) == MOST_AN_HOUR
    assert "in this hour" in next(answer.text for answer in answers if answer.status_code == 422)

"""Issuing by the form of the console, on both databases."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from refolio import Outcome
from tests.credentials.console import ACME, TYPED, faults, hidden, issue, values
from tests.world import World, maya
from verify.credentials.tables import AnsweredRequest, Credential
from verify.platforms.admitting import CONSOLE
from verify.platforms.tables import ApiKey


async def test_a_typed_completion_is_signed_and_its_page_shows_how_to_hand_it_on(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        answer = await issue(sam, TYPED)
        assert answer.status_code == 303
        page = (await sam.get(answer.headers["location"])).text
    uuid = re.search(r"credentials/([0-9a-f-]{36})", answer.headers["location"])[1]  # type: ignore[index]
    document = await world.document(uuid)
    assert (await world.report(document)).verdict is Outcome.PASSED
    assert b"Delivery" not in document
    code = re.search(r"/v/([0-9A-Z-]{19})/qr.svg", page)[1]  # type: ignore[index]
    assert f'value="https://refolio.example/v/{code}"' in page
    assert "Signed and issued" in page
    assert "Ordered by <bdi>Sam</bdi>" in page
    assert "Genuine and current" in await world.page(f"/v/{code}")


async def test_everything_a_completion_can_say_can_be_typed(sqlite_world: World) -> None:
    everything = {
        **TYPED,
        "record": "AC-1", "project.code": "MKT-7", "hours.required": "40", "term": "Autumn 2026", "story": "I asked.",
        "compensation": "academic-credit", "academic_credit.system": "ECTS", "academic_credit.amount": "2.5",
        "academic_credit.given_by": "Northfield University", "host.name": "Acme Outlet", "host.url": "https://outlet.example",
        "feedback.text": "Asked the right questions.", "feedback.author": "Sam Rivera", "feedback.author_role": "Head",
        "deliverables[0].title": "Report", "deliverables[0].url": "https://files.example/r.pdf",
        "deliverables[0].description": "Twenty pages", "deliverables[0].kind": "Report",
        "skills[0].level": "exceeds",
        "skills[0].alignment.name": "conduct market research", "skills[0].alignment.code": "S2.7",
        "skills[0].alignment.url": "http://data.europa.eu/esco/skill/0d2d1c5e-0000-4000-8000-000000000001",
        "skills[7].name": "presenting", "skills[7].observed": "self-reported",
    }  # fmt: skip
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await issue(ann, everything)
        assert answer.status_code == 303, faults(answer.text)
    (row,) = await Credential.select(Credential.completion)
    sent, kept = maya(record="AC-1", story="I asked."), json.loads(row["completion"])
    for name in ("feedback", "deliverables", "academic_credit"):
        assert set(kept[name] if isinstance(kept[name], dict) else kept[name][0]) == set(
            sent[name] if isinstance(sent[name], dict) else sent[name][0]
        )
    assert set(kept) == set(sent)
    assert [skill["name"] for skill in kept["skills"]] == ["market research", "presenting"]
    assert kept["skills"][0] == {**sent["skills"][0]}


async def test_everything_wrong_is_said_at_its_field_and_nothing_typed_is_lost(sqlite_world: World) -> None:
    wrong = {
        **TYPED,
        "intern.email": "maya",
        "hours.total": "37,5",
        "started": "1/2/2026",
        "project.title": "",
        "skills[0].name": "remote",
        "story": "<b>Asked & learned</b>",
    }
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await issue(ann, wrong)
        assert answer.status_code == 422
        found = faults(answer.text)
        assert set(found) == {"intern.email", "hours.total", "started", "project.title", "skills[0].name"}
        assert "Write 37.5 instead." in found["hours.total"]
        kept = {
            name: text.replace("\r\n", "\n") for name, text in wrong.items() if text and name != "skills[1].observed"
        }
        assert {name: values(answer.text).get(name) for name in kept} == kept
        right = {**values(answer.text), **hidden(answer.text), **TYPED}
        assert (await ann.post(f"{ACME}/issue", data=right)).status_code == 303
    assert await Credential.count() == 1


async def test_an_empty_form_names_every_required_field(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await issue(ann, {})
    assert len(faults(answer.text)) == 15
    assert await Credential.count() == 0


async def test_rows_are_added_without_script_and_without_losing_anything(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        typed = {
            **TYPED,
            "skills[1].name": "presenting",
            "skills[2].name": "typing",
            "more": "skills",
            "intern.email": "?",
        }
        answer = await issue(ann, typed)
        assert answer.status_code == 200
        assert faults(answer.text) == {}
        assert 'name="skills[5].name"' in answer.text
        assert 'name="skills[6].name"' not in answer.text
        assert values(answer.text)["intern.email"] == "?"


@pytest.mark.parametrize("times", [2, 6])
async def test_sec_181_a_form_sent_again_and_again_issues_once(world: World, times: int) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        page = await sam.get(f"{ACME}/issue")
        form = {**hidden(page.text), **TYPED}
        answers = await asyncio.gather(*(sam.post(f"{ACME}/issue", data=form) for _ in range(times)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await Credential.count() == 1


async def test_sec_181_the_same_work_in_a_new_form_is_shown_and_issued_only_on_purpose(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        first = (await issue(sam, TYPED)).headers["location"].partition("?")[0]
        answer = await issue(sam, {**TYPED, "role": "Somebody else"})
        assert answer.status_code == 409
        assert f'href="{first}"' in answer.text
        assert await Credential.count() == 1
        again = {**hidden(answer.text), **values(answer.text), "allow_duplicate": "1"}
        assert (await sam.post(f"{ACME}/issue", data=again)).status_code == 303
    assert await Credential.count() == 2


async def test_the_same_form_with_other_contents_issues_nothing_by_itself(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        page = await sam.get(f"{ACME}/issue")
        form = {**hidden(page.text), **TYPED}
        await sam.post(f"{ACME}/issue", data=form)
        answer = await sam.post(f"{ACME}/issue", data={**form, "project.title": "Another project"})
        assert answer.status_code == 409
        assert "sent before with other contents" in answer.text
        assert hidden(answer.text)["key"] != form["key"]
        assert await Credential.count() == 1


async def test_two_issuers_share_the_console_but_not_their_keys(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam, world.signed_in("mallory@mallory.example") as mallory:
        for http, slug in ((sam, "acme"), (mallory, "mallory-inc")):
            page = await http.get(f"/console/{slug}/issue")
            form = {"csrf": hidden(page.text)["csrf"], "key": "the-same", **TYPED}
            assert (await http.post(f"/console/{slug}/issue", data=form)).status_code == 303
    assert await Credential.count() == 2
    keys = {row["idempotency_key"] for row in await AnsweredRequest.select(AnsweredRequest.idempotency_key)}
    assert keys == {"acme:form:the-same", "mallory-inc:form:the-same"}
    assert not await ApiKey.exists().where(ApiKey.platform == CONSOLE)


async def test_the_next_one_begins_like_this_one_but_for_the_person(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        typed = {**TYPED, "feedback.text": "Asked well.", "skills[0].level": "exceeds", "term": "Autumn 2026"}
        uuid = (await issue(ann, typed)).headers["location"].partition("?")[0].rpartition("/")[2]
        begun = values((await ann.get(f"{ACME}/issue?like={uuid}")).text)
        assert begun["project.title"] == TYPED["project.title"]
        assert begun["term"] == "Autumn 2026"
        assert not set(begun) & {"intern.name", "intern.email", "feedback.text", "skills[0].level", "record"}
        foreign = await sqlite_world.issued(maya(issuer="brightline"))
        assert "project.title" not in values((await ann.get(f"{ACME}/issue?like={foreign['uuid']}")).text)


async def test_a_viewer_sees_and_cannot_issue(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    async with sqlite_world.signed_in("vic@acme.example") as vic:
        assert (await vic.get(f"{ACME}/issue")).status_code == 404
        page = await vic.get(f"{ACME}/credentials/{issued['uuid']}")
        assert page.status_code == 200
        assert "Withdraw" not in page.text
        assert "Issue another" not in page.text

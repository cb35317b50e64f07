"""What a platform gets for a completion, what is inside the signed document, and what is not."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from refolio import Compensation, Engagement, Mode, Outcome
from refolio.credential.status_list import MINIMUM_ENTRIES, decode
from tests.world import PUBLIC_URL, Members, World, another, maya, plain
from verify.credentials.codes import code_of, parse_code
from verify.credentials.tables import Credential, StatusList


async def signed(world: World, body: Members) -> Members:
    """Issue and return the signed document's members."""
    document: Members = json.loads(await world.document((await world.issued(body))["uuid"]))
    return document


async def test_the_answer_says_where_everything_is(world: World) -> None:
    answer = await world.post(maya())
    issued = answer.json()
    uuid, link = issued["uuid"], f"{PUBLIC_URL}/v/{issued['code']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == issued["id"] == f"{PUBLIC_URL}/credentials/{uuid}"
    assert answer.headers["cache-control"] == "private, no-store"
    assert issued | {"code": "", "uuid": "", "id": "", "links": {}} == {
        "id": "",
        "uuid": "",
        "record": "NF-2026-001",
        "issuer": "acme",
        "state": "current",
        "issued_at": "2026-11-23T10:00:00Z",
        "code": "",
        "withdrawn_at": None,
        "kind": None,
        "reason": None,
        "edition": 1,
        "corrected_at": None,
        "replaces": None,
        "replaced_by": None,
        "links": {},
    }
    assert issued["links"] == {"credential": issued["id"], "verify": link, "qr": f"{link}/qr.svg", "portfolio": None}


async def test_what_was_issued_can_be_looked_up_again(world: World) -> None:
    first, second = await world.issued(another()), await world.issued(another())
    for issued in (first, second):
        found = await world.northfield.credentials.get(issued["uuid"])
        assert (found.uuid, found.record, found.code) == (issued["uuid"], issued["record"], issued["code"])


async def test_the_code_is_derived_from_the_signed_bytes(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", issued["code"])
    assert parse_code(issued["code"]) == code_of(await sqlite_world.document(issued["uuid"]))


async def test_the_document_says_who_says_what_of_whom(sqlite_world: World) -> None:
    document = await signed(sqlite_world, maya())
    subject = document["credentialSubject"]
    assert document["issuer"]["id"] == "did:web:refolio.example:issuers:acme"
    assert document["validFrom"] == "2026-11-23T10:00:00Z"
    assert subject["identifier"][1]["identityHash"] == "Maya Okafor"
    assert subject["achievement"]["name"] == "Market scan of recycled textiles"
    assert subject["source"]["name"] == "Acme Outlet"
    assert [proof["cryptosuite"] for proof in document["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    assert "Northfield Careers Service" in {item["name"] for item in document["evidence"]}


async def test_sec_119_the_address_of_the_intern_is_nowhere_in_clear(sqlite_world: World) -> None:
    issued = await sqlite_world.issued(maya(intern={"name": "Maya Okafor", "email": "Canary@Northfield.example"}))
    paths = [f"/credentials/{issued['uuid']}", f"/credentials/{issued['uuid']}/status", f"/v/{issued['code']}"]
    shown = [(await sqlite_world.http.get(path)).text for path in paths] + [json.dumps(issued)]
    assert not any("canary" in text.lower() for text in shown)


async def test_sec_068_the_hashed_address_is_salted_anew_for_each_credential(sqlite_world: World) -> None:
    hashed = [(await signed(sqlite_world, another()))["credentialSubject"]["identifier"][0] for _ in range(2)]
    assert hashed[0]["identityHash"] != hashed[1]["identityHash"]
    assert all(len(identity["salt"]) >= 22 for identity in hashed), "22 characters of base64 are 128 bits"


async def test_sec_087_many_issued_at_once_never_share_a_status_index(world: World) -> None:
    answers = await asyncio.gather(*(world.post(another()) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    rows = await Credential.select(Credential.status_list, Credential.status_index)
    assert await StatusList.count() == 1, "a burst of first requests shares one list: small ones single people out"
    assert len({(row["status_list"], row["status_index"]) for row in rows}) == 40


async def test_sec_088_an_index_tells_nothing_about_when_it_was_given(sqlite_world: World) -> None:
    indexes = [int((await signed(sqlite_world, another()))["credentialStatus"]["statusListIndex"]) for _ in range(12)]
    assert indexes != sorted(indexes)
    assert max(indexes) > 1_000


async def test_sec_091_many_credentials_share_one_long_list_whose_address_names_none(sqlite_world: World) -> None:
    statuses = [(await signed(sqlite_world, another()))["credentialStatus"] for _ in range(3)]
    (address,) = {status["statusListCredential"] for status in statuses}
    listed = (await sqlite_world.http.get(address)).json()
    assert len(decode(listed["credentialSubject"]["encodedList"])) * 8 >= MINIMUM_ENTRIES
    assert listed["issuer"] == "did:web:refolio.example:issuers:acme"


async def test_each_issuer_has_a_list_of_its_own(sqlite_world: World) -> None:
    await sqlite_world.issued(another())
    await sqlite_world.issued(another(issuer="brightline"))
    assert {row["issuer"] for row in await StatusList.select(StatusList.issuer)} == {"acme", "brightline"}


def _kinds() -> list[Members]:
    """Every mode, engagement and compensation at least once."""
    unseen = [{"name": "presenting", "observed": "self-reported"}]
    credit = {"system": "ECTS", "amount": 2, "given_by": "Northfield University"}
    return [
        *(plain(mode=mode.value) for mode in Mode),
        *(plain(engagement=kind.value, skills=unseen) for kind in Engagement),
        *(plain(compensation=pay.value, academic_credit=credit) for pay in Compensation),
    ]


async def test_every_kind_of_work_can_be_signed(sqlite_world: World) -> None:
    for body in _kinds():
        issued = await sqlite_world.issued(body, query="?allow_duplicate=true")
        report = await sqlite_world.report(await sqlite_world.document(issued["uuid"]))
        assert report.verdict is Outcome.PASSED, body


@pytest.mark.parametrize("text", ["Zoë Ōsei-Nguyễn", "李小龍", "مايا", "🧵 & <textiles>", "\"quoted\" \\ 'twice'"])
async def test_sec_007_any_text_comes_out_exactly_as_it_went_in(text: str, world: World) -> None:
    intern = {"name": text, "email": "maya@northfield.example"}
    issued = await world.issued(maya(intern=intern, feedback={"text": f"{text}\n{text}"}, record=text))
    assert issued["record"] == text
    document = await world.document(issued["uuid"])
    assert json.loads(document)["credentialSubject"]["identifier"][1]["identityHash"] == text
    assert (await world.report(document)).verdict is Outcome.PASSED


async def test_interns_of_one_project_share_its_achievement(sqlite_world: World) -> None:
    oscar = {"name": "Oscar Lind", "email": "oscar@northfield.example"}
    first, second = await signed(sqlite_world, maya()), await signed(sqlite_world, maya(intern=oscar))
    achievement = first["credentialSubject"]["achievement"]
    assert achievement == second["credentialSubject"]["achievement"]
    published = await sqlite_world.http.get(achievement["id"])
    assert published.json() == achievement
    assert published.headers["content-type"].startswith("application/ld+json")

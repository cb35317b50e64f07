"""A wrong credential is put right: a newer edition under its id, or a successor under another.

SEC-071, SEC-090, SEC-232.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

import refolio
from refolio import Outcome
from refolio.credential.model import completion_from
from tests.comparing import alike
from tests.credentials.replacements import OLD, renamed, replaced
from tests.showing import shows
from tests.world import MALLORY_KEY, Members, World, another, maya
from verify.credentials.recounting import recount
from verify.credentials.replacing import Replacement, correct, succeed
from verify.credentials.tables import Credential, CredentialEdition
from verify.http.access import OPERATOR, Actor, Role
from verify.http.refusals import Refused

ABSENT = "00000000-0000-4000-8000-000000000000"


async def corrected(world: World, uuid: str, completion: Members, **arguments: Any) -> Members:
    answer = await replaced(world, uuid, {"completion": completion}, **arguments)
    assert answer.status_code == 200, answer.text
    members: Members = answer.json()
    return members


async def test_a_correction_is_a_newer_edition_in_the_same_place(world: World) -> None:
    issued = await world.issued()
    before = json.loads(await world.document(issued["uuid"]))
    world.clock.move(days=1)
    answer = await corrected(world, issued["uuid"], renamed())
    assert answer == issued | {
        "code": answer["code"],
        "links": answer["links"],
        "edition": 2,
        "corrected_at": "2026-11-24T10:00:00Z",
    }
    assert answer["code"] != issued["code"]
    document = await world.document(issued["uuid"])
    after = json.loads(document)
    assert {name: after[name] for name in ("id", "issuer", "credentialStatus", "awardedDate")} == {
        name: before[name] for name in ("id", "issuer", "credentialStatus", "awardedDate")
    }
    assert after["validFrom"] == "2026-11-24T10:00:00Z" > before["validFrom"]
    assert (await world.report(document)).verdict is Outcome.PASSED


async def test_a_corrected_name_disappears_from_every_public_byte(world: World) -> None:
    issued = await world.issued()
    await shows(world, "maya@northfield.example", "maya")
    achievement = json.loads(await world.document(issued["uuid"]))["credentialSubject"]["achievement"]["id"]
    paths = [
        "/p/maya",
        *(f"/v/{issued['code']}{end}" for end in ("", "/qr.svg", "/qr.png", "/signed.json")),
        f"/credentials/{issued['uuid']}",
        f"/credentials/{issued['uuid']}/status",
        achievement,
    ]
    assert OLD in await world.page("/p/maya")
    world.clock.move(hours=1)
    new = await corrected(world, issued["uuid"], renamed())
    paths += [path.replace(issued["code"], new["code"]) for path in paths]
    seen = 0
    for path in paths:
        for accept in ("text/html", "application/vc", "*/*"):
            answer = await world.http.get(path, headers={"Accept": accept}, follow_redirects=True)
            assert answer.status_code == 200, path
            assert b"Okafor" not in answer.content, path
            seen += b"Adeyemi" in answer.content
    assert seen > 10
    await world.withdraw(issued["uuid"])  # also where no current credential says her name any more
    assert "Okafor" not in await world.page("/p/maya")


async def test_the_link_of_the_first_edition_leads_to_the_newest_and_says_so(world: World) -> None:
    issued = await world.issued()
    world.clock.move(days=1)
    new = await corrected(world, issued["uuid"], renamed())
    old_page, page = await world.page(f"/v/{issued['code']}"), await world.page(f"/v/{new['code']}")
    for text in (old_page, page):
        assert "Genuine and current" in text
        assert "Corrected by the issuer on" in text
        assert new["code"] in text
    assert "Your link was made for an earlier edition" in old_page
    assert "Your link was made for an earlier edition" not in page
    document = await world.http.get(f"/v/{issued['code']}", headers={"Accept": "application/vc"})
    assert document.content == await world.document(issued["uuid"])


async def test_sec_071_of_two_editions_the_older_one_is_called_superseded(world: World) -> None:
    issued = await world.issued()
    first = await world.document(issued["uuid"])
    world.clock.move(days=1)
    await corrected(world, issued["uuid"], renamed())
    second = await world.document(issued["uuid"])

    async def verified(document: bytes) -> Members:
        body = {"verifiableCredential": json.loads(document), "options": {"alwaysOk": True}}
        members: Members = (await world.http.post("/credentials/verify", json=body)).json()
        return members

    old, new = await verified(first), await verified(second)
    assert (new["verified"], new["report"]["verdict"]) == (True, "passed")
    assert (old["verified"], old["report"]["verdict"]) == (False, "failed")
    assert [check["result"] for check in old["report"]["checks"]] == [*["passed"] * 6, "failed", "passed"]
    assert old["report"]["checks"][6]["code"] == "superseded"
    assert old["report"]["says"] == (
        "Genuine, but superseded. The issuer replaced it by a newer edition on 2026-11-24; this one no longer counts."
    )
    await world.withdraw(issued["uuid"], "Wrong dates.")
    assert (await verified(first))["report"]["checks"][6]["code"] == "withdrawn"


async def test_sec_071_only_an_edition_of_the_same_issuer_supersedes(world: World) -> None:
    issued = await world.issued()
    first = await world.document(issued["uuid"])
    newer = {issued["id"]: refolio.Edition("did:web:mallory.example", "2026-12-24T10:00:00Z")}
    found = {}
    for address in (
        "https://refolio.example/issuers/acme/did.json",
        json.loads(first)["credentialStatus"]["statusListCredential"],
    ):
        found[address] = (await world.http.get(address)).content
    policy = refolio.Policy(editions=newer)
    assert refolio.examine(first, policy=policy, documents=found, now=world.clock()).verdict is Outcome.PASSED
    newer[issued["id"]] = refolio.Edition("did:web:refolio.example:issuers:acme", "2026-12-24T10:00:00Z")
    report = refolio.examine(first, policy=policy, documents=found, now=world.clock())
    assert (report.verdict, report.superseded) == (Outcome.FAILED, True)


async def test_a_retry_corrects_once_and_another_body_under_its_key_is_refused(world: World) -> None:
    issued = await world.issued()
    answers = await asyncio.gather(*(replaced(world, issued["uuid"], {"completion": renamed()}) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["edition"] == 2
    other = await replaced(world, issued["uuid"], {"completion": maya(role="Analyst")})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert await CredentialEdition.count() == 2


async def test_corrections_racing_each_other_come_one_after_the_other(world: World) -> None:
    issued = await world.issued()
    roles = [f"Analyst {number}" for number in range(6)]
    answers = await asyncio.gather(
        *(replaced(world, issued["uuid"], {"completion": maya(role=role)}, key=role[-1]) for role in roles)
    )
    assert {answer.status_code for answer in answers} == {200}
    row = await Credential.select(Credential.edition, Credential.document).first()
    assert row
    assert row["edition"] == 7
    rows = await CredentialEdition.select().order_by(CredentialEdition.number)
    assert [(one["number"], one["state"]) for one in rows] == [
        *((number, "superseded") for number in range(1, 7)),
        (7, "current"),
    ]
    dates = [json.loads(bytes(one["document"]))["validFrom"] for one in rows[:6]]
    assert dates == sorted(set(dates)), "each is newer than the one before"
    assert (await world.report(bytes(row["document"]))).verdict is Outcome.PASSED


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "completion"),
        ({"completion": []}, "completion"),
        ({"completion": maya(), "as": "copy"}, "as"),
        ({"completion": maya(), "reason": "Wrong dates."}, "reason"),
        ({"completion": maya(), "state": "current"}, "state"),
        ({"completion": maya(ended="2026-01-01")}, "ended"),
        ({"completion": maya(issuer="brightline")}, "issuer"),
        ({"completion": maya(intern={"name": OLD, "email": "oscar@northfield.example"})}, "intern.email"),
        ({"completion": maya(), "as": "successor"}, "reason"),
        ({"completion": maya(), "as": "successor", "reason": "Wrong.", "kind": "whim"}, "kind"),
        ({"completion": maya(issuer="brightline"), "as": "successor", "reason": "Wrong."}, "issuer"),
    ],
)
async def test_what_cannot_replace_is_refused_by_name(body: Members, field: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    before, document = await sqlite_world.rows(), await sqlite_world.document(issued["uuid"])
    answer = await replaced(sqlite_world, issued["uuid"], body)
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, field), answer.text
    assert await sqlite_world.rows() == before
    assert await sqlite_world.document(issued["uuid"]) == document


async def test_a_correction_cannot_become_work_that_has_another_credential(world: World) -> None:
    first, second = await world.issued(maya()), await world.issued(body := another())
    answer = await replaced(world, first["uuid"], {"completion": body})
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-completion")
    assert (await world.post(maya())).status_code == 409, "the work itself is still taken"
    await corrected(world, second["uuid"], body | {"role": "Analyst"}, key="s")


@pytest.mark.parametrize("how", ["edition", "successor"])
async def test_sec_171_what_another_platform_issued_cannot_be_replaced(how: str, world: World) -> None:
    issued = await world.issued()
    body = {"completion": maya(), "as": how} | ({"reason": "Mine."} if how == "successor" else {})
    hers, absent = [await replaced(world, uuid, body, api_key=MALLORY_KEY) for uuid in (issued["uuid"], ABSENT)]
    assert hers.status_code == 404
    assert alike(hers, issued["uuid"]) == alike(absent, ABSENT)
    assert (await world.northfield.credentials.get(issued["uuid"])).state == "current"


async def test_no_platform_renames_anybody_whom_others_know_by_her_name(world: World) -> None:
    await world.issued()
    await shows(world, "maya@northfield.example", "maya")
    hers = await world.issued(another(issuer="mallory-inc"), api_key=MALLORY_KEY)
    rude = another(issuer="mallory-inc", intern={"name": "Rude Name", "email": "maya@northfield.example"})
    await corrected(world, hers["uuid"], rude, api_key=MALLORY_KEY)
    assert "<title>Maya Okafor – portfolio" in await world.page("/p/maya")


async def test_members_replace_and_viewers_and_the_operator_do_not(world: World) -> None:
    issued = await world.issued()
    replacement = Replacement("k", b"body", completion_from(renamed()))
    for actor in (Actor(person="p", roles={"acme": Role.VIEWER}), Actor(person="p"), OPERATOR):
        with pytest.raises(Refused, match="no credential"):
            await correct(world.runtime, actor, issued["uuid"], replacement)
    sam = Actor(person="sam", roles={"acme": Role.ISSUER})
    await correct(world.runtime, sam, issued["uuid"], replacement)
    await correct(world.runtime, sam, issued["uuid"], replacement)
    again = Replacement("l", b"body", completion_from(renamed(role="Analyst")))
    successor = await succeed(world.runtime, sam, issued["uuid"], again, {"reason": "Wrong role."})
    assert [one.says for one in await recount("acme", issued["uuid"])] == [
        "Withdrawn, and another ordered in its place",
        "Corrected by a newer edition, signed",
        "Correction ordered",
        "Signed and issued",
        "Ordered",
    ]
    assert [one.says for one in await recount("acme", successor)] == [
        "Signed and issued",
        "Ordered in the place of another",
    ]


async def test_the_sdk_replaces(world: World) -> None:
    issued = await world.northfield.credentials.issue(completion_from(maya()))
    for _ in range(2):
        edition = await world.northfield.credentials.replace(issued, completion_from(renamed()))
        assert (edition.uuid, edition.edition) == (issued.uuid, 2)
    for _ in range(2):
        successor = await world.northfield.credentials.replace(
            issued, completion_from(renamed(role="Analyst")), successor=True, reason="Wrong role.", kind="wrong-facts"
        )
        assert successor.replaces == issued.id
    assert await Credential.count() == 2

"""Test mode: the same requests, on twins of the issuers, and nothing of it is ever taken for real (SEC-178)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

import refolio
from refolio.credential.report import Outcome
from tests.completions import another, maya
from tests.credentials.holding import registered
from tests.forms import send
from tests.platforms.making import a_test_key, client, refused, show
from tests.showing import shows
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World
from verify.credentials.tables import Credential, StatusList
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers.closing import close
from verify.issuers.registering import register
from verify.issuers.tables import Issuer
from verify.issuers.twins import twin_slug
from verify.people.tables import Person
from verify.platforms.mandating import mandate

SAYS = "Test credential. It says nothing about anybody."


async def test_the_same_request_works_in_both_modes_and_leads_to_two_credentials(world: World) -> None:
    key = await a_test_key(world)
    test = await world.issued(maya(), key="order-1", api_key=key)
    live = await world.issued(maya(), key="order-1")
    assert (test["issuer"], live["issuer"]) == ("acme", "acme")
    assert test["uuid"] != live["uuid"]
    assert await world.issued(maya(), key="order-1", api_key=key) == test
    assert refused(await world.post(another(), key="order-1", api_key=key)) == (409, "idempotency-key-reused")


async def test_what_is_signed_says_test_to_every_reader(world: World) -> None:
    key = await a_test_key(world)
    issued = await world.issued(api_key=key)
    signed = (await world.http.get(f"/credentials/{issued['uuid']}")).json()
    achievement = signed["credentialSubject"]["achievement"]
    for name in (signed["name"], signed["issuer"]["name"], achievement["name"]):
        assert name.startswith("TEST – "), name
    assert signed["description"].startswith(SAYS)
    assert achievement["achievementType"] == "ext:Test"
    live = (await world.http.get(f"/credentials/{(await world.issued())['uuid']}")).json()
    assert "TEST" not in str(live)
    assert live["issuer"]["id"] != signed["issuer"]["id"]
    assert live["credentialStatus"]["statusListCredential"] != signed["credentialStatus"]["statusListCredential"]
    assert live["credentialSubject"]["achievement"]["id"] != achievement["id"]


async def test_no_door_of_ours_calls_it_genuine(world: World) -> None:
    key = await a_test_key(world)
    issued = await world.issued(api_key=key)
    page = await world.page(f"/v/{issued['code']}")
    assert SAYS in page
    assert "Genuine" not in page
    assert "tone-test" in page
    document = await world.document(issued["uuid"])
    report = await world.report(document)
    assert (report.verdict, report.is_test) == (Outcome.FAILED, True)
    answer = await world.http.post("/credentials/verify", json={"verifiableCredential": _json(document)})
    assert (answer.status_code, answer.json()["verified"]) == (400, False)
    assert answer.json()["problemDetails"][0]["detail"] == SAYS
    assert answer.json()["report"]["says"] == SAYS


async def test_it_is_in_no_portfolio_account_list_or_count(world: World) -> None:
    live = await world.issued(maya())
    await shows(world, "maya@northfield.example", "maya")
    before = await world.page("/issuers/acme"), await world.page("/p/maya"), await Person.count()
    key = await a_test_key(world)
    tests = [await world.issued(body, api_key=key) for body in (maya(), another(), another())]
    assert (await world.page("/issuers/acme"), await world.page("/p/maya"), await Person.count() - 1) == before
    assert {one["links"]["portfolio"] for one in tests} == {None}
    async with (
        world.signed_in("ann@acme.example") as ann,
        world.signed_in("maya@northfield.example", staff=False) as her,
    ):
        seen = (await ann.get("/console/acme")).text + (await her.get("/account/credentials")).text
        assert live["code"] in seen
        assert not [one for one in tests if one["code"] in seen or one["uuid"] in seen]
        assert (await ann.get("/console/test.acme")).status_code == 404
    shown = (await world.http.get("/issuers/test.acme", headers={"Accept": "application/json"})).json()
    assert (shown["mode"], shown["name"]) == ("test", "TEST – Acme Textiles")
    assert shown["how_known"] == "A test issuer, for trying out software. It speaks for no organisation."
    page = await world.page("/issuers/test.acme")
    assert "Test issuer" in page
    assert "What it has issued" not in page


async def test_nobody_gets_mail_about_a_test_and_nobody_is_renamed_by_one(world: World) -> None:
    await world.issued(maya())
    await shows(world, "maya@northfield.example", "maya")
    before = len(await world.mails())  # she was asked whether Northfield may add to her record
    key = await a_test_key(world)
    issued = await client(world, key).credentials.issue(refolio.completion_from(maya()))
    renamed = maya(intern={"name": "Somebody Else", "email": "maya@northfield.example"})
    again = await client(world, key).credentials.replace(issued, refolio.completion_from(renamed))
    assert (again.edition, again.issuer) == (2, "acme")
    assert "Somebody Else" not in await world.page("/p/maya")
    gone = await client(world, key).credentials.withdraw(issued, "Tried out.")
    assert gone.state == "withdrawn"
    assert len(await world.mails()) == before
    assert "also as a test" in await world.page(f"/v/{gone.code}")


async def test_the_whole_life_of_a_test_keeps_to_the_twin(world: World) -> None:
    key = await a_test_key(world)
    issued = await client(world, key).credentials.issue(refolio.completion_from(maya()))
    successor = await client(world, key).credentials.replace(
        issued, refolio.completion_from(another()), successor=True, reason="Wrong work."
    )
    assert (successor.issuer, successor.replaces) == ("acme", issued.id)
    slugs = set(await Credential.select(Credential.issuer).output(as_list=True))
    assert slugs == {"test.acme"}
    other = another(issuer="brightline")
    with pytest.raises(refolio.RequestRefused, match="another issuer"):
        await client(world, key).credentials.replace(successor, refolio.completion_from(other))


async def test_sec_178_a_test_key_cannot_touch_what_is_live_and_the_other_way_round(world: World) -> None:
    key = await a_test_key(world)
    live, test = await world.issued(), await world.issued(api_key=key)
    for mine, theirs, in_mode in ((key, live, " in test mode"), (NORTHFIELD_KEY, test, "")):
        headers = {"Authorization": f"Bearer {mine}"}
        looked = await world.http.get(f"/api/v1/credentials/{theirs['uuid']}", headers=headers)
        withdrawn = await world.withdraw(theirs["uuid"], api_key=mine)
        entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
        status = {"credentialId": theirs["id"], "credentialStatus": entry, "status": True}
        by_status = await world.http.post("/credentials/status", json=status, headers=headers)
        replaced = await world.http.post(
            f"/api/v1/credentials/{theirs['uuid']}/replace",
            json={"completion": maya()},
            headers={**headers, "Idempotency-Key": "r"},
        )
        for answer in (looked, withdrawn, by_status, replaced):
            assert refused(answer) == (404, "not-found")
        assert looked.json()["detail"] == f"Your platform has delivered no credential with this id{in_mode}."
    assert {await Credential.count().where(Credential.withdrawn_at.is_not_null())} == {0}


async def test_sec_178_a_twin_is_named_neither_by_its_short_name_nor_by_its_did_with_a_live_key(world: World) -> None:
    key = await a_test_key(world)
    test = await world.issued(api_key=key)
    twin = _json(await world.document(test["uuid"]))
    for mine in (key, NORTHFIELD_KEY, MALLORY_KEY):
        answer = await world.post(maya(issuer="test.acme"), api_key=mine)
        assert refused(answer) == (422, "completion-refused")
    before = await world.rows()
    real = _json(await world.document((await world.issued(another()))["uuid"]))
    for document, right, wrong in ((twin, key, NORTHFIELD_KEY), (real, NORTHFIELD_KEY, key)):
        unsigned = _as_sent(document)
        answer = await _issue_by_did(world, unsigned, wrong)
        assert refused(answer) == (403, "wrong-mode"), answer.text
        assert document["issuer"]["id"] in answer.json()["detail"]
        assert refused(await _issue_by_did(world, unsigned, await a_test_key(world, "mallory")))[0] == 403
        answer = await _issue_by_did(world, unsigned, right)
        assert refused(answer) == (409, "duplicate-completion"), "it is understood, marked or not"
    assert (await world.rows())["issuer"] == before["issuer"]


async def test_sec_178_a_credential_of_our_form_is_issued_in_test_mode_marked_or_not(world: World) -> None:
    key = await a_test_key(world)
    test = await world.issued(plain_work := another(), api_key=key)
    document = _json(await world.document(test["uuid"]))
    await world.withdraw(test["uuid"], api_key=key)
    marked = await _issue_by_did(world, _as_sent(document), key)
    assert marked.status_code == 201, marked.text
    signed = marked.json()["verifiableCredential"]
    assert signed["credentialSubject"]["achievement"]["name"] == f"TEST – {plain_work['project']['title']}"
    assert signed["name"] == f"TEST – Micro-internship: {plain_work['project']['title']}"


async def test_a_twins_did_document_is_published_and_is_its_own(world: World) -> None:
    await world.issued(api_key=await a_test_key(world))
    twin, real = [(await world.http.get(f"/issuers/{slug}/did.json")).json() for slug in ("test.acme", "acme")]
    assert twin["id"] == "did:web:refolio.example:issuers:test.acme"
    keys = [{one["publicKeyMultibase"] for one in document["verificationMethod"]} for document in (twin, real)]
    assert not keys[0] & keys[1]


async def test_sec_060_a_twins_did_in_the_name_of_the_real_issuer_is_no_real_issuer(world: World) -> None:
    """Mallory takes a test credential and writes Acme's own DID into it."""
    test = await world.issued(api_key=await a_test_key(world))
    text = (await world.document(test["uuid"])).decode()
    report = await world.report(text.replace("issuers:test.acme", "issuers:acme").encode())
    assert report.verdict is Outcome.FAILED
    assert not report.is_test


@pytest.mark.parametrize("slug", ["test-acme", "testacme", "test"])
async def test_sec_061_a_short_name_that_looks_like_a_twins_is_an_issuer_like_any_other(
    slug: str, world: World
) -> None:
    assert await register(world.runtime, slug, "Mallory Outlet")
    await world.issued(api_key=await a_test_key(world))
    assert (await Issuer.select(Issuer.twin_of).where(Issuer.slug == slug)) == [{"twin_of": None}]
    assert "Test issuer" not in await world.page(f"/issuers/{slug}")


@pytest.mark.parametrize("slug", ["test.acme", "test.", "own.acme"])
async def test_sec_061_nobody_registers_the_short_name_of_a_twin(slug: str, world: World) -> None:
    with pytest.raises(Refused, match="is not a short name"):
        await register(world.runtime, slug, "Mallory Outlet")
    async with world.signed_in("mallory@mallory.example") as mallory:
        form = {"name": "TEST – Acme Textiles", "url": "mallory.example", "slug": slug}
        answer = await send(mallory, "/console/new", **form)
        assert answer.status_code == 422
        assert "Names that begin like TEST – are those of test issuers." in answer.text


async def test_a_twin_raises_no_doubt_about_anybody_and_nobody_about_a_twin(world: World) -> None:
    await world.issued(api_key=await a_test_key(world))
    await register(world.runtime, "other", "Test Acme Textiles")
    for slug in ("acme", "other", "test.acme"):
        assert "looks like" not in await world.page(f"/issuers/{slug}")


def test_twins_of_long_names_keep_apart() -> None:
    one, other = "a" * 48, "a" * 47 + "b"
    assert len({twin_slug(one), twin_slug(other), twin_slug("a" * 43)}) == 3
    assert max(len(twin_slug("a" * n)) for n in range(1, 49)) == 48


async def test_a_twin_with_the_longest_short_name_works_under_that_name(world: World) -> None:
    slug = "l" * 48
    await register(world.runtime, slug, "L" * 200)
    await mandate(world.runtime, "northfield", slug)
    key = await a_test_key(world)
    issued = await world.issued(another(issuer=slug), api_key=key)
    assert issued["issuer"] == slug
    assert (await show(world, key)).json()["issuers"] == ["acme", "brightline", slug]


async def test_of_many_first_tests_at_once_there_is_one_twin(world: World) -> None:
    key = await a_test_key(world)
    answers = await asyncio.gather(*(world.post(another(), api_key=key) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert await Issuer.count().where(Issuer.twin_of == "acme") == 1


async def test_an_issuer_that_holds_its_own_key_is_tried_out_with_one_of_ours(world: World) -> None:
    await registered(world.runtime)
    key = await a_test_key(world)
    issued = await world.issued(another(issuer="brightpath"), api_key=key)
    assert SAYS in await world.page(f"/v/{issued['code']}")
    answer = await world.post(another(issuer="brightpath"))
    assert refused(answer) == (409, "other-custody"), "a live key gets nothing signed"


async def test_a_test_of_a_closed_issuer_is_refused(world: World) -> None:
    await close(world.runtime, OPERATOR, "brightline")
    answer = await world.post(another(issuer="brightline"), api_key=await a_test_key(world))
    assert refused(answer) == (409, "issuer-closed")


async def test_lists_of_tests_are_lists_of_their_own(world: World) -> None:
    await world.issued(api_key=await a_test_key(world))
    await world.issued()
    lists = await StatusList.select(StatusList.issuer).order_by(StatusList.issuer)
    assert [one["issuer"] for one in lists] == ["acme", "test.acme"]


def _json(document: bytes) -> dict[str, Any]:
    return msgspec.json.decode(document)


def _as_sent(document: dict[str, Any]) -> dict[str, Any]:
    """A signed document as a partner would send one like it: without what is the service's to give."""
    sent = {**document, "issuer": document["issuer"]["id"]}
    for name in ("id", "proof", "credentialStatus", "validFrom", "awardedDate"):
        del sent[name]
    subject = {**document["credentialSubject"]}
    email = {"hashed": False, "identityHash": "maya@northfield.example", "identityType": "emailAddress"}
    subject["identifier"] = [{"type": "IdentityObject", **email}, subject["identifier"][1]]
    sent["credentialSubject"] = subject
    sent.pop("evidence", None)
    return sent


async def _issue_by_did(world: World, unsigned: dict[str, Any], key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return await world.http.post("/credentials/issue", json={"credential": unsigned}, headers=headers)

"""An issuer that holds its own key: reserve, sign at home, submit."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

import refolio
from refolio import Outcome
from refolio.errors import DocumentRefused
from tests.comparing import alike
from tests.credentials.holding import SLUG, client, held_key, registered, reserved, send, signed, submit, work
from tests.world import MALLORY_KEY, World, another, maya
from verify.audit.checking import audit
from verify.credentials.issuing import resume
from verify.credentials.tables import Credential
from verify.issuers.tables import IssuerKey


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_credential_signed_at_home_passes_for_an_outsider_and_on_our_page(world: World) -> None:
    key = await registered(world.runtime)
    issued = await client(world).credentials.issue_held(work(), key)
    document = await world.document(issued.uuid)
    assert (await world.report(document)).verdict is Outcome.PASSED
    assert {proof["verificationMethod"] for proof in json.loads(document)["proof"]} == {key.verification_method}
    page = await world.page(f"/v/{issued.code}")
    assert "Genuine and current" in page
    assert "Signed by the issuer’s own key." in page
    (row,) = await IssuerKey.select().where(IssuerKey.issuer == SLUG)
    assert (row["id"], bytes(row["wrapped"])) == (key.signer.public.multibase, b"")
    assert not (await audit(world.runtime)).mismatches


async def test_the_bytes_are_kept_as_they_were_submitted(world: World) -> None:
    key = await registered(world.runtime)
    reservation = await reserved(world)
    document = json.dumps(json.loads(signed(world, reservation["unsigned"], key)), indent=3).encode()
    answer = await submit(world, reservation["uuid"], document)
    assert answer.status_code == 201, answer.text
    assert await world.document(reservation["uuid"]) == document


async def test_everything_may_be_sent_again(world: World) -> None:
    key, completion = await registered(world.runtime), work()
    issued = await client(world).credentials.issue_held(completion, key)
    world.clock.move(hours=5)
    assert await client(world).credentials.issue_held(completion, key) == issued
    document = await world.document(issued.uuid)
    again = await submit(world, issued.uuid, document)
    assert (again.status_code, again.json()["code"]) == (201, issued.code)
    assert await Credential.count() == 1


async def test_many_submissions_at_once_make_one_credential(world: World) -> None:
    key = await registered(world.runtime)
    reservation = await reserved(world)
    document = signed(world, reservation["unsigned"], key)
    answers = await asyncio.gather(*(submit(world, reservation["uuid"], document) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert not (await audit(world.runtime)).mismatches


async def test_a_reservation_is_nowhere_to_be_seen_and_no_restart_finishes_it(world: World) -> None:
    await registered(world.runtime)
    uuid = (await reserved(world))["uuid"]
    assert await resume(world.runtime) == 0
    for path in (f"/credentials/{uuid}", f"/credentials/{uuid}/status"):
        assert (await world.http.get(path)).status_code == 404
    assert (await world.withdraw(uuid)).status_code == 404


async def test_the_service_signs_for_nobody_who_holds_the_key_and_reserves_for_nobody_else(world: World) -> None:
    await registered(world.runtime)
    assert code(await world.post(another(issuer=SLUG))) == (409, "other-custody")
    assert code(await send(world, "POST", "/reservations", maya())) == (409, "other-custody")
    assert await Credential.count() == 0


async def test_sec_189_a_reservation_that_ended_is_refused_and_its_index_never_given_again(world: World) -> None:
    key, members = await registered(world.runtime), another(issuer=SLUG)
    first = await reserved(world, members)
    document = signed(world, first["unsigned"], key)
    world.clock.move(hours=24)
    assert code(await submit(world, first["uuid"], document)) == (409, "reservation-expired")
    second = await reserved(world, members)  # the same Idempotency-Key, the same work
    assert second["uuid"] != first["uuid"]
    third = await reserved(world, another(issuer=SLUG), key="other")
    assert code(await submit(world, first["uuid"], document)) == (409, "reservation-expired")
    places = [(row["status_list"], row["status_index"]) for row in await Credential.select()]
    assert len(set(places)) == len(places) == 3
    for one in (second, third):
        answer = await submit(world, one["uuid"], signed(world, one["unsigned"], key))
        assert answer.status_code == 201, answer.text
    assert not (await audit(world.runtime)).mismatches


async def test_the_same_request_gives_the_same_reservation_while_it_lasts(world: World) -> None:
    await registered(world.runtime)
    members = another(issuer=SLUG)
    first, *others = [await reserved(world, members) for _ in range(3)]
    assert {one["uuid"] for one in others} == {first["uuid"]}
    assert {json.dumps(one["unsigned"]) for one in others} == {json.dumps(first["unsigned"])}
    assert code(await send(world, "POST", "/reservations", members, key="another-key")) == (409, "duplicate-completion")


async def test_nobody_else_sees_or_uses_a_reservation(world: World) -> None:
    key = await registered(world.runtime)
    reservation = await reserved(world)
    document = signed(world, reservation["unsigned"], key)
    hidden = await submit(world, reservation["uuid"], document, api_key=MALLORY_KEY)
    absent = await submit(world, "00000000-0000-4000-8000-000000000000", document, api_key=MALLORY_KEY)
    assert hidden.status_code == absent.status_code == 404
    assert alike(hidden, reservation["uuid"]) == alike(absent, "00000000-0000-4000-8000-000000000000")
    assert code(await send(world, "POST", "/reservations", another(issuer=SLUG), api_key=MALLORY_KEY)) == (
        403,
        "issuer-not-allowed",
    )
    path = f"/issuers/{SLUG}/status-lists/unsigned"
    assert (await send(world, "GET", path, api_key=MALLORY_KEY)).status_code == 404


async def test_a_service_held_credential_is_no_reservation(world: World) -> None:
    await registered(world.runtime)
    issued = await world.issued(maya())
    assert (await submit(world, issued["uuid"], await world.document(issued["uuid"]))).status_code == 404


async def test_the_first_list_must_be_signed_before_the_first_credential(world: World) -> None:
    key = await registered(world.runtime)
    answer = await send(world, "POST", "/reservations", another(issuer=SLUG))
    reservation = answer.json()
    assert reservation["status_list"]["why"] == "first"
    document = signed(world, reservation["unsigned"], key)
    assert code(await submit(world, reservation["uuid"], document)) == (409, "status-list-due")
    assert (await world.http.get(f"/status/{reservation['status_list']['list']}")).status_code == 404
    assert await client(world).status_lists.sign_due(SLUG, key) == 1
    assert (await submit(world, reservation["uuid"], document)).status_code == 201


async def test_another_document_for_a_used_reservation_is_refused(world: World) -> None:
    key = await registered(world.runtime)
    reservation = await reserved(world)
    assert (await submit(world, reservation["uuid"], signed(world, reservation["unsigned"], key))).status_code == 201
    world.clock.move(seconds=5)
    later = signed(world, reservation["unsigned"], key)
    assert code(await submit(world, reservation["uuid"], later)) == (409, "reservation-used")


async def test_the_sdk_signs_nothing_that_was_not_asked_for(world: World) -> None:
    """SEC-190: a service that was taken over gets no signature of a word that the platform did not send."""
    key = await registered(world.runtime)
    completion = work()

    class Lying(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await world.http.request(
                request.method, request.url.raw_path.decode(), content=await request.aread(), headers=request.headers
            )
            return httpx.Response(answer.status_code, content=answer.content.replace(b"Marketing", b"Management"))

    async with httpx.AsyncClient(transport=Lying(), base_url="https://refolio.example") as http:
        lied_to = refolio.AsyncClient("rf_live_" + "x" * 43, http=http, now=world.clock)
        lied_to._authorization = client(world)._authorization
        with pytest.raises(DocumentRefused, match="does not say what was asked") as refused:
            await lied_to.credentials.issue_held(completion, key)
    assert refused.value.path == "/credentialSubject/achievement/fieldOfStudy"


async def test_a_stranger_with_the_sdk_and_another_key_is_refused(world: World) -> None:
    await registered(world.runtime)
    await reserved(world, key="somebody-else")  # so that the list is signed
    stranger = held_key(world.runtime, bytes([7]) * 32)
    with pytest.raises(refolio.RequestRefused, match="publishes no key") as refused:
        await client(world).credentials.issue_held(work(), stranger)
    assert refused.value.problem["code"] == "signature-refused"

"""Withdrawing: with a reason, for good, visible at once and everywhere; nobody else can, and no bit is ever lost."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest

import refolio
from refolio import Outcome
from refolio.credential.keys import PrivateKey
from refolio.credential.status_list import decode, is_set
from tests.comparing import alike
from tests.world import MALLORY_KEY, Members, World, another, maya
from verify.credentials import status_publishing
from verify.credentials.reasons import KINDS
from verify.credentials.tables import Credential, StatusList
from verify.credentials.withdrawing import withdraw
from verify.http.access import Actor, Role
from verify.http.refusals import Refused
from verify.issuers.signing import private_key

ABSENT = "00000000-0000-4000-8000-000000000000"


async def bits(world: World, uuid: str) -> tuple[bytes, int]:
    """The published list of a credential, and the credential's place in it."""
    status = json.loads(await world.document(uuid))["credentialStatus"]
    listed = (await world.http.get(status["statusListCredential"])).json()
    return decode(listed["credentialSubject"]["encodedList"]), int(status["statusListIndex"])


async def test_a_withdrawal_is_answered_and_published_at_once(world: World) -> None:
    issued = await world.issued()
    assert not is_set(*await bits(world, issued["uuid"]))
    world.clock.move(hours=1)
    answer = await world.withdraw(issued["uuid"], "  Wrong dates. ")
    assert answer.status_code == 200
    assert answer.json() == issued | {
        "state": "withdrawn",
        "withdrawn_at": "2026-11-23T11:00:00Z",
        "kind": "other",
        "reason": "Wrong dates.",
    }
    assert is_set(*await bits(world, issued["uuid"]))


async def test_the_signed_bytes_stay_as_they_were(world: World) -> None:
    issued = await world.issued()
    before = await world.document(issued["uuid"])
    await world.withdraw(issued["uuid"])
    assert await world.document(issued["uuid"]) == before


async def test_an_outsider_is_told_when_and_why(world: World) -> None:
    issued = await world.issued()
    await world.withdraw(issued["uuid"], "Wrong dates.")
    report = await world.report(await world.document(issued["uuid"]))
    assert (report.verdict, report.withdrawn) == (Outcome.FAILED, True)
    assert report.decisive.says == "The issuer withdrew it on 2026-11-23. Reason given: Wrong dates."
    explanation = await world.http.get(f"/credentials/{issued['uuid']}/status")
    assert explanation.json() == {
        "credential": issued["id"],
        "state": "withdrawn",
        "withdrawn_at": "2026-11-23T10:00:00+00:00",
        "kind": "other",
        "reason": "Wrong dates.",
        "reply": None,
        "replaced_by": None,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "reason"),
        (b'{"reason": null}', "reason"),
        (b'{"reason": 7}', "reason"),
        (b'{"reason": ["Wrong dates."]}', "reason"),
        (b'{"reason": ""}', "reason"),
        (b'{"reason": "  \\n "}', "reason"),
        (json.dumps({"reason": "x" * 501}).encode(), "reason"),
        (json.dumps({"reason": "a\u202eb"}).encode(), "reason"),
        (b'{"reason": "Wrong dates.", "kind": "whim"}', "kind"),
        (b'{"reason": "Wrong dates.", "kind": "record-lost"}', "kind"),
        (b'{"reason": "Wrong dates.", "kind": ["other"]}', "kind"),
        (b'{"kind": "duplicate"}', "reason"),
        (b'{"reason": "Wrong dates.", "state": "current"}', "state"),
        (b'{"reason": "Wrong dates.", "withdrawn_at": null}', "withdrawn_at"),
    ],
)
async def test_without_a_proper_reason_nothing_is_withdrawn(body: bytes, field: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    answer = await sqlite_world.withdraw(issued["uuid"], body)
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, field)
    assert all(answer.json()["faults"][0].values())
    assert (await sqlite_world.northfield.credentials.get(issued["uuid"])).state == "current"
    assert not is_set(*await bits(sqlite_world, issued["uuid"]))


@pytest.mark.parametrize("body", [b"", b"[]", b"reason=Wrong", b'{"reason":"a","reason":"b"}', b'{"reason":"\xff"}'])
async def test_a_malformed_body_withdraws_nothing(body: bytes, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    assert (await sqlite_world.withdraw(issued["uuid"], body)).status_code == 400
    assert (await sqlite_world.northfield.credentials.get(issued["uuid"])).state == "current"


async def test_the_same_withdrawal_again_changes_nothing(world: World) -> None:
    issued = await world.issued()
    first = await world.withdraw(issued["uuid"], "Wrong dates.")
    world.clock.move(hours=2)
    again = await world.withdraw(issued["uuid"], "Wrong dates.")
    assert (again.status_code, again.content) == (200, first.content)


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, words in KINDS.items() if words])
async def test_the_kind_of_the_reason_is_told_in_words(kind: str, words: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    body = json.dumps({"reason": "See our mail.", "kind": kind}).encode()
    assert (await sqlite_world.withdraw(issued["uuid"], body)).json()["kind"] == kind
    assert f"Reason given: {words}. <bdi>See our mail.</bdi>" in await sqlite_world.page(f"/v/{issued['code']}")
    status = (await sqlite_world.http.get(f"/credentials/{issued['uuid']}/status")).json()
    assert (status["kind"], status["reason"]) == (kind, "See our mail.")


async def test_the_same_words_for_another_kind_of_reason_are_another_withdrawal(world: World) -> None:
    issued = await world.issued()
    await world.withdraw(issued["uuid"], b'{"reason": "See our mail.", "kind": "duplicate"}')
    for body in (b'{"reason": "See our mail."}', b'{"reason": "See our mail.", "kind": "misconduct"}'):
        assert (await world.withdraw(issued["uuid"], body)).status_code == 409
    again = await world.withdraw(issued["uuid"], b'{"reason": "See our mail.", "kind": "duplicate"}')
    assert (again.status_code, again.json()["kind"]) == (200, "duplicate")


async def test_a_member_withdraws_what_her_issuer_issued_whoever_delivered_it(world: World) -> None:
    issued = await world.issued()
    for role, actor in {role: Actor(person="p", roles={"acme": role}) for role in Role}.items():
        if role is Role.VIEWER:
            with pytest.raises(Refused, match="no credential"):
                await withdraw(world.runtime, actor, issued["uuid"], {"reason": "Wrong dates."})
        else:
            await withdraw(world.runtime, actor, issued["uuid"], {"reason": "Wrong dates."})
    other = Actor(person="p", roles={"mallory-inc": Role.ADMIN})
    with pytest.raises(Refused, match="no credential"):
        await withdraw(world.runtime, other, issued["uuid"], {"reason": "Wrong dates."})
    assert (await world.northfield.credentials.get(issued["uuid"])).state == "withdrawn"


async def test_sec_090_a_withdrawal_is_final(world: World) -> None:
    issued = await world.issued()
    await world.withdraw(issued["uuid"], "Wrong dates.")
    answer = await world.withdraw(issued["uuid"], "No, all was well.")
    assert (answer.status_code, answer.json()["code"]) == (409, "already-withdrawn")
    for method in ("DELETE", "PUT", "PATCH", "POST"):
        path = f"/api/v1/credentials/{issued['uuid']}"
        assert (await world.http.request(method, path, json={"state": "current"})).status_code == 405
    assert (await world.northfield.credentials.get(issued["uuid"])).reason == "Wrong dates."


async def test_of_two_reasons_racing_one_wins_for_good(world: World) -> None:
    issued = await world.issued()
    answers = await asyncio.gather(*(world.withdraw(issued["uuid"], f"Reason {number % 2}") for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 10
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1


async def test_sec_171_what_another_platform_issued_looks_absent(world: World) -> None:
    issued = await world.issued()
    hers, absent = [await world.withdraw(uuid, api_key=MALLORY_KEY) for uuid in (issued["uuid"], ABSENT)]
    assert hers.status_code == 404
    assert alike(hers, issued["uuid"]) == alike(absent, ABSENT)
    assert (await world.northfield.credentials.get(issued["uuid"])).state == "current"


@pytest.mark.parametrize("uuid", ["x", "%00", "%27%20OR%201=1", ABSENT.upper(), "٧" * 36, "a" * 2000])
async def test_sec_014_an_id_that_is_none_withdraws_nothing(uuid: str, world: World) -> None:
    issued = await world.issued()
    assert (await world.withdraw(uuid)).status_code == 404
    assert (await world.northfield.credentials.get(issued["uuid"])).state == "current"


async def test_sec_089_no_bit_is_ever_lost_while_many_withdraw_and_issue(world: World) -> None:
    uuids = [(await world.issued(another()))["uuid"] for _ in range(40)]
    seen: list[set[int]] = [set()]
    over = asyncio.Event()

    async def watch() -> None:
        """Read the list again and again; what was once withdrawn must still be."""
        while not over.is_set():
            now, _ = await bits(world, uuids[0])
            seen.append(
                {place * 8 + bit for place, byte in enumerate(now) if byte for bit in range(8) if byte & 128 >> bit}
            )

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(
        *(request for uuid in uuids for request in (world.withdraw(uuid), world.post(another())))
    )
    over.set()
    await watching
    assert {answer.status_code for answer in answers} == {200, 201}
    assert all(earlier <= later for earlier, later in pairwise(seen))
    final, _ = await bits(world, uuids[0])
    rows = await Credential.select(Credential.status_index).where(Credential.state == "withdrawn")
    assert len(rows) == 40
    assert all(is_set(final, row["status_index"]) for row in rows)
    assert sum(byte.bit_count() for byte in final) == 40, "nobody else was withdrawn with them"


async def test_each_answered_withdrawal_is_in_the_next_list_that_anybody_gets(world: World) -> None:
    uuids = [(await world.issued(another()))["uuid"] for _ in range(12)]

    async def withdraw_and_look(uuid: str) -> bool:
        assert (await world.withdraw(uuid)).status_code == 200
        return is_set(*await bits(world, uuid))

    assert all(await asyncio.gather(*map(withdraw_and_look, uuids)))


async def test_sec_089_a_slow_publisher_does_not_bring_an_older_list_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await world.issued(another()) for _ in range(2)]
    slow, go_on = asyncio.Event(), asyncio.Event()

    async def hesitate(*arguments: Any) -> PrivateKey:
        if not slow.is_set():
            slow.set()
            await go_on.wait()
        return await private_key(*arguments)

    monkeypatch.setattr(status_publishing, "private_key", hesitate)
    monkeypatch.setattr(status_publishing, "_turn", lambda list_id: asyncio.Lock())  # as between two processes
    slowly = asyncio.create_task(world.withdraw(first["uuid"]))
    await slow.wait()  # it has read which are withdrawn, and is about to sign
    assert (await world.withdraw(second["uuid"])).status_code == 200
    go_on.set()
    assert (await slowly).status_code == 200
    row = await StatusList.select(StatusList.published, StatusList.version).first()
    assert row == {"published": 2, "version": 2}
    for issued in (first, second):
        assert is_set(*await bits(world, issued["uuid"]))


async def test_sec_086_a_row_set_back_by_hand_takes_no_bit_away(world: World) -> None:
    issued = await world.issued()
    await world.withdraw(issued["uuid"])
    await Credential.update({Credential.state: "issued"}).where(Credential.id == issued["uuid"])
    world.clock.move(days=2)  # past the day of the edition that holds the bit
    assert is_set(*await bits(world, issued["uuid"]))
    assert "withdrawn by the issuer" in await world.page(f"/v/{issued['code']}")


def _validity(listed: Members) -> tuple[str, str]:
    return listed["validFrom"], listed["validUntil"]


async def test_an_untouched_list_is_signed_anew_each_day_and_good_for_two_weeks(sqlite_world: World) -> None:
    issued = await sqlite_world.issued(maya())
    address = json.loads(await sqlite_world.document(issued["uuid"]))["credentialStatus"]["statusListCredential"]
    editions = []
    for hours in (0, 12, 13):
        sqlite_world.clock.move(hours=hours)
        editions.append((await sqlite_world.http.get(address)).json())
    assert editions[0] == editions[1]
    assert _validity(editions[0]) == ("2026-11-23T10:00:00Z", "2026-12-07T10:00:00Z")
    assert _validity(editions[2]) == ("2026-11-24T11:00:00Z", "2026-12-08T11:00:00Z")


async def test_sec_084_a_list_past_its_date_proves_nothing(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    document = await sqlite_world.document(issued["uuid"])
    status = json.loads(document)["credentialStatus"]["statusListCredential"]
    old = (await sqlite_world.http.get(status)).content
    sqlite_world.clock.move(days=15)
    keys = "https://refolio.example/issuers/acme/did.json"
    found = {status: old, keys: (await sqlite_world.http.get(keys)).content}
    report = refolio.examine(document, documents=found, now=sqlite_world.clock())
    assert report.verdict is Outcome.INCONCLUSIVE
    assert "out of date" in report.decisive.says

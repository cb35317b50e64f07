"""Status lists of an issuer that holds its own key: the service keeps the bits, the issuer signs them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from refolio import Outcome
from refolio.client.held import UnsignedList, signed_list
from refolio.credential import status_list, timestamps
from refolio.credential.issuing import HeldKey, secure_list
from refolio.credential.keys import PrivateKey
from refolio.errors import RefolioError
from tests.credentials.holding import SLUG, changed, client, registered, reserved, send, work
from tests.world import Members, World
from verify.audit.checking import audit

UNSIGNED = f"/issuers/{SLUG}/status-lists/unsigned"


async def due(world: World) -> list[Members]:
    answer = await send(world, "GET", UNSIGNED)
    assert answer.status_code == 200, answer.text
    found: list[Members] = answer.json()["lists"]
    return found


def sign(world: World, unsigned: Members, key: HeldKey) -> bytes:
    return secure_list(unsigned, key.signer, method=key.verification_method, created=timestamps.format(world.clock()))


async def put(world: World, list_id: str, document: bytes) -> httpx.Response:
    return await send(world, "PUT", f"/issuers/{SLUG}/status-lists/{list_id}", document)


async def test_a_withdrawal_shows_at_once_here_and_everywhere_when_the_list_is_signed(world: World) -> None:
    key = await registered(world.runtime)
    issued = await client(world).credentials.issue_held(work(), key)
    document = await world.document(issued.uuid)
    assert await due(world) == []
    assert (await world.withdraw(issued.uuid, "Wrong dates.")).status_code == 200
    page = await world.page(f"/v/{issued.code}")
    assert "Genuine, withdrawn by the issuer" in page
    assert "Wrong dates." in page
    pasted = await world.http.post("/credentials/verify", json={"verifiableCredential": json.loads(document)})
    assert pasted.json()["report"]["checks"][6]["code"] == "withdrawn"
    assert (await world.report(document)).verdict is Outcome.PASSED  # nobody but the issuer can tell outsiders
    assert [one["why"] for one in await due(world)] == ["withdrawals"]
    assert await client(world).status_lists.sign_due(SLUG, key) == 1
    assert (await world.report(document)).withdrawn
    assert await due(world) == []
    assert not (await audit(world.runtime)).mismatches


async def test_a_list_is_due_again_after_a_week_and_the_page_says_what_is_known_of_an_old_one(world: World) -> None:
    key = await registered(world.runtime)
    issued = await client(world).credentials.issue_held(work(), key)
    world.clock.move(days=6, hours=23)
    assert await due(world) == []
    world.clock.move(hours=1)
    assert [one["why"] for one in await due(world)] == ["age"]
    world.clock.move(days=7, hours=1)
    page = await world.page(f"/v/{issued.code}")
    assert "Could not check: The withdrawal list at hand is out of date." in page
    assert "No withdrawal is on record here." in page
    assert await client(world).status_lists.sign_due(SLUG, key) == 1
    assert "Genuine and current" in await world.page(f"/v/{issued.code}")


async def test_a_list_signed_again_is_no_change(world: World) -> None:
    key = await registered(world.runtime)
    await reserved(world)
    world.clock.move(days=8)
    (listed,) = await due(world)
    document = sign(world, listed["unsigned"], key)
    first, second = await put(world, listed["list"], document), await put(world, listed["list"], document)
    assert (first.status_code, first.text) == (200, second.text)
    assert (await world.http.get(f"/status/{listed['list']}")).content == document


async def test_sec_089_a_list_without_the_last_withdrawal_is_refused_and_the_sdk_signs_anew(world: World) -> None:
    key = await registered(world.runtime)
    one, other = [await client(world).credentials.issue_held(work(), key) for _ in range(2)]
    await world.withdraw(one.uuid)
    (listed,) = await due(world)
    behind = sign(world, listed["unsigned"], key)
    await world.withdraw(other.uuid)
    refused = await put(world, listed["list"], behind)
    assert (refused.status_code, refused.json()["code"]) == (409, "status-list-changed")
    counted = await asyncio.gather(*(client(world).status_lists.sign_due(SLUG, key) for _ in range(4)))
    assert set(counted) <= {0, 1}
    assert await due(world) == []
    for issued in (one, other):
        assert (await world.report(await world.document(issued.uuid))).withdrawn


ATTACKS: dict[str, Any] = {
    "an older edition": (409, {"validFrom": "2026-11-23T09:00:00Z", "validUntil": "2026-12-07T09:00:00Z"}),
    "valid for ever": (422, {"validUntil": "2036-12-07T10:00:00Z"}),
    "of tomorrow": (409, {"validFrom": "2026-11-24T10:00:00Z", "validUntil": "2026-12-08T10:00:00Z"}),
    "another list": (422, {"id": "https://refolio.example/status/other"}),
    "another issuer": (422, {"issuer": "did:web:refolio.example:issuers:acme"}),
    "another purpose": (422, {"credentialSubject.statusPurpose": "suspension"}),
    "a bit that nobody asked for": (
        422,
        {"credentialSubject.encodedList": status_list.encode(status_list.with_bits(131_072, [5, 6, 7]))},
    ),
    "no bit at all": (
        409,
        {"credentialSubject.encodedList": status_list.encode(status_list.with_bits(131_072, []))},
    ),
    "a longer list": (
        422,
        {"credentialSubject.encodedList": status_list.encode(status_list.with_bits(262_144, []))},
    ),
    "a member more": (422, {"name": "A list"}),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_sec_086_only_the_edition_that_is_due_is_taken(sqlite_world: World, attack: str) -> None:
    world = sqlite_world
    key = await registered(world.runtime)
    issued = await client(world).credentials.issue_held(work(), key)
    await world.withdraw(issued.uuid)
    (listed,) = await due(world)
    before = (await world.http.get(f"/status/{listed['list']}")).content
    status, changes = ATTACKS[attack]
    unsigned = listed["unsigned"]
    for path, value in changes.items():
        unsigned = changed(unsigned, path, value)
    answer = await put(world, listed["list"], sign(world, unsigned, key))
    assert answer.status_code == status, answer.text
    assert (await world.http.get(f"/status/{listed['list']}")).content == before
    stranger = HeldKey(key.issuer, PrivateKey.from_seed(bytes([66]) * 32))
    for document in (sign(world, listed["unsigned"], stranger), json.dumps(listed["unsigned"]).encode()):
        refused = await put(world, listed["list"], document)
        assert (refused.status_code, refused.json()["code"]) == (422, "signature-refused")
    assert (await put(world, listed["list"], sign(world, listed["unsigned"], key))).status_code == 200


async def test_sec_190_a_signer_of_lists_signs_no_credential(sqlite_world: World) -> None:
    """A service that was taken over sends a credential as a "list that is due"."""
    key = await registered(sqlite_world.runtime)
    unsigned = (await reserved(sqlite_world))["unsigned"]
    with pytest.raises(RefolioError):
        signed_list(UnsignedList("aaaa", "first", unsigned), key, sqlite_world.clock())

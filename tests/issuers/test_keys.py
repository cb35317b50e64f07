"""The life of a key: which moves there are, who signs when, and what the DID document says of it at each moment."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from refolio import Outcome
from tests.world import World, another, maya
from verify.audit.checking import audit
from verify.credentials import issuing
from verify.credentials.tables import Credential
from verify.database import tx
from verify.http.access import OPERATOR, Actor, Role
from verify.http.refusals import Refused
from verify.issuers import did_history
from verify.issuers.key_states import CREDENTIALS, MOVES, State, move
from verify.issuers.rotating import retire, rotate, settle
from verify.issuers.signing import KeyNotUsable, private_key
from verify.issuers.tables import DidVersion, Issuer, IssuerKey
from verify.outside.key_custody import new_key

AT_ONCE = timedelta(0)


async def states(slug: str = "acme", purpose: str = CREDENTIALS) -> dict[str, str]:
    """Key id → state."""
    rows = await IssuerKey.select().where(IssuerKey.issuer == slug, IssuerKey.purpose == purpose)
    return {row["id"]: row["state"] for row in rows}


async def active(slug: str = "acme", purpose: str = CREDENTIALS) -> str:
    (key_id,) = [key_id for key_id, state in (await states(slug, purpose)).items() if state == "active"]
    return key_id


async def did_json(world: World, slug: str = "acme") -> dict[str, Any]:
    answer = await world.http.get(f"/issuers/{slug}/did.json")
    document: dict[str, Any] = answer.json()
    last = (await world.http.get(f"/issuers/{slug}/did/history.json")).json()["versions"][-1]
    assert last["document"].encode() == answer.content
    return document


async def signer_of(world: World, issued: dict[str, Any]) -> str:
    document = json.loads(await world.document(issued["uuid"]))
    (method,) = {proof["verificationMethod"] for proof in document["proof"]}
    return str(method).partition("#")[2]


async def nothing_is_amiss(world: World) -> None:
    assert (await audit(world.runtime)).mismatches == ()
    assert await did_history.mismatches("acme") == []


async def test_only_the_moves_of_the_table_can_be_made_and_the_database_says_the_same(world: World) -> None:
    """Each of the 36 pairs, by the operation and by a statement that goes round it."""
    now = world.clock()
    for before in State:
        for after in State:
            key, wrapped = new_key(world.runtime, "acme", "a test")
            row = {"issuer": "acme", "purpose": "a test", "state": before.value, "wrapped": wrapped, "created_at": now}
            key_id = key.public.multibase
            await IssuerKey.insert(IssuerKey(id=key_id, **row))
            allowed = after in MOVES[before]
            async with tx():
                assert await move(key_id, after, now) is allowed, (before, after)
            await IssuerKey.delete().where(IssuerKey.id == key_id)
            await IssuerKey.insert(IssuerKey(id=key_id, **row))
            forced = IssuerKey.update({IssuerKey.state: after.value}).where(IssuerKey.id == key_id)
            if allowed or before is after:
                await forced
            else:
                with pytest.raises(Exception, match="this move is not allowed"):
                    await forced
            await IssuerKey.delete().where(IssuerKey.id == key_id)


async def test_a_new_key_is_published_a_day_before_it_signs(world: World) -> None:
    old, early = await active(), await world.issued(maya())
    new = await rotate(world.runtime, OPERATOR, "acme")
    methods = (await did_json(world))["assertionMethod"]
    assert [method.partition("#")[2] for method in methods[:2]] in ([new, old], [old, new])
    world.clock.move(hours=23, minutes=59)
    assert await signer_of(world, await world.issued(another())) == old
    assert await states() == {old: "active", new: "pending"}
    world.clock.move(minutes=1)
    late = await world.issued(another())
    assert await signer_of(world, late) == new
    assert await states() == {old: "retiring", new: "active"}
    await settle(world.runtime)
    assert (await states())[old] == "retiring"
    world.clock.move(hours=1)
    await settle(world.runtime)
    assert await states() == {old: "retired", new: "active"}
    for issued in (early, late):
        assert (await world.report(await world.document(issued["uuid"]))).verdict is Outcome.PASSED
    await nothing_is_amiss(world)


async def test_many_requests_at_the_moment_of_promotion_promote_once(world: World) -> None:
    new = await rotate(world.runtime, OPERATOR, "acme")
    world.clock.move(hours=24)
    issued = await asyncio.gather(*(world.issued(another()) for _ in range(12)))
    assert {await signer_of(world, one) for one in issued} == {new}
    await nothing_is_amiss(world)


async def test_of_many_rotations_at_once_one_is_made(world: World) -> None:
    rotations = (rotate(world.runtime, OPERATOR, "acme") for _ in range(6))
    made = await asyncio.gather(*rotations, return_exceptions=True)
    assert sum(isinstance(one, str) for one in made) == 1
    assert all(isinstance(one, str | Refused) for one in made), made
    assert sorted((await states()).values()) == ["active", "pending"]
    await nothing_is_amiss(world)


async def test_a_reservation_keeps_its_key_while_that_retires(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = await active()
    uuid = await half_issued(world, monkeypatch)
    await rotate(world.runtime, OPERATOR, "acme", after=AT_ONCE)
    assert (await states())[old] == "retiring"
    assert await issuing.resume(world.runtime) == 1
    assert await signer_of(world, {"uuid": uuid}) == old
    assert (await world.report(await world.document(uuid))).verdict is Outcome.PASSED


async def test_sec_223_what_is_reserved_with_a_lost_key_is_signed_with_another_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost, not stolen: retire it, make a new one, and withdrawals go on, because lists have a key of their own."""
    early = await world.issued(maya())
    lost = await active()
    uuid = await half_issued(world, monkeypatch)
    await IssuerKey.update({IssuerKey.wrapped: b"\x02lost"}).where(IssuerKey.id == lost)
    new = await rotate(world.runtime, OPERATOR, "acme", after=AT_ONCE)
    await retire(world.runtime, OPERATOR, "acme", lost)
    with pytest.raises(KeyNotUsable):
        await private_key(world.runtime, "acme", lost)
    await issuing.resume(world.runtime)
    assert await signer_of(world, {"uuid": uuid}) == new
    assert (await world.report(await world.document(early["uuid"]))).verdict is Outcome.PASSED
    assert (await world.withdraw(early["uuid"])).status_code == 200
    assert (await world.report(await world.document(early["uuid"]))).withdrawn


async def half_issued(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Reserve and fail before signing; returns the id of what is left."""

    async def fail(*_: object) -> bytes:
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr(issuing, "_sign", fail)
        assert (await world.post(another())).status_code == 500
    row = await Credential.select(Credential.id).where(Credential.state == "reserved").first()
    assert row
    return str(row["id"])


async def test_sec_229_every_did_document_is_kept_and_linked_and_a_change_is_found(world: World) -> None:
    for _ in range(2):
        world.clock.move(hours=1)
        await rotate(world.runtime, OPERATOR, "acme", after=AT_ONCE)
    found = (await world.http.get("/issuers/acme/did/history.json")).json()
    previous = "0" * 64
    for number, version in enumerate(found["versions"], 1):
        assert (version["number"], version["previous"]) == (number, previous)
        assert hashlib.sha256(version["document"].encode()).hexdigest() == version["sha256"]
        previous = version["hash"]
    assert len(found["versions"]) == 3
    assert [len(json.loads(version["document"])["verificationMethod"]) for version in found["versions"]] == [2, 3, 4]
    await nothing_is_amiss(world)

    _, added = new_key(world.runtime, "acme", CREDENTIALS)
    row = await DidVersion.select().where(DidVersion.id == "acme:2").first()
    assert row
    changes: list[dict[Any, Any]] = [
        {DidVersion.document: bytes(row["document"]).replace(b"Multikey", b"Multlkey")},
        {DidVersion.sha256: "0" * 64},
        {DidVersion.previous: "1" * 64},
        {DidVersion.number: 7},
    ]
    for change in changes:
        await DidVersion.update(change).where(DidVersion.id == "acme:2")
        assert await did_history.mismatches("acme"), change
        undone = {column: row[column._meta.name] for column in change}
        await DidVersion.update(undone).where(DidVersion.id == "acme:2")
    mallory = new_key(world.runtime, "acme", CREDENTIALS)[0].public.multibase
    key = IssuerKey(
        id=mallory, issuer="acme", purpose=CREDENTIALS, state="retired", wrapped=added, created_at=world.clock()
    )
    await key.save()
    assert await did_history.mismatches("acme") == ["DID document of acme: the last version is not what the keys say"]
    assert mallory not in (await world.http.get("/issuers/acme/did.json")).text
    found = (await audit(world.runtime)).mismatches
    assert "DID document of acme: the last version is not what the keys say" in found


async def test_a_rotation_that_cannot_be_is_refused_and_changes_nothing(world: World) -> None:
    ann = Actor(person="ann", roles={"acme": Role.ADMIN}, fresh=True)
    sam = Actor(person="sam", roles={"acme": Role.ISSUER}, fresh=True)
    mallory = Actor(person="mallory", roles={"mallory-inc": Role.ADMIN}, fresh=True)
    waiting = await rotate(world.runtime, ann, "acme")
    before = await states()
    for actor, slug, purpose, says in (
        (sam, "acme", CREDENTIALS, "no issuer"),
        (mallory, "acme", CREDENTIALS, "no issuer"),
        (OPERATOR, "nobody", CREDENTIALS, "no issuer"),
        (ann, "acme", CREDENTIALS, "waits already"),
        (ann, "acme", "webhooks", "Keys are for"),
    ):
        with pytest.raises(Refused, match=says):
            await rotate(world.runtime, actor, slug, purpose)
    with pytest.raises(Refused, match="This key is active"):
        await retire(world.runtime, ann, "acme", await active())
    with pytest.raises(Refused, match="has no key"):
        await retire(world.runtime, mallory, "mallory-inc", waiting)
    assert await states() == before
    await retire(world.runtime, ann, "acme", waiting)
    assert (await states())[waiting] == "retired"
    await nothing_is_amiss(world)


async def test_a_did_document_keeps_places_for_an_emergency(sqlite_world: World) -> None:
    for _ in range(54):
        await rotate(sqlite_world.runtime, OPERATOR, "acme", after=AT_ONCE)
    with pytest.raises(Refused, match="takes no more"):
        await rotate(sqlite_world.runtime, OPERATOR, "acme", after=AT_ONCE)
    assert await Issuer.count() == 3

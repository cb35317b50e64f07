"""A key was in other hands since T: what is on record from before stays good, whatever comes up later does not.

SEC-222, SEC-224, SEC-065.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from refolio import Outcome
from refolio.credential.keys import PrivateKey
from refolio.credential.model import Intern
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from tests.issuers.test_keys import active, did_json, nothing_is_amiss, states
from tests.world import NOW, World, another, maya
from verify.audit.checking import audit
from verify.credentials import finding
from verify.credentials.examining import examine_stored
from verify.database import tx
from verify.http.access import OPERATOR, Actor, Role
from verify.http.cookies import cookie_name
from verify.http.refusals import Refused
from verify.issuers import members, proposing
from verify.issuers.compromising import approve_compromised, declare_compromised
from verify.issuers.key_emergencies import kek_compromised
from verify.issuers.key_states import CREDENTIALS, STATUS
from verify.issuers.members import SignedIn
from verify.issuers.rewrapping import rewrap
from verify.issuers.rotating import rotate
from verify.issuers.signing import private_key
from verify.issuers.tables import IssuerKey
from verify.people.recognising import recognise
from verify.people.sessions import open_session
from verify.runtime import KeyEncryptionKey

T = NOW + timedelta(days=2)


def forged(genuine: bytes, key: PrivateKey, created: str) -> bytes:
    """What a thief makes of a genuine credential: another name in it, another id, dated as the thief likes."""
    document = json.loads(genuine)
    method = document.pop("proof")[0]["verificationMethod"]
    document["credentialSubject"]["achievement"]["name"] = "Director of everything"
    document["validFrom"] = created
    document["id"] = document["id"][:-12] + "000000000000"
    del document["credentialStatus"]
    proofs = [
        suite.sign(document, key, verification_method=method, created=created)
        for suite in (eddsa_rdfc_2022, eddsa_jcs_2022)
    ]
    return json.dumps({**document, "proof": proofs}).encode()


async def asked(world: World, document: bytes) -> dict[str, Any]:
    """What the service says of a document that somebody brings."""
    body = {"verifiableCredential": json.loads(document), "options": {"alwaysOk": True, "returnResults": True}}
    answer = await world.http.post("/credentials/verify", json=body)
    found: dict[str, Any] = answer.json()
    return found


def check_3(found: dict[str, Any]) -> tuple[str, str]:
    check = found["report"]["checks"][3]
    return check["result"], check["code"]


async def test_sec_222_before_t_it_passes_with_a_note_and_later_it_fails(world: World) -> None:
    stolen = await active()
    early = await world.issued(maya())
    world.clock.move(days=3)
    late = await world.issued(another())
    thief = await private_key(world.runtime, "acme", stolen)
    genuine = await world.document(early["uuid"])
    back_dated = forged(genuine, thief, "2026-11-23T10:00:00Z")
    assert check_3(await asked(world, back_dated)) == ("passed", "key-found"), "nobody can tell, until it is declared"
    world.clock.move(days=1)
    successor = await declare_compromised(world.runtime, OPERATOR, "acme", stolen, T)
    assert successor
    document = await did_json(world)
    (marked,) = [method for method in document["verificationMethod"] if method["id"].endswith(stolen)]
    assert marked["revoked"] == "2026-11-25T10:00:00Z"
    assert marked["id"] not in document["assertionMethod"]
    assert await states() == {stolen: "compromised", successor: "active"}

    for issued, tone, code in ((early, "good", "key-revoked-later"), (late, "bad", "key-not-valid-then")):
        page = await world.page(f"/v/{issued['code']}")
        assert f'data-tone="{tone}"' in page or f"tone-{tone}" in page or f'"{tone}"' in page
        found = await asked(world, await world.document(issued["uuid"]))
        assert found["report"]["checks"][3]["code"] == code
    assert "It was withdrawn on 2026-11-25; this document was on record before" in await world.page(
        f"/v/{early['code']}"
    )
    assert check_3(await asked(world, back_dated)) == ("failed", "key-not-valid-then"), "never on record: seen now"
    outsider = await world.report(genuine)
    assert (outsider.verdict, outsider.checks[3].code) == (Outcome.INCONCLUSIVE, "key-revoked-since")
    again = await world.issued(another())
    assert (await world.report(await world.document(again["uuid"]))).verdict is Outcome.PASSED
    assert (await world.withdraw(early["uuid"])).status_code == 200
    await nothing_is_amiss(world)


async def test_sec_222_a_changed_copy_of_what_is_on_record_is_not_on_record(world: World) -> None:
    """The same id, signed anew with the stolen key and dated back."""
    stolen, early = await active(), await world.issued(maya())
    thief = await private_key(world.runtime, "acme", stolen)
    genuine = json.loads(await world.document(early["uuid"]))
    changed = json.loads(forged(json.dumps(genuine).encode(), thief, "2026-11-23T10:00:00Z"))
    method = changed.pop("proof")[0]["verificationMethod"]
    changed["id"] = genuine["id"]
    proof = eddsa_rdfc_2022.sign(changed, thief, verification_method=method, created="2026-11-23T10:00:00Z")
    world.clock.move(days=4)
    await declare_compromised(world.runtime, OPERATOR, "acme", stolen, T)
    document = json.dumps({**changed, "proof": proof}).encode()
    assert check_3(await asked(world, document)) == ("failed", "key-not-valid-then")
    assert check_3(await asked(world, json.dumps(genuine, indent=1).encode())) == ("passed", "key-revoked-later")


async def test_a_stolen_status_key_is_replaced_and_its_lists_are_signed_anew_at_once(world: World) -> None:
    issued = await world.issued(maya())
    document = await world.document(issued["uuid"])
    assert (await world.report(document)).verdict is Outcome.PASSED
    stolen = await active(purpose=STATUS)
    world.clock.move(hours=1)
    await declare_compromised(world.runtime, OPERATOR, "acme", stolen, NOW)
    assert (await world.report(document)).verdict is Outcome.PASSED
    assert (await active(purpose=STATUS)) != stolen


async def test_it_takes_two_admins_or_the_operator(world: World) -> None:
    """SEC-232."""
    key_id = await active()
    ann, beth = await member(world, "ann@acme.example"), await member(world, "beth@acme.example", Role.ADMIN)
    wish = {"key": key_id, "since": "2026-11-23T10:00:00Z"}
    for actor, kind in ((ann.actor, "second-person-needed"), (Actor(), "not-found")):
        with pytest.raises(Refused) as caught:
            await declare_compromised(world.runtime, actor, "acme", key_id, NOW)
        assert caught.value.kind == kind
    proposal = await proposing.propose(world.runtime, ann, "acme", proposing.KEY_COMPROMISED, wish)
    with pytest.raises(Refused, match="You proposed this yourself"):
        await approve_compromised(world.runtime, ann, "acme", proposal)
    assert await active() == key_id
    assert await approve_compromised(world.runtime, beth, "acme", proposal) == await active()
    assert (await states())[key_id] == "compromised"
    with pytest.raises(Refused):
        await approve_compromised(world.runtime, beth, "acme", proposal)
    again = await proposing.propose(world.runtime, ann, "acme", proposing.KEY_COMPROMISED, wish)
    with pytest.raises(Refused, match="declared since 2026-11-23T10:00:00Z already"):
        await approve_compromised(world.runtime, beth, "acme", again)
    assert await proposing.proposal(world.runtime, "acme", again), "what was not carried out is not approved"
    with pytest.raises(Refused, match="in the future"):
        await declare_compromised(world.runtime, OPERATOR, "acme", key_id, NOW + timedelta(seconds=1))
    earlier = datetime(2026, 11, 1, tzinfo=UTC)
    assert await declare_compromised(world.runtime, OPERATOR, "acme", key_id, earlier) is None
    assert "2026-11-01T00:00:00Z" in (await world.http.get("/issuers/acme/did.json")).text
    await nothing_is_amiss(world)


async def member(world: World, email: str, role: Role | None = None) -> SignedIn:
    """A person who has just signed in; with ``role`` she is made a member of Acme first."""
    async with tx():
        person = await recognise(world.runtime, Intern(name="A member", email=email))
    if role:
        await members.add(world.runtime, OPERATOR, "acme", person, role)
    secret = await open_session(world.runtime, person, method="link", staff=True)
    return await members.signed_in(world.runtime, {cookie_name(world.runtime): secret})


async def test_sec_224_after_the_theft_of_the_key_encryption_key_every_key_is_another_one(world: World) -> None:
    issued = await world.issued(maya())
    before = {row["id"] for row in await IssuerKey.select(IssuerKey.id)}
    world.clock.move(days=3)
    runtime = replace(world.runtime, kek=KeyEncryptionKey(b"n" * 32), previous_keks=(world.runtime.kek,))
    listed = await kek_compromised(runtime, T, declare=False)
    assert sorted(listed.declared) == ["acme", "brightline", "mallory-inc"]
    assert {key for keys in listed.declared.values() for key in keys} == before
    assert {row["state"] for row in await IssuerKey.select(IssuerKey.state)} == {"active"}
    await kek_compromised(runtime, T, declare=True)
    after = await IssuerKey.select().where(IssuerKey.state == "active")
    assert len(after) == 6
    assert not before & {row["id"] for row in after}
    assert (await kek_compromised(runtime, T, declare=True)).declared == {}, "once is enough"
    result = await rewrap(runtime, lambda done, total: None)
    assert result.unreadable == ()
    assert (await kek_compromised(runtime, T, declare=False)).declared == {}
    alone = replace(runtime, previous_keks=())
    for row in after:
        await private_key(alone, row["issuer"], row["id"])
    assert (await audit(alone)).mismatches == ()
    stored = await finding.by_id(issued["uuid"])
    assert stored
    assert (await examine_stored(alone, stored)).report.checks[3].code == "key-revoked-later"


async def test_sec_221_five_rotations_and_every_credential_passes(world: World) -> None:
    issued = [await world.issued(maya())]
    for _ in range(5):
        world.clock.move(hours=2)
        await rotate(world.runtime, OPERATOR, "acme", CREDENTIALS, after=timedelta(0))
        issued.append(await world.issued(another()))
    for one in issued:
        assert (await world.report(await world.document(one["uuid"]))).verdict is Outcome.PASSED

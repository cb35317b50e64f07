"""Registering an issuer that holds its own key: a challenge, an answer signed with the key, and nothing weaker."""

from __future__ import annotations

import json

import pytest

from refolio.credential import multibase
from refolio.credential.issuing import HeldKey
from refolio.credential.keys import PrivateKey
from refolio.credential.possession import prove
from tests.client.loopback import answer as page
from tests.credential.edwards25519 import SMALL_ORDER
from tests.credentials.holding import SLUG, answered, client, held_key, registered, reserved, signed, submit, work
from tests.outside.strangers import Strangers
from tests.world import NOW, PUBLIC_URL, World, another, stage
from verify.http.refusals import Refused
from verify.issuers import holding
from verify.issuers.tables import Issuer, IssuerKey
from verify.outside.fetching import Fetcher

STRANGER = PrivateKey.from_seed(bytes([66]) * 32)


async def register(world: World, answer: bytes) -> str:
    return await holding.register_held(
        world.runtime, Fetcher(world.runtime.network, world.runtime.now), answer, "Brightpath"
    )


async def refused(world: World, answer: bytes) -> str:
    """What is said to an answer that registers nobody."""
    before = await Issuer.count(), await IssuerKey.count()
    with pytest.raises(Refused) as error:
        await register(world, answer)
    assert (await Issuer.count(), await IssuerKey.count()) == before
    assert error.value.kind in ("key-refused", "bad-request")
    return error.value.detail


async def test_the_key_document_is_published_here_and_lists_the_partners_key(world: World) -> None:
    key = await registered(world.runtime)
    document = (await world.http.get(f"/issuers/{SLUG}/did.json")).json()
    assert document["id"] == key.issuer == f"did:web:refolio.example:issuers:{SLUG}"
    assert document["assertionMethod"] == [key.verification_method]


async def test_a_challenge_is_good_once_and_for_ten_minutes(world: World) -> None:
    key = held_key(world.runtime)
    late, good = await answered(world.runtime, key), await answered(world.runtime, key)
    world.clock.move(minutes=9, seconds=59)
    assert await register(world, good) == SLUG
    assert "was used or has ended" in await refused(world, good)
    world.clock.move(seconds=1)
    assert "was used or has ended" in await refused(world, late)


async def test_an_answer_is_bound_to_key_issuer_service_and_challenge(world: World) -> None:
    runtime, key = world.runtime, held_key(world.runtime)
    asked = await holding.challenge(runtime, SLUG, key.signer.public.multibase)

    def an_answer(**other: str) -> bytes:
        arguments = {"challenge": asked.challenge, "domain": asked.domain, "created": "2026-11-23T10:00:00Z", **other}
        return prove(key, **arguments)

    good = json.loads(an_answer())
    stranger = prove(
        HeldKey(key.issuer, STRANGER, key.verification_method),
        challenge=asked.challenge,
        domain=asked.domain,
        created="2026-11-23T10:00:00Z",
    )
    for bad in (
        an_answer(challenge="another"),
        an_answer(domain="https://mallory.example"),
        stranger,
        prove(HeldKey("did:web:mallory.example", key.signer), challenge=asked.challenge, domain=asked.domain,
              created="2026-11-23T10:00:00Z"),
        json.dumps({**good, "verifiableCredential": []}).encode(),
        json.dumps({**good, "proof": {**good["proof"], "proofPurpose": "assertionMethod"}}).encode(),
        json.dumps({**good, "proof": [good["proof"], good["proof"]]}).encode(),
        json.dumps({name: value for name, value in good.items() if name != "proof"}).encode(),
        b"[]",
    ):  # fmt: skip
        assert await refused(world, bad)
    assert await register(world, an_answer()) == SLUG


async def test_sec_041_a_weak_key_is_refused_when_it_is_registered(world: World) -> None:
    encodings = [*SMALL_ORDER, (2**255 - 2).to_bytes(32, "little")]
    assert len(encodings) == 15
    for raw in encodings:
        weak = multibase.encode(b"\xed\x01" + raw)
        with pytest.raises(Refused) as error:
            await holding.challenge(world.runtime, SLUG, weak)
        assert error.value.kind == "key-refused"
        # nor does an answer that names one, to a challenge for a sound key: anybody could have signed it
        asked = await holding.challenge(world.runtime, SLUG, held_key(world.runtime).signer.public.multibase)
        did = held_key(world.runtime).issuer
        key = HeldKey(did, STRANGER, f"{did}#{weak}")
        forged = prove(key, challenge=asked.challenge, domain=asked.domain, created="2026-11-23T10:00:00Z")
        assert await refused(world, forged)


async def test_a_key_belongs_to_one_issuer_and_a_name_to_one_way_of_signing(world: World) -> None:
    key = await registered(world.runtime)
    other = HeldKey("did:web:refolio.example:issuers:other", key.signer)
    assert "registered already" in await refused(world, await answered(world.runtime, other, "other"))
    assert "registered already" in await refused(
        world, await answered(world.runtime, held_key(world.runtime, b"2" * 32))
    )
    with pytest.raises(Refused, match="registered in another way"):
        await holding.challenge(world.runtime, "acme", key.signer.public.multibase)


async def test_without_https_the_issuer_is_the_did_key_of_its_key(sqlite_url: str) -> None:
    async with stage(sqlite_url, public_url="http://localhost:8000") as world:
        key = await registered(world.runtime)
        assert key.issuer == f"did:key:{key.signer.public.multibase}"
        issued = await client(world).credentials.issue_held(work(), key)
        assert (await world.report(await world.document(issued.uuid))).verdict.value == "passed"
        challenge = await holding.challenge(world.runtime, "other", STRANGER.public.multibase)
        other = HeldKey(challenge.issuer, key.signer)
        answer = prove(other, challenge=challenge.challenge, domain=challenge.domain, created="2026-11-23T10:00:00Z")
        assert "somebody else" in await refused(world, answer)


# --- on a domain of its own ---------------------------------------------------------------------------------------


def own_key(outside: Strangers, seed: int = 77, name: str = "key-1") -> HeldKey:
    did = f"did:web:issuer.example%3A{outside.server.port}"
    return HeldKey(did, PrivateKey.from_seed(bytes([seed]) * 32), f"{did}#{name}")


def publish(outside: Strangers, *keys: HeldKey) -> None:
    document = keys[0].document()
    for name in ("verificationMethod", "assertionMethod"):
        document[name] = [one for key in keys for one in key.document()[name]]  # type: ignore[union-attr]
    outside.server.pages = {"/.well-known/did.json": page(200, document)}


async def test_an_issuer_on_its_own_domain_changes_its_key_by_publishing_another(
    connected: World, outside: Strangers
) -> None:
    first, second = own_key(outside), own_key(outside, 78, "key-2")
    publish(outside, first)
    await registered(connected.runtime, first, did=first.issuer)
    issued = await client(connected).credentials.issue_held(work(), first)
    report_page = await connected.page(f"/v/{issued.code}")
    assert "Genuine and current" in report_page
    assert f"Its keys are published on its own domain, issuer.example:{outside.server.port}" in report_page
    assert (await connected.http.get(f"/issuers/{SLUG}/did.json")).status_code == 404
    publish(outside, first, second)
    connected.clock.move(minutes=6)
    later = await client(connected).credentials.issue_held(work(), second)
    publish(outside, second)  # and takes the first one back
    connected.clock.move(minutes=6)
    assert "Could not check" in await connected.page(f"/v/{later.code}")  # the list is signed with the first
    assert await client(connected).status_lists.sign_due(SLUG, second) == 1
    assert "Genuine and current" in await connected.page(f"/v/{later.code}")
    assert "Not valid: " in await connected.page(f"/v/{issued.code}")
    reservation = await reserved(connected, another(issuer=SLUG), key="with-the-first")
    refusal = await submit(connected, reservation["uuid"], signed(connected, reservation["unsigned"], first))
    assert (refusal.status_code, refusal.json()["code"]) == (422, "signature-refused")


async def test_while_the_domain_is_silent_old_credentials_are_shown_and_none_are_taken(
    connected: World, outside: Strangers
) -> None:
    key = own_key(outside)
    publish(outside, key)
    await registered(connected.runtime, key, did=key.issuer)
    issued = await client(connected).credentials.issue_held(work(), key)
    outside.server.pages = {}
    connected.clock.move(minutes=6)
    assert "Genuine and current" in await connected.page(f"/v/{issued.code}")
    reservation = await reserved(connected, another(issuer=SLUG), key="in-the-silence")
    late = await submit(connected, reservation["uuid"], signed(connected, reservation["unsigned"], key))
    assert (late.status_code, late.json()["code"]) == (503, "unavailable")
    connected.clock.move(days=7)
    assert "Could not check: " in await connected.page(f"/v/{issued.code}")
    publish(outside, key)
    connected.clock.move(minutes=2)
    assert await client(connected).status_lists.sign_due(SLUG, key) == 1
    assert "Genuine and current" in await connected.page(f"/v/{issued.code}")


async def test_a_domain_that_does_not_list_the_key_registers_nobody(connected: World, outside: Strangers) -> None:
    key = own_key(outside)
    for listed in ((), (own_key(outside, 78),), (own_key(outside, 77, "key-9"),)):
        outside.server.pages = {}
        if listed:
            publish(outside, *listed)
        connected.clock.move(minutes=2)
        assert await refused(connected, await answered(connected.runtime, key, did=key.issuer))
    with pytest.raises(Refused, match="is given by this service"):
        await holding.challenge(
            connected.runtime, SLUG, key.signer.public.multibase, did="did:web:refolio.example:issuers:acme"
        )
    assert PUBLIC_URL == "https://refolio.example"
    assert connected.clock() > NOW

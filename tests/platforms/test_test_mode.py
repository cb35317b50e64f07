"""Test mode: the same requests, on twins of the issuers, and nothing of it is ever taken for real (SEC-178)."""

from __future__ import annotations

from tests.completions import another, maya
from tests.platforms.making import a_test_key, refused
from tests.world import World

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

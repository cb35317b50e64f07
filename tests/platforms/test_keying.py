"""API keys: what they look like, what they are good for and until when, and what each refusal says (SEC-177 to 179)."""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import timedelta

import pytest

import refolio
from refolio.api_keys import compose_key, key_fault
from tests.completions import another, maya
from tests.credentials.holding import registered
from tests.credentials.test_vcalm import unsigned
from tests.platforms.making import a_key, a_test_key, client, refused, show
from tests.world import NORTHFIELD_KEY, World
from verify.audit.reporting import report
from verify.http.access import Scope
from verify.http.refusals import Refused
from verify.platforms import keying, mandating
from verify.platforms.keying import fingerprint
from verify.platforms.tables import ApiKey
from verify.trail.reading import entries
from verify.trail.recording import SERVICE


def test_a_key_is_found_by_scanners_and_a_mistake_in_it_is_told_before_any_look_up() -> None:
    """SEC-177."""
    for mode in ("test", "live"):
        key = compose_key(mode, bytes(range(32)))
        assert re.fullmatch(r"rf_(test|live)_[0-9A-Za-z]{49}", key)
        assert key_fault(key) is None
        for place in range(8, len(key)):
            other = "0" if key[place] != "0" else "1"
            assert key_fault(key[:place] + other + key[place + 1 :]), place
            if (mode, place) != ("live", 51):  # where a key of the older form ends; that one is unknown
                assert key_fault(key[:place]), place
        swapped = key[:20] + key[21] + key[20] + key[22:]
        assert swapped == key or key_fault(swapped)
        assert key_fault(key + "x")
        assert key_fault(key.replace(mode, {"test": "live", "live": "test"}[mode])), "the mode is under the checksum"
    assert compose_key("live", b"\xff" * 32) != compose_key("live", b"\x00" * 32)


async def test_keys_from_before_go_on_working_with_all_that_they_were_good_for(world: World) -> None:
    old = "rf_live_" + base64.urlsafe_b64encode(b"O" * 32).decode().rstrip("=")
    made = world.clock()
    await ApiKey(sha256=fingerprint(old), platform="northfield", hint=old[:12], created_at=made).save()
    await world.issued(api_key=old)
    shown = (await show(world, old)).json()
    assert (shown["mode"], shown["expires_at"], shown["addresses"]) == ("live", None, None)
    assert set(shown["scopes"]) == set(Scope)


async def test_a_key_says_whose_it_is_and_what_it_is_good_for(world: World) -> None:
    key = await a_key(
        world,
        name="Nightly import",
        scopes=["credentials:write", "credentials:read"],
        issuers=["acme"],
        addresses=["127.0.0.1", "2001:db8::/32"],
        life=timedelta(days=30),
    )
    shown = await client(world, key).key()
    assert shown == refolio.ApiKey(
        platform="northfield",
        name="Nightly import",
        mode="live",
        scopes=("credentials:read", "credentials:write"),
        issuers=("acme",),
        addresses=("127.0.0.1/32", "2001:db8::/32"),
        expires_at=world.clock() + timedelta(days=30),
        hint=key[:12],
    )
    test = (await show(world, await a_test_key(world))).json()
    assert (test["mode"], test["issuers"]) == ("test", ["acme", "brightline"])
    assert key not in str(shown)


REFUSED = {
    "mistyped": (401, "api-key-malformed", "mistyped"),
    "cut short": (401, "api-key-malformed", "cut short"),
    "no key of ours": (401, "api-key-malformed", "begins with rf_test_ or rf_live_"),
    "unknown": (401, "api-key-unknown", "no such API key"),
    "unknown older form": (401, "api-key-unknown", "no such API key"),
    "other mode in front": (401, "api-key-malformed", "mistyped"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_sec_177_what_is_no_key_here_is_told_apart(case: str, sqlite_world: World) -> None:
    key = await a_key(sqlite_world)
    sent = {
        "mistyped": key[:-1] + ("a" if key[-1] != "a" else "b"),
        "cut short": key[:30],
        "no key of ours": "sk_live_51H",
        "unknown": compose_key("live", b"u" * 32),
        "unknown older form": "rf_live_" + "x" * 43,
        "other mode in front": key.replace("live", "test"),
    }[case]
    answer = await show(sqlite_world, sent)
    status, code, says = REFUSED[case]
    assert refused(answer) == (status, code)
    assert says in answer.json()["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert sent not in answer.text or len(sent) < 12


async def test_sec_179_an_expired_and_a_revoked_key_say_when_and_what_to_do(world: World) -> None:
    key = await a_key(world, life=timedelta(days=1))
    assert (await show(world, key)).status_code == 200
    world.clock.move(days=1)
    answer = await show(world, key)
    assert refused(answer) == (401, "api-key-expired")
    assert "2026-11-24T10:00:00Z" in answer.json()["detail"]
    with pytest.raises(refolio.AccessRefused, match="expired at") as caught:
        await client(world, key).credentials.issue(refolio.completion_from(another()))
    assert (caught.value.code, caught.value.status) == ("api-key-expired", 401)
    key = await a_key(world)
    await keying.revoke(world.runtime, "northfield", fingerprint(key))
    await keying.revoke(world.runtime, "northfield", fingerprint(key))
    assert refused(await show(world, key)) == (401, "api-key-revoked")


DOORS = {
    "issue": ("POST", "/api/v1/credentials", "credentials:write"),
    "reserve": ("POST", "/api/v1/reservations", "credentials:write"),
    "submit": ("POST", "/api/v1/reservations/{uuid}/submit", "credentials:write"),
    "lists": ("GET", "/api/v1/issuers/acme/status-lists/unsigned", "credentials:write"),
    "put list": ("PUT", "/api/v1/issuers/acme/status-lists/abc", "credentials:write"),
    "withdraw": ("POST", "/api/v1/credentials/{uuid}/withdraw", "credentials:write"),
    "replace": ("POST", "/api/v1/credentials/{uuid}/replace", "credentials:write"),
    "VC API issue": ("POST", "/credentials/issue", "credentials:write"),
    "VC API status": ("POST", "/credentials/status", "credentials:write"),
    "look": ("GET", "/api/v1/credentials/{uuid}", "credentials:read"),
}


@pytest.mark.parametrize("door", DOORS)
async def test_sec_178_no_door_is_open_to_a_key_without_its_scope(door: str, sqlite_world: World) -> None:
    world = sqlite_world
    method, path, scope = DOORS[door]
    uuid = (await world.issued())["uuid"]
    key = await a_key(world, scopes=[one.value for one in Scope if one.value != scope])
    before = await world.rows()
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
    answer = await world.http.request(method, path.format(uuid=uuid), json=maya(), headers=headers)
    assert refused(answer) == (403, "scope-missing")
    assert f"the scope {scope}" in answer.json()["detail"]
    assert await world.rows() == before


async def test_a_key_that_may_only_write_gets_the_answer_to_what_it_wrote(world: World) -> None:
    key = await a_key(world, scopes=["credentials:write"])
    issued = await client(world, key).credentials.issue(refolio.completion_from(maya()))
    assert (await client(world, key).credentials.withdraw(issued, "Wrong.")).state == "withdrawn"
    with pytest.raises(refolio.AccessRefused, match="credentials:read") as caught:
        await client(world, key).credentials.get(issued)
    assert caught.value.code == "scope-missing"


async def test_sec_178_a_key_for_some_issuers_reaches_no_other(world: World) -> None:
    """Not by issuing, nor by the VC API's DID, nor by a reservation, nor what was delivered with another key."""
    await registered(world.runtime)
    unsigned_acme = await unsigned(world, another())
    issued = await world.issued()
    for key in (await a_key(world, issuers=["brightline"]), await a_test_key(world, issuers=["brightline"])):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
        assert refused(await world.post(another(), api_key=key)) == (403, "issuer-not-allowed")
        by_did = await world.http.post("/credentials/issue", json={"credential": unsigned_acme}, headers=headers)
        assert by_did.status_code == 403
        held = await world.http.post("/api/v1/reservations", json=another(issuer="brightpath"), headers=headers)
        assert refused(held) == (403, "issuer-not-allowed")
        looked = await world.http.get(f"/api/v1/credentials/{issued['uuid']}", headers=headers)
        assert refused(looked) == (404, "not-found")
        assert refused(await world.withdraw(issued["uuid"], api_key=key)) == (404, "not-found")
        await world.issued(another(issuer="brightline"), api_key=key)


async def test_an_ended_mandate_ends_every_key_for_it_in_both_modes(world: World) -> None:
    keys = [NORTHFIELD_KEY, await a_test_key(world), await a_key(world, issuers=["acme"])]
    issued = [await world.issued(another(), api_key=key) for key in keys]
    await mandating.end_mandate(world.runtime, "northfield", "acme")
    for key, one in zip(keys, issued, strict=True):
        assert refused(await world.post(another(), api_key=key)) == (403, "issuer-not-allowed")
        assert refused(await world.withdraw(one["uuid"], api_key=key)) == (404, "not-found")
        assert (await world.http.get(f"/credentials/{one['uuid']}")).status_code == 200, "the credential stays"
    await mandating.mandate(world.runtime, "northfield", "acme")
    await world.issued(another())
    assert [one.ended_at is None for one in await mandating.mandates_of("acme")] == [True, False]


ADDRESSES = {
    "203.0.113.7": True,
    "::ffff:203.0.113.7": True,
    "198.51.100.200": True,
    "2001:db8:1::9": True,
    "203.0.113.8": False,
    "2001:db9::1": False,
    "testclient": False,
    "": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_sec_178_a_key_with_a_list_of_addresses_works_from_there_alone(address: str, sqlite_world: World) -> None:
    key = await a_key(sqlite_world, addresses=["203.0.113.7", "198.51.100.0/24", "2001:db8::/32"])
    answer = await show(sqlite_world, key, address=address, X_Forwarded_For="203.0.113.7")
    if ADDRESSES[address]:
        assert answer.status_code == 200
    else:
        assert refused(answer) == (403, "address-not-allowed")
        assert (address if "." in address or ":" in address else "unknown") in answer.json()["detail"]


WRONG = {
    "name": {"name": "x" * 81},
    "scopes": {"scopes": ["credentials:admin"]},
    "issuers": {"issuers": ["mallory-inc"]},
    "addresses": {"addresses": ["203.0.113.7/8"]},
    "days": {"life": timedelta(days=4000)},
}


@pytest.mark.parametrize("field", WRONG)
async def test_what_a_key_cannot_be_is_said_at_its_field(field: str, sqlite_world: World) -> None:
    before = await sqlite_world.rows()
    for wrong in (WRONG[field], {name: () for name in WRONG[field] if name in ("scopes", "issuers", "addresses")}):
        if wrong:
            with pytest.raises(Refused) as caught:
                await a_key(sqlite_world, **wrong)
            assert [fault.field for fault in caught.value.faults] == [field]
    assert await sqlite_world.rows() == before


async def test_sec_201_fifty_keys_are_enough_however_many_are_asked_for_at_once(world: World) -> None:
    made = await asyncio.gather(*(a_key(world) for _ in range(80)), return_exceptions=True)
    assert {type(one) for one in made} == {str, Refused}
    assert len([row for row in await keying.rows_of("northfield") if keying.is_good(row, world.clock())]) == 50


async def test_nobody_rolls_or_revokes_the_key_of_another_platform(world: World) -> None:
    key = fingerprint(await a_key(world))
    for act in (keying.roll(world.runtime, "mallory", key, timedelta(0)), keying.revoke(world.runtime, "mallory", key)):
        with pytest.raises(Refused, match="no such API key"):
            await act


async def test_the_day_of_the_last_use_is_noted_once_a_day(world: World) -> None:
    key = await a_key(world)
    row = ApiKey.sha256 == fingerprint(key)
    days = []
    for hours in (0, 5, 24):
        world.clock.move(hours=hours)
        await show(world, key)
        days.append((await ApiKey.select(ApiKey.last_used_on).where(row))[0]["last_used_on"])
    assert [str(day) for day in days] == ["2026-11-23", "2026-11-23", "2026-11-24"]
    assert (await report(world.runtime, {})).is_clean, "which is no act"


async def test_every_act_on_keys_stands_in_the_trail_and_no_secret_does(world: World) -> None:
    key = await a_key(world)
    new = await keying.roll(world.runtime, "northfield", fingerprint(key), timedelta(0))
    await keying.revoke(world.runtime, "northfield", fingerprint(new))
    acts = await entries(SERVICE, most=3)
    assert [one.act for one in acts] == ["api-key-revoked", "api-key-rolled", "api-key-made"]
    assert [one.detail["hint"] for one in acts] == [new[:12], new[:12], key[:12]]
    assert not [one for one in acts if key[12:] in str(one) or new[12:] in str(one)]
    assert (await report(world.runtime, {})).is_clean
    await ApiKey.update({ApiKey.revoked_at: None}).where(ApiKey.sha256 == fingerprint(new))
    assert not (await report(world.runtime, {})).is_clean, "a key brought back by hand is found"


def test_the_sdk_tells_a_mistyped_key_before_it_is_sent_anywhere() -> None:
    key = compose_key("live", bytes(32))
    with pytest.raises(refolio.AccessRefused, match="mistyped") as caught:
        refolio.Client(key[:-1] + ("a" if key[-1] != "a" else "b"))
    assert caught.value.code == "api-key-malformed"
    assert key[12:] not in str(caught.value)

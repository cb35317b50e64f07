"""The stolen key of an issuer that holds its own: two admins declare it; what is on record from before stays good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from refolio import Outcome
from refolio.client.held import UnsignedList, signed_list
from refolio.credential.issuing import HeldKey
from tests.credentials.holding import SLUG, answered, client, held_key, registered, reserved, send, signed, submit, work
from tests.forms import send as send_form
from tests.issuers.test_holding import own_key, publish
from tests.issuers.test_stolen_keys import asked, check_3, forged
from tests.outside.strangers import Strangers
from tests.world import NOW, World, another, stage
from verify.audit.checking import audit
from verify.http.access import OPERATOR, Role
from verify.http.refusals import Refused
from verify.issuers import appointing, did_history, holding
from verify.issuers.compromising import declare_compromised
from verify.issuers.key_emergencies import kek_compromised
from verify.issuers.tables import IssuerKey
from verify.outside.fetching import Fetcher
from verify.runtime import KeyEncryptionKey

PAGE = f"/console/{SLUG}/keys/compromised"
T = NOW + timedelta(days=1)


async def declared(world: World, stolen: HeldKey) -> None:
    """Carla proposes it in the console, Dora agrees."""
    for email in ("carla@brightpath.example", "dora@brightpath.example"):
        await appointing.appoint(world.runtime, SLUG, email, Role.ADMIN)
    async with world.signed_in("carla@brightpath.example") as carla:
        page = (await carla.get(f"/console/{SLUG}/keys")).text
        assert f'href="{PAGE}"' in page
        answer = await send_form(carla, PAGE, key=stolen.signer.public.multibase, since=T.strftime("%Y-%m-%dT%H:%M"))
        assert answer.status_code == 303, answer.text
        proposal = answer.headers["location"]
        assert (await send_form(carla, PAGE, f"{proposal}/approve")).status_code == 409
    async with world.signed_in("dora@brightpath.example") as dora:
        assert "Your next key" in (await dora.get(proposal)).text
        assert (await send_form(dora, proposal, f"{proposal}/approve")).status_code == 303
        assert "Not to be trusted" in (await dora.get(f"/console/{SLUG}/keys")).text


async def test_sec_222_hosted_here_before_t_it_passes_with_a_note_and_later_it_fails(world: World) -> None:
    stolen, following = held_key(world.runtime), held_key(world.runtime, b"2" * 32)
    await registered(world.runtime, stolen)
    early = await client(world).credentials.issue_held(work(), stolen)
    begun = await reserved(world, another(issuer=SLUG), key="begun")
    world.clock.move(days=2)
    late = await client(world).credentials.issue_held(work(), stolen)
    (before,) = await IssuerKey.select().where(IssuerKey.issuer == SLUG)
    await declared(world, stolen)
    document = (await world.http.get(f"/issuers/{SLUG}/did.json")).json()
    assert document["assertionMethod"] == []
    assert document["verificationMethod"][0]["revoked"] == "2026-11-24T10:00:00Z"
    genuine = await world.document(early.uuid)
    assert check_3(await asked(world, genuine)) == ("passed", "key-revoked-later")
    assert check_3(await asked(world, await world.document(late.uuid))) == ("failed", "key-not-valid-then")
    back_dated = forged(genuine, stolen.signer, "2026-11-23T10:00:00Z")
    assert check_3(await asked(world, back_dated)) == ("failed", "key-not-valid-then")

    # the thief signs nothing new: neither a credential nor a list
    refused = await submit(world, begun["uuid"], signed(world, begun["unsigned"], stolen))
    assert refused.status_code in (409, 422)
    refused = await send(world, "POST", "/reservations", another(issuer=SLUG), key="now")
    assert (refused.status_code, refused.json()["code"]) == (409, "no-active-key")
    (due,) = (await send(world, "GET", f"/issuers/{SLUG}/status-lists/unsigned")).json()["lists"]
    assert due["why"] == "key"
    listed = signed_list(UnsignedList(due["list"], due["why"], due["unsigned"]), stolen, world.clock())
    refused = await send(world, "PUT", f"/issuers/{SLUG}/status-lists/{due['list']}", listed)
    assert (refused.status_code, refused.json()["code"]) == (422, "signature-refused")
    assert "Could not check" in await world.page(f"/v/{early.code}"), "the list is the thief's as well"

    answer = await answered(world.runtime, following)
    await holding.change_held_key(world.runtime, Fetcher(world.runtime.network, world.clock), answer)
    assert await client(world).status_lists.sign_due(SLUG, following) == 1
    page = await world.page(f"/v/{early.code}")
    assert "Genuine and current" in page
    assert "It was withdrawn on 2026-11-24; this document was on record before" in page
    assert "Not valid: " in await world.page(f"/v/{late.code}")
    again = await client(world).credentials.issue_held(work(), following)
    assert (await world.report(await world.document(again.uuid))).verdict is Outcome.PASSED
    outsider = await world.report(genuine)
    assert (outsider.verdict, outsider.checks[3].code) == (Outcome.INCONCLUSIVE, "key-revoked-since")
    assert before["wrapped"] == b""
    assert await IssuerKey.count().where(IssuerKey.issuer == SLUG, IssuerKey.wrapped != b"") == 0
    assert await did_history.mismatches(SLUG) == []
    assert (await audit(world.runtime)).mismatches == ()


async def test_sec_222_on_its_own_domain_our_record_counts_before_its_document_says_so(
    connected: World, outside: Strangers
) -> None:
    stolen, following = own_key(outside), own_key(outside, 78, "key-2")
    publish(outside, stolen)
    await registered(connected.runtime, stolen, did=stolen.issuer)
    early = await client(connected).credentials.issue_held(work(), stolen)
    connected.clock.move(days=2)
    late = await client(connected).credentials.issue_held(work(), stolen)
    await declared(connected, stolen)
    genuine = await connected.document(early.uuid)
    connected.clock.move(minutes=6)
    publish(outside, stolen, following)  # which still lists the stolen one
    assert check_3(await asked(connected, genuine)) == ("passed", "key-revoked-later")
    assert check_3(await asked(connected, await connected.document(late.uuid))) == ("failed", "key-not-valid-then")
    unknown = forged(genuine, stolen.signer, "2026-11-23T10:00:00Z")
    assert check_3(await asked(connected, unknown)) == ("failed", "key-not-valid-then"), "it names an id of ours"
    reservation = await reserved_only(connected)
    refused = await submit(connected, reservation["uuid"], signed(connected, reservation["unsigned"], stolen))
    assert (refused.status_code, refused.json()["code"]) == (422, "signature-refused")
    assert await client(connected).status_lists.sign_due(SLUG, following) == 1
    again = await client(connected).credentials.issue_held(work(), following)
    assert "Genuine and current" in await connected.page(f"/v/{again.code}")
    page = await connected.page(f"/v/{early.code}")
    assert "Genuine and current" in page
    assert "this document was on record before" in page
    assert "Not valid: " in await connected.page(f"/v/{late.code}")
    assert (await audit(connected.runtime)).mismatches == ()


async def reserved_only(world: World) -> dict[str, object]:
    answer = await send(world, "POST", "/reservations", another(issuer=SLUG), key="with-the-stolen-one")
    found: dict[str, object] = answer.json()
    return found


async def test_without_https_the_key_is_the_name_and_cannot_be_declared(sqlite_url: str) -> None:
    async with stage(sqlite_url, public_url="http://localhost:8000") as world:
        key = await registered(world.runtime)
        with pytest.raises(Refused, match="is its name"):
            await declare_compromised(world.runtime, OPERATOR, SLUG, key.signer.public.multibase, NOW)


async def test_sec_224_the_theft_of_the_key_encryption_key_is_no_theft_of_keys_held_elsewhere(world: World) -> None:
    """Registered after the theft, which once stopped the declaration halfway."""
    world.clock.move(days=3)
    await registered(world.runtime)
    runtime = replace(world.runtime, kek=KeyEncryptionKey(b"n" * 32), previous_keks=(world.runtime.kek,))
    declared = (await kek_compromised(runtime, T, declare=True)).declared
    assert sorted(declared) == ["acme", "brightline", "mallory-inc"]
    (kept,) = await IssuerKey.select().where(IssuerKey.issuer == SLUG)
    assert kept["state"] == "active"
    assert json.loads((await world.http.get(f"/issuers/{SLUG}/did.json")).content)["assertionMethod"]

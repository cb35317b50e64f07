"""What lives longer than a key for credentials: status lists and their keys, closed issuers, what was taken along."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from refolio import Outcome
from refolio.credential.policy import DEFAULT
from refolio.credential.verification import examine
from tests.issuers.test_keys import AT_ONCE, active, did_json, nothing_is_amiss, states
from tests.world import NOW, World, a_runtime, another, maya
from verify.audit.checking import audit
from verify.credentials import status_publishing
from verify.credentials.tables import StatusList
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers import did_history
from verify.issuers.closing import close
from verify.issuers.compromising import declare_compromised
from verify.issuers.equipping import equip
from verify.issuers.key_states import CREDENTIALS, STATUS
from verify.issuers.registering import register
from verify.issuers.rotating import rotate
from verify.issuers.tables import DidVersion, IssuerKey


async def test_sec_048_lists_are_signed_anew_when_their_key_changes_and_never_with_the_other(world: World) -> None:
    issued = await world.issued(maya())
    listed = json.loads(await world.document(issued["uuid"]))["credentialStatus"]["statusListCredential"]

    async def key_of_list() -> str:
        proof = (await world.http.get(listed)).json()["proof"]
        return str(proof["verificationMethod"]).partition("#")[2]

    first = await active(purpose=STATUS)
    assert await key_of_list() == first
    await rotate(world.runtime, OPERATOR, "acme", after=AT_ONCE)
    assert await key_of_list() == first
    second = await rotate(world.runtime, OPERATOR, "acme", STATUS, after=AT_ONCE)
    assert await key_of_list() == second
    row = await StatusList.select().first()
    assert row
    assert row["key"] == second
    assert (await world.report(await world.document(issued["uuid"]))).verdict is Outcome.PASSED
    await nothing_is_amiss(world)


async def test_sec_231_what_a_closed_issuer_signed_stays_valid_and_it_signs_nothing_more(world: World) -> None:
    issued = await world.issued(maya())
    before = await did_json(world)
    assert await close(world.runtime, OPERATOR, "acme") == 1
    assert await did_json(world) == before
    assert set((await states()).values()) == {"destroyed"}
    rows = await IssuerKey.select(IssuerKey.wrapped).where(IssuerKey.issuer == "acme", IssuerKey.purpose == CREDENTIALS)
    assert [bytes(row["wrapped"]) for row in rows] == [b""]
    answer = await world.post(another())
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "issuer-closed")
    world.clock.move(days=30)  # longer than any edition of a list holds
    assert (await world.report(await world.document(issued["uuid"]))).verdict is Outcome.PASSED
    assert "The issuer closed on 23 Nov 2026" in await world.page(f"/v/{issued['code']}")
    assert (await world.withdraw(issued["uuid"])).status_code == 200
    for act in (close(world.runtime, OPERATOR, "acme"), rotate(world.runtime, OPERATOR, "acme")):
        with pytest.raises(Refused, match="closed"):
            await act
    assert await equip(world.runtime) == 0
    await nothing_is_amiss(world)


async def test_an_issuer_of_an_earlier_release_gets_a_status_key_that_waits_a_day(world: World) -> None:
    issued = await world.issued(maya())
    await IssuerKey.delete().where(IssuerKey.purpose == STATUS)
    await DidVersion.delete().where(DidVersion.issuer == "acme")
    await StatusList.update({StatusList.key: None}).where(StatusList.issuer == "acme")
    assert await equip(world.runtime) == 3
    assert await equip(world.runtime) == 0
    document = await world.document(issued["uuid"])
    assert (await world.report(document)).verdict is Outcome.PASSED
    row = await StatusList.select().first()
    assert row
    assert row["key"] == await active()
    world.clock.move(hours=24)
    assert (await world.report(document)).verdict is Outcome.PASSED
    row = await StatusList.select().first()
    assert row
    assert row["key"] == await active(purpose=STATUS)
    assert await did_history.mismatches("acme") == []


async def test_the_key_of_a_did_key_issuer_cannot_be_changed(sqlite_world: World) -> None:
    runtime = a_runtime(sqlite_world.runtime.settings.database_url, public_url="http://localhost:8000")
    await register(runtime, "local", "Local")
    assert await states("local", STATUS) == {}
    for act in (rotate(runtime, OPERATOR, "local"), close(runtime, OPERATOR, "local")):
        with pytest.raises(Refused, match="The key of local is its name"):
            await act
    history = (await sqlite_world.http.get("/issuers/local/did/history.json")).json()
    assert history["versions"] == []
    assert await equip(runtime) == 0


async def test_sec_047_a_list_that_a_faulty_signer_signed_is_never_published(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bit flips while signing: the last edition stays, and when the fault is gone the withdrawal shows."""
    issued = await sqlite_world.issued(maya())
    document = await sqlite_world.document(issued["uuid"])
    url = json.loads(document)["credentialStatus"]["statusListCredential"]
    before = (await sqlite_world.http.get(url)).content
    good = status_publishing.eddsa_rdfc_2022.sign

    def faulty(*arguments: Any, **named: Any) -> Any:
        proof = good(*arguments, **named)
        value = proof["proofValue"]
        return proof | {"proofValue": value[:-1] + ("2" if value[-1] != "2" else "3")}

    with monkeypatch.context() as patch:
        patch.setattr(status_publishing, "eddsa_rdfc_2022", type("Faulty", (), {"sign": staticmethod(faulty)}))
        await sqlite_world.withdraw(issued["uuid"])
        row = await StatusList.select().first()
        assert row
        assert bytes(row["document"]) == before
        assert "Could not check" in await sqlite_world.page(f"/v/{issued['code']}")
    assert (await sqlite_world.report(document)).withdrawn


async def test_sec_228_what_was_taken_along_verifies_when_we_are_gone(sqlite_world: World) -> None:
    """A credential, the history of its issuer's DID documents and its list, without any network.

    The limit is told, too: two weeks after the list was signed nobody can know the status any more.
    """
    issued = await sqlite_world.issued(maya())
    await rotate(sqlite_world.runtime, OPERATOR, "acme", after=AT_ONCE)
    credential = await sqlite_world.document(issued["uuid"])
    url = json.loads(credential)["credentialStatus"]["statusListCredential"]
    history = json.loads((await sqlite_world.http.get("/issuers/acme/did/history.json")).content)
    taken = {history["issuer"]: history["versions"][-1]["document"].encode()}
    taken[url] = (await sqlite_world.http.get(url)).content
    now = sqlite_world.clock()
    assert examine(credential, taken, DEFAULT, now).verdict is Outcome.PASSED
    later = examine(credential, taken, DEFAULT, now + timedelta(days=15))
    assert (later.verdict, later.decisive.number) == (Outcome.INCONCLUSIVE, 6)
    assert later.checks[4].result is Outcome.PASSED, "and who signed what stays certain for ever"


async def test_sec_231_whoever_rotates_while_it_closes_leaves_no_key_that_signs(world: World) -> None:
    """At the same moment, by many: what is closed has no active key for credentials, and nobody met a fault."""
    slugs = [f"ending-{number}" for number in range(6)]
    for slug in slugs:
        await register(world.runtime, slug, f"Ending {slug}")
    acts = [
        act
        for slug in slugs
        for act in (
            rotate(world.runtime, OPERATOR, slug, after=timedelta(0)),
            close(world.runtime, OPERATOR, slug),
            rotate(world.runtime, OPERATOR, slug, STATUS, after=timedelta(0)),
            declare_compromised(world.runtime, OPERATOR, slug, await active(slug), NOW),
        )
    ]
    ends = await asyncio.gather(*acts, return_exceptions=True)
    assert {type(end) for end in ends if isinstance(end, Exception)} <= {Refused}, ends
    for slug in slugs:
        assert "active" not in (await states(slug)).values()
        assert list((await states(slug, STATUS)).values()).count("active") == 1
    assert (await audit(world.runtime)).mismatches == ()

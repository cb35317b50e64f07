"""What this service refuses to do for an issuer that holds its own key, and what it still keeps for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.credentials.console import TYPED, issue, upload
from tests.credentials.holding import SLUG, answered, client, held_key, registered, reserved, signed, submit, work
from tests.credentials.replacements import replaced
from tests.platforms.test_grants import MAYA, answer
from tests.world import Clock, World, a_runtime, another, stage
from verify.audit.checking import audit
from verify.credentials.tables import Credential, StatusList
from verify.database import tx
from verify.http.access import OPERATOR, Role
from verify.http.refusals import Refused
from verify.issuers import appointing, holding
from verify.issuers.closing import close
from verify.issuers.equipping import equip
from verify.issuers.key_states import STATUS
from verify.issuers.rotating import rotate, settle
from verify.issuers.tables import DidVersion, IssuerKey
from verify.outside.fetching import Fetcher


async def test_nothing_that_needs_the_issuers_signature_is_done_without_it(world: World) -> None:
    key = await registered(world.runtime)
    issued = await client(world).credentials.issue_held(work(), key)
    before = await world.document(issued.uuid)
    correction = {"completion": another(issuer=SLUG)}
    successor = {**correction, "as": "successor", "reason": "The title was wrong."}
    for number, body in enumerate((correction, successor)):
        answer = await replaced(world, issued.uuid, body, key=f"r{number}")
        assert (answer.status_code, answer.json()["code"]) == (409, "other-custody")
    await appointing.appoint(world.runtime, SLUG, "bea@brightpath.example", Role.ADMIN)
    async with world.signed_in("bea@brightpath.example") as bea:
        for answer in (await issue(bea, TYPED, slug=SLUG), await upload(bea, SLUG, b"record\n1\n")):
            assert answer.status_code == 409
            assert "signed in another place" in answer.text
        page = (await bea.get(f"/console/{SLUG}/keys")).text
        assert "it was never here" in page
        assert f"/console/{SLUG}/issue" not in page, "what cannot be done is not offered"
        assert "Make a new key" not in page
    assert await world.document(issued.uuid) == before
    assert "Genuine and current" in await world.page(f"/v/{issued.code}")
    assert not (await audit(world.runtime)).mismatches


async def test_no_key_of_it_is_made_here_rotated_or_destroyed(world: World) -> None:
    await registered(world.runtime)
    for act in (
        rotate(world.runtime, OPERATOR, SLUG),
        rotate(world.runtime, OPERATOR, SLUG, STATUS),
        close(world.runtime, OPERATOR, SLUG),
    ):
        with pytest.raises(Refused) as error:
            await act
        assert error.value.kind == "other-custody"
    await equip(world.runtime)
    await settle(world.runtime)
    rows = await IssuerKey.select().where(IssuerKey.issuer == SLUG)
    assert [(row["purpose"], row["state"], bytes(row["wrapped"])) for row in rows] == [("credentials", "active", b"")]


async def test_its_did_document_has_a_history_too_and_the_last_version_is_what_is_served(world: World) -> None:
    await registered(world.runtime)
    second = held_key(world.runtime, bytes([9]) * 32)
    fetcher = Fetcher(world.runtime.network, world.runtime.now)
    await holding.change_held_key(world.runtime, fetcher, await answered(world.runtime, second))
    versions = await DidVersion.select().where(DidVersion.issuer == SLUG).order_by(DidVersion.number)
    served = (await world.http.get(f"/issuers/{SLUG}/did.json")).content
    assert [row["number"] for row in versions] == [1, 2]
    assert bytes(versions[-1]["document"]) == served
    assert hashlib.sha256(served).hexdigest() == versions[-1]["sha256"]
    states = {row["id"]: row["state"] for row in await IssuerKey.select().where(IssuerKey.issuer == SLUG)}
    assert states.pop(second.signer.public.multibase) == "active"
    assert list(states.values()) == ["retired"]
    assert not (await audit(world.runtime)).mismatches


async def test_sec_086_a_restored_database_asks_for_the_withdrawals_that_it_forgot(
    database_url: str, tmp_path: Path
) -> None:
    runtime = a_runtime(database_url, now=Clock(), data=tmp_path / "data")
    async with stage(database_url, runtime=runtime) as world:
        key = await registered(world.runtime)
        issued = await client(world).credentials.issue_held(work(), key)
        old = (await StatusList.select().where(StatusList.issuer == SLUG))[0]
        world.clock.move(minutes=1)
        await client(world).credentials.withdraw(issued.uuid, "Wrong intern.")
        assert await client(world).status_lists.sign_due(SLUG, key) == 1
        async with tx():  # as in an older copy
            await StatusList.update({name: old[name] for name in ("document", "published", "version")}).where(
                StatusList.id == old["id"]
            )
            await Credential.update(
                {Credential.state: "issued", Credential.withdrawn_at: None, Credential.reason: None}
            ).where(Credential.id == issued.uuid)
    async with stage(database_url, runtime=runtime) as world:
        world.clock.move(minutes=1)
        assert await client(world).status_lists.sign_due(SLUG, key) == 2  # that one, and a fresh one
        reservation = await reserved(world, key="after-the-restore")
        entry = reservation["unsigned"]["credentialStatus"]
        assert old["id"] not in entry["statusListCredential"]
        assert reservation["status_list"] is None
        document = signed(world, reservation["unsigned"], key)
        assert (await submit(world, reservation["uuid"], document)).status_code == 201
        assert "withdrawn" in await world.page(f"/v/{issued.code}")


@pytest.mark.parametrize("said", ["refuse", "take-back"])
async def test_what_was_reserved_before_she_said_no_is_not_issued_after_it(said: str, world: World) -> None:
    """Otherwise whoever holds its own key keeps a heap of reservations, and adds to her page for another day."""
    key = await registered(world.runtime)
    reservation = await reserved(world)
    document = signed(world, reservation["unsigned"], key)
    async with world.signed_in(MAYA) as her:
        if said == "take-back":
            assert (await answer(her, "allow")).status_code == 303
        assert (await answer(her, said)).status_code == 303
        refused = await submit(world, reservation["uuid"], document)
        assert (refused.status_code, refused.json()["code"]) == (403, "grant-refused")
        assert (await world.http.get(f"/credentials/{reservation['uuid']}")).status_code == 404
        assert (await answer(her, "allow")).status_code == 303
    assert (await submit(world, reservation["uuid"], document)).status_code == 201

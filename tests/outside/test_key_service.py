"""A key management service that is slow, down or lying: others go on, and no key is spoilt."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.credentials.holding import client, registered, work
from tests.issuers.test_keys import active
from tests.world import NOW, Clock, World, a_runtime, another, maya, stage
from verify.audit.checking import audit
from verify.database import TransactionMisused, tx
from verify.http.access import OPERATOR
from verify.issuers.closing import close
from verify.issuers.compromising import declare_compromised
from verify.issuers.describing import describe
from verify.issuers.key_emergencies import kek_compromised
from verify.issuers.key_states import CREDENTIALS, STATUS
from verify.issuers.registering import register
from verify.issuers.rewrapping import rewrap
from verify.issuers.rotating import rotate
from verify.issuers.tables import IssuerKey
from verify.outside import key_service
from verify.outside.key_custody import new_key, open_key
from verify.outside.key_service import AT_ONCE, asked
from verify.runtime import KeyEncryptionKey, KeyService, KeyServiceDown, Runtime
from verify.trail import signing_keys
from verify.trail.tables import TrailKey


class Vault:
    """Somebody else's key service, which does as told."""

    def __init__(self) -> None:
        self.key = KeyEncryptionKey(bytes([7]) * 32)
        self.answers = threading.Event()
        self.answers.set()
        self.down = self.spoils = self.mixes_up = False
        self.asked = self.waiting = self.most_waiting = 0
        self._lock = threading.Lock()

    def _answer(self) -> None:
        with self._lock:
            self.asked += 1
            self.waiting += 1
            self.most_waiting = max(self.waiting, self.most_waiting)
        self.answers.wait(60)
        with self._lock:
            self.waiting -= 1
        if self.down:
            raise ConnectionRefusedError("vault.internal")

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        self._answer()
        return bytes(60) if self.spoils else self.key.wrap(dek, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        self._answer()
        return bytes(32) if self.mixes_up else self.key.unwrap(wrapped, aad)

    @property
    def service(self) -> KeyService:
        return KeyService("vault/refolio/7", self.wrap, self.unwrap)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
async def kept(database_url: str, vault: Vault, tmp_path: Path) -> AsyncIterator[World]:
    """The world after its keys have moved to the vault, and a restart."""
    runtime = a_runtime(database_url, now=Clock(), data=tmp_path)
    moving = replace(runtime, kek=vault.service, previous_keks=(runtime.kek,))
    async with stage(database_url, runtime=moving) as world:
        assert (await rewrap(world.runtime, lambda done, total: None)).unreadable == ()
    async with stage(database_url, runtime=replace(runtime, kek=vault.service)) as world:
        world.clock = runtime.now  # type: ignore[assignment]  # the one that a_runtime() was given
        yield world
        vault.answers.set()


async def key_rows() -> list[tuple[str, str, bytes]]:
    rows = await IssuerKey.select().order_by(IssuerKey.id)
    return [(row["id"], row["state"], bytes(row["wrapped"])) for row in rows]


async def test_everything_that_is_done_with_keys_asks_outside_of_transactions(kept: World, vault: Vault) -> None:
    """In a thread with an event loop the vault may not be asked at all (key_custody), so nothing here blocks others."""
    runtime = kept.runtime
    issued = await kept.issued(maya())
    assert await register(runtime, "fresh", "Fresh Fields")
    stolen = await rotate(runtime, OPERATOR, "acme", CREDENTIALS, after=timedelta(0))
    await rotate(runtime, OPERATOR, "acme", STATUS)
    assert await declare_compromised(runtime, OPERATOR, "acme", stolen, NOW)
    await close(runtime, OPERATOR, "fresh")
    assert (await kept.withdraw(issued["uuid"])).status_code == 200
    await kept.issued(another())
    assert (await audit(runtime)).mismatches == ()
    elsewhere = replace(runtime, kek=KeyEncryptionKey(bytes([8]) * 32), previous_keks=(vault.service,))
    assert (await kek_compromised(elsewhere, NOW, declare=True)).declared.keys() == {
        "acme",
        "brightline",
        "mallory-inc",
        "fresh",
    }
    assert (await audit(elsewhere)).mismatches == ()


async def test_an_act_does_not_ask_the_vault_to_be_recorded(kept: World, vault: Vault) -> None:
    before = vault.asked
    await describe(kept.runtime, OPERATOR, "acme", {"url": "acme.example", "pledge": "yes"})
    assert vault.asked == before


async def test_inside_a_transaction_no_key_is_wrapped_or_opened(world: World) -> None:
    async with tx():
        with pytest.raises(TransactionMisused, match="before the transaction"):
            await asked(world.runtime, new_key, "acme", CREDENTIALS)


async def test_while_the_vault_hangs_others_are_served_and_the_request_can_be_sent_again(
    kept: World, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await registered(kept.runtime)
    seen = await kept.issued(maya())
    await kept.page(f"/v/{seen['code']}")
    monkeypatch.setattr(key_service, "SECONDS", 0.5)
    vault.answers.clear()
    body = another()
    waiting = [asyncio.create_task(kept.post(body, "once")), asyncio.create_task(kept.post(another()))]
    async with asyncio.timeout(20):
        assert "Genuine and current" in await kept.page(f"/v/{seen['code']}")
        assert (await client(kept).credentials.issue_held(work(), key)).code
        refused = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in refused} == {503}
    assert {answer.json()["code"] for answer in refused} == {"unavailable"}
    assert "Genuine and current" in await kept.page(f"/v/{seen['code']}")
    vault.answers.set()
    assert (await kept.post(body, "once")).status_code == 201


async def test_calls_that_hang_take_a_few_threads_and_no_more(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = replace(a_runtime("sqlite:///unused.db"), kek=vault.service)
    vault.answers.clear()
    monkeypatch.setattr(key_service, "SECONDS", 0.2)
    calls = (asked(runtime, new_key, "acme", CREDENTIALS) for _ in range(4 * AT_ONCE))
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(end) for end in ends} == {KeyServiceDown}
    assert vault.most_waiting == AT_ONCE
    vault.answers.set()
    monkeypatch.setattr(key_service, "SECONDS", 20.0)
    key, wrapped = await asked(runtime, new_key, "acme", CREDENTIALS)
    opened = await asked(runtime, open_key, wrapped, "acme", key.public.multibase, CREDENTIALS)
    assert opened.public == key.public


async def test_a_vault_that_is_down_changes_no_key_and_readers_do_not_notice(
    kept: World, vault: Vault, database_url: str
) -> None:
    issued, before = await kept.issued(maya()), await key_rows()
    assert "Genuine and current" in await kept.page(f"/v/{issued['code']}")
    vault.down = True
    refused = await kept.post(another())
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "vault.internal" not in refused.text
    signing = await active()
    with pytest.raises(KeyServiceDown):
        await rotate(kept.runtime, OPERATOR, "acme")
    with pytest.raises(KeyServiceDown):
        await declare_compromised(kept.runtime, OPERATOR, "acme", signing, NOW)
    with pytest.raises(KeyServiceDown):
        await register(kept.runtime, "fresh", "Fresh Fields")
    assert await key_rows() == before
    vault.down = False
    await kept.issued(another())
    vault.down = True
    async with stage(database_url, runtime=kept.runtime) as again:  # it also starts
        assert "Genuine and current" in await again.page(f"/v/{issued['code']}")


async def test_while_the_vault_is_down_old_lists_serve_and_a_withdrawal_is_never_denied(
    kept: World, vault: Vault
) -> None:
    stays, goes = await kept.issued(maya()), await kept.issued(another())
    assert "Genuine and current" in await kept.page(f"/v/{stays['code']}")
    vault.down = True
    kept.clock.move(days=2)
    assert "Genuine and current" in await kept.page(f"/v/{stays['code']}")
    assert (await kept.report(await kept.document(stays["uuid"]))).verdict.value == "passed"
    assert (await kept.withdraw(goes["uuid"])).status_code in (200, 503)
    assert "Genuine and current" not in await kept.page(f"/v/{goes['code']}")
    vault.down = False
    assert "Genuine, withdrawn by the issuer" in await kept.page(f"/v/{goes['code']}")


async def test_what_a_lying_vault_wraps_is_never_stored(kept: World, vault: Vault) -> None:
    before = await key_rows()
    vault.spoils = True
    with pytest.raises(KeyServiceDown, match="does not open again"):
        await rotate(kept.runtime, OPERATOR, "acme")
    back = replace(kept.runtime, kek=replace(vault.service, kek_id="vault/refolio/8"), previous_keks=(vault.service,))
    with pytest.raises(KeyServiceDown, match="does not open again"):
        await rewrap(back, lambda done, total: None)
    assert await key_rows() == before
    vault.spoils, vault.mixes_up = False, True
    assert (await kept.post(another())).status_code == 500, "a data key that is another one opens nothing"
    vault.mixes_up = False
    await kept.issued(another())
    assert (await audit(kept.runtime)).mismatches == ()


async def test_a_trail_key_that_another_process_made_is_used_when_it_has_been_opened(kept: World) -> None:
    """Until then the one before signs on, and nothing waits."""
    runtime: Runtime = kept.runtime
    key, wrapped = await asked(runtime, new_key, signing_keys.SERVICE, signing_keys.PURPOSE)
    newest = key.public.multibase
    kept.clock.move(seconds=1)
    await TrailKey(id=newest, wrapped=wrapped, created_at=kept.clock()).save()
    async with tx():
        assert (await signing_keys.current(runtime))[0].public.multibase != newest
    await kept.issued(another())
    await signing_keys.prepare(runtime)
    async with tx():
        assert (await signing_keys.current(runtime))[0].public.multibase == newest

"""The key-encryption key changes while the service works, and while the change itself is killed."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

import refolio
from refolio import Outcome
from tests.completions import another
from tests.issuers.kills import kill_while_rewrapping, look
from tests.issuers.operating import in_base64, run
from tests.serving import northfield, serving
from tests.world import KEK, PUBLIC_URL, Clock, a_runtime, stage
from verify.audit.checking import audit
from verify.credentials.tables import Credential
from verify.issuers.rewrapping import rewrap
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import new_key
from verify.runtime import KeyEncryptionKey

NEW = bytes([200]) * 32


def test_sec_209_five_kills_while_rewrapping_leave_every_key_readable(sqlite_url: str, tmp_path: Path) -> None:
    print(kill_while_rewrapping(sqlite_url, tmp_path, kills=5, issuers=12))  # noqa: T201


@pytest.mark.drill
def test_sec_209_fifty_kills_while_rewrapping_leave_every_key_readable(database_url: str, tmp_path: Path) -> None:
    print(kill_while_rewrapping(database_url, tmp_path, kills=50, issuers=40))  # noqa: T201


async def test_a_key_that_does_not_open_is_named_and_the_others_are_moved(sqlite_url: str) -> None:
    async with stage(sqlite_url) as world:
        stranger = replace(world.runtime, kek=KeyEncryptionKey(bytes([9]) * 32))
        key, wrapped = new_key(stranger, "acme", "credentials")
        broken = key.public.multibase
        row = IssuerKey(
            id=broken, issuer="acme", purpose="credentials", state="retired", wrapped=wrapped, created_at=world.clock()
        )
        await row.save()
        runtime = replace(world.runtime, kek=KeyEncryptionKey(NEW), previous_keks=(world.runtime.kek,))
        told: list[tuple[int, int]] = []
        result = await rewrap(runtime, lambda done, total: told.append((done, total)))
        assert (result.moved, result.current, result.unreadable) == (7, 0, (broken,))
        assert told == [(number, 8) for number in range(1, 9)]
        again = await rewrap(runtime, lambda done, total: None)
        assert (again.moved, again.current) == (0, 7)


class Issuing(threading.Thread):
    """Northfield issues for Acme, one after the other, until told to stop."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.over = address, threading.Event()
        self.issued: list[str] = []
        self.errors: list[str] = []

    def run(self) -> None:
        with northfield(self.address) as client:
            while not self.over.is_set():
                try:
                    completion = refolio.completion_from(another())
                    self.issued.append(client.credentials.issue(completion).id)
                except Exception as error:  # every one counts
                    self.errors.append(repr(error))


def test_sec_221_and_209_keys_rotate_while_credentials_are_issued(database_url: str, tmp_path: Path) -> None:
    """Five rotations at once, one of the status key, and one change of the key-encryption key, under steady issuing.

    The processes hold both key-encryption keys. Nothing fails, and every credential passes in the end.
    """
    processes = 2 if database_url.startswith("postgres") else 1
    both = {"REFOLIO_KEK_PREVIOUS": in_base64(NEW)}
    with serving(database_url, tmp_path, processes=processes, public_url=PUBLIC_URL, settings=both) as addresses:
        threads = [Issuing(address) for address in (addresses * 2)[:2]]
        begun = monotonic()
        for thread in threads:
            thread.start()
        for _ in range(5):
            run(database_url, tmp_path, NEW, [KEK.secret], "key", "rotate", "acme", "--now")
        run(database_url, tmp_path, NEW, [KEK.secret], "key", "rotate", "acme", "--purpose", "status", "--now")
        run(database_url, tmp_path, NEW, [KEK.secret], "key", "rewrap")
        count = sum(len(thread.issued) for thread in threads)
        for thread in threads:
            thread.over.set()
            thread.join(60)
        seconds = monotonic() - begun
    issued = [uuid for thread in threads for uuid in thread.issued]
    assert [error for thread in threads for error in thread.errors] == []
    assert len(issued) >= count > 20
    keys = asyncio.run(everything_holds(database_url, len(issued)))
    assert keys == 6, "each key signed some of them"
    print(f"{len(issued)} issued in {seconds:.1f} s with {keys} keys, 0 errors, all pass.")  # noqa: T201


async def everything_holds(database_url: str, count: int) -> int:
    """Look with the new key-encryption key alone; returns how many keys signed."""
    clock = Clock()
    runtime = replace(a_runtime(database_url, now=clock), kek=KeyEncryptionKey(NEW))
    async with stage(database_url, runtime=runtime) as world:
        opened, unreadable, current = await look(runtime)
        assert (unreadable, current) == (0, opened)
        rows = await Credential.select().order_by(Credential.issued_at)
        assert [row["state"] for row in rows] == ["issued"] * count
        clock.time = world.clock.time = rows[-1]["issued_at"] + timedelta(minutes=10)  # the processes had the real time
        for row in rows:
            assert (await world.report(bytes(row["document"]))).verdict is Outcome.PASSED
        assert (await audit(runtime)).mismatches == ()
    return len({row["key"] for row in rows})

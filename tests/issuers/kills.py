"""Re-wrapping that is killed again and again: after each kill every key must open. A small form, and a drill."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from random import Random  # noqa: TID251 - the moment of a kill does not matter, that it can be repeated does

from tests.issuers.operating import killed_after, run
from tests.world import KEK, a_runtime, stage
from verify.audit.checking import audit
from verify.issuers.registering import register
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import KeyUnreadable, is_current, open_key
from verify.runtime import KeyEncryptionKey, Runtime
from verify.trail.signing_keys import PURPOSE, SERVICE
from verify.trail.tables import TrailKey


def kek(number: int) -> bytes:
    """The key-encryption key of round ``number``; 0 is the one of the tests."""
    return KEK.secret if number == 0 else bytes([number]) * 32


async def more_issuers(database_url: str, count: int) -> None:
    async with stage(database_url) as world:
        for number in range(count):
            await register(world.runtime, f"issuer-{number}", f"Issuer {number}")


async def look(runtime: Runtime) -> tuple[int, int, int]:
    """How many keys open, how many do not, and how many lie under the current key."""
    rows = [(row["wrapped"], row["issuer"], row["id"], row["purpose"]) for row in await IssuerKey.select()]
    rows += [(row["wrapped"], SERVICE, row["id"], PURPOSE) for row in await TrailKey.select()]
    unreadable = 0
    for wrapped, *names in rows:
        try:
            open_key(runtime, bytes(wrapped), *names)
        except KeyUnreadable:
            unreadable += 1
    return len(rows) - unreadable, unreadable, sum(is_current(runtime, bytes(row[0])) for row in rows)


def kill_while_rewrapping(database_url: str, folder: Path, kills: int, issuers: int) -> str:
    """Each round goes to a new key-encryption key and dies on the way; returns the figures in a sentence."""
    dice = Random(1)
    asyncio.run(more_issuers(database_url, issuers))
    keys, halfway = 0, 0

    async def checked(runtime: Runtime) -> tuple[int, int, int]:
        async with stage(database_url, runtime=runtime):
            assert (await audit(runtime)).mismatches == ()
            return await look(runtime)

    for number in range(1, kills + 1):
        previous = [kek(before) for before in range(number)]
        told = killed_after(dice.randrange(1, 2 * issuers + 6), database_url, folder, kek(number), previous)
        both = replace(
            a_runtime(database_url),
            kek=KeyEncryptionKey(kek(number)),
            previous_keks=tuple(map(KeyEncryptionKey, previous)),
        )
        opened, unreadable, current = asyncio.run(checked(both))
        assert unreadable == 0, f"after kill {number}"
        assert current >= told - 1, "what was told was done"
        keys, halfway = opened, halfway + (0 < current < opened)
    everything = [kek(before) for before in range(kills)]
    said = run(database_url, folder, kek(kills), everything, "key", "rewrap")
    assert " keys moved under the key " in said
    alone = replace(a_runtime(database_url), kek=KeyEncryptionKey(kek(kills)))
    assert asyncio.run(checked(alone)) == (keys, 0, keys)
    return f"{kills} kills, {halfway} of them with some keys moved and others not; {keys} keys, 0 unreadable."

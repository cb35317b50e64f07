"""Recompute the chains of the audit trail and say where one does not hold."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from refolio.credential import base64url
from refolio.credential.keys import PublicKey
from verify.outside.key_custody import KeyUnreadable, open_key
from verify.outside.key_service import asked
from verify.runtime import Runtime
from verify.trail.recording import FIRST
from verify.trail.signing_keys import PURPOSE, SERVICE
from verify.trail.tables import TrailEntry, TrailHead, TrailKey

PAGE = 1_000
# What reading a cell raises that no program of ours has written, for example half a date: SQLite keeps anything.
UNREADABLE = (ValueError, TypeError, AttributeError, ArithmeticError)

RowKey = tuple[str, str]  # table name, primary key
Ends = Mapping[str, tuple[int, str]]  # scope → number and hash of the last entry of its chain


@dataclass(slots=True)
class Trail:
    """What the chains say as far as they were walked.

    ``digests``: the last digest of every row; ``ends``: number and hash of the last entry walked, by scope;
    ``witnessed``: ends of chains noted outside the database that were not met yet; ``unreadable``: scopes that were
    walked only up to an entry that cannot be read; ``mismatches``: what does not fit.
    """

    keys: dict[str, PublicKey] = field(default_factory=dict)
    digests: dict[RowKey, str] = field(default_factory=dict)
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    witnessed: dict[str, tuple[int, str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    entries: int = 0
    mismatches: list[str] = field(default_factory=list)


async def begin_walk(runtime: Runtime, witnessed: Ends | None = None) -> Trail:
    """A trail not walked yet, with the keys that may sign: those that open under our key-encryption key.

    Nobody can add such a key from outside. Each of the ``witnessed`` ends must be met on the way, so that entries
    cannot be cut off together with what they tell of (SEC-206).
    """
    trail = Trail(witnessed=dict(witnessed or {}))
    for row in await TrailKey.select():
        try:
            private = await asked(runtime, open_key, bytes(row["wrapped"]), SERVICE, row["id"], PURPOSE)
        except (KeyUnreadable, TypeError):
            trail.mismatches.append(f"trail_key {row['id']}: it does not open")
        else:
            trail.keys[row["id"]] = private.public
    return trail


async def walk_on(trail: Trail) -> None:
    """Walk every chain from where the last walk ended to its end."""
    for row in await TrailEntry.select(TrailEntry.scope).group_by(TrailEntry.scope).order_by(TrailEntry.scope):
        if row["scope"] not in trail.unreadable:
            try:
                await _walk(row["scope"], trail)
            except UNREADABLE:
                trail.unreadable.add(row["scope"])
                trail.mismatches.append(f"trail of {row['scope']}: some of its entries cannot be read")


async def hold() -> None:
    """Keep every act waiting at its end until this transaction is over: what is read from now on belongs together."""
    await TrailHead.update({TrailHead.number: TrailHead.number}, force=True)


async def check_ends(trail: Trail) -> None:
    """Compare the noted ends of the chains with those that were walked. Call it while the trail is held."""
    heads = {row["scope"]: (row["number"], row["hash"]) for row in await TrailHead.select()}
    for scope in sorted(heads.keys() | trail.ends.keys(), key=str):
        if heads.get(scope) != trail.ends.get(scope):
            trail.mismatches.append(f"trail_head {scope}: it is not the end of the chain")
    for scope, (number, _) in sorted(trail.witnessed.items()):
        trail.mismatches.append(f"trail of {scope}: entry {number} is not the one that was noted")


async def _walk(scope: str, trail: Trail) -> None:
    number, previous = trail.ends.get(scope, (0, FIRST))
    async for row in _entries(scope, number):
        place = f"trail of {scope}, entry {row['number']}"
        number += 1
        if row["number"] != number:
            trail.mismatches.append(f"{place}: entry {number} should come here")
            number = row["number"]
        is_ours = _signed(row, trail.keys)
        trail.mismatches.extend(f"{place}: {reason}" for reason in _faults(row, previous, is_ours=is_ours))
        previous = row["hash"]
        if trail.witnessed.get(scope) == (number, previous):
            del trail.witnessed[scope]
        trail.entries += 1
        if is_ours:  # what anybody may have written vouches for no row
            for table, key, digest in msgspec.json.decode(row["body"])["rows"]:
                trail.digests[table, key] = digest
    trail.ends[scope] = (number, previous)


async def _entries(scope: str, after: int) -> AsyncIterator[Mapping[str, Any]]:
    last = after or -(2**62)  # from the very beginning also what has no business there
    while page := (
        await TrailEntry.select()
        .where(TrailEntry.scope == scope, TrailEntry.number > last)
        .order_by(TrailEntry.number)
        .limit(PAGE)
    ):
        for row in page:
            yield row
        last = page[-1]["number"]


def _faults(row: Mapping[str, Any], previous: str, *, is_ours: bool) -> list[str]:
    """Every reason not to believe this entry. What the columns repeat of the body must be the same there."""
    faults = []
    if _hash(row) != row["hash"]:
        faults.append("its text was changed")
    if not is_ours:
        faults.append("its signature does not hold")
    try:
        body = msgspec.json.decode(row["body"])
        if body["previous"] != previous:
            faults.append("it does not follow the entry before")
        said = (body["scope"], body["number"], body["act"], body["about"], datetime.fromisoformat(body["at"]))
        if said != tuple(row[name] for name in ("scope", "number", "act", "about", "at")):
            faults.append("its columns say other than its text")
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        faults.append("its text cannot be read")
    return faults


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(row["body"].encode()).hexdigest()


def _signed(row: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> bool:
    """Did one of our keys sign just this text?"""
    try:
        message, signature = bytes.fromhex(_hash(row)), base64url.decode(row["signature"])
    except ValueError:
        return False
    return row["key"] in keys and keys[row["key"]].verify(signature, message)

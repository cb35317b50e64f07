"""SEC-046: a good body, changed in hundreds of ways; each is issued whole and verifies, or is refused politely."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pytest

from refolio import Outcome
from tests.world import Members, World, maya
from verify.credentials.tables import Credential

VALUES: list[Any] = [
    None, True, 0, -1, 10**15, 2**53, [], [[]], {}, {"": ""}, [None], {"@id": "x"},
    "", " ", "\n", "0", "x", "x" * 201, "x" * 5000, "<b>&amp;", "_:b0", "@id", "en\n", "acme\n", "x-a",
    "a\x00b", "a\tb", "\ud800", "\u202eevil", "a\u200bb", "\ufeff", "é", "e\u0301", "\u0085", "\U000e0041", "👍",
    "https://a.example/<x>", "https://a.example/\\", 'https://a.example/"', "https://a.example/%zz", "https://a.example/^`{|}",
    "javascript:alert(1)", "maya@northfield.example\n", "a@b.example" + "x" * 250,
    "2026-02-30", "2026-08-24T00:00:00Z", "0001-01-01", "9999-12-31", "1e3", "0.1", "40.", "٤٢", "-0", "NaN",
]  # fmt: skip


def mutants(members: Members) -> Iterator[tuple[str, Members]]:
    """Every member taken out, renamed, doubled into a list and replaced by each of the values above."""
    for path in list(_paths(members)):
        name = ".".join(map(str, path))
        for number, value in enumerate(VALUES):
            yield f"{name} = value {number}", _changed(members, path, lambda at, key, v=value: at.__setitem__(key, v))
        yield f"{name} removed", _changed(members, path, lambda at, key: at.__delitem__(key))
        yield f"{name} in a list", _changed(members, path, lambda at, key: at.__setitem__(key, [at[key]] * 2))
        if isinstance(path[-1], str):
            yield f"{name} renamed", _changed(members, path, lambda at, key: at.__setitem__(f"{key}_", at.pop(key)))


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield (*path, key)
        yield from _paths(member, (*path, key))


def _changed(members: Members, path: tuple[str | int, ...], change: Any) -> Members:
    mutant = copy.deepcopy(members)
    at: Any = mutant
    for key in path[:-1]:
        at = at[key]
    change(at, path[-1])
    return mutant


async def outcomes(world: World, bodies: Iterable[bytes]) -> Counter[int]:
    """Send every body as a new request; insist that each is answered in full, and kept in full or not at all."""
    statuses: Counter[int] = Counter()
    for body in bodies:
        answer = await world.post(body, query="?allow_duplicate=true")
        statuses[answer.status_code] += 1
        if answer.status_code == 201:
            assert (await world.report(await world.document(answer.json()["uuid"]))).verdict is Outcome.PASSED, body
        else:
            problem = answer.json()
            assert 400 <= answer.status_code < 500, (body, problem)
            assert problem["detail"], body
            assert problem["fix"], body
            assert all(all(fault.values()) for fault in problem["faults"]), (body, problem)
    rows = await world.rows()
    assert rows["credential"] == rows["answered_request"] == statuses[201]
    assert await Credential.count().where(Credential.state == "issued") == statuses[201]
    return statuses


async def test_three_hundred_mutants_are_issued_whole_or_refused_politely(world: World, database_url: str) -> None:
    start = 0 if database_url.startswith("sqlite") else 5  # other mutants on each engine
    bodies = [json.dumps(mutant).encode() for _, mutant in islice(mutants(maya()), start, None, 10)]
    statuses = await outcomes(world, bodies)
    assert statuses.total() >= 300
    assert statuses[201] > 20, "a test that only ever sees refusals proves little"


async def test_bodies_cut_or_changed_at_any_byte_are_issued_whole_or_refused_politely(sqlite_world: World) -> None:
    good = json.dumps(maya()).encode()
    cut = [good[:length] for length in range(0, len(good), 40)]
    changed = [good[:at] + bytes([byte]) + good[at + 1 :] for at in range(0, len(good), 31) for byte in (0, 0x22, 0xFF)]
    await outcomes(sqlite_world, cut + changed)


@pytest.mark.drill
async def test_every_mutant(world: World) -> None:
    await outcomes(world, (json.dumps(mutant).encode() for _, mutant in mutants(maya())))

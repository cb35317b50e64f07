"""kill -9 at every step of replacing, then a restart: there is the old or the new, never both and never neither.

SEC-193, SEC-194.
"""

from __future__ import annotations

import json

import pytest

from refolio import Outcome
from tests.credentials.dying import REPLACING
from tests.credentials.replacements import CORRECTION, NEW, OLD, SUCCESSOR, replaced
from tests.credentials.test_crash import killed_at
from tests.world import stage
from verify.audit.checking import audit
from verify.credentials.tables import AnsweredRequest, Credential, CredentialEdition

CORRECTING = [step for step, (_, _, body) in REPLACING.items() if body is CORRECTION]
SUCCEEDING = [step for step, (_, _, body) in REPLACING.items() if body is SUCCESSOR]


def name_in(document: bytes) -> str:
    identifiers = json.loads(document)["credentialSubject"]["identifier"]
    return next(one["identityHash"] for one in identifiers if one["identityType"] == "name")


@pytest.mark.parametrize("step", CORRECTING)
async def test_a_correction_is_whole_or_not_there(step: str, database_url: str) -> None:
    killed_at(step, database_url)
    async with stage(database_url) as world:
        (row,) = await Credential.select()
        document = bytes(row["document"])
        begun = not step.startswith("inside-the-reservation")
        assert name_in(document) == (NEW if begun else OLD)
        assert row["edition"] == (2 if begun else 1)
        assert (await world.report(document)).verdict is Outcome.PASSED
        world.clock.move(hours=5)
        answer = await replaced(world, row["id"], CORRECTION)
        assert (answer.status_code, answer.json()["edition"]) == (200, 2)
        if begun:
            assert await world.document(row["id"]) == document, "a retry signs nothing anew"
        assert [one["state"] for one in await CredentialEdition.select().order_by(CredentialEdition.number)] == [
            "superseded",
            "current",
        ]
        assert await AnsweredRequest.count() == 2
        assert (await audit(world.runtime)).mismatches == ()


@pytest.mark.parametrize("step", SUCCEEDING)
async def test_a_successor_comes_with_the_withdrawal_or_neither_does(step: str, database_url: str) -> None:
    killed_at(step, database_url)
    async with stage(database_url) as world:
        rows = {row["replaces"] is None: row for row in await Credential.select()}
        begun = not step.startswith("inside-the-reservation")
        assert len(rows) == (2 if begun else 1)
        assert rows[True]["state"] == ("withdrawn" if begun else "issued")
        answer = await replaced(world, rows[True]["id"], SUCCESSOR)
        assert answer.status_code == 201
        if begun:
            assert answer.json()["uuid"] == rows[False]["id"]
        for row in await Credential.select():
            report = await world.report(bytes(row["document"]))
            assert report.verdict is (Outcome.PASSED if row["replaces"] else Outcome.FAILED)
            assert report.withdrawn is (row["replaces"] is None)
        assert await Credential.count() == 2
        assert (await audit(world.runtime)).mismatches == ()

"""kill -9 at every step of issuing and withdrawing, then a restart: nothing is lost, doubled or unknown.

SEC-193, SEC-194.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from refolio import Outcome
from refolio.credential.status_list import decode, is_set
from tests.comparing import alike
from tests.credentials.holding import submit
from tests.live_demo import REPOSITORY
from tests.world import MEMBERS, PUBLIC_URL, World, another, maya, stage
from verify.credentials.codes import code_of
from verify.credentials.tables import AnsweredRequest, Credential
from verify.issuers.tables import IssuerKey


def killed_at(step: str, database_url: str) -> bytes:
    """Let a process issue Maya's credential under the key ``k`` until it dies; return what it had signed by then."""
    command = [sys.executable, "-W", "error", "-m", "tests.credentials.dying", step, database_url]
    process = subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=60)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    return process.stdout


async def nothing_is_left_open(world: World) -> None:
    """What must be true of the database at all times but in the middle of a request."""
    rows = await Credential.select()
    for row in rows:
        document = json.loads(bytes(row["document"]))
        assert row["state"] in ("issued", "withdrawn")
        assert row["code"] == code_of(bytes(row["document"]))
        assert document["id"] == f"{PUBLIC_URL}/credentials/{row['id']}"
        assert document["credentialStatus"]["statusListIndex"] == str(row["status_index"])
        expected = Outcome.PASSED if row["state"] == "issued" else Outcome.FAILED
        assert (await world.report(bytes(row["document"]))).verdict is expected
    assert len({(row["status_list"], row["status_index"]) for row in rows}) == len(rows)
    answered = [row["credential"] for row in await AnsweredRequest.select(AnsweredRequest.credential)]
    assert sorted(answered) == sorted(row["id"] for row in rows)


@pytest.mark.parametrize("step", ["after-the-reservation", "between-signing-and-storing", "before-the-answer"])
async def test_after_a_kill_there_is_exactly_one_credential_and_a_retry_gets_it(step: str, database_url: str) -> None:
    signed = killed_at(step, database_url)
    async with stage(database_url) as world:
        await nothing_is_left_open(world)
        world.clock.move(hours=5)  # bytes and times are those of the reservation, not of the retry
        issued = await world.issued(maya(), key="k")
        document = await world.document(issued["uuid"])
        assert await Credential.count() == 1
        await world.issued(another())
        await nothing_is_left_open(world)
    assert signed == (document if step == "between-signing-and-storing" else b"")


async def test_a_kill_inside_the_reservation_leaves_nothing(database_url: str) -> None:
    killed_at("inside-the-reservation", database_url)
    async with stage(database_url) as world:
        rows = await world.rows()
        assert (rows["credential"], rows["answered_request"], rows["status_list"]) == (0, 0, 0)
        assert rows["person"] == len(MEMBERS)
        await world.issued(maya(), key="k")
        await nothing_is_left_open(world)


async def test_a_withdrawal_stands_although_its_process_died_before_the_list_was_published(database_url: str) -> None:
    killed_at("before-the-list-is-published", database_url)
    async with stage(database_url) as world:
        (row,) = await Credential.select()
        assert row["state"] == "withdrawn"
        listed = (await world.http.get(f"/status/{row['status_list']}")).json()
        assert is_set(decode(listed["credentialSubject"]["encodedList"]), row["status_index"])
        assert (await world.withdraw(row["id"], "Wrong dates.")).status_code == 200
        await nothing_is_left_open(world)


async def test_a_reservation_is_nowhere_to_be_seen_until_a_restart_finishes_it(database_url: str) -> None:
    async with stage(database_url) as world:
        (key,) = await IssuerKey.select(IssuerKey.id, IssuerKey.wrapped).where(
            IssuerKey.issuer == "acme", IssuerKey.purpose == "credentials"
        )
        await IssuerKey.update({IssuerKey.wrapped: b"damaged"}).where(IssuerKey.id == key["id"])
        assert (await world.post(maya(), "k")).status_code == 500
        (row,) = await Credential.select(Credential.id, Credential.state, Credential.document, Credential.code)
        assert (row["state"], row["document"], row["code"]) == ("reserved", None, None)
        absent = "00000000-0000-4000-8000-000000000000"
        for path in ("/credentials/{}", "/credentials/{}/status"):
            hidden, missing = [await world.http.get(path.format(uuid)) for uuid in (row["id"], absent)]
            assert hidden.status_code == 404
            assert alike(hidden, row["id"]) == alike(missing, absent)
        assert (await world.withdraw(row["id"])).status_code == 404
        await IssuerKey.update({IssuerKey.wrapped: bytes(key["wrapped"])}).where(IssuerKey.id == key["id"])
    async with stage(database_url) as world:
        await nothing_is_left_open(world)
        assert (await world.issued(maya(), key="k"))["uuid"] == row["id"]


async def test_one_reservation_that_cannot_be_finished_keeps_nobody_else_waiting(database_url: str) -> None:
    async with stage(database_url) as world:
        await IssuerKey.update({IssuerKey.wrapped: b"damaged"}).where(IssuerKey.issuer == "acme")
        assert (await world.post(maya())).status_code == 500
    async with stage(database_url) as world:
        await world.issued(another(issuer="brightline"))


@pytest.mark.parametrize("step", ["before-the-submission-is-stored", "after-the-submission-is-stored"])
async def test_after_a_kill_a_signed_document_is_submitted_again_and_there_is_one_credential(
    step: str, database_url: str
) -> None:
    signed = killed_at(step, database_url)
    uuid = json.loads(signed)["id"].rpartition("/")[2]
    async with stage(database_url) as world:
        assert (await world.http.get(f"/credentials/{uuid}")).status_code == (404 if step.startswith("before") else 200)
        assert (await submit(world, uuid, signed)).status_code == 201
        assert await world.document(uuid) == signed
        await nothing_is_left_open(world)

"""The journal of a batch: what it knows is not asked for again, and nothing that happens to the file loses anything."""

from __future__ import annotations

import resource
from pathlib import Path

import msgspec
import pytest

from refolio import IssuedCredential, RequestRefused
from refolio.client.idempotency import content_key
from refolio.client.journal import Journal
from tests.client.batches import SERVICE, Run, refusal, works
from tests.client.batches import run as run
from tests.client.conftest import KEY


async def test_what_a_journal_knows_is_not_asked_for_again(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "batch.jsonl"
    first = await run.outcomes(5, journal=journal)
    asked = len(run.service.asked)
    again = await run.outcomes(8, journal=journal)
    assert again[:5] == first
    assert [outcome.state for outcome in again] == ["issued"] * 8
    assert sorted(run.service.asked[asked:]) == ["R-5", "R-6", "R-7"]


async def test_a_torn_last_line_costs_one_request(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "batch.jsonl"
    await run.outcomes(3, journal=journal, workers=1)
    journal.write_bytes(journal.read_bytes()[:-40])
    run.service.asked.clear()
    assert len(await run.outcomes(3, journal=journal)) == 3
    assert run.service.asked == ["R-2"]
    run.service.asked.clear()
    assert len(await run.outcomes(3, journal=journal)) == 3
    assert run.service.asked == []


async def test_what_is_refused_is_not_taken_down(run: Run, tmp_path: Path) -> None:
    run.service.respond = lambda record, times: refusal(403)
    await run.outcomes(1, journal=tmp_path / "batch.jsonl")
    run.service.respond = None
    assert [outcome.state for outcome in await run.outcomes(1, journal=tmp_path / "batch.jsonl")] == ["issued"]


@pytest.mark.parametrize("other", [{"url": "https://other.example"}, {"key": KEY.replace("rf_test", "rf_live")}])
async def test_the_journal_of_another_service_is_refused(other: dict[str, str], run: Run, tmp_path: Path) -> None:
    await run.outcomes(1, journal=tmp_path / "batch.jsonl")
    with pytest.raises(RequestRefused, match="Name another file"):
        await run.outcomes(1, journal=tmp_path / "batch.jsonl", **other)  # type: ignore[arg-type]


async def test_a_file_that_is_no_journal_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "placements.csv"
    file.write_text("record;intern\n")
    with pytest.raises(RequestRefused, match="not the journal"):
        await run.outcomes(1, journal=file)
    assert (file.read_text(), run.service.asked) == ("record;intern\n", [])


@pytest.mark.parametrize("content", [b'{"journal": "\xff"}\n', b"[" * 100_000, b"\x00" * 9, b'{"journal": 7}\n', b"\n"])
async def test_what_was_never_a_journal_is_refused_whatever_it_holds(content: bytes, run: Run, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(content)
    with pytest.raises(RequestRefused, match="not the journal"):
        await run.outcomes(1, journal=tmp_path / "photo")


async def test_a_journal_is_a_file(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="is not a file"):
        await run.outcomes(1, journal=Path("/dev/full"))  # reading it would never end
    with pytest.raises(OSError, match="directory"):
        await run.outcomes(1, journal=tmp_path)


async def test_a_journal_that_cannot_be_written_is_named_and_nothing_is_lost(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "batch.jsonl"
    await run.outcomes(2, journal=journal, workers=1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size + 100, limits[1]))  # as on a full disk
    try:
        with pytest.raises(OSError, match=r"batch\.jsonl"):
            await run.outcomes(5, journal=journal, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    run.service.asked.clear()
    assert [outcome.state for outcome in await run.outcomes(5, journal=journal)] == ["issued"] * 5
    assert sorted(run.service.asked) == ["R-2", "R-3", "R-4"]


async def test_two_programs_may_share_a_journal(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "batch.jsonl"
    service = f"{SERVICE}#test"
    with Journal(journal, service) as one, Journal(journal, service) as other:
        for number, completion in enumerate(works(6)):
            credential = msgspec.convert({**run.service.issued, "record": completion.record}, IssuedCredential)
            (one if number % 2 else other).add(content_key(completion), credential)
        for each in (one, other):
            found = [each.find(content_key(completion)) for completion in works(6)]
            assert {known.record for known in found if known} <= {f"R-{number}" for number in range(6)}
    assert [outcome.issued.record for outcome in await run.outcomes(6, journal=journal) if outcome.issued] == [
        f"R-{number}" for number in range(6)
    ]
    assert run.service.asked == []

"""A batch from its one call: every outcome told, on through refusals, an end when nothing helps, memory bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from refolio import (
    AuthenticationFailed,
    Client,
    Completion,
    Hours,
    Intern,
    IssueOutcome,
    Progress,
    RateLimited,
    RequestRefused,
    Unavailable,
)
from tests.client.batches import SERVICE, Run, Service, refusal, works
from tests.client.batches import run as run
from tests.client.conftest import KEY, a_completion


async def test_outcomes_come_in_the_order_of_the_completions(run: Run) -> None:
    out = await run.outcomes(30)
    assert [outcome.number for outcome in out] == list(range(1, 31))
    assert [outcome.issued.record for outcome in out if outcome.issued] == [f"R-{one}" for one in range(30)]
    assert [so_far.done for so_far in run.progress] == list(range(1, 31))
    assert run.progress[-1] == Progress(issued=30, total=None)


async def test_it_goes_on_after_a_refusal_and_tells_the_fault(run: Run) -> None:
    good = run.service.good
    run.service.respond = lambda record, times: refusal(422) if record in ("R-1", "R-4") else good(record, times)
    out = await run.outcomes(6)
    assert [outcome.state for outcome in out] == ["issued", "refused", "issued", "issued", "refused", "issued"]
    error = out[1].error
    assert isinstance(error, RequestRefused)
    assert (error.faults[0].field, run.service.asked.count("R-1")) == ("issuer", 1)
    assert (run.progress[-1].issued, run.progress[-1].refused) == (4, 2)


async def test_a_record_that_cannot_be_sent_is_refused_and_the_others_are_issued(run: Run, tmp_path: Path) -> None:
    half = a_completion(record="R-2", intern=Intern(name="Maya \udc00", email="maya@northfield.example"))
    endless = a_completion(record="R-3", hours=Hours(total=10**30, basis="logged"))
    many = [*works(2), half, endless, a_completion(record="R-4")]
    for journal in (None, tmp_path / "batch.jsonl"):
        out = await run.outcomes(many, journal=journal)
        assert [outcome.state for outcome in out] == ["issued", "issued", "refused", "refused", "issued"]
        assert "lone surrogate" in str(out[2].error)
        assert "JavaScript" in str(out[3].error)


async def test_it_waits_as_long_as_it_is_told(run: Run) -> None:
    good = run.service.good
    run.service.respond = lambda record, times: refusal(429, Retry_After="7") if times < 10 else good(record, times)
    assert [outcome.state for outcome in await run.outcomes(2, patience=0)] == ["issued"] * 2
    assert 18 * 7 <= sum(run.pauses) <= 18 * 8


async def test_it_does_not_wait_for_days(run: Run) -> None:
    run.service.respond = lambda record, times: refusal(429, Retry_After="999999999")
    out: list[IssueOutcome] = []
    with pytest.raises(RateLimited) as caught:
        await run.into(out, 1000, workers=1)
    assert caught.value.retry_after == 999999999.0
    assert (run.service.asked, run.pauses) == (["R-0"], [])


async def test_a_busy_service_is_given_the_time_that_it_asks_for(run: Run) -> None:
    good = run.service.good
    run.service.respond = lambda record, times: refusal(503, Retry_After="40") if times < 3 else good(record, times)
    assert [outcome.state for outcome in await run.outcomes(1)] == ["issued"]
    assert 80 <= sum(run.pauses) <= 82


async def test_a_night_without_the_service_is_got_over(run: Run) -> None:
    good = run.service.good
    run.service.respond = lambda record, times: refusal(503) if times < 1200 else good(record, times)
    assert [outcome.state for outcome in await run.outcomes(1, patience=1e9)] == ["issued"]


async def test_it_stops_when_no_key_would_help(run: Run) -> None:
    run.service.respond = lambda record, times: refusal(401)
    out: list[IssueOutcome] = []
    with pytest.raises(AuthenticationFailed):
        await run.into(out, 1000, workers=1)
    assert run.service.asked == ["R-0"]
    assert out[0].state == "refused"
    assert {outcome.state for outcome in out[1:]} <= {"gave-up"}


async def test_it_gives_up_when_nothing_is_heard(run: Run) -> None:
    good = run.service.good
    run.service.respond = lambda record, times: good(record, times) if record == "R-0" else refusal(503)
    out: list[IssueOutcome] = []
    with pytest.raises(Unavailable):
        await run.into(out, 1000, workers=1, patience=0)
    assert [outcome.state for outcome in out[:2]] == ["issued", "gave-up"]
    assert len(out) < 10
    assert set(run.service.asked) == {"R-0", "R-1"}


@pytest.mark.parametrize("workers", [0, 65, -1])
async def test_a_number_of_workers_that_cannot_be_meant(workers: int, run: Run) -> None:
    with pytest.raises(RequestRefused, match="1 to 64"):
        await run.outcomes(1, workers=workers)


def test_only_a_few_completions_are_held_at_a_time(issued: dict[str, object]) -> None:
    made: list[int] = []

    def source() -> Iterator[Completion]:
        for number, completion in enumerate(works(100_000)):
            made.append(number)
            yield completion

    with httpx.Client(transport=httpx.MockTransport(Service(issued)), base_url=SERVICE) as http:
        outcomes = Client(KEY, http=http).credentials.issue_many(source(), workers=2)
        for _ in range(5):
            next(outcomes)
        outcomes.close()  # type: ignore[attr-defined]
    assert len(made) <= 5 + 2 * 4


def test_an_error_of_the_source_is_the_callers(issued: dict[str, object]) -> None:
    def source() -> Iterator[Completion]:
        yield from works(3)
        raise ValueError("row 4")

    with httpx.Client(transport=httpx.MockTransport(Service(issued)), base_url=SERVICE) as http:
        client = Client(KEY, http=http)
        with pytest.raises(ValueError, match="row 4"):
            list(client.credentials.issue_many(source()))


def test_whoever_stops_listening_does_not_wait_for_what_does_not_come(issued: dict[str, object]) -> None:
    service = Service(issued)
    service.respond = lambda record, times: service.good(record, times) if record == "R-0" else refusal(503)
    with httpx.Client(transport=httpx.MockTransport(service), base_url=SERVICE) as http:
        outcomes = Client(KEY, http=http, sleep=lambda _: None).credentials.issue_many(works(10), workers=2)
        assert next(outcomes).state == "issued"
        outcomes.close()  # type: ignore[attr-defined]

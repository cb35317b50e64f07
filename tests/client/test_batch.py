"""A batch from its one call: every outcome told, on through refusals, an end when nothing helps, memory bounded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from refolio import (
    AsyncClient,
    AuthenticationFailed,
    Client,
    Completion,
    IssueOutcome,
    Progress,
    RequestRefused,
    Unavailable,
)
from tests.client.conftest import KEY, a_completion

Respond = Callable[[str, int], httpx.Response]  # from the record and how often it was asked for
SERVICE = "http://localhost:1"


class Service:
    """Answers by the record that is sent, and remembers what it was asked for."""

    def __init__(self, issued: dict[str, object], respond: Respond | None = None) -> None:
        self.issued, self.respond, self.asked = issued, respond, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        record = json.loads(request.content)["record"]
        self.asked.append(record)
        return (self.respond or self.good)(record, self.asked.count(record))

    def good(self, record: str, _: int) -> httpx.Response:
        return httpx.Response(201, json={**self.issued, "record": record})

    async def in_future(self, request: httpx.Request) -> httpx.Response:
        return self(request)


def refusal(status: int, **headers: str) -> httpx.Response:
    fault = {"field": "issuer", "reason": "There is none.", "fix": "Check it."}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, json={"detail": "No.", "code": "no", "faults": [fault]})


def works(number: int) -> Iterator[Completion]:
    return (a_completion(record=f"R-{one}") for one in range(number))


class Run:
    """The same batch by either client."""

    def __init__(self, kind: str, service: Service) -> None:
        self.kind, self.service = kind, service
        self.pauses: list[float] = []
        self.progress: list[Progress] = []

    async def outcomes(
        self, number: int, url: str = SERVICE, key: str = KEY, **arguments: object
    ) -> list[IssueOutcome]:
        out: list[IssueOutcome] = []
        await self.into(out, number, url, key, **arguments)
        return out

    async def into(
        self, out: list[IssueOutcome], number: int, url: str = SERVICE, key: str = KEY, **arguments: object
    ) -> None:
        """Add the outcomes to ``out``, also those before an error."""
        given: dict[str, object] = {"progress": self.progress.append, "workers": 3, **arguments}
        if self.kind == "Client":
            with httpx.Client(transport=httpx.MockTransport(self.service), base_url=url) as http:
                client = Client(key, http=http, sleep=self.pauses.append)
                for outcome in client.credentials.issue_many(works(number), **given):  # type: ignore[arg-type]
                    out.append(outcome)
            return

        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async def source() -> AsyncIterator[Completion]:
            for completion in works(number):
                yield completion

        async with httpx.AsyncClient(transport=httpx.MockTransport(self.service.in_future), base_url=url) as http_:
            client_ = AsyncClient(key, http=http_, sleep=sleep)
            async for outcome in client_.credentials.issue_many(source(), **given):  # type: ignore[arg-type]
                out.append(outcome)


@pytest.fixture(params=["Client", "AsyncClient"])
def run(request: pytest.FixtureRequest, issued: dict[str, object]) -> Run:
    return Run(request.param, Service(issued))


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


async def test_it_waits_as_long_as_it_is_told(run: Run) -> None:
    good = run.service.good
    run.service.respond = lambda record, times: refusal(429, Retry_After="7") if times < 10 else good(record, times)
    assert [outcome.state for outcome in await run.outcomes(2, patience=0)] == ["issued"] * 2
    assert len(run.pauses) == 18
    assert all(7 <= pause <= 8 for pause in run.pauses)


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

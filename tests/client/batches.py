"""Batches by either client against a service that answers by the record, for the tests of both."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from refolio import AsyncClient, Client, Completion, IssueOutcome, Progress
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


def works(asked: int | list[Completion]) -> Iterator[Completion]:
    """Those given, or so many."""
    return iter(asked) if isinstance(asked, list) else (a_completion(record=f"R-{one}") for one in range(asked))


class Run:
    """The same batch by either client."""

    def __init__(self, kind: str, service: Service) -> None:
        self.kind, self.service = kind, service
        self.pauses: list[float] = []
        self.progress: list[Progress] = []

    async def outcomes(
        self, asked: int | list[Completion], url: str = SERVICE, key: str = KEY, **arguments: object
    ) -> list[IssueOutcome]:
        out: list[IssueOutcome] = []
        await self.into(out, asked, url, key, **arguments)
        return out

    async def into(
        self,
        out: list[IssueOutcome],
        asked: int | list[Completion],
        url: str = SERVICE,
        key: str = KEY,
        **arguments: object,
    ) -> None:
        """Add the outcomes to ``out``, also those before an error."""
        given: dict[str, object] = {"progress": self.progress.append, "workers": 3, **arguments}
        if self.kind == "Client":
            with httpx.Client(transport=httpx.MockTransport(self.service), base_url=url) as http:
                client = Client(key, http=http, sleep=self.pauses.append)
                for outcome in client.credentials.issue_many(works(asked), **given):  # type: ignore[arg-type]
                    out.append(outcome)
            return

        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async def source() -> AsyncIterator[Completion]:
            for completion in works(asked):
                yield completion

        async with httpx.AsyncClient(transport=httpx.MockTransport(self.service.in_future), base_url=url) as http_:
            client_ = AsyncClient(key, http=http_, sleep=sleep)
            async for outcome in client_.credentials.issue_many(source(), **given):  # type: ignore[arg-type]
                out.append(outcome)


@pytest.fixture(params=["Client", "AsyncClient"])
def run(request: pytest.FixtureRequest, issued: dict[str, object]) -> Run:
    return Run(request.param, Service(issued))

"""Issue many credentials: several at a time, in bounded memory, on through refusals, and on again after a crash."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Literal

from refolio.client.idempotency import content_key
from refolio.client.issued import IssuedCredential
from refolio.client.journal import Journal
from refolio.client.requests import backoff
from refolio.credential.model import Completion
from refolio.errors import AuthenticationFailed, RateLimited, RequestRefused, ServiceError, Unavailable

WORKERS = 4
MOST_WORKERS = 64
PATIENCE = 300.0  # seconds without any answer after which a batch gives up
LONGEST_WAIT = 3600.0  # seconds; a service that asks for more is told of instead
LOOKS_EVERY = 1.0  # seconds in which whoever waits sees that the batch is over
AHEAD = 4  # how many completions are taken for each worker before the first of them is done


@dataclass(frozen=True, slots=True)
class IssueOutcome:
    """What became of one completion of a batch; ``number`` counts from 1 in the order they came.

    ``issued``: there is a credential. ``refused``: ``error`` says why, with ``error.faults``. ``gave-up``: no answer
    came in time; whether it was issued is not known, and the same batch again finds out.
    """

    number: int
    completion: Completion
    state: Literal["issued", "refused", "gave-up"]
    issued: IssuedCredential | None = None
    error: ServiceError | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. ``total`` is None when the number of completions is not known beforehand."""

    issued: int = 0
    refused: int = 0
    gave_up: int = 0
    total: int | None = None

    @property
    def done(self) -> int:
        """How many have an outcome."""
        return self.issued + self.refused + self.gave_up

    def after(self, outcome: IssueOutcome) -> Progress:
        """One outcome further."""
        name = outcome.state.replace("-", "_")
        return replace(self, **{name: getattr(self, name) + 1})


class Batch:
    """The part of a batch that knows no threads: what is known already, when to send again, when to give up."""

    def __init__(
        self,
        completions: object,
        *,
        workers: int,
        progress: Callable[[Progress], None] | None,
        journal: Journal | None,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 1 <= workers <= MOST_WORKERS:
            raise RequestRefused(f"A batch has 1 to {MOST_WORKERS} workers.")
        self.workers: int = workers
        self._told, self._journal, self._patience, self._clock = progress, journal, patience, clock
        self._progress = Progress(total=len(completions) if isinstance(completions, Sized) else None)
        self._heard_at = clock()
        self.fault: ServiceError | None = None
        self.is_over = False

    def known(self, number: int, completion: Completion) -> IssueOutcome | None:
        """The outcome of a completion that an earlier run issued, or that is not sent because the batch has ended."""
        if self.fault:
            return IssueOutcome(number, completion, "gave-up", error=self.fault)
        found = self._journal.find(content_key(completion)) if self._journal else None
        return IssueOutcome(number, completion, "issued", found) if found else None

    def issued(self, number: int, completion: Completion, credential: IssuedCredential) -> IssueOutcome:
        """Take it down."""
        self._heard_at = self._clock()
        if self._journal:
            self._journal.add(content_key(completion), credential)
        return IssueOutcome(number, completion, "issued", credential)

    def judge(self, number: int, completion: Completion, error: ServiceError, attempt: int) -> IssueOutcome | float:
        """The outcome that an error means, or for how many seconds to wait before sending again."""
        if self.is_over:  # nobody waits for it any more
            return IssueOutcome(number, completion, "gave-up", error=error)
        dice = random.random()  # noqa: S311 - spreads retries, protects nothing
        if isinstance(error, RateLimited):
            self._heard_at = self._clock()
        if isinstance(error, Unavailable):
            asked = error.retry_after
            patient = isinstance(error, RateLimited) or self._clock() - self._heard_at < self._patience
            if self.fault is None and patient and (asked or 0.0) <= LONGEST_WAIT:
                return asked + dice if asked else backoff(attempt, dice)
            self.fault = self.fault or error
            return IssueOutcome(number, completion, "gave-up", error=error)
        self._heard_at = self._clock()
        if not isinstance(error, RequestRefused) or isinstance(error, AuthenticationFailed):
            self.fault = self.fault or error  # it would be the same for every other
        return IssueOutcome(number, completion, "refused", error=error)

    def tell(self, outcome: IssueOutcome) -> IssueOutcome:
        """Report it."""
        self._progress = self._progress.after(outcome)
        if self._told:
            self._told(self._progress)
        return outcome


def opened(journal: str | PathLike[str] | None, service: str) -> Journal | nullcontext[None]:
    """The journal, if there is to be one, for a ``with`` statement."""
    return nullcontext() if journal is None else Journal(Path(journal), service)


def issue_all(
    batch: Batch,
    completions: Iterable[Completion],
    issue: Callable[[Completion], IssuedCredential],
    sleep: Callable[[float], None],
) -> Iterator[IssueOutcome]:
    """Issue in threads and yield the outcomes in order. Raises what stopped the batch after the last of them."""

    def one(number: int, completion: Completion) -> IssueOutcome:
        attempt = 0
        while True:
            attempt += 1
            try:
                if known := batch.known(number, completion):
                    return known
                return batch.issued(number, completion, issue(completion))
            except ServiceError as error:
                judged = batch.judge(number, completion, error, attempt)
            if isinstance(judged, IssueOutcome):
                return judged
            while judged > 0 and not (batch.is_over or batch.fault):  # in steps, so that Ctrl-C ends it soon
                sleep(min(judged, LOOKS_EVERY))
                judged -= LOOKS_EVERY

    waiting: deque[Future[IssueOutcome]] = deque()
    with ThreadPoolExecutor(batch.workers, thread_name_prefix="issue") as threads:
        try:
            for number, completion in enumerate(completions, 1):
                if batch.fault:
                    break
                waiting.append(threads.submit(one, number, completion))
                if len(waiting) >= batch.workers * AHEAD:
                    yield batch.tell(waiting.popleft().result())
            while waiting:
                yield batch.tell(waiting.popleft().result())
        finally:
            batch.is_over = True
            threads.shutdown(wait=True, cancel_futures=True)
    if batch.fault:
        raise batch.fault


async def issue_all_async(
    batch: Batch,
    completions: Iterable[Completion] | AsyncIterable[Completion],
    issue: Callable[[Completion], Awaitable[IssuedCredential]],
    sleep: Callable[[float], Awaitable[None]],
) -> AsyncIterator[IssueOutcome]:
    """As ``issue_all``, with tasks."""
    free = asyncio.Semaphore(batch.workers)

    async def one(number: int, completion: Completion) -> IssueOutcome:
        async with free:
            attempt = 0
            while True:
                attempt += 1
                try:
                    if known := batch.known(number, completion):
                        return known
                    return batch.issued(number, completion, await issue(completion))
                except ServiceError as error:
                    judged = batch.judge(number, completion, error, attempt)
                if isinstance(judged, IssueOutcome):
                    return judged
                await sleep(judged)

    waiting: deque[asyncio.Task[IssueOutcome]] = deque()
    number = 0
    try:
        async for completion in _each(completions):
            if batch.fault:
                break
            number += 1
            waiting.append(asyncio.create_task(one(number, completion)))
            if len(waiting) >= batch.workers * AHEAD:
                yield batch.tell(await waiting[0])
                waiting.popleft()
        while waiting:
            yield batch.tell(await waiting[0])
            waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    if batch.fault:
        raise batch.fault


async def _each(completions: Iterable[Completion] | AsyncIterable[Completion]) -> AsyncIterator[Completion]:
    if isinstance(completions, AsyncIterable):
        async for completion in completions:
            yield completion
    else:
        for completion in completions:
            yield completion

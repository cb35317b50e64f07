"""The asynchronous client: the same as ``Client``, to be awaited."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from refolio.client import keys, requests
from refolio.client.credentials import AsyncCredentials
from refolio.client.events import AsyncEvents
from refolio.client.grants import AsyncGrants
from refolio.client.issuers import AsyncIssuers
from refolio.client.keys import ApiKey
from refolio.client.plugins import AsyncPlugins
from refolio.client.references import AsyncReferences
from refolio.client.requests import Answer, Request
from refolio.client.status_lists import AsyncStatusLists
from refolio.client.webhooks import AsyncWebhooks
from refolio.errors import ServiceError


class AsyncClient:
    """Talks to one service with one API key. Close it, or use it in an ``async with`` statement.

    Arguments, retries and errors are those of ``Client``; ``http`` is an httpx.AsyncClient of yours.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = requests.DEFAULT_URL,
        http: httpx.AsyncClient | None = None,
        *,
        timeout: float = requests.TIMEOUT,
        attempts: int = requests.MOST_ATTEMPTS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._authorization = {"Authorization": f"Bearer {requests.require_api_key(api_key)}"}
        self._owned = http is None
        if http is not None and http.base_url.host:
            self._base_url = str(http.base_url).rstrip("/")
        else:
            self._base_url = requests.require_base_url(base_url)
        self._http = http or httpx.AsyncClient(
            trust_env=False,
            timeout=httpx.Timeout(timeout, connect=min(timeout, requests.CONNECT_TIMEOUT)),
            limits=httpx.Limits(max_connections=requests.CONNECTIONS),
        )
        # Requests beyond the connections wait here: inside of httpx each of them costs every other one time, and its
        # wait would count as a service that does not answer.
        self._turn = asyncio.Semaphore(requests.CONNECTIONS)
        self._sleep, self._attempts = sleep, attempts
        self.issuers: AsyncIssuers = AsyncIssuers(self._send)
        self.status_lists: AsyncStatusLists = AsyncStatusLists(self._send, now)
        self.credentials: AsyncCredentials = AsyncCredentials(
            self._send, self._send_once, now, sleep, requests.account_at(self._base_url, api_key)
        )
        self.grants: AsyncGrants = AsyncGrants(self._send)
        self.references: AsyncReferences = AsyncReferences(self._send)
        self.plugins: AsyncPlugins = AsyncPlugins(self._send)
        self.events: AsyncEvents = AsyncEvents(self._send, sleep)
        self.webhooks: AsyncWebhooks = AsyncWebhooks(self._send)

    async def key(self) -> ApiKey:
        """``Client.key``, to be awaited."""
        return keys.key_in(await self._send(keys.key_request()))

    async def close(self) -> None:
        """Close the connections, unless they belong to an ``http`` of yours."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, request: Request, attempts: int | None = None) -> Answer:
        headers = {"Accept-Encoding": "gzip, deflate", **request.headers}
        if not request.public:
            headers |= self._authorization
        attempt = 0
        while True:
            attempt += 1
            try:
                async with (
                    self._turn,
                    self._http.stream(
                        request.method,
                        self._base_url + request.path,
                        headers=headers,
                        content=request.body or None,
                        follow_redirects=False,  # the API key goes to this service and nowhere else
                    ) as response,
                ):
                    requests.require_packing(response.headers)
                    body = bytearray()
                    async for chunk in response.aiter_bytes():
                        requests.extend(body, chunk)
            except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
                failure: ServiceError = requests.unreachable(self._base_url, error)
            else:
                answer = Answer(response.status_code, dict(response.headers), bytes(body))
                refusal = requests.failure_in(answer)
                if refusal is None:
                    return answer
                failure = refusal
            dice = random.random()  # noqa: S311 - spreads retries, protects nothing
            pause = requests.pause_before_retry(request, failure, attempt, dice, attempts or self._attempts)
            if pause is None:
                raise failure
            await self._sleep(pause)

    async def _send_once(self, request: Request) -> Answer:
        return await self._send(request, 1)

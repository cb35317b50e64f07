"""The asynchronous client: the same as ``Client``, to be awaited."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from refolio.client import held, keys, requests
from refolio.client.client import TIMEOUT
from refolio.client.keys import ApiKey
from refolio.client.plugins import AsyncPlugins
from refolio.client.requests import Answer, IssuedCredential, Request
from refolio.credential.issuing import HeldKey
from refolio.credential.model import Completion
from refolio.errors import Conflict, ServiceError


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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._authorization = {"Authorization": f"Bearer {requests.require_api_key(api_key)}"}
        self._owned = http is None
        if http is not None and http.base_url.host:
            self._base_url = str(http.base_url).rstrip("/")
        else:
            self._base_url = requests.require_base_url(base_url)
        self._http = http or httpx.AsyncClient(trust_env=False, timeout=TIMEOUT)
        self._sleep = sleep
        self.status_lists = AsyncStatusLists(self._send, now)
        self.credentials = AsyncCredentials(self._send, now)
        self.plugins = AsyncPlugins(self._send)

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

    async def _send(self, request: Request) -> Answer:
        headers = {**request.headers, **({} if request.public else self._authorization)}
        attempt = 0
        while True:
            attempt += 1
            asked = None
            try:
                async with self._http.stream(
                    request.method,
                    self._base_url + request.path,
                    headers=headers,
                    content=request.body or None,
                    follow_redirects=False,  # the API key goes to this service and nowhere else
                ) as response:
                    body = bytearray()
                    async for chunk in response.aiter_bytes():
                        requests.extend(body, chunk)
            except httpx.RequestError as error:
                failure: ServiceError = requests.unreachable(self._base_url, error)
            else:
                answer = Answer(response.status_code, dict(response.headers), bytes(body))
                refusal = requests.failure_in(answer)
                if refusal is None:
                    return answer
                failure, asked = refusal, requests.retry_after(answer)
            dice = random.random()  # noqa: S311 - spreads retries, protects nothing
            pause = requests.pause_before_retry(request, failure, attempt, asked, dice)
            if pause is None:
                raise failure
            await self._sleep(pause)


class AsyncCredentials:
    """``client.credentials`` of an AsyncClient; what each does and raises is written at ``Credentials``."""

    def __init__(self, send: Callable[[Request], Awaitable[Answer]], now: Callable[[], datetime]) -> None:
        self._send, self._now = send, now

    async def issue(
        self, completion: Completion, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue a credential for a completion, or return the one already issued for it."""
        return requests.credential_in(
            await self._send(requests.issue_request(completion, idempotency_key, allow_duplicate=allow_duplicate))
        )

    async def issue_held(
        self, completion: Completion, key: HeldKey, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue for an issuer that holds its own key: reserve, check, sign (in a thread), submit."""
        asked = held.reserve_request(completion, idempotency_key, allow_duplicate=allow_duplicate)
        reservation = held.reservation_in(await self._send(asked))
        if reservation.unsigned is None:
            return await self.get(reservation.uuid)
        signed = await asyncio.to_thread(held.signed_credential, completion, reservation.unsigned, key, self._now())
        if listed := reservation.status_list:
            await _put(self._send, reservation.issuer, listed, key, self._now)
        return requests.credential_in(await self._send(held.submit_request(reservation, signed)))

    async def withdraw(
        self, credential: str | IssuedCredential, reason: str, *, kind: str | None = None
    ) -> IssuedCredential:
        """Withdraw a credential for good; ``reason`` is public. Again with the same reason changes nothing.

        ``kind`` is wrong-facts, issued-by-mistake, wrong-person, misconduct, duplicate, requested-by-intern or other.
        """
        return requests.credential_in(await self._send(requests.withdraw_request(credential, reason, kind)))

    async def replace(
        self,
        credential: str | IssuedCredential,
        completion: Completion,
        *,
        successor: bool = False,
        reason: str | None = None,
        kind: str | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedCredential:
        """Put a credential right: a newer edition of it, or a ``successor`` with the ``reason`` of the withdrawal."""
        request = requests.replace_request(
            credential, completion, idempotency_key, successor=successor, reason=reason, kind=kind
        )
        return requests.credential_in(await self._send(request))

    async def get(self, credential: str | IssuedCredential) -> IssuedCredential:
        """Return what the service knows about a credential, given by UUID, URL or an earlier answer."""
        return requests.credential_in(await self._send(requests.get_request(credential)))

    async def document(self, credential: str | IssuedCredential) -> bytes:
        """Return the signed credential, byte for byte as it was issued. Keep these bytes; never re-encode them."""
        return (await self._send(requests.document_request(credential))).body


class AsyncStatusLists:
    """``client.status_lists`` of an AsyncClient; what it does and raises is written at ``StatusLists``."""

    def __init__(self, send: Callable[[Request], Awaitable[Answer]], now: Callable[[], datetime]) -> None:
        self._send, self._now = send, now

    async def sign_due(self, issuer: str, key: HeldKey) -> int:
        """Sign every status list of ``issuer`` that is due, and return how many there were."""
        due = held.lists_in(await self._send(held.lists_request(issuer)))
        for listed in due:
            await _put(self._send, issuer, listed, key, self._now)
        return len(due)


async def _put(
    send: Callable[[Request], Awaitable[Answer]],
    issuer: str,
    listed: held.UnsignedList,
    key: HeldKey,
    now: Callable[[], datetime],
) -> None:
    for _ in range(held.ROUNDS):
        signed = await asyncio.to_thread(held.signed_list, listed, key, now())
        try:
            await send(held.put_request(issuer, listed.list, signed))
            return
        except Conflict as conflict:
            error = conflict
        again = [one for one in held.lists_in(await send(held.lists_request(issuer))) if one.list == listed.list]
        if not again:
            return
        (listed,) = again
    raise error

"""Get a document that a stranger's credential names, without becoming the stranger's hand inside our network.

https only, to where aiming.py lets us go; no redirects, cookies, proxies or passwords out of the environment; no
compression; 5 seconds and 1 MiB (SEC-093 to 098, 101, 105).

The service asks on behalf of anybody, so it must not be an amplifier either (SEC-102): what was fetched, or could not
be, is remembered for a minute, the same address is asked for once by all who want it, few requests are under way
at a time, and one host gets at most so many a minute, however many names lead to it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

import httpx

from refolio.credential.verification import Found, Unfetched
from verify.outside.aiming import OutOfBounds, aim, tls_context
from verify.runtime import Network

SECONDS = 5.0
MAX_BYTES = 1024 * 1024
REMEMBERED = timedelta(seconds=60)
MOST_REMEMBERED = 256
MOST_BYTES_REMEMBERED = 16 * 1024 * 1024
MOST_UNDER_WAY = 16
MOST_A_MINUTE = 60  # requests to one address
_ACCEPT = "application/vc, application/did+json;q=0.9, application/json;q=0.8, */*;q=0.1"


class Fetcher:
    """Fetches for the whole process; ``now`` is its clock."""

    def __init__(self, network: Network, now: Callable[[], datetime]) -> None:
        self._network = network
        self._now = now
        self._remembered: OrderedDict[str, tuple[datetime, Found]] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[Found]] = {}
        self._slots = asyncio.Semaphore(MOST_UNDER_WAY)
        self._minute: tuple[datetime | None, Counter[str]] = (None, Counter())

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._network)

    async def fetch(self, url: str) -> Found:
        """Return the document, or why it could not be had. Never raises; at most a minute old."""
        seen = self._remembered.get(url)
        if seen and timedelta(0) <= self._now() - seen[0] < REMEMBERED:
            return seen[1]
        task = self._under_way.get(url)
        if task is None:
            task = self._under_way[url] = asyncio.create_task(self._ask(url))
            task.add_done_callback(lambda _: self._under_way.pop(url, None))
        return await asyncio.shield(task)

    async def _ask(self, url: str) -> Found:
        try:
            async with asyncio.timeout(SECONDS):
                async with self._slots:
                    found = await self._get(url)
        except TimeoutError:
            found = Unfetched(f"its host did not answer in full within {SECONDS:g} seconds.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError):
            # One sentence for all of them: which ports answer, and how, is nobody's business (SEC-104).
            found = Unfetched("no secure connection to its host could be made.")
        self._remember(url, found)
        return found

    def _remember(self, url: str, found: Found) -> None:
        self._remembered.pop(url, None)
        self._remembered[url] = (self._now(), found)
        while len(self._remembered) > MOST_REMEMBERED or self._bytes_remembered() > MOST_BYTES_REMEMBERED:
            self._remembered.popitem(last=False)

    def _bytes_remembered(self) -> int:
        return sum(len(found) for _, found in self._remembered.values() if isinstance(found, bytes))

    async def _get(self, url: str) -> Found:
        try:
            target = await aim(self._network, url)
        except OutOfBounds as error:
            return Unfetched(str(error))
        if not self._may_ask(target.address):
            return Unfetched("its host was asked too often just now; try again in a minute.")
        headers = {"Host": target.authority, "Accept": _ACCEPT, "Accept-Encoding": "identity", "User-Agent": "Refolio"}
        async with (
            httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
            client.stream("GET", target.url, headers=headers, extensions={"sni_hostname": target.name}) as response,
        ):
            return await _body(response)

    def _may_ask(self, address: str) -> bool:
        now = self._now().replace(second=0, microsecond=0)
        if self._minute[0] != now:
            self._minute = (now, Counter())
        self._minute[1][address] += 1
        return self._minute[1][address] <= MOST_A_MINUTE


async def _body(response: httpx.Response) -> Found:
    if response.has_redirect_location or 300 <= response.status_code < 400:
        return Unfetched("its host sends us on to another address, which is not followed.")
    if response.status_code != 200:
        return Unfetched(f"its host answered {response.status_code}.")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return Unfetched("its host sent it compressed, which was not asked for.")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            return Unfetched(f"what its host sends is larger than {MAX_BYTES // 1024:,} KiB.")
    return bytes(body)

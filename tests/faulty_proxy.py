"""A network that loses things: a real TCP proxy between client and service that spoils most of what passes it.

Of each request, by seeded dice: it is lost before the service has it; its answer is lost, or cut in the middle; the
answer is a 500, given instead of asking or after the service has done its part; or all goes well.
"""

from __future__ import annotations

import asyncio
import random  # noqa: TID251 - seeded: the same faults in every run
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

FAULTS = ("lost", "answer lost", "answer cut", "500 instead", "500 afterwards")
FAULTY = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class FaultyProxy:
    """``address`` is where it listens; ``happened`` counts what it did."""

    def __init__(self, service: str, seed: int, share: float) -> None:
        self.address = ""
        self.happened: Counter[str] = Counter()
        self._host, self._port = urlsplit(service).hostname, urlsplit(service).port
        self._dice, self._share = random.Random(seed), share

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request and what becomes of it."""
        with suppress(OSError, asyncio.IncompleteReadError):
            request = await _message(reader)
            fault = self._dice.choice(FAULTS) if self._dice.random() < self._share else "all well"
            self.happened[fault] += 1
            if fault == "500 instead":
                writer.write(FAULTY)
            elif fault != "lost":
                writer.write(_spoilt(await self._forwarded(request), fault))
            await writer.drain()
        writer.close()

    async def _forwarded(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(
            re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", request).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        )
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


def _spoilt(answer: bytes, fault: str) -> bytes:
    spoilt = {"answer lost": b"", "answer cut": answer[: len(answer) // 2], "500 afterwards": FAULTY}
    return spoilt.get(fault, answer)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@asynccontextmanager
async def faulty_proxy(service: str, *, seed: int = 1, share: float = 0.6) -> AsyncIterator[FaultyProxy]:
    """A proxy before the service at this address; ``share`` of all requests goes wrong."""
    proxy = FaultyProxy(service, seed, share)
    server = await asyncio.start_server(proxy.answer, "localhost", 0, backlog=2048)
    async with server:
        proxy.address = f"http://localhost:{server.sockets[0].getsockname()[1]}"
        yield proxy

"""The service on this machine alone, for as long as a block lasts: what the demo and the emulator stand on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from verify.app import create_app
from verify.runtime import Runtime


class _Server(uvicorn.Server):
    """uvicorn, and an event that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # the port was taken meanwhile, and uvicorn has said so
            self.should_exit = True
        if self.started:
            self.ready.set()


@asynccontextmanager
async def on_localhost(runtime: Runtime) -> AsyncIterator[asyncio.Task[None] | None]:
    """The server as a task, yielded when it accepts connections; None when it could not start.

    Ctrl-C ends it in good order.
    """
    port = runtime.settings.port
    config = uvicorn.Config(create_app(runtime), host="localhost", port=port, log_level="warning", server_header=False)
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        yield task if server.ready.is_set() else None
    finally:  # also when it is stopped while it starts
        ready.cancel()
        server.should_exit = True
        await task


def taken(port: int) -> bool:
    """Does something answer on this port already?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("localhost", port)) == 0

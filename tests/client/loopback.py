"""A server on this machine that answers exactly as a test tells it, byte by byte, and remembers what it was sent."""

from __future__ import annotations

import contextlib
import json
import socketserver
import ssl
import threading
from collections.abc import Callable
from typing import cast

Behaviour = bytes | Callable[["Connection"], None]


def answer(status: int, body: bytes | dict[str, object] = b"", **headers: str) -> bytes:
    """A complete HTTP/1.1 answer; ``Retry_After="1"`` becomes a Retry-After header."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Connection(socketserver.StreamRequestHandler):
    """One connection: reads one request, then does what the script says."""

    wrapped: ssl.SSLSocket | None = None
    head = b""  # of the request

    def finish(self) -> None:
        super().finish()
        if self.wrapped:
            self.wrapped.close()

    def handle(self) -> None:
        server = cast("Loopback", self.server)
        server.connections += 1
        with contextlib.suppress(OSError):  # the client may leave whenever it has seen enough
            if server.tls:
                self.wrapped = server.tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.wrapped.makefile("rb"), self.wrapped.makefile("wb", buffering=0)
            self.say(server.greeting)
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := self.rfile.readline(65536)):
                head += line
            if not head:
                return
            self.head = head
            server.received.append(head + self.rfile.read(_content_length(head)))
            behaviour = server.next_for(head.split(b" ", 2)[1].decode())
            if callable(behaviour):
                behaviour(self)
            else:
                self.say(behaviour)

    def say(self, content: bytes) -> None:
        self.wfile.write(content)

    def drip(self, content: bytes) -> None:
        """One byte at a time, slowly, until the content or the test ends."""
        for byte in content:
            self.say(bytes([byte]))
            if cast("Loopback", self.server).over.wait(0.02):
                return


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Loopback(socketserver.ThreadingTCPServer):
    """``script`` is used up answer by answer, its last one for good; ``pages`` goes before it, by path."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.tls = tls
        self.greeting = b""  # said before anything is read, as a server of another protocol does
        self.script: list[Behaviour] = [answer(404)]
        self.pages: dict[str, Behaviour] = {}
        self.received: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def next_for(self, path: str) -> Behaviour:
        if path in self.pages:
            return self.pages[path]
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def headers(self, number: int = -1) -> dict[str, str]:
        """Headers of a request received, names in lower case."""
        lines = self.received[number].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def body(self, number: int = -1) -> bytes:
        return self.received[number].partition(b"\r\n\r\n")[2]

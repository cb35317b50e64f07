"""Connections that stop at a deadline and, unless told otherwise, never lead inside.

A name is resolved once, its addresses are judged, and the connection goes to one of exactly those addresses, so a
name that answers differently the second time gains nothing (SEC-095). TLS still checks the name.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import TypeAlias

import httpcore
from httpcore import NetworkBackend, NetworkStream, SyncBackend

from refolio.addresses import is_public

SocketOption: TypeAlias = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class InsideAddressError(Exception):
    """Every address of the name belongs to this machine or to a private network."""


class UnknownNameError(Exception):
    """The name has no address."""


class GuardedBackend(NetworkBackend):
    """Opens connections for one request, which must be over by ``deadline`` (of time.monotonic())."""

    def __init__(self, deadline: float, *, allow_private: bool) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._inner = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> NetworkStream:
        addresses = _resolve(host, port, _left(self._deadline))
        if not self._allow_private:
            addresses = [address for address in addresses if is_public(address)]
            if not addresses:
                raise InsideAddressError
        error: Exception = httpcore.ConnectError()
        for address in addresses[:4]:
            try:
                stream = self._inner.connect_tcp(address, port, _left(self._deadline), socket_options=socket_options)
            except httpcore.ConnectError as refused:
                error = refused
            else:
                return _DeadlineStream(stream, self._deadline)
        raise error


class _DeadlineStream(NetworkStream):
    """Gives every read and write only the time that is left, so that a slow drip ends too (SEC-101)."""

    def __init__(self, inner: NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _DeadlineStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name. In a thread, because the system's resolver knows no deadline."""
    found: list[str] = []

    def look_up() -> None:
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            return

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise httpcore.ConnectTimeout
    if not found:
        raise UnknownNameError
    return list(dict.fromkeys(found))

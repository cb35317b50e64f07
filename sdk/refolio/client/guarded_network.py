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
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

import httpcore
from httpcore import NetworkBackend, NetworkStream, SyncBackend

SocketOption: TypeAlias = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

# Our own list and not ``is_global``, which changes between Python releases and lets multicast and NAT64 pass (SEC-093).
_INSIDE = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/3", "168.63.129.16/32"),
        ),
    )
)
# Of IPv6 only global unicast, less what tunnels to IPv4 (Teredo, 6to4), documentation and benchmarking.
_OUTSIDE_V6 = ip_network("2000::/3")
_INSIDE_V6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class InsideAddressError(Exception):
    """Every address of the name belongs to this machine or to a private network."""


class UnknownNameError(Exception):
    """The name has no address."""


def is_public(address: str) -> bool:
    """True for an address on the open Internet."""
    match ip_address(address.partition("%")[0]):
        case IPv4Address() as v4:
            return not any(v4 in network for network in _INSIDE)
        case IPv6Address() as v6:
            return v6 in _OUTSIDE_V6 and not any(v6 in network for network in _INSIDE_V6)


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

"""What a request says of who sends it: the API key in its header, the address it comes from, the action of its door."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from litestar import Request

from verify.http.access import Action
from verify.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Call:
    """One request with an API key, before anybody knows whose it is. ``address`` is text and may be anything."""

    authorization: str | None
    address: str
    action: Action


def call_of(request: Request[Any, Any, Any]) -> Call:
    """The call, with the action that its route declares."""
    action: Action = request.route_handler.opt["action"]
    return Call(request.headers.get("authorization"), address_of(request), action)


def address_of(request: Request[Any, Any, Any]) -> str:
    """The address that the request comes from: the socket's peer, or what trusted proxies (``REFOLIO_PROXIES``) say.

    ``X-Forwarded-For`` is read from its end, as long as it was a trusted proxy that wrote it: whatever a client put
    there itself is never reached. "" where there is no address, as on a Unix socket.
    """
    runtime: Runtime = request.app.state.runtime
    trusted = runtime.settings.proxies
    address = request.client.host if request.client else ""
    hops = ",".join(request.headers.getall("x-forwarded-for", [])).split(",")
    while hops and (known := parsed_address(address)) and any(known in network for network in trusted):
        address = hops.pop().strip() or address
    return address


def parsed_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text``; an IPv4 address that is written as an IPv6 one is the former."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address

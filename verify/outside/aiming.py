"""Where a request to somebody else's server may go: judged as text, then by the one address its name has just now.

A name is resolved once, its addresses are judged, and the connection goes to one of exactly those, so that a name which
answers differently the second time gains nothing (SEC-093 to 098). TLS still checks the name.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from refolio.addresses import PLAIN_URL, is_public
from verify.runtime import Network

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class OutOfBounds(Exception):
    """Nothing is asked there; the message says why, and nothing of what is inside."""


@dataclass(frozen=True, slots=True)
class Target:
    """``url`` holds ``address`` in the place of the name; ``authority`` is for the Host header, ``name`` for TLS."""

    url: str
    address: str
    authority: str
    name: str


async def aim(network: Network, url: str, *, loopback: bool = False) -> Target:
    """Resolve the host of a plain https URL and choose the address to connect to. Raises OutOfBounds.

    ``loopback`` also lets in this very machine, there with plain http too: for a service that runs on it for tests.
    """
    parts = PLAIN_URL.fullmatch(url)
    if parts is None:
        raise OutOfBounds("its address is not a plain web address.")
    secure, here = parts["scheme"] == "https", loopback and parts["host"].lower() in LOOPBACK
    port = int(parts["port"] or (network.https_port if secure else 80))
    if not 0 < port < 65536:
        raise OutOfBounds("its address is not a plain web address.")
    if not secure and not here:
        raise OutOfBounds("its address begins with http://, and only https:// is trusted.")
    host = parts["host"].strip("[]")
    try:
        addresses = await network.resolve(host, port)
    except (OSError, UnicodeError):
        addresses = []
    address = next((one for one in addresses if _may_be_reached(network, one, here)), None)
    if address is None:
        raise OutOfBounds("its host is not on the public Internet, or its name is not known.")
    literal = f"[{address}]" if ":" in address else address
    authority = parts["host"] + (f":{parts['port']}" if parts["port"] else "")
    return Target(f"{parts['scheme']}://{literal}:{port}{parts['rest']}", address, authority, host)


def _may_be_reached(network: Network, address: str, here: bool) -> bool:
    if here:
        return ip_address(address.partition("%")[0]).is_loopback
    return network.allow_private or is_public(address)


def tls_context(network: Network) -> ssl.SSLContext:
    """Trusts the public authorities, or those of the network; never looks into the environment (SEC-105)."""
    if network.authorities:
        return ssl.create_default_context(cafile=str(network.authorities))
    return httpx.create_ssl_context(trust_env=False)

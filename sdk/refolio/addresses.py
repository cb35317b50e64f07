"""Which addresses may be asked for a stranger's document: judged here, once, for the partner's client and the service.

Pure: nothing is resolved and nothing is connected to.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# One strict form instead of a parser's opinion: no user name, backslash, fragment, space or control (SEC-098).
PLAIN_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>(?:[/?][A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*)?)"
)

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


def is_public(address: str) -> bool:
    """True for an address on the open Internet."""
    match ip_address(address.partition("%")[0]):
        case IPv4Address() as v4:
            return not any(v4 in network for network in _INSIDE)
        case IPv6Address() as v6:
            return v6 in _OUTSIDE_V6 and not any(v6 in network for network in _INSIDE_V6)

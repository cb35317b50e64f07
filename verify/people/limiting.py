"""How often something may be asked for: counters in the database, so that all processes count together (SEC-162)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from verify.people.tables import Allowance
from verify.runtime import Runtime


async def spend(runtime: Runtime, what: str, most: int, span: timedelta) -> bool:
    """Count one more of ``what`` and say whether that is still within ``most`` for the present ``span``.

    Call inside ``tx()``. Spans begin at whole multiples of their length. One conditional update decides, so that
    parallel requests cannot slip through together.
    """
    seconds = int(span.total_seconds())
    number = int(runtime.now().timestamp()) // seconds
    key = hashlib.sha256(f"{what}\x1f{seconds}\x1f{number}".encode()).hexdigest()
    await Allowance.insert(Allowance(key=key, spent=0, ends_at=runtime.now() + span)).on_conflict(action="DO NOTHING")
    spent = (
        await Allowance.update({Allowance.spent: Allowance.spent + 1})
        .where(Allowance.key == key, Allowance.spent < most)
        .returning(Allowance.spent)
    )
    return bool(spent)


async def forget_spans_that_ended(runtime: Runtime) -> None:
    """Take away counters that count no more. Call inside ``tx()``."""
    await Allowance.delete().where(Allowance.ends_at < runtime.now())


def network_of(client: str) -> str:
    """What one household or office has: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        address = ip_address(client)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return address.exploded[:19]
    return str(address)

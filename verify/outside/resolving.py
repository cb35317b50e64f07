"""Ask the name servers for the text records of a name, so that one of them alone cannot make us believe something.

With several name servers configured, a record counts when more than half of them give it: whoever can answer in the
place of one of them, on one way through the Internet, proves nothing (SEC-173).
"""

from __future__ import annotations

import asyncio
from collections import Counter

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver
from dns.rdtypes.txtbase import TXTBase

from refolio.credential.verification import Unfetched
from verify.runtime import Network

SECONDS = 5.0
MOST_RECORDS = 50


async def text_records(network: Network, name: str) -> list[str] | Unfetched:
    """The text records of ``name`` that more than half of the name servers give, or why none can be had. Never raises.

    ``name`` in A-labels. A name that stands for another one (CNAME) has none: its text is somebody else's (SEC-175).
    """
    resolvers = _resolvers(network)
    answers = await asyncio.gather(*(_ask(resolver, name) for resolver in resolvers))
    given = [answer for answer in answers if not isinstance(answer, Unfetched)]
    if 2 * len(given) <= len(resolvers):
        return next((one for one in answers if isinstance(one, Unfetched)), Unfetched("no name server is known."))
    counts = Counter(record for answer in given for record in answer)
    return [record for record, count in counts.items() if 2 * count > len(resolvers)]


def _resolvers(network: Network) -> list[dns.asyncresolver.Resolver]:
    if not network.name_servers:
        try:
            return [dns.asyncresolver.Resolver()]
        except dns.resolver.NoResolverConfiguration:
            return []
    resolvers = []
    for address, port in network.name_servers:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers = [dns.nameserver.Do53Nameserver(address, port)]
        resolvers.append(resolver)
    return resolvers


async def _ask(resolver: dns.asyncresolver.Resolver, name: str) -> set[str] | Unfetched:
    try:
        answer = await resolver.resolve(f"{name}.", "TXT", lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except (dns.exception.DNSException, OSError):
        return Unfetched("the name servers did not answer.")
    if answer.canonical_name != answer.qname:
        return Unfetched("it is an alias of another name, which is not followed.")
    texts = (record for record in list(answer)[:MOST_RECORDS] if isinstance(record, TXTBase))
    return {b"".join(record.strings).decode("utf-8", "replace") for record in texts}

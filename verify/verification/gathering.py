"""Gather what a verification lacks: our own documents from the database, others through the guarded way out.

Bounds of one verification (SEC-102): 8 documents in all, 3 from one host, 10 seconds together. Nothing is fetched
for a document whose signature does not hold, apart from the key document that tells (SEC-070).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from refolio.credential.keys import did_web_url
from refolio.credential.verification import Found, Inquiry, Unfetched
from refolio.errors import KeyRefused
from verify.credentials.examining import own_document
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime

MOST_FETCHES = 8
MOST_PER_HOST = 3
MOST_NAMES = 64  # own documents cost a query each
SECONDS = 10.0

TOO_MANY = Unfetched("the document asks for too many others.")
TOO_SLOW = Unfetched("fetching took too long.")


async def gather(
    runtime: Runtime, fetcher: Fetcher, raw: bytes, own: dict[str, Found] | None = None
) -> dict[str, Found]:
    """Get everything ``examine`` needs for ``raw``, keyed as it asks: DIDs and URLs. ``own`` is known already."""
    found: dict[str, Found] = dict(own or {})
    hosts: Counter[str] = Counter()
    inquiry = Inquiry(raw)
    try:
        async with asyncio.timeout(SECONDS):
            while names := inquiry.missing(found):
                await _gather(runtime, fetcher, names, found, hosts)
    except TimeoutError:
        found |= dict.fromkeys(inquiry.missing(found), TOO_SLOW)
    return found


async def _gather(
    runtime: Runtime, fetcher: Fetcher, names: Sequence[str], found: dict[str, Found], hosts: Counter[str]
) -> None:
    outside: dict[str, str] = {}
    for name in names:
        if len(found) >= MOST_NAMES:
            found[name] = TOO_MANY
            continue
        try:
            url = did_web_url(name) if name.startswith("did:") else name
            host = _host(url)
        except (KeyRefused, ValueError):
            found[name] = Unfetched("its address is not a plain web address.")
            continue
        if host == _host(runtime.settings.public_url):  # our own: from the database, never through a socket (SEC-103)
            found[name] = await own_document(runtime, name)
        elif hosts.total() >= MOST_FETCHES or hosts[host] >= MOST_PER_HOST:
            found[name] = TOO_MANY
        else:
            hosts[host] += 1
            outside[name] = url
    documents = await asyncio.gather(*(fetcher.fetch(url) for url in outside.values()))
    found |= dict(zip(outside, documents, strict=True))


def _host(url: str) -> str:
    """The host name alone: whatever the port, it is the same machine that is asked."""
    return (urlsplit(url).hostname or "").rstrip(".")

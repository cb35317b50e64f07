"""The issuers that an API key may deliver for: ``client.issuers``, both kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import msgspec

from refolio.client.pages import walk, walk_async
from refolio.client.requests import AsyncSend, Request, Send, get, read, require_short_name

_PATH = "/api/v1/issuers"


class IssuerLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Absolute URLs around one issuer: its page for people, and its key document where it has one on the web."""

    page: str
    keys: str | None = None


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation in whose name you may issue.

    ``slug`` is its short name, as completions have it; ``state`` is ``open`` or ``closed`` (then nothing is issued any
    more). ``did`` is None in test mode until something was issued. With ``holds_own_key`` its credentials are issued by
    ``client.credentials.issue_held``.
    """

    slug: str
    did: str | None = None
    name: str
    url: str | None = None
    description: str | None = None
    holds_own_key: bool = False
    state: str = "open"
    registered_at: datetime
    links: IssuerLinks


def _one(slug: str) -> Request:
    return get(f"{_PATH}/{require_short_name(slug)}")


class Issuers:
    """``client.issuers``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> Iterator[Issuer]:
        """Every issuer that you may deliver for, by short name. Raises ServiceError."""
        return walk(self._send, _PATH, Issuer)

    def get(self, slug: str) -> Issuer:
        """One of them by its short name. Raises NotFound when you have no mandate for it."""
        return read(self._send(_one(slug)), Issuer)


class AsyncIssuers:
    """``client.issuers`` of an AsyncClient."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    def list(self) -> AsyncIterator[Issuer]:
        """Every issuer that you may deliver for, by short name. Raises ServiceError."""
        return walk_async(self._send, _PATH, Issuer)

    async def get(self, slug: str) -> Issuer:
        """One of them by its short name. Raises NotFound when you have no mandate for it."""
        return read(await self._send(_one(slug)), Issuer)

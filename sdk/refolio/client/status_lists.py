"""Status lists of issuers that hold their own keys: ``client.status_lists``, both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from refolio.client import held
from refolio.client.requests import AsyncSend, Send
from refolio.credential.issuing import HeldKey
from refolio.errors import Conflict


class StatusLists:
    """``client.status_lists``: for issuers that hold their own keys."""

    def __init__(self, send: Send, now: Callable[[], datetime]) -> None:
        self._send, self._now = send, now

    def sign_due(self, issuer: str, key: HeldKey) -> int:
        """Sign every status list of ``issuer`` (its short name) that is due, and return how many there were.

        Call it after each withdrawal and once a day: an edition is due again after seven days and ends after fourteen.
        Raises DocumentRefused ``not-as-reserved`` when the service wants something else signed than a status list.
        """
        due = held.lists_in(self._send(held.lists_request(issuer)))
        for listed in due:
            put_signed(self._send, issuer, listed, key, self._now)
        return len(due)


def put_signed(send: Send, issuer: str, listed: held.UnsignedList, key: HeldKey, now: Callable[[], datetime]) -> None:
    """Sign a list and hand it in; anew when something was withdrawn, or somebody else signed it, meanwhile."""
    for _ in range(held.ROUNDS):
        try:
            send(held.put_request(issuer, listed.list, held.signed_list(listed, key, now())))
            return
        except Conflict as conflict:
            error = conflict
        again = [one for one in held.lists_in(send(held.lists_request(issuer))) if one.list == listed.list]
        if not again:
            return
        (listed,) = again
    raise error


class AsyncStatusLists:
    """``client.status_lists`` of an AsyncClient; what it does and raises is written at ``StatusLists``."""

    def __init__(self, send: AsyncSend, now: Callable[[], datetime]) -> None:
        self._send, self._now = send, now

    async def sign_due(self, issuer: str, key: HeldKey) -> int:
        """Sign every status list of ``issuer`` that is due, and return how many there were."""
        due = held.lists_in(await self._send(held.lists_request(issuer)))
        for listed in due:
            await put_signed_async(self._send, issuer, listed, key, self._now)
        return len(due)


async def put_signed_async(
    send: AsyncSend,
    issuer: str,
    listed: held.UnsignedList,
    key: HeldKey,
    now: Callable[[], datetime],
) -> None:
    for _ in range(held.ROUNDS):
        signed = await asyncio.to_thread(held.signed_list, listed, key, now())
        try:
            await send(held.put_request(issuer, listed.list, signed))
            return
        except Conflict as conflict:
            error = conflict
        again = [one for one in held.lists_in(await send(held.lists_request(issuer))) if one.list == listed.list]
        if not again:
            return
        (listed,) = again
    raise error

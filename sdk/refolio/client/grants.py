"""Grants of interns: ask people, see their answers. First what is asked, then ``client.grants``, both kinds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import msgspec

from refolio.client.pages import walk, walk_async
from refolio.client.requests import JSON, JSON_BODY, AsyncSend, Request, Send, body_of, get, read
from refolio.errors import RequestRefused

PATH = "/api/v1/grants"
_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has answered.

    ``state`` is ``asked``, ``allowed``, ``refused`` or ``taken-back``; ``email`` the address under which you asked
    first; ``used_at`` when you last issued for the person. Times are aware, in UTC.
    """

    id: str
    email: str
    state: str
    asked_at: datetime
    decided_at: datetime | None = None
    used_at: datetime | None = None


def ask_request(email: str, name: str) -> Request:
    """Ask for a person's permission. Repeatable, because she is asked once."""
    return Request("POST", PATH, JSON_BODY, body_of({"email": email, "name": name}), repeatable=True)


def get_request(grant: str | Grant) -> Request:
    """Ask for one grant."""
    return get(f"{PATH}/{_id_of(grant)}")


def give_up_request(grant: str | Grant) -> Request:
    """Give a grant up. Repeatable: again changes nothing."""
    return Request("DELETE", f"{PATH}/{_id_of(grant)}", JSON, repeatable=True)


def _id_of(grant: str | Grant) -> str:
    if isinstance(grant, Grant):
        return grant.id
    if not _ID.fullmatch(grant):
        raise RequestRefused(f"“{grant[:80]}” is not the id of a grant. Give the id, or what ask() returned.")
    return grant


class Grants:
    """``client.grants``: who may add to whose record."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def ask(self, email: str, name: str) -> Grant:
        """Ask a person, once, whether your platform may add to her record; asking again returns what she said.

        Not needed before issuing, which asks by itself. Raises RequestRefused naming the field.
        """
        return read(self._send(ask_request(email, name)), Grant)

    def list(self, *, state: str | None = None, email: str | None = None) -> Iterator[Grant]:
        """Everybody whom you have asked, the first first; only those of one ``state`` or ``email`` if given."""
        return walk(self._send, PATH, Grant, state=state, email=email)

    def get(self, grant: str | Grant) -> Grant:
        """One grant as it is now. Raises NotFound for one that is not yours."""
        return read(self._send(get_request(grant)), Grant)

    def give_up(self, grant: str | Grant) -> Grant:
        """End it, because the person is yours no more. What you issued stays; only she can open it again."""
        return read(self._send(give_up_request(grant)), Grant)


class AsyncGrants:
    """``client.grants`` of an AsyncClient; what each does and raises is written at ``Grants``."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def ask(self, email: str, name: str) -> Grant:
        """Ask a person, once, whether your platform may add to her record."""
        return read(await self._send(ask_request(email, name)), Grant)

    def list(self, *, state: str | None = None, email: str | None = None) -> AsyncIterator[Grant]:
        """Everybody whom you have asked, for ``async for``."""
        return walk_async(self._send, PATH, Grant, state=state, email=email)

    async def get(self, grant: str | Grant) -> Grant:
        """One grant as it is now."""
        return read(await self._send(get_request(grant)), Grant)

    async def give_up(self, grant: str | Grant) -> Grant:
        """End it, because the person is yours no more."""
        return read(await self._send(give_up_request(grant)), Grant)

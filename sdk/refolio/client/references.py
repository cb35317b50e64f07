"""References: ask people about somebody's work. First what is asked, then ``client.references``, both kinds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import msgspec

from refolio.client.idempotency import require_key
from refolio.client.issued import IssuedCredential, uuid_of
from refolio.client.pages import walk, walk_async
from refolio.client.requests import JSON, JSON_BODY, AsyncSend, Request, Send, get, read
from refolio.credential.jcs import jcs
from refolio.errors import RequestRefused

PATH = "/api/v1/references"
_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a question for a reference; what it says is nobody's business before the intern shows it.

    ``state`` is ``asked``, ``declined``, ``written``, ``shown`` (by the intern), ``withdrawn`` (by the referee),
    ``cancelled`` (by you) or ``expired``. ``credential`` is a URL, ``domain`` that of the referee's mailbox, ``url``
    where the reference stands while it is shown. Times are aware, in UTC.
    """

    id: str
    credential: str
    name: str
    role: str
    domain: str
    state: str
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None
    url: str | None = None


def ask_request(
    credential: str | IssuedCredential, name: str, email: str, role: str, idempotency_key: str | None
) -> Request:
    """Ask for a reference. Without a key of yours the content's own key is sent, so a retry never asks twice."""
    members = {"credential": uuid_of(credential), "name": name, "email": email, "role": role}
    key = "reference-" + hashlib.sha256(jcs({**members})).hexdigest() if idempotency_key is None else idempotency_key
    headers = {**JSON_BODY, "Idempotency-Key": require_key(key)}
    return Request("POST", PATH, headers, msgspec.json.encode(members), repeatable=True)


def get_request(reference: str | Reference) -> Request:
    """Ask for one reference."""
    return get(f"{PATH}/{_id_of(reference)}")


def cancel_request(reference: str | Reference) -> Request:
    """Take the question back. Repeatable: again changes nothing."""
    return Request("DELETE", f"{PATH}/{_id_of(reference)}", JSON, repeatable=True)


def list_filters(credential: str | IssuedCredential | None, state: str | None) -> dict[str, str | None]:
    """The query of a list."""
    return {"credential": None if credential is None else uuid_of(credential), "state": state}


def _id_of(reference: str | Reference) -> str:
    if isinstance(reference, Reference):
        return reference.id
    if not _ID.fullmatch(reference):
        raise RequestRefused(f"“{reference[:80]}” is not the id of a reference. Give the id, or what ask() returned.")
    return reference


class References:
    """``client.references``."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def ask(
        self,
        credential: str | IssuedCredential,
        *,
        name: str,
        email: str,
        role: str,
        idempotency_key: str | None = None,
    ) -> Reference:
        """Have the person with this ``email`` asked what she says of the work of a credential that you delivered.

        She gets one mail with a link that is good for 30 days, and one reminder. Asking again returns the same; once it
        is cancelled or expired, another ``idempotency_key`` asks anew. Raises RequestRefused naming the field;
        PermissionRefused when the intern has not allowed you to add to her record; Conflict where no reference can be
        signed, or the key was used with other content; RateLimited.
        """
        return read(self._send(ask_request(credential, name, email, role, idempotency_key)), Reference)

    def list(
        self, *, credential: str | IssuedCredential | None = None, state: str | None = None
    ) -> Iterator[Reference]:
        """All that you have asked for, the first first; only those about one ``credential`` or of one ``state``."""
        return walk(self._send, PATH, Reference, **list_filters(credential, state))

    def get(self, reference: str | Reference) -> Reference:
        """One reference as it is now. Raises NotFound for one that is not yours."""
        return read(self._send(get_request(reference)), Reference)

    def cancel(self, reference: str | Reference) -> Reference:
        """Take the question back; its link leads to nothing any more. Raises Conflict when it was answered."""
        return read(self._send(cancel_request(reference)), Reference)


class AsyncReferences:
    """``client.references`` of an AsyncClient; what each does and raises is written at ``References``."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def ask(
        self,
        credential: str | IssuedCredential,
        *,
        name: str,
        email: str,
        role: str,
        idempotency_key: str | None = None,
    ) -> Reference:
        """Have a person asked what she says of the work of a credential that you delivered."""
        return read(await self._send(ask_request(credential, name, email, role, idempotency_key)), Reference)

    def list(
        self, *, credential: str | IssuedCredential | None = None, state: str | None = None
    ) -> AsyncIterator[Reference]:
        """All that you have asked for, for ``async for``."""
        return walk_async(self._send, PATH, Reference, **list_filters(credential, state))

    async def get(self, reference: str | Reference) -> Reference:
        """One reference as it is now."""
        return read(await self._send(get_request(reference)), Reference)

    async def cancel(self, reference: str | Reference) -> Reference:
        """Take the question back."""
        return read(await self._send(cancel_request(reference)), Reference)

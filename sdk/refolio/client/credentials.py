"""Credentials: issue, withdraw, replace, look up. First what is asked, then ``client.credentials``, both kinds."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from os import PathLike

import msgspec

from refolio.client import batch, held
from refolio.client.batch import IssueOutcome, Progress
from refolio.client.idempotency import content_key, require_key
from refolio.client.issued import IssuedCredential, credential_in, uuid_of
from refolio.client.pages import walk, walk_async
from refolio.client.requests import JSON_BODY, AsyncSend, Request, Send, get
from refolio.client.status_lists import put_signed, put_signed_async
from refolio.credential import timestamps
from refolio.credential.issuing import HeldKey
from refolio.credential.jcs import jcs
from refolio.credential.model import Completion, completion_members

PATH = "/api/v1/credentials"


def issue_request(completion: Completion, idempotency_key: str | None, *, allow_duplicate: bool) -> Request:
    """Ask for a credential. Without a key of yours the content's own key is sent, so a retry never issues twice."""
    key = content_key(completion) if idempotency_key is None else idempotency_key
    return Request(
        "POST",
        PATH + ("?allow_duplicate=true" if allow_duplicate else ""),
        {**JSON_BODY, "Idempotency-Key": require_key(key)},
        msgspec.json.encode(completion_members(completion)),
        repeatable=True,
    )


def reserve_request(completion: Completion, idempotency_key: str | None, *, allow_duplicate: bool) -> Request:
    """Ask for a reservation; as ``issue_request``, at another address."""
    asked = issue_request(completion, idempotency_key, allow_duplicate=allow_duplicate)
    path = asked.path.replace("/credentials", "/reservations")
    return Request(asked.method, path, asked.headers, asked.body, repeatable=True)


def withdraw_request(credential: str | IssuedCredential, reason: str, kind: str | None = None) -> Request:
    """Ask to withdraw. Repeatable, because the same withdrawal again changes nothing."""
    path = f"{PATH}/{uuid_of(credential)}/withdraw"
    return Request("POST", path, JSON_BODY, msgspec.json.encode(_why(reason, kind)), repeatable=True)


def replace_request(
    credential: str | IssuedCredential,
    completion: Completion,
    idempotency_key: str | None,
    *,
    successor: bool,
    reason: str | None,
    kind: str | None,
) -> Request:
    """Ask for a replacement. Without a key of yours the content's own key is sent, so a retry never replaces twice."""
    uuid = uuid_of(credential)
    body: dict[str, object] = {"completion": completion_members(completion)}
    if successor:
        body |= {"as": "successor", **_why(reason, kind)}
    key = idempotency_key
    if key is None:
        content = msgspec.json.decode(msgspec.json.encode({"replaces": uuid, **body}))
        key = "replacement-" + hashlib.sha256(jcs(content)).hexdigest()
    headers = {**JSON_BODY, "Idempotency-Key": require_key(key)}
    path = f"{PATH}/{uuid}/replace"
    return Request("POST", path, headers, msgspec.json.encode(body), repeatable=True)


def _why(reason: str | None, kind: str | None) -> dict[str, str]:
    return {name: value for name, value in (("reason", reason), ("kind", kind)) if value is not None}


def get_request(credential: str | IssuedCredential) -> Request:
    """Ask what the service knows about a credential."""
    return get(f"{PATH}/{uuid_of(credential)}")


def list_filters(
    issuer: str | None, state: str | None, record: str | None, since: datetime | None, email: str | None
) -> dict[str, str | None]:
    """The query of a list."""
    moment = timestamps.format(since) if since else None
    return {"issuer": issuer, "state": state, "record": record, "since": moment, "email": email}


def document_request(credential: str | IssuedCredential) -> Request:
    """Ask for the signed bytes: a public document, so no API key goes with it."""
    headers = {"Accept": "application/vc, application/json;q=0.5"}
    return Request("GET", f"/credentials/{uuid_of(credential)}", headers, repeatable=True, public=True)


class Credentials:
    """``client.credentials``."""

    def __init__(self, send: Send, now: Callable[[], datetime], sleep: Callable[[float], None], service: str) -> None:
        self._send, self._now, self._sleep, self._service = send, now, sleep, service

    def issue(
        self, completion: Completion, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue a credential for a completion, or return the one already issued for it.

        The idempotency key is made from the content unless you give one: calling again with an equal completion, today
        or from another process, gives the same credential. ``allow_duplicate`` lets a *different* completion through
        that looks like an earlier one (same issuer, intern, project and dates).

        Raises RequestRefused naming field, reason and fix of each fault; Conflict when the key, or a completion like
        this, was used before with other content; Unavailable after the last attempt.
        """
        return credential_in(self._send(issue_request(completion, idempotency_key, allow_duplicate=allow_duplicate)))

    def issue_many(
        self,
        completions: Iterable[Completion],
        *,
        workers: int = batch.WORKERS,
        progress: Callable[[Progress], None] | None = None,
        journal: str | PathLike[str] | None = None,
        patience: float = batch.PATIENCE,
    ) -> Iterator[IssueOutcome]:
        """Issue for each completion, ``workers`` at a time, and yield what became of each, in their order.

        It goes on after refusals, waits when it is told to, and holds only a few completions at a time. With a
        ``journal`` (a file, made on first use) a batch that was killed goes on where it was; run it again with the same
        completions. Without one that is safe as well, and asks for each again. ``progress`` is called after each.

        Raises AuthenticationFailed, or Unavailable when no answer came for ``patience`` seconds, after yielding the
        outcomes until then.
        """
        with batch.opened(journal, self._service) as taken_down:
            run = batch.Batch(completions, workers=workers, progress=progress, journal=taken_down, patience=patience)
            yield from batch.issue_all(run, completions, self.issue, self._sleep)

    def issue_held(
        self, completion: Completion, key: HeldKey, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue for an issuer that holds its own key: reserve, check, sign, submit. Safe to call again, as ``issue``.

        ``key`` signs only a document that says what ``completion`` says, in the name of the key's issuer. The service
        never sees the private half. A status list that is due for its first edition is signed on the way.

        Raises as ``issue`` does; DocumentRefused ``not-as-asked`` when the service wants something else signed.
        """
        asked = reserve_request(completion, idempotency_key, allow_duplicate=allow_duplicate)
        reservation = held.reservation_in(self._send(asked))
        if reservation.unsigned is None:
            return self.get(reservation.uuid)
        signed = held.signed_credential(completion, reservation.unsigned, key, self._now())
        if listed := reservation.status_list:
            put_signed(self._send, reservation.issuer, listed, key, self._now)
        return credential_in(self._send(held.submit_request(reservation, signed)))

    def withdraw(self, credential: str | IssuedCredential, reason: str, *, kind: str | None = None) -> IssuedCredential:
        """Withdraw a credential for good; ``reason`` is public. Again with the same reason changes nothing.

        ``kind`` is wrong-facts, issued-by-mistake, wrong-person, misconduct, duplicate, requested-by-intern or other.
        """
        return credential_in(self._send(withdraw_request(credential, reason, kind)))

    def replace(
        self,
        credential: str | IssuedCredential,
        completion: Completion,
        *,
        successor: bool = False,
        reason: str | None = None,
        kind: str | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedCredential:
        """Put a credential right and return the one that stands.

        Without ``successor`` it is corrected: a newer edition under the same id and link, for the same person, and the
        earlier one is nowhere public any more. With it, the credential is withdrawn (``reason`` and ``kind`` are
        public; leave them out when it is withdrawn already) and another takes its place under a new id. Both links
        stay. Raises RequestRefused and Conflict like ``issue``.
        """
        request = replace_request(
            credential, completion, idempotency_key, successor=successor, reason=reason, kind=kind
        )
        return credential_in(self._send(request))

    def get(self, credential: str | IssuedCredential) -> IssuedCredential:
        """Return what the service knows about a credential, given by UUID, URL or an earlier answer."""
        return credential_in(self._send(get_request(credential)))

    def list(
        self,
        *,
        issuer: str | None = None,
        state: str | None = None,
        record: str | None = None,
        since: datetime | None = None,
        email: str | None = None,
    ) -> Iterator[IssuedCredential]:
        """Every credential that you delivered, newest first; further pages are asked for while you go through them.

        ``issuer`` is a short name, ``state`` current or withdrawn, ``record`` your own id of it, ``since`` an aware
        time of issue, ``email`` the intern's address. Credentials issued meanwhile are not in it; none is there twice.
        Raises RequestRefused naming the filter at fault, PermissionRefused for an issuer that is not yours.
        """
        return walk(self._send, PATH, IssuedCredential, **list_filters(issuer, state, record, since, email))

    def document(self, credential: str | IssuedCredential) -> bytes:
        """Return the signed credential, byte for byte as it was issued. Keep these bytes; never re-encode them."""
        return self._send(document_request(credential)).body


class AsyncCredentials:
    """``client.credentials`` of an AsyncClient; what each does and raises is written at ``Credentials``."""

    def __init__(
        self, send: AsyncSend, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]], service: str
    ) -> None:
        self._send, self._now, self._sleep, self._service = send, now, sleep, service

    async def issue(
        self, completion: Completion, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue a credential for a completion, or return the one already issued for it."""
        return credential_in(
            await self._send(issue_request(completion, idempotency_key, allow_duplicate=allow_duplicate))
        )

    async def issue_many(
        self,
        completions: Iterable[Completion] | AsyncIterable[Completion],
        *,
        workers: int = batch.WORKERS,
        progress: Callable[[Progress], None] | None = None,
        journal: str | PathLike[str] | None = None,
        patience: float = batch.PATIENCE,
    ) -> AsyncIterator[IssueOutcome]:
        """Issue for each completion, for ``async for``; they may come asynchronously too."""
        with batch.opened(journal, self._service) as taken_down:
            run = batch.Batch(completions, workers=workers, progress=progress, journal=taken_down, patience=patience)
            async for outcome in batch.issue_all_async(run, completions, self.issue, self._sleep):
                yield outcome

    async def issue_held(
        self, completion: Completion, key: HeldKey, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue for an issuer that holds its own key: reserve, check, sign (in a thread), submit."""
        asked = reserve_request(completion, idempotency_key, allow_duplicate=allow_duplicate)
        reservation = held.reservation_in(await self._send(asked))
        if reservation.unsigned is None:
            return await self.get(reservation.uuid)
        signed = await asyncio.to_thread(held.signed_credential, completion, reservation.unsigned, key, self._now())
        if listed := reservation.status_list:
            await put_signed_async(self._send, reservation.issuer, listed, key, self._now)
        return credential_in(await self._send(held.submit_request(reservation, signed)))

    async def withdraw(
        self, credential: str | IssuedCredential, reason: str, *, kind: str | None = None
    ) -> IssuedCredential:
        """Withdraw a credential for good; ``reason`` is public. Again with the same reason changes nothing."""
        return credential_in(await self._send(withdraw_request(credential, reason, kind)))

    async def replace(
        self,
        credential: str | IssuedCredential,
        completion: Completion,
        *,
        successor: bool = False,
        reason: str | None = None,
        kind: str | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedCredential:
        """Put a credential right: a newer edition of it, or a ``successor`` with the ``reason`` of the withdrawal."""
        request = replace_request(
            credential, completion, idempotency_key, successor=successor, reason=reason, kind=kind
        )
        return credential_in(await self._send(request))

    async def get(self, credential: str | IssuedCredential) -> IssuedCredential:
        """Return what the service knows about a credential, given by UUID, URL or an earlier answer."""
        return credential_in(await self._send(get_request(credential)))

    def list(
        self,
        *,
        issuer: str | None = None,
        state: str | None = None,
        record: str | None = None,
        since: datetime | None = None,
        email: str | None = None,
    ) -> AsyncIterator[IssuedCredential]:
        """Every credential that you delivered, newest first, for ``async for``."""
        return walk_async(self._send, PATH, IssuedCredential, **list_filters(issuer, state, record, since, email))

    async def document(self, credential: str | IssuedCredential) -> bytes:
        """Return the signed credential, byte for byte as it was issued. Keep these bytes; never re-encode them."""
        return (await self._send(document_request(credential))).body

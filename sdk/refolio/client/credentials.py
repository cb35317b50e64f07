"""Credentials: issue, withdraw, replace, look up: ``client.credentials``, both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from os import PathLike

from refolio.client import batch, held
from refolio.client.batch import IssueOutcome, Progress
from refolio.client.credential_requests import (
    PATH,
    document_request,
    get_request,
    issue_request,
    list_filters,
    replace_request,
    reserve_request,
    withdraw_request,
)
from refolio.client.issued import IssuedCredential, credential_in
from refolio.client.pages import walk, walk_async
from refolio.client.requests import AsyncSend, Send
from refolio.client.status_lists import put_signed, put_signed_async
from refolio.credential.issuing import HeldKey
from refolio.credential.model import Completion


class Credentials:
    """``client.credentials``."""

    def __init__(
        self, send: Send, send_once: Send, now: Callable[[], datetime], sleep: Callable[[float], None], service: str
    ) -> None:
        self._send, self._send_once, self._now, self._sleep, self._service = send, send_once, now, sleep, service

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
            yield from batch.issue_all(run, completions, self._issue_once, self._sleep)

    def _issue_once(self, completion: Completion) -> IssuedCredential:
        """For a batch, which has a patience of its own."""
        return credential_in(self._send_once(issue_request(completion, None, allow_duplicate=False)))

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
        self,
        send: AsyncSend,
        send_once: AsyncSend,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        service: str,
    ) -> None:
        self._send, self._send_once, self._now, self._sleep, self._service = send, send_once, now, sleep, service

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
            async for outcome in batch.issue_all_async(run, completions, self._issue_once, self._sleep):
                yield outcome

    async def _issue_once(self, completion: Completion) -> IssuedCredential:
        return credential_in(await self._send_once(issue_request(completion, None, allow_duplicate=False)))

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

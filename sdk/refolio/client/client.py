"""The synchronous client: issue, withdraw and look up credentials at a Refolio service."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from refolio.client import held, keys, requests
from refolio.client.keys import ApiKey
from refolio.client.plugins import Plugins
from refolio.client.requests import Answer, IssuedCredential, Request
from refolio.credential.issuing import HeldKey
from refolio.credential.model import Completion
from refolio.errors import Conflict, ServiceError

TIMEOUT = httpx.Timeout(20.0, connect=5.0)


class Client:
    """Talks to one service with one API key. Close it, or use it in a ``with`` statement.

    ``http`` is an httpx.Client of yours (a proxy, a certificate authority) or a test client; when it has a base URL,
    that is used instead of ``base_url``, and you close it yourself. Without it no setting of the environment (proxies,
    .netrc) has a say. ``sleep`` waits between attempts, ``now`` is the clock that signatures are dated by.

    Requests that are safe to repeat are sent up to four times when no answer comes, on 429 and on 5xx. Everything
    that goes wrong is a ServiceError: RequestRefused, AccessRefused, Conflict or Unavailable.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = requests.DEFAULT_URL,
        http: httpx.Client | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._authorization = {"Authorization": f"Bearer {requests.require_api_key(api_key)}"}
        self._owned = http is None
        if http is not None and http.base_url.host:
            self._base_url = str(http.base_url).rstrip("/")
        else:
            self._base_url = requests.require_base_url(base_url)
        self._http = http or httpx.Client(trust_env=False, timeout=TIMEOUT)
        self._sleep = sleep
        self.status_lists = StatusLists(self._send, now)
        self.credentials = Credentials(self._send, now)
        self.plugins = Plugins(self._send)

    def key(self) -> ApiKey:
        """Ask the service what this client's API key is: whose, in which mode, good for what and until when.

        Raises AccessRefused, whose ``code`` tells why, when the key opens nothing.
        """
        return keys.key_in(self._send(keys.key_request()))

    def close(self) -> None:
        """Close the connections, unless they belong to an ``http`` of yours."""
        if self._owned:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, request: Request) -> Answer:
        headers = {**request.headers, **({} if request.public else self._authorization)}
        attempt = 0
        while True:
            attempt += 1
            asked = None
            try:
                with self._http.stream(
                    request.method,
                    self._base_url + request.path,
                    headers=headers,
                    content=request.body or None,
                    follow_redirects=False,  # the API key goes to this service and nowhere else
                ) as response:
                    body = bytearray()
                    for chunk in response.iter_bytes():
                        requests.extend(body, chunk)
            except httpx.RequestError as error:
                failure: ServiceError = requests.unreachable(self._base_url, error)
            else:
                answer = Answer(response.status_code, dict(response.headers), bytes(body))
                refusal = requests.failure_in(answer)
                if refusal is None:
                    return answer
                failure, asked = refusal, requests.retry_after(answer)
            dice = random.random()  # noqa: S311 - spreads retries, protects nothing
            pause = requests.pause_before_retry(request, failure, attempt, asked, dice)
            if pause is None:
                raise failure
            self._sleep(pause)


class Credentials:
    """``client.credentials``."""

    def __init__(self, send: Callable[[Request], Answer], now: Callable[[], datetime]) -> None:
        self._send, self._now = send, now

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
        return requests.credential_in(
            self._send(requests.issue_request(completion, idempotency_key, allow_duplicate=allow_duplicate))
        )

    def issue_held(
        self, completion: Completion, key: HeldKey, *, idempotency_key: str | None = None, allow_duplicate: bool = False
    ) -> IssuedCredential:
        """Issue for an issuer that holds its own key: reserve, check, sign, submit. Safe to call again, as ``issue``.

        ``key`` signs only a document that says what ``completion`` says, in the name of the key's issuer. The service
        never sees the private half. A status list that is due for its first edition is signed on the way.

        Raises as ``issue`` does; DocumentRefused ``not-as-asked`` when the service wants something else signed.
        """
        asked = held.reserve_request(completion, idempotency_key, allow_duplicate=allow_duplicate)
        reservation = held.reservation_in(self._send(asked))
        if reservation.unsigned is None:
            return self.get(reservation.uuid)
        signed = held.signed_credential(completion, reservation.unsigned, key, self._now())
        if listed := reservation.status_list:
            _put(self._send, reservation.issuer, listed, key, self._now)
        return requests.credential_in(self._send(held.submit_request(reservation, signed)))

    def withdraw(self, credential: str | IssuedCredential, reason: str, *, kind: str | None = None) -> IssuedCredential:
        """Withdraw a credential for good; ``reason`` is public. Again with the same reason changes nothing.

        ``kind`` is wrong-facts, issued-by-mistake, wrong-person, misconduct, duplicate, requested-by-intern or other.
        """
        return requests.credential_in(self._send(requests.withdraw_request(credential, reason, kind)))

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
        request = requests.replace_request(
            credential, completion, idempotency_key, successor=successor, reason=reason, kind=kind
        )
        return requests.credential_in(self._send(request))

    def get(self, credential: str | IssuedCredential) -> IssuedCredential:
        """Return what the service knows about a credential, given by UUID, URL or an earlier answer."""
        return requests.credential_in(self._send(requests.get_request(credential)))

    def document(self, credential: str | IssuedCredential) -> bytes:
        """Return the signed credential, byte for byte as it was issued. Keep these bytes; never re-encode them."""
        return self._send(requests.document_request(credential)).body


class StatusLists:
    """``client.status_lists``: for issuers that hold their own keys."""

    def __init__(self, send: Callable[[Request], Answer], now: Callable[[], datetime]) -> None:
        self._send, self._now = send, now

    def sign_due(self, issuer: str, key: HeldKey) -> int:
        """Sign every status list of ``issuer`` (its short name) that is due, and return how many there were.

        Call it after each withdrawal and once a day: an edition is due again after seven days and ends after fourteen.
        Raises DocumentRefused ``not-as-reserved`` when the service wants something else signed than a status list.
        """
        due = held.lists_in(self._send(held.lists_request(issuer)))
        for listed in due:
            _put(self._send, issuer, listed, key, self._now)
        return len(due)


def _put(
    send: Callable[[Request], Answer], issuer: str, listed: held.UnsignedList, key: HeldKey, now: Callable[[], datetime]
) -> None:
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

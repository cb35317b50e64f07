"""The synchronous client: issue, withdraw and look up credentials at a Refolio service."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from refolio.client import keys, requests
from refolio.client.credentials import Credentials
from refolio.client.events import Events
from refolio.client.grants import Grants
from refolio.client.issuers import Issuers
from refolio.client.keys import ApiKey
from refolio.client.plugins import Plugins
from refolio.client.references import References
from refolio.client.requests import Answer, Request
from refolio.client.status_lists import StatusLists
from refolio.client.webhooks import Webhooks
from refolio.errors import ServiceError


class Client:
    """Talks to one service with one API key. Close it, or use it in a ``with`` statement.

    ``http`` is an httpx.Client of yours (a proxy, a certificate authority) or a test client; when it has a base URL,
    that is used instead of ``base_url``, and you close it yourself. Without it no setting of the environment (proxies,
    .netrc) has a say, and ``timeout`` is how many seconds an attempt may wait for the next byte.

    Requests that are safe to repeat are sent up to ``attempts`` times when no answer comes, on 429 and on 5xx, after a
    pause that grows and is partly chance; a Retry-After is honoured. Everything that goes wrong is a ServiceError with
    field, reason, fix and request id. ``sleep`` waits between attempts, ``now`` dates signatures.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = requests.DEFAULT_URL,
        http: httpx.Client | None = None,
        *,
        timeout: float = requests.TIMEOUT,
        attempts: int = requests.MOST_ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._authorization = {"Authorization": f"Bearer {requests.require_api_key(api_key)}"}
        self._owned = http is None
        if http is not None and http.base_url.host:
            self._base_url = str(http.base_url).rstrip("/")
        else:
            self._base_url = requests.require_base_url(base_url)
        self._http = http or httpx.Client(
            trust_env=False, timeout=httpx.Timeout(timeout, connect=min(timeout, requests.CONNECT_TIMEOUT))
        )
        self._sleep, self._attempts = sleep, attempts
        self.issuers: Issuers = Issuers(self._send)
        self.status_lists: StatusLists = StatusLists(self._send, now)
        self.credentials: Credentials = Credentials(
            self._send, self._send_once, now, sleep, requests.account_at(self._base_url, api_key)
        )
        self.grants: Grants = Grants(self._send)
        self.references: References = References(self._send)
        self.plugins: Plugins = Plugins(self._send)
        self.events: Events = Events(self._send, sleep)
        self.webhooks: Webhooks = Webhooks(self._send)

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

    def _send(self, request: Request, attempts: int | None = None) -> Answer:
        headers = {"Accept-Encoding": "gzip, deflate", **request.headers}
        if not request.public:
            headers |= self._authorization
        attempt = 0
        while True:
            attempt += 1
            try:
                with self._http.stream(
                    request.method,
                    self._base_url + request.path,
                    headers=headers,
                    content=request.body or None,
                    follow_redirects=False,  # the API key goes to this service and nowhere else
                ) as response:
                    requests.require_packing(response.headers)
                    body = bytearray()
                    for chunk in response.iter_bytes():
                        requests.extend(body, chunk)
            except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
                failure: ServiceError = requests.unreachable(self._base_url, error)
            else:
                answer = Answer(response.status_code, dict(response.headers), bytes(body))
                refusal = requests.failure_in(answer)
                if refusal is None:
                    return answer
                failure = refusal
            dice = random.random()  # noqa: S311 - spreads retries, protects nothing
            pause = requests.pause_before_retry(request, failure, attempt, dice, attempts or self._attempts)
            if pause is None:
                raise failure
            self._sleep(pause)

    def _send_once(self, request: Request) -> Answer:
        return self._send(request, 1)

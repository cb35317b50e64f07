"""Send something to a server whose address somebody else has chosen, and remember what came of it.

As fetching.py, where a request goes is judged at each one (aiming.py); no redirect is followed, nothing of the
environment has a say, 15 seconds are all there is, and of the answer only the beginning is read (SEC-096, SEC-101).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import httpx

from verify.outside.aiming import OutOfBounds, aim, tls_context
from verify.runtime import Network

SECONDS = 15.0
MOST_CHARACTERS = 500  # of an answer, for people who look for what went wrong
_MOST_BYTES = 4 * MOST_CHARACTERS
_ANSWER_SECONDS = 2.0  # for that beginning, once the status has come
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Refolio-Webhooks"}


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it: ``status`` and the beginning of the answer, if one came; ``fault`` says why it did not count.

    ``retry_after`` is in seconds. ``answer`` is a stranger's text.
    """

    status: int | None = None
    fault: str | None = None
    answer: str | None = None
    retry_after: int | None = None


class Poster:
    """Posts for the whole process."""

    def __init__(self, network: Network, *, loopback: bool) -> None:
        self._network = network
        self._loopback = loopback

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._network)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send the body once. Never raises; only an answer of 200 to 299 has no fault."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._post(url, headers, body)
        except OutOfBounds as error:
            return Posted(fault=f"It was not sent: {error}")
        except TimeoutError:
            return Posted(fault=f"It did not answer within {SECONDS:g} seconds.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as error:
            return Posted(fault=_why(error))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        target = await aim(self._network, url, loopback=self._loopback)
        sent = {"Host": target.authority, **_HEADERS, **headers}
        async with (
            httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
            client.stream(
                "POST", target.url, content=body, headers=sent, extensions={"sni_hostname": target.name}
            ) as response,
        ):
            return Posted(response.status_code, _fault(response), await _beginning(response), _retry_after(response))


def _fault(response: httpx.Response) -> str | None:
    if response.is_success:
        return None
    if response.is_redirect or 300 <= response.status_code < 400:
        return f"It answered {response.status_code}: redirects are not followed."
    return f"It answered {response.status_code}."


async def _beginning(response: httpx.Response) -> str:
    """The first characters of the answer that can be shown. What is wrong with the rest of it changes nothing."""
    body = bytearray()
    with suppress(httpx.HTTPError, TimeoutError):  # closed midway, or dripping: the status has come already
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= _MOST_BYTES:
                    break
    text = bytes(body[:_MOST_BYTES]).decode("utf-8", "replace")
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text[:MOST_CHARACTERS])


def _retry_after(response: httpx.Response) -> int | None:
    text = response.headers.get("retry-after", "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _why(error: Exception) -> str:
    """In words, without telling apart what a port that we were not asked to knock at would sound like (SEC-104)."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "Its TLS certificate is not valid."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return f"It did not answer within {SECONDS:g} seconds."
    if isinstance(error, httpx.RemoteProtocolError):
        return "It did not answer as a web server does, or closed the connection before it had answered."
    return "No connection could be made."

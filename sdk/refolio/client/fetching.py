"""Getting the documents a verification still lacks: from the network, within tight bounds, or from a map of files.

What a credential names is chosen by whoever made it. So: https only (plain http for this machine alone), no
redirects, no cookies, no proxies or passwords out of the environment, no compression, 5 seconds and 1 MiB for each
document, 8 documents in all and 3 from one host. Whatever goes wrong becomes an ``Unfetched`` that says why.
"""

from __future__ import annotations

import json
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import httpcore

from refolio.addresses import PLAIN_URL
from refolio.client.guarded_network import GuardedBackend, InsideAddressError, UnknownNameError
from refolio.client.requests import is_loopback
from refolio.credential.keys import did_web_url
from refolio.credential.verification import Found, Inquiry, Unfetched
from refolio.errors import DocumentRefused, KeyRefused

MOST_FETCHES = 8
MOST_PER_HOST = 3
MAX_BYTES = 1024 * 1024
SECONDS = 5.0

Source: TypeAlias = Callable[[str], Found]

_ACCEPT = "application/vc, application/did+json;q=0.9, application/json;q=0.8, */*;q=0.1"


def gather(raw: bytes, source: Source) -> dict[str, Found]:
    """Get everything ``examine`` needs for ``raw``, keyed as it asks: DIDs and URLs."""
    found: dict[str, Found] = {}
    hosts: Counter[str] = Counter()
    inquiry = Inquiry(raw)
    while names := inquiry.missing(found):
        for name in names:
            found[name] = _get(name, source, len(found), hosts)
    return found


def _get(name: str, source: Source, so_far: int, hosts: Counter[str]) -> Found:
    try:
        url = address_of(name)
    except KeyRefused as error:
        return Unfetched(error.says)
    host = urlsplit(url).netloc if PLAIN_URL.fullmatch(url) else ""
    if so_far >= MOST_FETCHES or hosts[host] >= MOST_PER_HOST:
        return Unfetched("the credential asks for too many documents.")
    hosts[host] += 1
    return source(url)


def address_of(name: str) -> str:
    """The URL behind a name that an Inquiry gives: of a did:web its document's, which on this machine is plain http."""
    if not name.startswith("did:"):
        return name
    url = did_web_url(name)
    return "http" + url.removeprefix("https") if is_loopback(urlsplit(url).hostname or "") else url


def from_network(*, allow_private: bool) -> Source:
    """Documents from the network. ``allow_private`` lets in addresses of this machine and of private networks."""
    return lambda url: fetch(url, allow_private=allow_private)


def from_files(map_file: Path) -> Source:
    """Documents from files, never from the network.

    ``map_file`` is JSON: ``{"documents": {URL: path relative to the map}}``; a ``did:web`` document is listed under its
    https URL. Raises DocumentRefused when the map is not of this form, OSError when it cannot be read.
    """
    try:
        files = json.loads(map_file.read_bytes())["documents"]
        paths = {str(url): map_file.parent / str(path) for url, path in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        says = f"{map_file} is not a documents map."
        raise DocumentRefused("documents-map", "", says, 'Write it as {"documents": {URL: file, …}}.') from None

    def read(url: str) -> Found:
        try:
            return paths[url].read_bytes()
        except KeyError:
            return Unfetched("it is not in the documents map.")
        except OSError as error:
            return Unfetched(f"the file in the documents map cannot be read ({error.strerror}).")

    return lambda url: read(_https(url) if url not in paths else url)


def from_mapping(documents: Mapping[str, bytes]) -> Source:
    """Documents by URL out of memory, never from the network."""

    def look_up(url: str) -> Found:
        found = documents.get(url) or documents.get(_https(url))
        return Unfetched("it is not among the documents given.") if found is None else found

    return look_up


def _https(url: str) -> str:
    return "https" + url.removeprefix("http") if url.startswith("http:") else url


def fetch(url: str, *, allow_private: bool, accept: str = _ACCEPT, seconds: float = SECONDS) -> Found:
    """Get one document as it is sent. Never raises; see the top of this file for the bounds."""
    parts = PLAIN_URL.fullmatch(url)
    if parts is None or int(parts["port"] or 0) > 65535:
        return Unfetched("its address is not a plain web address.")
    host = parts["host"]
    if parts["scheme"] == "http" and not is_loopback(host):
        return Unfetched("its address begins with http://, and only https:// is trusted.")
    authority = host if parts["port"] is None else f"{host}:{parts['port']}"
    headers = [("Host", authority), ("Accept", accept), ("Accept-Encoding", "identity"), ("Connection", "close")]
    guard = GuardedBackend(time.monotonic() + seconds, allow_private=allow_private)
    try:
        with (
            httpcore.ConnectionPool(network_backend=guard) as pool,
            pool.stream("GET", url, headers=headers) as response,
        ):
            return _body(response, authority)
    except InsideAddressError:
        return Unfetched(f"{authority} is on this machine or a private network, only asked with allow_private.")
    except UnknownNameError:
        return Unfetched(f"the name {host} is not known.")
    except httpcore.TimeoutException:
        return Unfetched(f"{authority} did not answer in full within {seconds:g} seconds.")
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
        return Unfetched(_why(authority, error))


def _body(response: httpcore.Response, authority: str) -> Found:
    headers = {name.lower(): value.strip().lower() for name, value in response.headers}
    if 300 <= response.status < 400:
        return Unfetched(f"{authority} sends us on to another address, which is not followed.")
    if response.status != 200:
        return Unfetched(f"{authority} answered {response.status}.")
    if headers.get(b"content-encoding", b"identity") not in (b"", b"identity"):
        return Unfetched(f"{authority} sent it compressed, which was not asked for.")
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return Unfetched(f"what {authority} sends is larger than {MAX_BYTES // 1024:,} KiB.")
    return bytes(body)


def _why(authority: str, error: Exception) -> str:
    cause = error.__cause__ or error.__context__  # httpcore cuts the first off, the second stays
    match cause:
        case ssl.SSLCertVerificationError():
            return f"the TLS certificate of {authority} is not valid ({cause.verify_message})."
        case ssl.SSLError():
            return f"no secure connection to {authority} could be made."
        case ConnectionRefusedError():
            return f"{authority} refused the connection."
    return f"the connection to {authority} failed."

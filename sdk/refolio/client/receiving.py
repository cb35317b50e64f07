"""Receive a webhook: is it from the service, and new? By Standard Webhooks 1.0; no client and no network needed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from refolio.client.events import Event
from refolio.errors import WebhookRefused

TOLERANCE = 300  # seconds that the clocks may differ, with the way between them
MOST_SIGNATURES = 16
PREFIX = "whsec_"
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_TIME = re.compile(r"[0-9]{1,12}")


def parse(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    now: datetime | None = None,
    tolerance: int = TOLERANCE,
) -> Event:
    """Return the event in a request that the service has sent.

    ``body`` is the raw body, ``headers`` are those of the request in any case, ``secrets`` one ``whsec_…`` or several
    while one takes over. ``now`` is aware (default: this machine's clock), ``tolerance`` in seconds, both ways.

    Raises WebhookRefused for anything else, before any of it is believed; answer 400. Raises ValueError for a secret
    that cannot be one, TypeError for a body that was decoded already. The same event may come again, and later than a
    newer one: remember ``event.id``.
    """
    event_id = require_genuine(body, headers, secrets, now=now, tolerance=tolerance)
    try:
        event = msgspec.json.decode(body, type=Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WebhookRefused("not-an-event", "The body is signed, but it is no event of a Refolio service.") from None
    if event.id != event_id:
        raise WebhookRefused("not-an-event", "The body is about another event than the headers.")
    return event


def require_genuine(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    now: datetime | None = None,
    tolerance: int = TOLERANCE,
) -> str:
    """Return the ``webhook-id`` of a request signed with one of the secrets; raises as ``parse``.

    For any body, also of other senders by Standard Webhooks. All comparisons take the same time, whatever fits.
    """
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError("body is the request's body as it came, in bytes; decoding it loses what was signed.")
    if now is not None and now.tzinfo is None:
        raise ValueError("now must be an aware datetime, such as datetime.now(UTC).")
    keys = [_key(one) for one in ([secrets] if isinstance(secrets, str) else secrets)]
    if not keys:
        raise ValueError("At least one secret is needed.")
    event_id, time, signatures = (_header(headers, name) for name in ("id", "timestamp", "signature"))
    if not _ID.fullmatch(event_id) or not _TIME.fullmatch(time):
        raise WebhookRefused("malformed", "The header webhook-id or webhook-timestamp cannot be read.")
    given = [
        one.removeprefix("v1,").encode("ascii", "replace") for one in signatures.split(" ") if one.startswith("v1,")
    ]
    if len(given) > MOST_SIGNATURES:
        raise WebhookRefused("malformed", "There are too many signatures.")
    signed = f"{event_id}.{time}.".encode() + bytes(body)
    fits = False
    for key in keys:
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        for one in given:
            fits |= hmac.compare_digest(expected, one)
    if not fits:
        raise WebhookRefused("forged", "No signature fits: it is not from the service, or was changed on the way.")
    age = (now or datetime.now(UTC)).timestamp() - int(time)
    if abs(age) > tolerance:
        code, says = ("too-old", "was sent too long ago") if age > 0 else ("too-new", "is from the future")
        raise WebhookRefused(code, f"It {says}; the clocks differ by {abs(age):.0f} seconds.")
    return event_id


def sign(body: bytes, event_id: str, secrets: str | Sequence[str], *, now: datetime | None = None) -> dict[str, str]:
    """The headers of a request with this body, as the service sends them: for tests of a receiver.

    One signature for each secret, in their order. Raises ValueError as ``parse``.
    """
    time = int((now or datetime.now(UTC)).timestamp())
    signed = f"{event_id}.{time}.".encode() + body
    keys = [_key(one) for one in ([secrets] if isinstance(secrets, str) else secrets)]
    signatures = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(time),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def _key(secret: str) -> bytes:
    """The bytes of a secret. The message never repeats it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("This is no secret of a webhook: one begins with whsec_ and goes on with base64.")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    wanted = f"webhook-{name}"
    found = [value for header, value in headers.items() if header.lower() == wanted]
    if len(found) != 1 or not found[0].strip():
        raise WebhookRefused("header-missing", f"The header {wanted} is not there once.")
    return found[0].strip()

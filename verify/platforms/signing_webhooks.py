"""The three headers of Standard Webhooks 1.0 over a body: who it is, when it is sent, and that it is ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def headers(event_id: str, at: int, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """``at`` in seconds since 1970. One signature (``v1``, HMAC-SHA256) for each secret, in their order."""
    signed = f"{event_id}.{at}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets)
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }

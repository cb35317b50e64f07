"""The links in mails to referees: 128 random bits, of which only the hash is kept (SEC-191)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from refolio.credential import base64url
from refolio.credential.rules import normal_email
from verify.http.refusals import Refused
from verify.references.tables import Reference, ReferenceLink
from verify.runtime import Runtime
from verify.trail.recording import Rows

SECRET_BYTES = 16
_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
GONE = "This link is not one of ours, or part of it is missing."


async def new_link(runtime: Runtime, reference: str) -> tuple[str, Rows]:
    """A link of its own for one mail, and the row written. Call inside ``tx()``."""
    secret = base64url.encode(runtime.random_bytes(SECRET_BYTES))
    sha256 = _fingerprint(secret)
    await ReferenceLink(sha256=sha256, reference=reference, created_at=runtime.now()).save()
    return f"{runtime.settings.public_url}/referee/{secret}", [(ReferenceLink, sha256)]


async def opened(secret: str) -> Mapping[str, Any]:
    """The reference (a row) that a link leads to. Raises Refused ``not-found``."""
    link = (
        await ReferenceLink.select(ReferenceLink.reference).where(ReferenceLink.sha256 == _fingerprint(secret)).first()
        if _SECRET.fullmatch(secret)
        else None
    )
    row = await Reference.select().where(Reference.id == link["reference"]).first() if link else None
    if row is None:
        raise Refused("not-found", GONE)
    return row


def mailbox_of(address: str) -> str:
    """A mailbox as it is compared and remembered: the SHA-256 (hex) of its address without a ``+tag``."""
    local, _, domain = normal_email(address).rpartition("@")
    return hashlib.sha256(f"mailbox\x1f{local.partition('+')[0]}@{domain}".encode()).hexdigest()


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

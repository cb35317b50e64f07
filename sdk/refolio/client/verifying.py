"""Verify a credential from anywhere: gather what it refers to, then let the core decide.

The clock and the network are here, the decision is ``refolio.credential.verification``, the same code the service runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from refolio.client.fetching import Source, from_files, from_mapping, from_network, gather
from refolio.credential import verification
from refolio.credential.policy import DEFAULT, Policy
from refolio.credential.report import VerificationReport
from refolio.credential.verification import VerifiedCredential

Document: TypeAlias = bytes | str | Mapping[str, object]
Documents: TypeAlias = Mapping[str, bytes] | str | PathLike[str]


def verify(
    document: Document,
    *,
    now: datetime | None = None,
    documents: Documents | None = None,
    policy: Policy = DEFAULT,
    allow_private: bool = False,
) -> VerifiedCredential:
    """Return the credential if it is genuine and current; raise NotVerified with the report otherwise.

    ``document`` is the file's bytes, its text, or the decoded JSON; bytes are best, since decoding hides duplicate
    names. ``now`` is an aware time, by default the present. What the credential refers to is fetched, unless
    ``documents`` gives it: a map file as in ``refolio verify --documents``, or bytes by URL.

    ``allow_private`` also asks addresses of this machine and of private networks: right for a service on your own
    machine, wrong in a server that verifies what strangers send.
    """
    raw = _bytes(document)
    found = gather(raw, _source(documents, allow_private))
    return verification.verify(raw, found, policy, _aware(now))


def examine(
    document: Document,
    *,
    now: datetime | None = None,
    documents: Documents | None = None,
    policy: Policy = DEFAULT,
    allow_private: bool = False,
) -> VerificationReport:
    """Make all eight checks and return the report, whatever the verdict. Arguments as in ``verify``."""
    raw = _bytes(document)
    found = gather(raw, _source(documents, allow_private))
    return verification.examine(raw, found, policy, _aware(now))


def _source(documents: Documents | None, allow_private: bool) -> Source:
    if documents is None:
        return from_network(allow_private=allow_private)
    return from_mapping(documents) if isinstance(documents, Mapping) else from_files(Path(documents))


def _bytes(document: Document) -> bytes:
    match document:
        case bytes():
            return document
        case str():
            return document.encode(errors="surrogatepass")  # what is not UTF-8 is refused by the one reader
        case _:
            return json.dumps(document, ensure_ascii=False).encode(errors="surrogatepass")


def _aware(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime, such as datetime.now(UTC).")
    return now

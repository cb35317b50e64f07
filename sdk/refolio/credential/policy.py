"""What a verifier insists on, and whom it knows. The facts of a document are the same under any policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

KNOWN_CONTEXTS = (
    ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"),
    ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"),
    (
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    ),
    ("https://www.w3.org/ns/credentials/v2",),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings of one verification.

    ``known_issuers`` maps an issuer id to one sentence saying how it is known. ``contexts`` are the whole
    ``@context`` lists accepted, compared exactly, because a suffix of the list can be unsigned
    (SEC-017). ``skew`` is how far the clocks of signer and verifier may be apart.
    """

    known_issuers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    require_known_issuer: bool = False
    contexts: tuple[tuple[str, ...], ...] = KNOWN_CONTEXTS
    skew: timedelta = timedelta(seconds=60)


DEFAULT = Policy()

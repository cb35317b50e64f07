"""What a verifier insists on, and whom it knows. The facts of a document are the same under any policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

_V2, _V1 = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"
_OB = "https://purl.imsglobal.org/spec/ob/v3p0/"
_CLR = "https://purl.imsglobal.org/spec/clr/v2p0/"
_EXTENSIONS = _OB + "extensions.json"
_STATUS = "https://www.w3.org/ns/credentials/status/v1"
_ED25519 = "https://w3id.org/security/suites/ed25519-2020/v1"
_INTEGRITY = "https://w3id.org/security/data-integrity/v2"

# What the contexts of a credential say beside its own vocabulary, in the orders that issuers write them.
_SUFFIXES: tuple[tuple[str, ...], ...] = (
    (),
    (_ED25519,),
    (_INTEGRITY,),
    (_INTEGRITY, _ED25519),
    (_ED25519, _INTEGRITY),
    (_STATUS,),
    (_STATUS, _ED25519),
    (_STATUS, _INTEGRITY),
    (_STATUS, _ED25519, _INTEGRITY),
)
_BADGES = ("context-3.0.3.json", "context-3.0.2.json", "context-3.0.1.json", "context.json")
_PROFILES: tuple[tuple[str, ...], ...] = (
    (),
    *(
        (*clr, _OB + badge, *extensions)
        for badge in _BADGES
        for clr in ((), (_CLR + "context-2.0.1.json",), (_CLR + "context.json",))
        for extensions in ((), (_EXTENSIONS,))
    ),
)

# Whole lists, compared exactly: a base, one vocabulary, and what its proof and status need. A list that gives a
# protected word of its own another meaning is refused by the walk.
KNOWN_CONTEXTS = tuple(
    (base, *profile, *suffix) for base in (_V2, _V1) for profile in _PROFILES for suffix in _SUFFIXES
)


class Edition(NamedTuple):
    """An edition of a credential that the verifier has seen and found sound: its issuer's id, its ``validFrom``."""

    issuer: str
    valid_from: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings of one verification.

    ``known_issuers`` maps an issuer id to one sentence saying how it is known. ``contexts`` are the whole
    ``@context`` lists accepted, compared exactly, because a suffix of the list can be unsigned
    (SEC-017). ``skew`` is how far the clocks of signer and verifier may be apart. ``challenge`` and ``domain``,
    when given, must stand in every proof, letter for letter: what a verifier asked of whom it talks to (SEC-039).
    ``editions`` maps a credential id to the newest edition that the verifier knows: an older one of the same issuer is
    superseded (Open Badges 3.0 §8, equality and comparison; SEC-071).
    ``recorded_at`` is when this very document is known to have existed, by a witness that the verifier trusts more than
    the date in it; only such a time tells what a key signed before it was stolen (SEC-222).
    ``allow_test`` lets a test credential pass, which otherwise fails the last check: for trying out one's own software.
    """

    known_issuers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    require_known_issuer: bool = False
    contexts: Collection[tuple[str, ...]] = frozenset(KNOWN_CONTEXTS)
    skew: timedelta = timedelta(seconds=60)
    challenge: str | None = None
    domain: str | None = None
    editions: Mapping[str, Edition] = field(default_factory=lambda: MappingProxyType({}))
    recorded_at: datetime | None = None
    allow_test: bool = False


DEFAULT = Policy()

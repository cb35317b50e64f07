"""The key-encryption key was in other hands, and with a copy of the database every private key too (SEC-224)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from verify.database import tx
from verify.http.access import OPERATOR
from verify.issuers.compromising import declare_compromised
from verify.issuers.tables import Issuer, IssuerKey
from verify.outside.key_custody import DESTROYED, is_current
from verify.runtime import Runtime
from verify.trail import signing_keys
from verify.trail.reading import entries
from verify.trail.recording import SERVICE, record


@dataclass(frozen=True, slots=True)
class Affected:
    """Issuers with the keys that are (to be) declared compromised, and issuers whose key cannot be changed."""

    declared: dict[str, list[str]] = field(default_factory=dict)
    by_name: list[str] = field(default_factory=list)


async def kek_compromised(runtime: Runtime, since: datetime, *, declare: bool) -> Affected:
    """Every key that the stolen key opened and that is not declared yet. With ``declare`` they are declared.

    Each issuer gets new keys at once, under the current key-encryption key, and the trail a new one that signs from now
    on. May be run again after it was stopped: it goes on with what is left. An issuer whose keys were made under
    the new key already is left alone.
    """
    affected = Affected()
    kept_here = Issuer.custody.is_null()  # the stolen key never opened what issuers hold themselves
    issuers = await Issuer.select(Issuer.slug, Issuer.did).where(kept_here).order_by(Issuer.slug)
    if declare:
        new = await signing_keys.made(runtime)
        async with tx():
            rows = await signing_keys.add(runtime, new)
            await record(runtime, OPERATOR.name, "trail-key-rotated", SERVICE, rows=rows)
    for issuer in issuers:
        if str(issuer["did"]).startswith("did:key:"):
            affected.by_name.append(issuer["slug"])
            continue
        keys = await IssuerKey.select(IssuerKey.id, IssuerKey.wrapped, IssuerKey.changed_at).where(
            IssuerKey.issuer == issuer["slug"], IssuerKey.compromised_since.is_null()
        )
        ids = [key["id"] for key in keys if await _was_open(runtime, issuer["slug"], key, since)]
        if ids:
            affected.declared[issuer["slug"]] = ids
        for key_id in ids if declare else ():
            await declare_compromised(runtime, OPERATOR, issuer["slug"], key_id, since)
    return affected


async def _was_open(runtime: Runtime, slug: str, key: Mapping[str, Any], since: datetime) -> bool:
    """Whether the stolen key opened this one: neither destroyed before, nor made under the key that came after."""
    wrapped = bytes(key["wrapped"])
    if wrapped == DESTROYED:
        return bool(key["changed_at"]) and key["changed_at"] > since
    return not is_current(runtime, wrapped) or bool(await entries(slug, most=1, act="key-rewrapped", about=key["id"]))

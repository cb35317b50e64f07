"""Who is calling? An API key becomes an Actor, or a refusal that says what is the matter with the key.

Whatever can be told from the text alone is told before anything is looked up. Then the hash of the key finds its row,
so how long that takes says nothing about the keys that there are.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date, datetime
from ipaddress import ip_network
from typing import Any

from refolio.api_keys import key_fault
from refolio.credential import timestamps
from verify.database import tx
from verify.http.access import SCOPE_OF, Actor, Mode
from verify.http.callers import Call, parsed_address
from verify.http.refusals import Refused
from verify.issuers.twins import twin_slug
from verify.platforms.keying import fingerprint, mode_of, scopes_of
from verify.platforms.tables import ApiKey, Mandate
from verify.runtime import Runtime


async def authenticate(runtime: Runtime, call: Call) -> Actor:
    """Return the platform behind an ``Authorization: Bearer rf_…`` header, as far as its key goes.

    The issuers are those of the platform's mandates that the key may be used for; with a test key, their twins.

    Raises Refused: 401 ``api-key-missing``, ``-malformed``, ``-unknown``, ``-revoked``, ``-expired``; 403
    ``address-not-allowed``, and ``scope-missing`` for the action of the door.
    """
    scheme, _, secret = (call.authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not (secret := secret.strip()):
        raise Refused("api-key-missing", "The request carries no API key.")
    if fault := key_fault(secret):
        raise Refused("api-key-malformed", fault)
    known_by = fingerprint(secret)
    row = await ApiKey.select().where(ApiKey.sha256 == known_by).first()
    if row is None or not hmac.compare_digest(row["sha256"], known_by) or not secret.startswith(f"rf_{mode_of(row)}_"):
        raise Refused("api-key-unknown", "There is no such API key here.")
    _require_current(row, runtime.now())
    _require_address(row, call.address)
    await _note_use(row, runtime.now().date())
    actor = Actor(
        platform=row["platform"],
        issuers=frozenset(await reach(row)),
        scopes=scopes_of(row),
        mode=mode_of(row),
        key=row["sha256"],
    )
    needed = SCOPE_OF.get(call.action)
    if needed is not None and needed not in actor.scopes:
        raise Refused("scope-missing", f"This takes the scope {needed.value}, which the API key {row['hint']}… lacks.")
    return actor


async def reach(row: Mapping[str, Any]) -> list[str]:
    """The short names of the issuers that a key is good for now; with a test key, those of their twins."""
    open_ = (Mandate.platform == row["platform"]) & Mandate.ended_at.is_null()
    mandates = await Mandate.select(Mandate.issuer).where(open_).order_by(Mandate.issuer)
    chosen = None if row["issuers"] is None else row["issuers"].split()
    slugs = [one["issuer"] for one in mandates if chosen is None or one["issuer"] in chosen]
    return [twin_slug(slug) for slug in slugs] if mode_of(row) is Mode.TEST else slugs


def _require_current(row: Mapping[str, Any], now: datetime) -> None:
    if row["revoked_at"] is not None:
        raise Refused("api-key-revoked", f"The API key {row['hint']}… was revoked.")
    if row["expires_at"] is not None and row["expires_at"] <= now:
        when = timestamps.format(row["expires_at"])
        raise Refused("api-key-expired", f"The API key {row['hint']}… expired at {when}.")


def _require_address(row: Mapping[str, Any], address: str) -> None:
    if row["addresses"] is None:
        return
    parsed = parsed_address(address)
    if parsed is None or not any(parsed in ip_network(network) for network in row["addresses"].split()):
        says = f"The request comes from {parsed or 'an unknown address'}, where the API key {row['hint']}… is not used."
        raise Refused("address-not-allowed", says)


async def _note_use(row: Mapping[str, Any], today: date) -> None:
    """Once a day, so that a request is not also a write."""
    if row["last_used_on"] is not None and row["last_used_on"] >= today:
        return
    earlier = ApiKey.last_used_on.is_null() | (ApiKey.last_used_on < today)
    async with tx():
        await ApiKey.update({ApiKey.last_used_on: today}).where(ApiKey.sha256 == row["sha256"], earlier)

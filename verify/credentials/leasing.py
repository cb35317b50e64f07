"""Issue for an issuer that holds its own key: reserve here → sign there → submit here.

The reservation is the one of every other credential, with a lease: what is not submitted by its end never is, and its
status index stays burned. Nothing is signed here at any point, so the only thing to be lost in a crash is time: both
requests may be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from refolio.credential.asking import LEASE
from refolio.credential.issuing import SignedBy, require_as_reserved
from refolio.credential.reading import JSON
from refolio.credential.rules import require_sound
from refolio.credential.verification import Unfetched
from refolio.errors import DocumentRefused, Fault, KeyRefused, ProofRefused
from verify.credentials import list_signing
from verify.credentials.announcing import announce
from verify.credentials.codes import code_of
from verify.credentials.issuing import achievement_of, composed
from verify.credentials.remembering import remember_act
from verify.credentials.reserving import Request, reserve
from verify.credentials.tables import UNSIGNED, Credential
from verify.credentials.telling import invite_to_allow
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers import holding, key_documents, publishing
from verify.issuers.publishing import IssuerProfile
from verify.issuers.tables import IssuerKey
from verify.issuers.twins import is_twin
from verify.outside.fetching import Fetcher
from verify.platforms.announcing import ISSUED
from verify.platforms.granting import grantee_of, require_open
from verify.runtime import Runtime
from verify.trail.recording import Rows, record


@dataclass(frozen=True, slots=True)
class Reservation:
    """What the issuer has to sign. ``unsigned`` is None when that was done; ``first_list`` is a list to sign before."""

    id: str
    expires_at: datetime
    unsigned: Mapping[str, JSON] | None
    first_list: list_signing.DueList | None


async def reserve_held(runtime: Runtime, actor: Actor, request: Request) -> Reservation:
    """Reserve a credential of an issuer that holds its own key; the same request again gives the same reservation.

    Once its lease has ended, the same request gives a new one. Raises Refused (403, 409) and CompletionRefused.
    """
    slug = request.issuer
    if not can(actor, Action.ISSUE, slug):
        named = request.completion.issuer
        raise Refused("issuer-not-allowed", f"This API key has no mandate for the issuer {named!r}.")
    if not await publishing.holds_key(slug):
        raise Refused("other-custody", "The key of this issuer is kept here, so there is nothing to reserve.")
    require_sound(request.completion, runtime.now().date())
    credential_id = await reserve(runtime, replace(request, lease=LEASE))
    await remember_act(runtime, slug)  # from now on a document with its status index may exist
    row = await Credential.select().where(Credential.id == credential_id).first()
    assert row, "reserved a moment ago"
    if row["state"] not in UNSIGNED:
        return Reservation(credential_id, row["lease_until"], None, None)
    _, unsigned = await composed(runtime, row)
    first = await list_signing.first_edition(runtime, row["status_list"])
    return Reservation(credential_id, row["lease_until"], unsigned, first)


async def submit(runtime: Runtime, fetcher: Fetcher, actor: Actor, reservation_id: str, signed: bytes) -> None:
    """Store the signed document of a reservation, byte for byte; the same bytes again change nothing.

    Raises Refused: ``not-found`` for a reservation that this platform did not make; ``reservation-expired``;
    ``reservation-used`` when other bytes were submitted before; ``status-list-due`` until its list has been signed;
    ``signature-refused`` for a document that is not the reserved one or not soundly signed (SEC-188); ``grant-refused``
    where the intern has said no since it was reserved.
    """
    row = await Credential.select().where(Credential.id == reservation_id).first()
    is_own = row and row["lease_until"] and row["platform"] == actor.platform
    if row is None or not is_own or not can(actor, Action.ISSUE, row["issuer"]):
        raise Refused("not-found", "Your platform has no reservation with this id.")
    if not _is_done(row, signed):
        _require_open(runtime, row)
        issuer, unsigned = await composed(runtime, row)
        await key_documents.refresh(runtime, fetcher, issuer.did)
        signer = await _signer(runtime, row, issuer, unsigned, signed)
        if await list_signing.first_edition(runtime, row["status_list"]):
            raise Refused("status-list-due", "The status list that this credential names has not been signed yet.")
        try:
            stored = await _store(runtime, actor, row, signed, signer, achievement_of(unsigned))
        except UniqueViolation:  # another submission has brought the same new key a moment ago
            stored = await _store(runtime, actor, row, signed, signer, achievement_of(unsigned))
        if not stored:
            row = await Credential.select().where(Credential.id == reservation_id).first()
            assert row, "no reservation is ever removed"
            if not _is_done(row, signed):
                _require_open(runtime, row)
        await remember_act(runtime, row["issuer"])


def _is_done(row: Mapping[str, Any], signed: bytes) -> bool:
    if row["state"] in UNSIGNED:
        return False
    if bytes(row["document"]) != signed:
        raise Refused("reservation-used", "The document of this reservation was submitted before, with other bytes.")
    return True


def _require_open(runtime: Runtime, row: Mapping[str, Any]) -> None:
    if row["state"] == "lapsed" or row["lease_until"] <= runtime.now():
        raise Refused("reservation-expired", f"It had to be submitted before {row['lease_until'].isoformat()}.")


async def _signer(
    runtime: Runtime, row: Mapping[str, Any], issuer: IssuerProfile, unsigned: Mapping[str, JSON], signed: bytes
) -> SignedBy:
    """Whose key signed. All checks are made that anybody makes, but that of the status."""
    keys = await key_documents.current(runtime, issuer)
    if isinstance(keys, Unfetched) or not await key_documents.is_recent(runtime, issuer.did):
        raise Refused("unavailable", f"The key document of {issuer.did} could not be fetched.")
    try:
        signer = require_as_reserved(signed, unsigned, keys, since=row["reserved_at"], now=runtime.now())
        if not await key_documents.signs_now(issuer, signer.key.multibase):
            raise ProofRefused("retired-key", "It is signed with a key that signs nothing new any more.")
    except (DocumentRefused, ProofRefused, KeyRefused) as error:
        place = (getattr(error, "path", "") or "/proof").removeprefix("/").replace("/", ".")
        fix = getattr(error, "fix", "") or "Sign the reserved document with an active key of the issuer."
        raise Refused("signature-refused", error.says, [Fault(place, error.says, fix)]) from None
    return signer


async def _store(
    runtime: Runtime, actor: Actor, row: Mapping[str, Any], signed: bytes, signer: SignedBy, achievement: str
) -> bool:
    """True when the reservation was still open and is a credential now."""
    now, key, code = runtime.now(), signer.key.multibase, code_of(signed)
    email = msgspec.json.decode(row["completion"])["intern"]["email"]
    async with tx():
        if not is_twin(row["issuer"]):
            await require_open(runtime, row["person"], grantee_of(row["platform"], row["issuer"]), email)
        rows: Rows = []
        known = await IssuerKey.select(IssuerKey.issuer).where(IssuerKey.id == key).first()
        if known is None:  # the issuer's own domain lists a new one
            rows = [*await holding.take(runtime, row["issuer"], signer.key)]
        elif known["issuer"] != row["issuer"]:
            raise Refused("signature-refused", "This key is registered for another issuer.")
        stored = (
            await Credential.update(
                {
                    Credential.state: "issued",
                    Credential.document: signed,
                    Credential.code: code,
                    Credential.achievement: achievement,
                    Credential.issued_at: now,
                    Credential.key: key,
                }
            )
            .where(Credential.id == row["id"], Credential.state == "reserved", Credential.lease_until > now)
            .returning(Credential.id)
        )
        if stored:
            await invite_to_allow(runtime, row, code)
            await announce(runtime, [(ISSUED, row["id"])])
        if stored or rows:
            act, about = ("credential-issued", row["id"]) if stored else ("key-changed", row["issuer"])
            rows = [*rows, (Credential, row["id"])]
            await record(runtime, actor.name, act, row["issuer"], about=about, detail={"key": key}, rows=rows)
    return bool(stored)

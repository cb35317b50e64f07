"""Status lists of issuers that hold their own keys: we keep the bits, they sign.

A withdrawal counts here at once. Its list is then due: whoever holds the key gets the exact unsigned edition, signs it
and puts it back. Bits that the service did not ask for are refused, and so is an edition that takes one away or is no
newer than the last (SEC-086, SEC-089).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.issuing import LIST_VALID_FOR, list_bits, require_list_as_asked
from refolio.credential.policy import DEFAULT
from refolio.credential.reading import JSON, read
from refolio.credential.report import Outcome
from refolio.credential.verification import Found, Unfetched, examine
from refolio.errors import DocumentRefused, Fault, KeyRefused, ProofRefused, StatusListRefused
from verify.credentials.remembering import RememberedList, remember_list
from verify.credentials.status_publishing import address, withdrawn_bits
from verify.credentials.tables import StatusList
from verify.database import tx
from verify.http.access import Action, Actor, Mode, can
from verify.http.refusals import Refused
from verify.issuers import key_documents, publishing
from verify.issuers.publishing import IssuerProfile
from verify.issuers.twins import twin_slug
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime
from verify.trail.recording import record

DUE_AFTER = timedelta(days=7)  # half of its validity is left for whoever has to sign
NEWER_BY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DueList:
    """A list to be signed: its id, why (``first``, ``withdrawals``, ``age``, ``key``), and the exact document."""

    id: str
    why: str
    unsigned: Mapping[str, JSON]


async def due(runtime: Runtime, fetcher: Fetcher, actor: Actor, slug: str) -> list[DueList]:
    """The lists of the issuer that are to be signed now. Raises Refused ``not-found`` and ``other-custody``."""
    profile = await _issuer_of(actor, slug)
    rows = await StatusList.select().where(StatusList.issuer == slug).order_by(StatusList.number)
    await key_documents.refresh(runtime, fetcher, profile.did)
    keys, now = await key_documents.current(runtime, profile), runtime.now()
    return [await _due(runtime, row, profile, why) for row in rows if (why := _why(row, profile, keys, now))]


async def first_edition(runtime: Runtime, list_id: str) -> DueList | None:
    """The list if it has never been signed."""
    row = await StatusList.select().where(StatusList.id == list_id).first()
    assert row, "a foreign key keeps the list of every credential"
    if row["document"] is not None:
        return None
    profile = await publishing.profile(slug=row["issuer"])
    assert profile, "a foreign key keeps the issuer of every list"
    return await _due(runtime, row, profile, "first")


async def put(runtime: Runtime, fetcher: Fetcher, actor: Actor, slug: str, list_id: str, signed: bytes) -> datetime:
    """Publish a signed edition and return when the next one is due; the same bytes again change nothing.

    Raises Refused: ``not-found``; ``status-list-changed`` when it does not hold the withdrawals up to now or is no
    newer than the last edition; ``signature-refused`` for anything else that is wrong with it.
    """
    profile = await _issuer_of(actor, slug)
    row = await StatusList.select().where(StatusList.id == list_id, StatusList.issuer == slug).first()
    if row is None:
        raise Refused("not-found", "The issuer has no status list with this id.")
    if row["document"] is not None and bytes(row["document"]) == signed:
        return _next(row)
    await key_documents.refresh(runtime, fetcher, profile.did)
    bits = await withdrawn_bits(
        runtime, row
    )  # after the version was read: an edition may hold more than it says, never less
    key = await _require_good(runtime, row, profile, signed, bits)
    starts = timestamps.parse(str(read(signed)["validFrom"]))
    fresh_until = starts + DUE_AFTER
    # Outside first, as with the lists that are signed here (status_publishing).
    await remember_list(runtime, RememberedList(list_id, slug, row["length"], row["version"], signed.decode()))
    async with tx():
        published = (
            await StatusList.update(
                {
                    StatusList.document: signed,
                    StatusList.key: key,
                    StatusList.published: row["version"],
                    StatusList.fresh_until: fresh_until,
                }
            )
            .where(
                StatusList.id == list_id,
                StatusList.published <= row["version"],
                StatusList.fresh_until.is_null() | (StatusList.fresh_until < fresh_until),
            )
            .returning(StatusList.id)
        )
        if published:
            detail: dict[str, JSON] = {"key": key, "version": row["version"]}
            await record(
                runtime,
                actor.name,
                "status-list-published",
                slug,
                about=list_id,
                detail=detail,
                rows=[(StatusList, list_id)],
            )
    if not published:
        raise _changed("A newer edition was put here a moment ago.")
    return fresh_until


async def _issuer_of(actor: Actor, slug: str) -> IssuerProfile:
    if actor.mode is Mode.TEST:
        slug = twin_slug(slug)
    if not can(actor, Action.ISSUE, slug):
        raise Refused("not-found", "Your platform delivers for no issuer of this name.")
    profile = await publishing.profile(slug=slug)
    if profile is None or not profile.holds_key:
        raise Refused("other-custody", "The key of this issuer is kept here; its lists are signed here.")
    return profile


def _why(row: Mapping[str, Any], profile: IssuerProfile, keys: Found, now: datetime) -> str | None:
    if row["document"] is None:
        return "first"
    if row["published"] < row["version"]:
        return "withdrawals"
    if _next(row) <= now:
        return "age"
    # The issuer has taken back the key that signed the list, or it was stolen: nobody believes it any more.
    key = examine(bytes(row["document"]), {profile.did: keys}, DEFAULT, now).checks[3]
    return "key" if key.result is Outcome.FAILED or key.code == "key-revoked-since" else None


def _next(row: Mapping[str, Any]) -> datetime:
    fresh_until: datetime = row["fresh_until"]
    return fresh_until


async def _due(runtime: Runtime, row: Mapping[str, Any], profile: IssuerProfile, why: str) -> DueList:
    bits = await withdrawn_bits(runtime, row)
    last = _start_of(row)
    starts = runtime.now().replace(microsecond=0)
    if last is not None and last >= starts:
        starts = last + NEWER_BY
    unsigned = status_list.compose(
        list_id=await address(runtime, row["id"]),
        issuer=profile.did,
        valid_from=timestamps.format(starts),
        valid_until=timestamps.format(starts + LIST_VALID_FOR),
        bits=bits,
    )
    return DueList(row["id"], why, unsigned)


def _start_of(row: Mapping[str, Any]) -> datetime | None:
    """When the published edition begins."""
    if row["document"] is None:
        return None
    return timestamps.parse(msgspec.json.decode(row["document"])["validFrom"])


async def _require_good(
    runtime: Runtime, row: Mapping[str, Any], profile: IssuerProfile, signed: bytes, bits: bytes
) -> str:
    """The key (Multikey) that signed the edition."""
    keys = await key_documents.current(runtime, profile)
    if isinstance(keys, Unfetched) or not await key_documents.is_recent(runtime, profile.did):
        raise Refused("unavailable", f"The key document of {profile.did} could not be fetched.")
    last, list_id = _start_of(row), await address(runtime, row["id"])
    try:
        signer = require_list_as_asked(
            signed, list_id=list_id, issuer=profile.did, bits=bits, after=last, keys=keys, now=runtime.now()
        )
    except StatusListRefused as error:
        if error.code == "STATUS_LIST_BITS" and not _adds(signed, bits):
            raise _changed(error.says) from None
        raise _refused(error.says, "credentialSubject.encodedList") from None
    except (DocumentRefused, ProofRefused, KeyRefused) as error:
        path = getattr(error, "path", "") or "/proof"
        if path == "/validFrom":
            raise _changed(error.says) from None
        raise _refused(error.says, path.removeprefix("/").replace("/", ".")) from None
    if not await key_documents.signs_now(profile, signer.key.multibase):
        raise _refused("It is signed with a key that signs nothing new any more.", "proof")
    return signer.key.multibase


def _adds(signed: bytes, bits: bytes) -> bool:
    """True when a bit is set that nobody asked for; a list that lacks some is merely behind."""
    stated = list_bits(read(signed))
    return len(stated) != len(bits) or any(mine & ~asked for mine, asked in zip(stated, bits, strict=True))


def _changed(says: str) -> Refused:
    fix = "Get the unsigned list again, sign that and put it back."
    return Refused("status-list-changed", says, [Fault("credentialSubject.encodedList", says, fix)])


def _refused(says: str, place: str) -> Refused:
    return Refused("signature-refused", says, [Fault(place, says, "Sign the list exactly as it was given to you.")])

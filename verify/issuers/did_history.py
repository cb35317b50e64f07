"""Every DID document that an issuer ever had, each linked to the one before (SEC-229).

A version is written in the transaction that changes a key, so the newest one is always what ``did.json`` serves.
Whoever keeps a copy of the history can tell whether we rewrote it: an entry's hash covers the hash of the entry before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from piccolo.table import Table

from refolio.credential import timestamps
from refolio.credential.canonical import jcs
from refolio.credential.controllers import did_document, did_key_document
from refolio.credential.keys import decode_multikey
from refolio.errors import DocumentRefused, KeyRefused
from verify.issuers.tables import DidVersion, Issuer, IssuerKey
from verify.runtime import Runtime

FIRST = "0" * 64


async def current(slug: str) -> bytes | None:
    """The DID document of an issuer, or None when there is no such issuer."""
    last = await _last(slug)
    return bytes(last["document"]) if last else await composed(slug)


async def composed(slug: str) -> bytes | None:
    """The document as the keys are now: those for credentials, then those for status lists, newest first.

    Keys that no longer sign stay, so that what they signed keeps verifying; compromised ones are marked.
    """
    issuer = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if issuer is None:
        return None
    did = str(issuer["did"])
    if did.startswith("did:key:"):
        return msgspec.json.encode(did_key_document(did))
    rows = (
        await IssuerKey.select(IssuerKey.id, IssuerKey.compromised_since)
        .where(IssuerKey.issuer == slug)
        .order_by(IssuerKey.purpose)
        .order_by(IssuerKey.created_at, ascending=False)
        .order_by(IssuerKey.id)
    )
    good = [decode_multikey(row["id"]) for row in rows if row["compromised_since"] is None]
    revoked = {
        decode_multikey(row["id"]): timestamps.format(row["compromised_since"])
        for row in rows
        if row["compromised_since"] is not None
    }
    return msgspec.json.encode(did_document(did, good, revoked=revoked))


async def add_version(runtime: Runtime, slug: str) -> list[tuple[type[Table], object]]:
    """Write the document as the keys are now, if it differs from the last; returns the row written, for the trail.

    Call it in the transaction that changed the keys, after the change. Of did:key there are no versions.
    """
    document, last = await composed(slug), await _last(slug)
    if document is None or b'"id":"did:key:' in document or (last and bytes(last["document"]) == document):
        return []
    version = DidVersion(
        id=f"{slug}:{last['number'] + 1 if last else 1}",
        issuer=slug,
        number=last["number"] + 1 if last else 1,
        document=document,
        sha256=hashlib.sha256(document).hexdigest(),
        previous=entry_hash(last) if last else FIRST,
        created_at=runtime.now(),
    )
    await version.save()
    return [(DidVersion, version.id)]


async def history(slug: str) -> bytes | None:
    """All versions as JSON, oldest first; None when there is no such issuer.

    ``document`` is the text of the document exactly as it was served, so that its ``sha256`` can be taken.
    """
    issuer = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if issuer is None:
        return None
    rows = await DidVersion.select().where(DidVersion.issuer == slug).order_by(DidVersion.number)
    versions = [{**_entry(row), "hash": entry_hash(row), "document": bytes(row["document"]).decode()} for row in rows]
    return msgspec.json.encode({"issuer": issuer["did"], "versions": versions})


async def mismatches(slug: str) -> list[str]:
    """Recompute the history and say where it does not hold; the last version must be what the keys say."""
    found = []
    previous, number, document = FIRST, 0, None
    for row in await DidVersion.select().where(DidVersion.issuer == slug).order_by(DidVersion.number):
        number, document = number + 1, bytes(row["document"])
        place = f"DID document of {slug}, version {row['number']}"
        if row["number"] != number or row["id"] != f"{slug}:{number}":
            found.append(f"{place}: version {number} should come here")
            number = row["number"]
        if hashlib.sha256(document).hexdigest() != row["sha256"]:
            found.append(f"{place}: it was changed")
        if row["previous"] != previous:
            found.append(f"{place}: it does not follow the version before")
        previous = entry_hash(row)
    try:
        fits = document is None or document == await composed(slug)
    except (KeyRefused, DocumentRefused):  # a spoilt row
        fits = False
    return found if fits else [*found, f"DID document of {slug}: the last version is not what the keys say"]


def entry_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the JCS form of ``[slug, {number, created, sha256, previous}]``."""
    return hashlib.sha256(jcs([row["issuer"], _entry(row)])).hexdigest()


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "created": timestamps.format(row["created_at"]),
        "sha256": row["sha256"],
        "previous": row["previous"],
    }


async def _last(slug: str) -> dict[str, Any] | None:
    query = DidVersion.select().where(DidVersion.issuer == slug)
    return await query.order_by(DidVersion.number, ascending=False).first()

"""Issuers that publish their keys on a domain of their own: their DID document, as fetched from there.

They change their keys by changing that document; nobody tells us. So it is fetched again where it matters, and the
copy serves readers while the domain does not answer. What such an issuer declares here of a stolen key counts here at
once, whatever its document says of it by then.
"""

from __future__ import annotations

from datetime import timedelta

from refolio.credential import timestamps
from refolio.credential.controllers import revoked_in
from refolio.credential.keys import did_web_url
from refolio.credential.reading import read
from refolio.credential.verification import Found, Unfetched
from refolio.errors import DocumentRefused
from verify.issuers import publishing
from verify.issuers.key_states import HELD, State
from verify.issuers.publishing import IssuerProfile
from verify.issuers.tables import Issuer, IssuerKey, KeyDocument
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime

FRESH_FOR = timedelta(minutes=5)
BELIEVED_FOR = timedelta(days=7)  # while the domain does not answer


async def fetch(fetcher: Fetcher, did: str) -> Found:
    """The DID document of ``did`` from its own domain; Unfetched also for what is not its document."""
    found = await fetcher.fetch(did_web_url(did))
    if isinstance(found, Unfetched):
        return found
    try:
        return found if read(found).get("id") == did else Unfetched("what is published there is of another DID.")
    except DocumentRefused:
        return Unfetched("what is published there cannot be read.")


async def refresh(runtime: Runtime, fetcher: Fetcher, did: str) -> None:
    """Fetch the document again when our copy is older than five minutes; a domain that does not answer changes nothing.

    Nothing happens for issuers whose keys are published here.
    """
    row = await KeyDocument.select(KeyDocument.fetched_at).where(KeyDocument.did == did).first()
    now = runtime.now()
    if row is None or row["fetched_at"] + FRESH_FOR > now:
        return
    found = await fetch(fetcher, did)
    if isinstance(found, bytes):
        newer = (KeyDocument.did == did) & (KeyDocument.fetched_at <= row["fetched_at"])
        await KeyDocument.update({KeyDocument.document: found, KeyDocument.fetched_at: now}).where(newer)


async def refresh_of(runtime: Runtime, fetcher: Fetcher, slug: str) -> None:
    """refresh() for an issuer by its short name."""
    row = await Issuer.select(Issuer.did).where(Issuer.slug == slug, Issuer.custody == HELD).first()
    if row:
        await refresh(runtime, fetcher, row["did"])


async def current(runtime: Runtime, profile: IssuerProfile) -> Found:
    """The issuer's DID document, wherever it is published, without asking outside."""
    row = await KeyDocument.select().where(KeyDocument.did == profile.did).first()
    if row is None:
        body = await publishing.document(profile.slug)
        return Unfetched("it is not published here.") if body is None else body
    if row["fetched_at"] + BELIEVED_FOR <= runtime.now():
        return Unfetched(f"its host has not answered since {row['fetched_at'].date()}.")
    return await as_declared(profile.did, bytes(row["document"]))


async def as_declared(did: str, document: bytes) -> bytes:
    """The document, with the keys marked as revoked that the issuer has declared compromised here.

    A mark of its own that names an earlier time stays.
    """
    rows = await IssuerKey.select(IssuerKey.id, IssuerKey.compromised_since).where(
        IssuerKey.issuer.did == did, IssuerKey.compromised_since.is_not_null()
    )
    stolen = {row["id"]: timestamps.format(row["compromised_since"]) for row in rows}
    return revoked_in(document, stolen) if stolen else document


async def signs_now(profile: IssuerProfile, key: str) -> bool:
    """Whether a key that the document lists may sign anything new. Where we publish it, the active one alone does."""
    if not profile.did.startswith("did:web:") or await publishing.document(profile.slug) is None:
        return True
    active = (IssuerKey.issuer == profile.slug) & (IssuerKey.state == State.ACTIVE.value)
    return bool(await IssuerKey.exists().where(IssuerKey.id == key, active))


async def is_recent(runtime: Runtime, did: str) -> bool:
    """False where the document is published elsewhere and our copy is older than five minutes."""
    row = await KeyDocument.select(KeyDocument.fetched_at).where(KeyDocument.did == did).first()
    return row is None or row["fetched_at"] + FRESH_FOR > runtime.now()

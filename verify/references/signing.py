"""Sign what a referee has answered: compose → sign → verify → finish, as credentials are (docs/issuance-cycle.md).

The answer is kept before anything is signed, so a crash leaves something that ``resume`` finishes. Signed bytes that
were not stored have left nowhere, so of two that finish the same answer the slower one just gives its own up.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from refolio.credential import endorsing, timestamps
from refolio.credential.document import IssuerProfile
from refolio.credential.endorsing import Relation, Signing
from refolio.credential.issuing import secure
from refolio.credential.status_list import StatusEntry
from verify.credentials import links, status_publishing
from verify.credentials.own_output import require_own_output
from verify.credentials.remembering import remember_act
from verify.credentials.tables import Credential, StatusPlace
from verify.database import tx
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.issuers.rotating import promote_due
from verify.issuers.signing import KeyNotUsable, active_key_id, private_key
from verify.platforms.announcing import REFERENCE_WRITTEN
from verify.references.announcing import announce
from verify.references.linking import new_link
from verify.references.tables import Reference
from verify.references.telling import tell_signed
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

log = logging.getLogger(__name__)
RESUMES_EVERY = 600.0  # seconds between two looks at what could not be signed at once


def address(runtime: Runtime, reference: str) -> str:
    """The reference's own id: a URL that answers with the signed document, while the intern shows it."""
    return f"{runtime.settings.public_url}/references/{reference}"


async def resume(runtime: Runtime) -> int:
    """Finish what was answered and not signed; return how many there were. Safe to run beside answering."""
    rows = await Reference.select(Reference.id).where(Reference.state == "signing")
    for row in rows:
        try:
            await finish(runtime, row["id"])
        except Exception:  # one that cannot be signed must not keep the others, or the service, from working
            log.exception("The reference %s could not be signed", row["id"])
    return len(rows)


async def finish(runtime: Runtime, reference: str) -> None:
    """Sign and store an answered reference; does nothing when that was done before.

    Raises KeyServiceDown, and Refused ``issuer-closed`` or ``unavailable``; the answer is kept.
    """
    row = await Reference.select().where(Reference.id == reference).first()
    if row is None or row["state"] != "signing":
        return
    credential = await Credential.select(Credential.issuer).where(Credential.id == row["credential"]).first()
    assert credential, "a foreign key keeps the credential"
    issuer = await publishing.profile(slug=credential["issuer"])
    assert issuer, "a foreign key keeps the issuer"
    await promote_due(runtime, issuer.slug)
    try:
        key = await active_key_id(issuer.slug)
        document = await _signed(runtime, row, issuer, key)
    except (LookupError, KeyNotUsable):  # between two keys
        raise Refused("unavailable", "The organisation has no key to sign with at the moment.") from None
    await require_own_output(runtime, document, issuer.slug, issuer.did)
    await _store(runtime, row, issuer.slug, key, document)
    await remember_act(runtime, issuer.slug)


async def _signed(runtime: Runtime, row: Mapping[str, Any], issuer: publishing.IssuerProfile, key: str) -> bytes:
    place = await StatusPlace.select().where(StatusPlace.id == row["place"]).first()
    assert place, "a foreign key keeps the place"
    listed = await status_publishing.address(runtime, place["status_list"])
    reference = endorsing.Reference(
        credential_url=links.credential(runtime, row["credential"]),
        name=row["name"],
        role=row["role"],
        relation=Relation(row["relation"]),
        domain=row["domain"],
        text=row["statement"],
    )
    signing = Signing(
        reference_url=address(runtime, row["id"]),
        issuer=IssuerProfile(issuer.did, issuer.name, issuer.url, issuer.description),
        valid_from=row["answered_at"],
        status=StatusEntry(listed, place["status_index"]),
    )
    created = timestamps.format(row["answered_at"])
    private = await private_key(runtime, issuer.slug, key)
    return secure(endorsing.compose(reference, signing), private, method=f"{issuer.did}#{key}", created=created)


async def _store(runtime: Runtime, row: Mapping[str, Any], issuer: str, key: str, document: bytes) -> None:
    async with tx():
        stored = (
            await Reference.update({Reference.state: "signed", Reference.document: document, Reference.email: None})
            .where(Reference.id == row["id"], Reference.state == "signing")
            .returning(Reference.id)
        )
        if stored:
            link, written = await new_link(runtime, row["id"])
            await tell_signed(runtime, row, link)
            await announce(runtime, REFERENCE_WRITTEN, row, issuer)
            rows: Rows = [(Reference, row["id"]), *written]
            detail = {"key": key}
            await record(runtime, "service", "reference-signed", issuer, about=row["id"], detail=detail, rows=rows)

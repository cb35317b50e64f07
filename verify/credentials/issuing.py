"""Issue a credential: reserve → compose → sign → verify → finish (docs/issuance-cycle.md).

A crash at any point leaves either nothing, a reservation that ``resume`` finishes, or the finished credential.
Nothing signed is ever unknown to the database, because the reservation was committed before.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from refolio.credential import timestamps
from refolio.credential.document import Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.issuing import secure
from refolio.credential.model import Completion
from refolio.credential.reading import JSON
from refolio.credential.rules import require_sound
from verify.credentials import links, status_publishing
from verify.credentials.announcing import announce
from verify.credentials.codes import code_of
from verify.credentials.own_output import require_own_output
from verify.credentials.rekeying import key_that_signs
from verify.credentials.remembering import remember_act
from verify.credentials.reserving import Request, answered, reserve
from verify.credentials.tables import Credential
from verify.credentials.telling import invite_to_allow
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers import publishing, twins
from verify.issuers.signing import private_key
from verify.platforms.admitting import CONSOLE
from verify.platforms.announcing import ISSUED, REPLACED
from verify.platforms.tables import Platform
from verify.runtime import Runtime
from verify.trail.recording import record

log = logging.getLogger(__name__)


async def issue(runtime: Runtime, actor: Actor, request: Request) -> str:
    """Return the id of the issued credential; the same request always gives the same one.

    Raises Refused (403, 409) and CompletionRefused; then nothing was stored.
    """
    if not can(actor, Action.ISSUE, request.issuer):
        raise Refused(
            "issuer-not-allowed", f"This API key has no mandate for the issuer {request.completion.issuer!r}."
        )
    credential_id = await answered(request)
    if credential_id is None:
        if await publishing.holds_key(request.issuer):
            raise Refused("other-custody", "The issuer holds its own key; this service cannot sign for it.")
        require_sound(request.completion, runtime.now().date())
        credential_id = await reserve(runtime, request)
    await finish(runtime, credential_id)
    return credential_id


async def resume(runtime: Runtime) -> int:
    """Finish every reservation that a crash left behind and return how many there were. Safe to run beside issuing."""
    left = (Credential.state == "reserved") & Credential.lease_until.is_null()  # the others are signed elsewhere
    rows = await Credential.select(Credential.id).where(left)
    for row in rows:
        try:
            await finish(runtime, row["id"])
        except (
            Exception
        ):  # one credential that cannot be finished must not keep the others, or the service, from working
            log.exception("The reservation %s could not be finished", row["id"])
    return len(rows)


async def finish(runtime: Runtime, credential_id: str) -> None:
    """Sign and store a reserved credential; does nothing when that was done before."""
    row = await Credential.select().where(Credential.id == credential_id).first()
    if row is None or row["state"] != "reserved" or row["lease_until"] is not None:
        return
    row["key"] = await key_that_signs(runtime, Credential, row, issuer=row["issuer"], credential_id=row["id"])
    document, achievement = await signed(runtime, row)
    await _store(runtime, row, document, achievement)
    await remember_act(runtime, row["issuer"])


async def signed(runtime: Runtime, row: Mapping[str, Any], first_signed: datetime | None = None) -> tuple[bytes, str]:
    """Compose, sign and verify what is reserved in ``row``; return the bytes and the id of the achievement.

    ``first_signed`` is the date of the first edition. Raises OwnOutputRefused.
    """
    issuer, unsigned = await composed(runtime, row, first_signed)
    document = await _sign(
        runtime, unsigned, issuer.slug, issuer.did, row["key"], timestamps.format(row["reserved_at"])
    )
    await require_own_output(runtime, document, issuer.slug, issuer.did)
    return document, achievement_of(unsigned)


async def composed(
    runtime: Runtime, row: Mapping[str, Any], first_signed: datetime | None = None
) -> tuple[publishing.IssuerProfile, dict[str, JSON]]:
    """The issuer and the unsigned document of a reservation, the same whenever it is asked for.

    ``first_signed`` is the date of the first edition.
    """
    credential_id = row["id"]
    issuer = await publishing.profile(slug=row["issuer"])
    platform = (
        await Platform.select(Platform.name, Platform.organisation).where(Platform.slug == row["platform"]).first()
    )
    assert issuer, "a foreign key keeps the issuer of every credential"
    assert platform, "a foreign key keeps the platform of every credential"
    is_partner = row["platform"] != CONSOLE and platform["organisation"] != await twins.wire_name(row["issuer"])
    issuance = Issuance(
        credential_url=links.credential(runtime, credential_id),
        origin=runtime.settings.public_url,
        issuer=IssuerProfile(issuer.did, issuer.name, issuer.url, issuer.description),
        valid_from=row["reserved_at"],
        first_signed=first_signed,
        salt=row["salt"],
        status=StatusEntry(
            await status_publishing.address(runtime, row["status_list"]),
            row["status_index"],
            links.status(runtime, credential_id),
        ),
        platform=platform["name"] if is_partner else None,
        is_test=issuer.is_test,
    )
    return issuer, compose(msgspec.json.decode(row["completion"], type=Completion), issuance)


def achievement_of(unsigned: Mapping[str, JSON]) -> str:
    """The hash that names the achievement in a document of ours."""
    return str(unsigned["credentialSubject"]["achievement"]["id"].rpartition("/")[2])  # type: ignore[index,call-overload,union-attr]


async def _sign(
    runtime: Runtime, unsigned: Mapping[str, JSON], slug: str, did: str, key_id: str, created: str
) -> bytes:
    key = await private_key(runtime, slug, key_id)
    return secure(unsigned, key, method=f"{did}#{key_id}", created=created)


async def _store(runtime: Runtime, row: Mapping[str, Any], document: bytes, achievement: str) -> None:
    code = code_of(document)
    async with tx():
        stored = (
            await Credential.update(
                {
                    Credential.state: "issued",
                    Credential.document: document,
                    Credential.code: code,
                    Credential.achievement: achievement,
                    Credential.issued_at: runtime.now(),
                }
            )
            .where(Credential.id == row["id"], Credential.state == "reserved", Credential.key == row["key"])
            .returning(Credential.id)
        )
        if stored:
            await invite_to_allow(runtime, row, code)
            replaced = [(REPLACED, row["replaces"])] if row["replaces"] else []
            await announce(runtime, [(ISSUED, row["id"]), *replaced])
            rows, key = [(Credential, row["id"])], {"key": row["key"]}
            await record(runtime, "service", "credential-issued", row["issuer"], about=row["id"], detail=key, rows=rows)

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
from refolio.credential.model import Completion
from refolio.credential.policy import Policy
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.credential.reading import JSON
from refolio.credential.report import Outcome
from refolio.credential.rules import require_sound
from refolio.credential.verification import examine
from verify.credentials import links, status_publishing
from verify.credentials.codes import code_of
from verify.credentials.remembering import remember_act
from verify.credentials.reserving import Request, answered, reserve
from verify.credentials.tables import Credential
from verify.database import tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers import publishing
from verify.issuers.rotating import promote_due
from verify.issuers.signing import active_key_id, private_key, signs_still
from verify.platforms.admitting import CONSOLE
from verify.platforms.tables import Platform
from verify.runtime import Runtime
from verify.trail.recording import record

log = logging.getLogger(__name__)


class OwnOutputRefused(Exception):
    """What we signed does not pass our own verification. Nothing is stored; the reservation stays."""


async def issue(runtime: Runtime, actor: Actor, request: Request) -> str:
    """Return the id of the issued credential; the same request always gives the same one.

    Raises Refused (403, 409) and CompletionRefused; then nothing was stored.
    """
    if not can(actor, Action.ISSUE, request.completion.issuer):
        raise Refused(
            "issuer-not-allowed", f"This API key has no mandate for the issuer {request.completion.issuer!r}."
        )
    credential_id = await answered(request)
    if credential_id is None:
        require_sound(request.completion, runtime.now().date())
        credential_id = await reserve(runtime, request)
    await finish(runtime, credential_id)
    return credential_id


async def resume(runtime: Runtime) -> int:
    """Finish every reservation that a crash left behind and return how many there were. Safe to run beside issuing."""
    rows = await Credential.select(Credential.id).where(Credential.state == "reserved")
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
    if row is None or row["state"] != "reserved":
        return
    if not await signs_still(row["key"]):
        row["key"] = await _with_another_key(runtime, row)
    document, achievement = await signed(runtime, row)
    await _store(runtime, row, document, achievement)
    await remember_act(runtime, row["issuer"])


async def signed(runtime: Runtime, row: Mapping[str, Any], first_signed: datetime | None = None) -> tuple[bytes, str]:
    """Compose, sign and verify what is reserved in ``row``; return the bytes and the id of the achievement.

    ``first_signed`` is the date of the first edition. Raises OwnOutputRefused.
    """
    credential_id: str = row["id"]
    issuer = await publishing.profile(slug=row["issuer"])
    platform = await Platform.select(Platform.name).where(Platform.slug == row["platform"]).first()
    assert issuer, "a foreign key keeps the issuer of every credential"
    assert platform, "a foreign key keeps the platform of every credential"
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
        platform=None if row["platform"] == CONSOLE else platform["name"],
    )
    unsigned = compose(msgspec.json.decode(row["completion"], type=Completion), issuance)
    document = await _sign(
        runtime, unsigned, issuer.slug, issuer.did, row["key"], timestamps.format(row["reserved_at"])
    )
    await _require_own_output(runtime, document, issuer.slug, issuer.did)
    return document, _achievement_id(unsigned)


def _achievement_id(unsigned: Mapping[str, Any]) -> str:
    identifier: str = unsigned["credentialSubject"]["achievement"]["id"]
    return identifier.rpartition("/")[2]


async def _with_another_key(runtime: Runtime, row: Mapping[str, Any]) -> str:
    """Bind a reservation to the active key, because its own may not sign any more; nobody has seen it signed yet."""
    await promote_due(runtime, row["issuer"])
    key = await active_key_id(row["issuer"])
    async with tx():
        bound = (
            await Credential.update({Credential.key: key})
            .where(Credential.id == row["id"], Credential.state == "reserved", Credential.key == row["key"])
            .returning(Credential.id)
        )
        if bound:
            rows, detail = [(Credential, row["id"])], {"key": key}
            await record(
                runtime, "service", "reservation-rekeyed", row["issuer"], about=row["id"], detail=detail, rows=rows
            )
    return key


async def _sign(
    runtime: Runtime, unsigned: Mapping[str, JSON], slug: str, did: str, key_id: str, created: str
) -> bytes:
    """Add the proof set, rdfc first because the badge ecosystem checks that one, and fix the bytes for good."""
    key = await private_key(runtime, slug, key_id)
    method = f"{did}#{key_id}"
    proofs = [
        suite.sign(unsigned, key, verification_method=method, created=created)
        for suite in (eddsa_rdfc_2022, eddsa_jcs_2022)
    ]
    return msgspec.json.encode({**unsigned, "proof": proofs})


async def _require_own_output(runtime: Runtime, document: bytes, slug: str, did: str) -> None:
    """Put the signed bytes through the checks that anybody makes, all but the status (SEC-046)."""
    keys = await publishing.document(slug)
    report = examine(document, {did: keys or b""}, Policy(), runtime.now())
    for check in report.checks[:6]:
        if check.result is not Outcome.PASSED:
            raise OwnOutputRefused(f"check {check.number} ({check.code}): {check.says}")


async def _store(runtime: Runtime, row: Mapping[str, Any], document: bytes, achievement: str) -> None:
    async with tx():
        stored = (
            await Credential.update(
                {
                    Credential.state: "issued",
                    Credential.document: document,
                    Credential.code: code_of(document),
                    Credential.achievement: achievement,
                    Credential.issued_at: runtime.now(),
                }
            )
            .where(Credential.id == row["id"], Credential.state == "reserved", Credential.key == row["key"])
            .returning(Credential.id)
        )
        if stored:
            rows, key = [(Credential, row["id"])], {"key": row["key"]}
            await record(runtime, "service", "credential-issued", row["issuer"], about=row["id"], detail=key, rows=rows)

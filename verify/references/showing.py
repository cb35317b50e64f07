"""What readers see of references: those that the intern shows, examined now as anybody would examine them.

A hidden reference, a withdrawn one and none at all look the same to everybody but the intern.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refolio.credential.endorsing import Statement, read_statement
from refolio.credential.reading import read
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import Found
from refolio.errors import DocumentRefused
from verify.credentials import finding
from verify.credentials.examining import examine_own
from verify.credentials.finding import UUID, Stored
from verify.issuers.publishing import IssuerProfile
from verify.references.tables import Reference, ReferenceShowing
from verify.runtime import Runtime

MOST_SHOWN = 20  # on one page, because each one is verified for every reader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A reference on a page. ``path`` leads to its own; ``before`` is true when the credential was corrected since."""

    statement: Statement
    path: str
    before: bool


@dataclass(frozen=True, slots=True)
class Published:
    """Everything that the page of one reference shows. ``statement`` is None unless the signature holds."""

    id: str
    document: bytes
    report: VerificationReport
    statement: Statement | None
    issuer: IssuerProfile | None
    credential: Stored


async def shown_about(
    runtime: Runtime, credentials: Sequence[Stored], found: dict[str, Found] | None = None
) -> dict[str, list[Shown]]:
    """What is shown about each of these, by the credential's id, the newest first; nothing about withdrawn ones.

    Of more than MOST_SHOWN the newest; the page of each credential has its own. ``found`` may be shared between the
    documents of one page.
    """
    found = {} if found is None else found
    by_id = {one.id: one for one in credentials if one.withdrawn_at is None}
    rows = await _visible(Reference.credential.is_in(list(by_id) or [""]))
    shown: dict[str, list[Shown]] = {}
    for row in rows:
        one = await _published(runtime, row, by_id[row["credential"]], found)
        if one.statement is not None and one.report.verdict is Outcome.PASSED:
            corrected = one.credential.corrected_at
            before = corrected is not None and one.statement.signed_on < corrected.date()
            entry = Shown(one.statement, f"/references/{one.id}", before)
            shown.setdefault(one.credential.id, []).append(entry)
    return shown


async def published(runtime: Runtime, reference: str) -> Published | None:
    """A reference that the intern shows, whose credential counts; None for any other, and for none."""
    rows = await _visible(Reference.id == reference) if UUID.fullmatch(reference) else []
    stored = await finding.by_id(rows[0]["credential"]) if rows else None
    if stored is None or stored.withdrawn_at is not None:
        return None
    return await _published(runtime, rows[0], stored, {})


async def _visible(which: Any) -> list[Mapping[str, Any]]:
    rows = (
        await Reference.select(Reference.id, Reference.credential, Reference.document, Reference.answered_at)
        .where(
            which,
            Reference.state == "signed",
            Reference.place.withdrawn_at.is_null(),
            Reference.id.is_in(
                ReferenceShowing.select(ReferenceShowing.reference).where(ReferenceShowing.shown_at.is_not_null())
            ),
        )
        .order_by(Reference.answered_at, ascending=False)
        .limit(MOST_SHOWN)
    )
    return list(rows)


async def _published(
    runtime: Runtime, row: Mapping[str, Any], credential: Stored, found: dict[str, Found]
) -> Published:
    document = bytes(row["document"])
    report, issuer = await examine_own(runtime, document, credential.issuer, row["answered_at"], found)
    statement = _statement(row, document) if report.checks[4].result is Outcome.PASSED else None
    return Published(row["id"], document, report, statement, issuer, credential)


def _statement(row: Mapping[str, Any], document: bytes) -> Statement | None:
    """None for a genuine document that a changed row puts in the place of another one (SEC-205)."""
    members = read(document)
    try:
        statement = read_statement(members)
    except DocumentRefused:
        statement = None
    if (
        statement
        and str(members.get("id")).endswith(f"/references/{row['id']}")
        and statement.credential_url.endswith(f"/credentials/{row['credential']}")
    ):
        return statement
    log.error("The reference %s is not the one that was signed under this id", row["id"])
    return None

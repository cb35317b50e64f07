"""What we sign goes through the checks that anybody makes, before it is kept or shown (SEC-046, SEC-047)."""

from __future__ import annotations

from refolio.credential.policy import Policy
from refolio.credential.report import Outcome
from refolio.credential.verification import examine
from verify.issuers import publishing
from verify.runtime import Runtime


class OwnOutputRefused(Exception):
    """What we signed does not pass our own verification. Nothing is stored; what was there before stays."""


async def require_own_output(runtime: Runtime, document: bytes, slug: str, did: str) -> None:
    """Raise OwnOutputRefused unless the signed bytes pass every check but the status."""
    keys = await publishing.document(slug)
    report = examine(document, {did: keys or b""}, Policy(), runtime.now())
    for check in report.checks[:6]:
        if check.result is not Outcome.PASSED:
            raise OwnOutputRefused(f"check {check.number} ({check.code}): {check.says}")

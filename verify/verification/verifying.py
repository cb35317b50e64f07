"""Verify a document from anywhere: gather what it refers to, then let the core decide."""

from __future__ import annotations

from dataclasses import replace

from refolio.credential.policy import Policy
from refolio.credential.report import VerificationReport
from refolio.credential.verification import examine
from verify.issuers import publishing
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime
from verify.verification.gathering import gather


async def verify_anything(runtime: Runtime, fetcher: Fetcher, raw: bytes, policy: Policy) -> VerificationReport:
    """Make all checks of ``raw``, whatever it is, and say of our own issuers how they are known."""
    found = await gather(runtime, fetcher, raw)
    report = examine(raw, found, policy, runtime.now())
    issuers = {report.issuer_id, *(part.report.issuer_id for part in report.parts)} - {None}
    known = {}
    for did in issuers:
        if profile := await publishing.profile(did=did):
            known[profile.did] = profile.how_known
    return examine(raw, found, replace(policy, known_issuers=known), runtime.now()) if known else report

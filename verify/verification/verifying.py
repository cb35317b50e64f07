"""Verify a document from anywhere: gather what it refers to, then let the core decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from refolio.credential.policy import Policy
from refolio.credential.report import VerificationReport
from refolio.credential.verification import examine
from verify.credentials.examining import known_editions, recorded_at, with_our_record
from verify.issuers import key_documents, publishing
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime
from verify.verification.gathering import gather


async def verify_anything(runtime: Runtime, fetcher: Fetcher, raw: bytes, policy: Policy) -> VerificationReport:
    """Make all checks of ``raw``, whatever it is, and say of our own issuers how they are known."""
    found = await gather(runtime, fetcher, raw)
    for did, body in found.items():
        if did.startswith("did:web:") and isinstance(body, bytes):
            found[did] = await key_documents.as_declared(did, body)
    known = await _known(did for did in found if did.startswith("did:"))
    report = examine(raw, found, replace(policy, known_issuers=known), runtime.now())
    reports = (report, *(part.report for part in report.parts))
    issuers = {one.issuer_id for one in reports if one.issuer_id}
    more = await _known(issuers - found.keys())  # a did:key needs no document, so it is not among those found
    editions = await known_editions(one.credential_id for one in reports if one.credential_id)
    policy = replace(policy, known_issuers=known | more, editions=editions)
    if more or editions:
        report = examine(raw, found, policy, runtime.now())
    if report.checks[3].code == "key-revoked-since" and (at := await recorded_at(runtime, raw)):
        report = examine(raw, found, replace(policy, recorded_at=at), runtime.now())
    return await with_our_record(runtime, report)


async def _known(dids: Iterable[str]) -> dict[str, str]:
    """How each of our own issuers is known, by DID."""
    profiles = [await publishing.profile(did=did) for did in dids]
    return {profile.did: profile.how_known for profile in profiles if profile}

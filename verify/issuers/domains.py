"""Prove that a web domain is an issuer's: ask for a challenge, check it, give the domain up; and the history of it.

A proof is looked for again every 30 days. When it is not found it still holds for seven days, in which it is looked for
daily; then it ends, and its period stays in the history (SEC-173). It ends at once when the domain says that it is
another issuer's (SEC-174).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from refolio.credential import base64url
from refolio.errors import Fault
from verify.database import tx
from verify.http.access import Actor
from verify.http.refusals import Refused
from verify.issuers.members import hold
from verify.issuers.naming import form_of_domain, spelled
from verify.issuers.naming_domains import domain_of
from verify.issuers.proofs import Evidence, Wanted, look
from verify.issuers.tables import DomainProof, Issuer, IssuerKey
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime
from verify.trail.recording import record

EVERY = timedelta(days=30)
WHILE_FAILING = timedelta(days=1)
GRACE = timedelta(days=7)
AGAIN_AFTER = timedelta(seconds=10)
MOST_OPEN = 5
CHALLENGE_BYTES = 18


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of an issuer, as it stands: asked for, proven, or no longer. ``wanted`` is what is looked for there."""

    id: str
    domain: str
    spelled: str
    method: str | None
    asked_at: datetime
    proven_at: datetime | None
    confirmed_at: datetime | None
    checked_at: datetime | None
    failing_since: datetime | None
    ended_at: datetime | None
    why_ended: str | None
    wanted: Wanted

    @property
    def holds(self) -> bool:
        """Proven, and not ended."""
        return self.proven_at is not None and self.ended_at is None


async def history(slug: str) -> list[Domain]:
    """All domains of an issuer, ended ones too: those that hold first, then the newest."""
    issuer = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if issuer is None:
        return []
    keys = await _keys(slug)
    rows = await DomainProof.select().where(DomainProof.issuer == slug).order_by(DomainProof.asked_at, ascending=False)
    domains = [_domain(row, issuer["did"], keys) for row in rows]
    return sorted(domains, key=lambda one: not one.holds)


async def named(slug: str, text: str) -> Domain:
    """The proof of an issuer for a domain that is under way or holds. Raises Refused when there is none."""
    for one in await history(slug):
        if one.ended_at is None and one.domain == domain_of(text):
            return one
    raise Refused("not-found", f"{slug} has not asked for {text}.")


async def ask(runtime: Runtime, actor: Actor, slug: str, text: str) -> str:
    """Make a challenge for a domain, or find the one that was made before; return the id of the proof.

    Raises Refused for an unusable domain, an unknown issuer, and for more than five at the same time.
    """
    domain = domain_of(text, runtime.settings.host)
    row = DomainProof(
        id=runtime.new_id(),
        issuer=slug,
        domain=domain,
        form=form_of_domain(domain),
        challenge=base64url.encode(runtime.random_bytes(CHALLENGE_BYTES)),
        asked_at=runtime.now(),
    )
    async with tx():
        await hold(slug)
        present = (DomainProof.issuer == slug) & DomainProof.ended_at.is_null()
        if before := await DomainProof.select(DomainProof.id).where(present, DomainProof.domain == domain).first():
            return str(before["id"])
        if await DomainProof.count().where(present) >= MOST_OPEN:
            reason = f"There are {MOST_OPEN} domains already."
            raise Refused("form-refused", reason, [Fault("domain", reason, "Give one of them up first.")])
        if not await DomainProof.insert(row).on_conflict(action="DO NOTHING").returning(DomainProof.id):
            present_one = await DomainProof.select(DomainProof.id).where(present, DomainProof.domain == domain).first()
            assert present_one, "the row that was in the way"
            return str(present_one["id"])
        detail, rows = {"domain": domain}, [(DomainProof, row.id)]
        await record(runtime, actor.name, "domain-asked", slug, about=row.id, detail=detail, rows=rows)
    return str(row.id)


async def check(runtime: Runtime, fetcher: Fetcher, actor: Actor, slug: str, proof_id: str) -> Evidence | None:
    """Look for the proof now and keep what was found; None when it was looked for a moment ago.

    Raises Refused when there is no such proof under way.
    """
    row = await _open(slug, proof_id)
    if row["checked_at"] and runtime.now() < row["checked_at"] + AGAIN_AFTER:
        return None
    return await look_again(runtime, fetcher, actor.name, row)


async def prove(runtime: Runtime, fetcher: Fetcher, actor: Actor, slug: str, text: str) -> Evidence | None:
    """Ask for a domain and check it at once: for whoever has published the proof already."""
    return await check(runtime, fetcher, actor, slug, await ask(runtime, actor, slug, text))


async def give_up(runtime: Runtime, actor: Actor, slug: str, proof_id: str) -> None:
    """End a proof, or stop asking for one. Its period stays in the history."""
    row = await _open(slug, proof_id)
    changes = {DomainProof.ended_at: runtime.now(), DomainProof.why_ended: "given-up", DomainProof.next_check_at: None}
    await _keep(runtime, actor.name, "domain-given-up", row, changes)


async def look_again(runtime: Runtime, fetcher: Fetcher, actor: str, row: Mapping[str, Any]) -> Evidence:
    """Look for the proof of a row that has not ended, and keep what was found."""
    issuer = await Issuer.select(Issuer.did).where(Issuer.slug == row["issuer"]).first()
    assert issuer, "a foreign key keeps the issuer of every proof"
    wanted = Wanted(row["domain"], issuer["did"], await _keys(row["issuer"]), row["challenge"])
    evidence = await look(runtime, fetcher, wanted)
    now = runtime.now()
    changes: dict[Any, Any] = {DomainProof.checked_at: now}
    act = "domain-check-failed"
    if evidence.method:
        act = "domain-confirmed" if row["proven_at"] else "domain-proven"
        changes |= {
            DomainProof.method: evidence.method,
            DomainProof.proven_at: row["proven_at"] or now,
            DomainProof.confirmed_at: now,
            DomainProof.failing_since: None,
            DomainProof.next_check_at: now + EVERY,
        }
    elif row["proven_at"]:
        since = row["failing_since"] or now
        changes |= {DomainProof.failing_since: since, DomainProof.next_check_at: now + WHILE_FAILING}
        is_anothers = evidence.contradicts(row["method"])
        if is_anothers or now >= since + GRACE:
            act = "domain-proof-ended"
            changes[DomainProof.ended_at] = now
            changes[DomainProof.why_ended] = "other-issuer" if is_anothers else "failed"
            changes[DomainProof.next_check_at] = None
    await _keep(runtime, actor, act, row, changes)
    return evidence


async def _keep(runtime: Runtime, actor: str, act: str, row: Mapping[str, Any], changes: dict[Any, Any]) -> None:
    """One act on a proof; nothing where it has ended meanwhile."""
    async with tx():
        open_still = (DomainProof.id == row["id"]) & DomainProof.ended_at.is_null()
        if await DomainProof.update(changes).where(open_still).returning(DomainProof.id):
            rows, detail = [(DomainProof, row["id"])], {"domain": row["domain"]}
            await record(runtime, actor, act, row["issuer"], about=row["id"], detail=detail, rows=rows)


async def _open(slug: str, proof_id: str) -> dict[str, Any]:
    own = (DomainProof.id == proof_id) & (DomainProof.issuer == slug) & DomainProof.ended_at.is_null()
    row = await DomainProof.select().where(own).first()
    if row is None:
        raise Refused("not-found", "There is nothing at this address.")
    return dict(row)


async def _keys(slug: str) -> frozenset[str]:
    """The keys by which the issuer may be recognised: those it signs with now."""
    rows = await IssuerKey.select(IssuerKey.id).where(IssuerKey.issuer == slug, IssuerKey.state == "active")
    return frozenset(row["id"] for row in rows)


def _domain(row: Mapping[str, Any], did: str, keys: frozenset[str]) -> Domain:
    names = ("id", "domain", "method", "asked_at", "proven_at", "confirmed_at", "checked_at", "failing_since")
    return Domain(
        **{name: row[name] for name in (*names, "ended_at", "why_ended")},
        spelled=spelled(row["domain"]),
        wanted=Wanted(row["domain"], did, keys, row["challenge"]),
    )

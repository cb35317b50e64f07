"""The two-person rule: one member proposes what cannot be undone, an admin who is somebody else approves it.

A proposal is approved inside the transaction that carries it out, so that neither comes without the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from piccolo.columns.combination import And, Where

from refolio.credential.reading import JSON
from verify.database import tx
from verify.http.access import FOR_ROLES, Action, Role
from verify.http.refusals import Refused
from verify.issuers.announcing import announce_proposal
from verify.issuers.members import NOT_THERE, SignedIn, hold_for
from verify.issuers.tables import Membership, Proposal
from verify.runtime import Runtime
from verify.trail.recording import record

KEY_COMPROMISED = "key-compromised"
MASS_WITHDRAWAL = "mass-withdrawal"
# Which acts take two people, and what the first of them must be allowed to do.
ACTS = {KEY_COMPROMISED: Action.MANAGE_KEYS, MASS_WITHDRAWAL: Action.WITHDRAW}
IN_WORDS = {KEY_COMPROMISED: "declare a key compromised", MASS_WITHDRAWAL: "withdraw many credentials"}
GOOD_FOR = timedelta(days=7)
OF_STANDING = timedelta(days=1)
MOST_OPEN = 50

APPROVED, REFUSED = "approved", "refused"
TOO_YOUNG = {
    "proposed": "It was proposed by somebody who has had the role for less than a day. Somebody else must propose it.",
    "decided": "You have been an admin for less than a day. Another admin has to approve this.",
}
NOT_NOW = "This proposal was decided, has expired, or was made by somebody who may not propose it any more."


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal: who wants to do which act with what (``body``), and until when it can be approved."""

    id: str
    act: str
    body: Mapping[str, JSON]
    proposed_by: str
    created_at: datetime
    expires_at: datetime


async def propose(runtime: Runtime, member: SignedIn, slug: str, act: str, body: Mapping[str, JSON]) -> str:
    """Write a proposal down and return its id. ``body`` is what the approved act will be carried out with.

    Raises Refused for a member who may not, and for more than fifty that wait.
    """
    now = runtime.now()
    row = Proposal(
        id=runtime.new_id(),
        issuer=slug,
        act=act,
        body=msgspec.json.encode(body).decode(),
        proposed_by=member.person,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    async with tx():
        name = await hold_for(member.actor, ACTS[act], slug)
        if await Proposal.count().where(_open(now), Proposal.issuer == slug) >= MOST_OPEN:
            raise Refused("bad-request", "Fifty proposals wait already. Decide some of them first.")
        await row.save()
        await announce_proposal(runtime, slug, name, member.person, IN_WORDS[act])
        detail: dict[str, JSON] = {"act": act}
        await record(
            runtime, member.actor.name, "proposal-made", slug, about=row.id, detail=detail, rows=[(Proposal, row.id)]
        )
    return str(row.id)


async def approve(runtime: Runtime, member: SignedIn, slug: str, act: str, proposal_id: str) -> Proposed:
    """Approve a proposal of ``act`` in the name of a second person. Call inside ``tx()``, before the act itself.

    Two at the same moment: one succeeds. The caller carries the act out in this transaction and records it with
    ``(Proposal, id)`` among its rows. Raises Refused: ``not-found`` for none of this issuer, ``form-refused`` for
    one's own proposal and one that cannot be approved any more.
    """
    await hold_for(member.actor, Action.DECIDE, slug)
    now = runtime.now()
    mine = Proposal.issuer == slug, Proposal.id == proposal_id, Proposal.act == act
    row = await Proposal.select().where(*mine).first()
    if row is None:
        raise Refused("not-found", NOT_THERE)
    if row["proposed_by"] == member.person:
        raise Refused("form-refused", "You proposed this yourself. Another admin has to approve it.")
    proposer = await _membership(slug, row["proposed_by"])
    if proposer is None or ACTS[act] not in FOR_ROLES[Role(proposer["role"])]:
        raise Refused("form-refused", NOT_NOW)
    await _require_two_of_standing(slug, proposer, await _membership(slug, member.person), now)
    if not await _decide(member, APPROVED, now, *mine):
        raise Refused("form-refused", NOT_NOW)
    return _proposed(row)


async def refuse(runtime: Runtime, member: SignedIn, slug: str, proposal_id: str) -> None:
    """Turn a proposal down, also one's own; a refused one stays refused. Raises Refused for any other."""
    async with tx():
        await hold_for(member.actor, Action.DECIDE, slug)
        if not await _decide(member, REFUSED, runtime.now(), Proposal.issuer == slug, Proposal.id == proposal_id):
            if await _was(REFUSED, slug, proposal_id):
                return
            raise Refused("not-found", NOT_THERE)
        await record(
            runtime, member.actor.name, "proposal-refused", slug, about=proposal_id, rows=[(Proposal, proposal_id)]
        )


async def was_approved(slug: str, proposal_id: str) -> bool:
    """Was it approved before, so that its act is done?"""
    return await _was(APPROVED, slug, proposal_id)


async def _was(decision: str, slug: str, proposal_id: str) -> bool:
    decided = Proposal.issuer == slug, Proposal.id == proposal_id, Proposal.decision == decision
    return bool(await Proposal.exists().where(*decided))


async def proposals(runtime: Runtime, slug: str) -> list[Proposed]:
    """The proposals that wait for a decision, oldest first."""
    rows = await Proposal.select().where(_open(runtime.now()), Proposal.issuer == slug).order_by(Proposal.created_at)
    return [_proposed(row) for row in rows]


async def waiting_for(runtime: Runtime, member: SignedIn, slug: str) -> int:
    """How many proposals wait for this person's decision: those of others, if she is an admin."""
    if member.actor.roles.get(slug) is not Role.ADMIN:
        return 0
    others = Proposal.issuer == slug, Proposal.proposed_by != member.person
    return int(await Proposal.count().where(_open(runtime.now()), *others))


async def proposal(runtime: Runtime, slug: str, proposal_id: str) -> Proposed:
    """One that waits for a decision. Raises Refused ``not-found``."""
    row = (
        await Proposal.select().where(_open(runtime.now()), Proposal.issuer == slug, Proposal.id == proposal_id).first()
    )
    if row is None:
        raise Refused("not-found", NOT_THERE)
    return _proposed(row)


async def _decide(member: SignedIn, decision: str, now: datetime, *which: Where) -> bool:
    decided = (
        await Proposal.update(
            {Proposal.decided_by: member.person, Proposal.decided_at: now, Proposal.decision: decision}
        )
        .where(_open(now), *which)
        .returning(Proposal.id)
    )
    return bool(decided)


def _open(now: datetime) -> And:
    return Proposal.decided_at.is_null() & (Proposal.expires_at > now)


async def _membership(slug: str, person: str) -> dict[str, Any] | None:
    return (
        await Membership.select(Membership.person, Membership.role, Membership.created_at)
        .where(Membership.issuer == slug, Membership.person == person, Membership.ended_at.is_null())
        .first()
    )


async def _require_two_of_standing(
    slug: str, proposer: Mapping[str, Any], decider: Mapping[str, Any] | None, now: datetime
) -> None:
    """Nobody makes a second self for the purpose: a role of less than a day does not count as one of two.

    It does where no other admin has been one for a day: then there is nobody who could have been asked instead. One
    who was removed counts for another day, so that it is no use to remove her first.
    """
    assert decider, "the decider was an admin a moment ago, under the lock"
    two = {"proposed": proposer, "decided": decider}
    young = [name for name, one in two.items() if one["created_at"] > now - OF_STANDING]
    if young and await Membership.exists().where(
        Membership.issuer == slug,
        Membership.role == Role.ADMIN.value,
        Membership.ended_at.is_null() | (Membership.ended_at > now - OF_STANDING),
        Membership.created_at <= now - OF_STANDING,
        Membership.person.disabled_at.is_null(),
        Membership.person.not_in([one["person"] for one in two.values()]),
    ):
        raise Refused("form-refused", TOO_YOUNG[young[-1]])


def _proposed(row: Mapping[str, Any]) -> Proposed:
    members = {name: row[name] for name in ("id", "act", "proposed_by", "created_at", "expires_at")}
    return Proposed(body=msgspec.json.decode(row["body"]), **members)

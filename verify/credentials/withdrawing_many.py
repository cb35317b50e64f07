"""Withdraw many credentials in one act: all of them or none, and beyond ten by two people (SEC-232)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from refolio.credential.reading import JSON
from refolio.errors import CompletionRefused, Fault
from verify.credentials.announcing import announce
from verify.credentials.finding import UUID
from verify.credentials.reasons import Reason, reason_from
from verify.credentials.remembering import remember_act
from verify.credentials.status_publishing import current
from verify.credentials.tables import UNSIGNED, Credential
from verify.credentials.telling import tell_withdrawn
from verify.credentials.withdrawing import make_due, mark_withdrawn
from verify.database import tx
from verify.http.access import Action, can
from verify.http.refusals import Refused
from verify.issuers.members import SignedIn
from verify.issuers.proposing import MASS_WITHDRAWAL, Proposed, approve, proposal, propose
from verify.issuers.tables import Proposal
from verify.platforms.announcing import WITHDRAWN
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

MOST_ALONE = 10  # credentials that one person may withdraw in one act
MOST = 1_000


async def withdraw_many(
    runtime: Runtime, member: SignedIn, slug: str, ids: Sequence[str], members: Mapping[str, object]
) -> str | None:
    """Withdraw up to ten credentials now, or propose the withdrawal of more; return the proposal's id, None when done.

    ``members`` is the reason (reasons.py). Raises CompletionRefused for a bad reason or list, Refused (404) when one of
    them is not the issuer's own or she may not; then nothing is withdrawn.
    """
    if not can(member.actor, Action.WITHDRAW, slug):
        raise Refused("not-found", "There is nothing at this address.")
    reason = reason_from(members)
    wanted = _sound(ids)
    await _own(slug, wanted)
    if len(wanted) > MOST_ALONE:
        body: dict[str, JSON] = {"credentials": list(wanted), "reason": reason.text, "kind": reason.kind}
        return await propose(runtime, member, slug, MASS_WITHDRAWAL, body)
    async with tx():
        rows, lists = await _withdraw_all(runtime, slug, wanted, reason)
        if rows:
            detail: dict[str, JSON] = {"kind": reason.kind, "number": _number(rows)}
            await record(
                runtime, member.actor.name, "credentials-withdrawn", slug, about=slug, detail=detail, rows=rows
            )
    await _publish(runtime, slug, lists)
    return None


async def carry_out(runtime: Runtime, member: SignedIn, slug: str, proposal_id: str) -> int:
    """Approve a proposed withdrawal as the second person and do it; return how many were withdrawn by it.

    What was withdrawn since it was proposed keeps its reason. Approval and withdrawals are one transaction. Raises as
    ``approve``.
    """
    await proposal(runtime, slug, proposal_id)
    async with tx():
        proposed = await approve(runtime, member, slug, MASS_WITHDRAWAL, proposal_id)
        ids, reason = read_proposal(proposed)
        rows, lists = await _withdraw_all(runtime, slug, ids, reason)
        number = _number(rows)
        detail: dict[str, JSON] = {
            "kind": reason.kind,
            "number": number,
            "proposed_by": f"person:{proposed.proposed_by}",
        }
        written: Rows = [(Proposal, proposal_id), *rows]
        await record(runtime, member.actor.name, "credentials-withdrawn", slug, about=slug, detail=detail, rows=written)
    await _publish(runtime, slug, lists)
    return number


def read_proposal(proposed: Proposed) -> tuple[list[str], Reason]:
    """The credentials that a proposal is about, and the reason, for whoever is to approve it."""
    ids, text, kind = (proposed.body[name] for name in ("credentials", "reason", "kind"))
    assert isinstance(ids, list)
    return [str(one) for one in ids], Reason(str(kind), str(text))


def _sound(ids: Sequence[str]) -> list[str]:
    wanted = sorted(set(ids))  # one order for all, so that two such acts never wait for each other
    if not wanted or len(wanted) > MOST:
        says = f"Name 1 to {MOST:,} credentials; here are {len(wanted):,}."
        raise CompletionRefused([Fault("credentials", says, "Choose fewer, or more than none.")])
    return wanted


async def _own(slug: str, ids: Sequence[str]) -> None:
    own = await Credential.count().where(
        Credential.id.is_in([one for one in ids if UUID.fullmatch(one)] or [""]),
        Credential.issuer == slug,
        Credential.state.not_in(UNSIGNED),
    )
    if own != len(ids):
        raise Refused("not-found", "One of these credentials is not there; nothing was withdrawn.")


async def _withdraw_all(runtime: Runtime, slug: str, ids: Sequence[str], reason: Reason) -> tuple[Rows, set[str]]:
    """Withdraw inside the caller's transaction; the rows written, and the lists that are due."""
    found = (
        await Credential.select()
        .where(Credential.id.is_in(list(ids)), Credential.issuer == slug)
        .order_by(Credential.id)
    )
    marked = [row for row in found if await mark_withdrawn(runtime, row["id"], reason)]
    lists = Counter(str(row["status_list"]) for row in marked)
    rows: Rows = [*((Credential, row["id"]) for row in marked), *await make_due(lists)]
    for row in sorted(marked, key=lambda row: str(row["person"])):  # in one order too, because mails are counted
        await tell_withdrawn(runtime, row, reason)
    await announce(runtime, [(WITHDRAWN, str(row["id"])) for row in marked])
    return rows, set(lists)


def _number(rows: Rows) -> int:
    """How many credentials are among the rows written."""
    return sum(table is Credential for table, _ in rows)


async def _publish(runtime: Runtime, slug: str, lists: set[str]) -> None:
    """Each list once, with all of it."""
    await remember_act(runtime, slug)
    for list_id in sorted(lists):
        await current(runtime, list_id)

"""A key was in other hands: say since when, and sign with another one from now on.

What was signed before stays good where it is on record from before that time; what is first seen later does not
(docs/decisions/0018). Nothing takes the declaration back, so two people decide, or the operator. An issuer that holds
its own key declares it in the same way; nobody but the issuer can bring the next one (holding.py).
"""

from __future__ import annotations

from datetime import UTC, datetime

from refolio.credential import timestamps
from refolio.credential.keys import PrivateKey
from refolio.credential.reading import JSON
from refolio.errors import DocumentRefused, Fault
from verify.database import UniqueViolation, tx
from verify.http.access import Actor
from verify.http.refusals import Refused
from verify.issuers import did_history, proposing
from verify.issuers.key_states import HELD, STATUS, State, move
from verify.issuers.members import SignedIn, hold
from verify.issuers.rotating import Rows, key_row, require_changeable, require_may
from verify.issuers.tables import Issuer, IssuerKey, Proposal
from verify.outside.key_custody import new_key
from verify.outside.key_service import asked
from verify.runtime import Runtime
from verify.trail.recording import record

ATTEMPTS = 5


async def declare_compromised(runtime: Runtime, actor: Actor, slug: str, key_id: str, since: datetime) -> str | None:
    """Mark the key as not to be trusted from ``since`` on; return the id of the key that takes its place, if one must.

    For the operator; members propose and approve. A time already declared can only be moved back. Raises Refused:
    ``not-found``; ``bad-request`` for a time to come or one not earlier than declared, and for an issuer whose name is
    its key; ``second-person-needed`` for everybody else.
    """
    require_may(actor, slug)
    if not actor.operator:
        raise Refused("second-person-needed", "Propose this, and let another admin approve it.")
    return await _declare_soon(runtime, actor.name, slug, key_id, since, None)


async def propose_compromised(runtime: Runtime, member: SignedIn, slug: str, key_id: str, since: str) -> str:
    """Propose to declare the key compromised since ``since``, in UTC as a form sends it (``2026-11-20T09:30``).

    Returns the proposal's id. Raises Refused ``form-refused`` for a key that is not the issuer's, and for a time that
    is none or has not come yet.
    """
    await _require_declarable(slug)
    if not await IssuerKey.exists().where(IssuerKey.id == key_id, IssuerKey.issuer == slug):
        raise _not_proposed("key", "This is no key of yours.", "Choose one of the list.")
    try:
        at = datetime.strptime(since, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        raise _not_proposed("since", "This is not a date with a time.", "Write it like 2026-11-20T09:30.") from None
    if at > runtime.now():
        raise _not_proposed("since", "This time has not come yet.", "Give the earliest time you cannot rule out.")
    body: dict[str, JSON] = {"key": key_id, "since": timestamps.format(at)}
    return await proposing.propose(runtime, member, slug, proposing.KEY_COMPROMISED, body)


def _not_proposed(field: str, reason: str, fix: str) -> Refused:
    return Refused("form-refused", "Nothing was proposed.", [Fault(field, reason, fix)])


async def approve_compromised(runtime: Runtime, member: SignedIn, slug: str, proposal_id: str) -> str | None:
    """Approve what another admin proposed (act ``key-compromised``, body ``key`` and ``since``), and carry it out.

    Raises Refused as declare_compromised() and proposing.approve() do; then the proposal is as it was.
    """
    proposed = await proposing.proposal(runtime, slug, proposal_id)
    try:
        key_id, since = str(proposed.body["key"]), timestamps.parse(str(proposed.body["since"]))
    except (KeyError, DocumentRefused):
        raise Refused("bad-request", "The proposal does not name a key and a time.") from None
    return await _declare_soon(runtime, member.actor.name, slug, key_id, since, (member, proposal_id))


async def _require_declarable(slug: str) -> None:
    """Raise Refused for an issuer that is not there, or whose name is its key."""
    row = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if row is None:
        raise Refused("not-found", f"There is no issuer {slug!r}.")
    require_changeable(slug, row["did"])


async def _declare_soon(
    runtime: Runtime, by: str, slug: str, key_id: str, since: datetime, approval: tuple[SignedIn, str] | None
) -> str | None:
    await _require_declarable(slug)
    if since > runtime.now():
        raise Refused("bad-request", "The time lies in the future.")
    since = since.astimezone(UTC).replace(microsecond=0)
    row = await IssuerKey.select(IssuerKey.purpose).where(IssuerKey.id == key_id, IssuerKey.issuer == slug).first()
    if row is None:
        raise Refused("not-found", f"{slug} has no key {key_id}.")
    spare = None
    if await _lacks_key(slug, row["purpose"], without=key_id):
        spare = await asked(runtime, new_key, slug, row["purpose"])
    for _ in range(ATTEMPTS):
        try:
            return await _declare(runtime, by, slug, key_id, since, spare, approval)
        except UniqueViolation:
            continue  # another key became active meanwhile: look again
        except _SpareNeeded:
            spare = await asked(runtime, new_key, slug, row["purpose"])
    raise Refused("unavailable", "The keys of this issuer change too fast; nothing was declared.")


class _SpareNeeded(Exception):
    """No other key is active any more; the transaction is undone."""


async def _lacks_key(slug: str, purpose: str, without: str) -> bool:
    """Whether no other key than ``without`` signs for this purpose, although one has to and could be made here."""
    issuer = await Issuer.select(Issuer.custody, Issuer.closed_at).where(Issuer.slug == slug).first()
    if issuer is None or issuer["custody"] == HELD or (issuer["closed_at"] and purpose != STATUS):
        return False
    active = (IssuerKey.purpose == purpose) & (IssuerKey.state == State.ACTIVE.value) & (IssuerKey.id != without)
    return not await IssuerKey.exists().where(IssuerKey.issuer == slug, active)


async def _declare(
    runtime: Runtime,
    by: str,
    slug: str,
    key_id: str,
    since: datetime,
    spare: tuple[PrivateKey, bytes] | None,
    approval: tuple[SignedIn, str] | None,
) -> str | None:
    now = runtime.now()
    async with tx():
        await hold(slug)
        rows: Rows = [(IssuerKey, key_id)]
        if approval:
            member, proposal_id = approval
            await proposing.approve(runtime, member, slug, proposing.KEY_COMPROMISED, proposal_id)
            rows.append((Proposal, proposal_id))
        row = await IssuerKey.select().where(IssuerKey.id == key_id, IssuerKey.issuer == slug).first()
        assert row, "no key is ever removed"
        if row["compromised_since"] is None:
            if not await move(key_id, State.COMPROMISED, now, compromised_since=since):
                raise Refused("bad-request", "Somebody else declared it at the same moment.")
        elif since < row["compromised_since"]:
            await IssuerKey.update({IssuerKey.compromised_since: since}).where(IssuerKey.id == key_id)
        else:
            raise Refused("bad-request", f"It is declared since {timestamps.format(row['compromised_since'])} already.")
        successor = None
        if await _lacks_key(slug, row["purpose"], without=key_id):
            if spare is None:
                raise _SpareNeeded
            key, wrapped = spare
            successor = key.public.multibase
            await key_row(slug, successor, row["purpose"], State.ACTIVE, wrapped, now).save()
            rows.append((IssuerKey, successor))
        rows += await did_history.add_version(runtime, slug)
        detail = {
            "since": timestamps.format(since),
            "proposal": approval[1] if approval else None,
            "successor": successor,
        }
        await record(runtime, by, "key-declared-compromised", slug, about=key_id, detail=detail, rows=rows)
    return successor

"""New keys for old ones, without one old credential or one request that is under way being spoilt.

A new key is published first and signs from a day later on, because verifiers keep DID documents. Nobody has to be there
then: whoever is about to sign makes a key active that is due.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from piccolo.table import Table

from refolio.credential.controllers import MAX_METHODS
from verify.database import UniqueViolation, tx
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers import did_history
from verify.issuers.key_states import CREDENTIALS, HELD, STATUS, State, move
from verify.issuers.members import hold
from verify.issuers.tables import Issuer, IssuerKey
from verify.outside.key_custody import new_key
from verify.outside.key_service import asked
from verify.runtime import Runtime
from verify.trail.recording import record

Rows = list[tuple[type[Table], object]]

PUBLISHED_BEFORE_USE = timedelta(hours=24)
AT_ONCE = timedelta(0)
RETIRING_FOR = timedelta(hours=1)  # longer than any request lives; what it reserved afterwards gets a new key
_SPARE = 8  # places in a DID document that are kept for keys in an emergency


async def rotate(
    runtime: Runtime,
    actor: Actor,
    slug: str,
    purpose: str = CREDENTIALS,
    *,
    after: timedelta = PUBLISHED_BEFORE_USE,
) -> str:
    """Make and publish a new key that signs from ``after`` on (0 for at once), and return its id.

    The one before then retires. Raises Refused: ``not-found``; ``issuer-closed``; ``bad-request`` for an issuer
    whose name is its key, while another new key waits, or when the DID document is full.
    """
    require_may(actor, slug)
    if purpose not in (CREDENTIALS, STATUS):
        raise Refused("bad-request", f"Keys are for {CREDENTIALS} or for {STATUS}.")
    await require_keys_here(slug)
    await settle(runtime)
    now = runtime.now()
    key, wrapped = await asked(runtime, new_key, slug, purpose)
    key_id = key.public.multibase
    try:
        async with tx():
            await hold_open(slug)
            await _require_none_waits(slug, purpose)
            await require_room(slug)
            rows: Rows = [(IssuerKey, key_id)]
            if after <= AT_ONCE:
                rows += await _retire_active(slug, purpose, now)
                state, due = State.ACTIVE, None
            else:
                state, due = State.PENDING, now + after
            await key_row(slug, key_id, purpose, state, wrapped, now, due).save()
            rows += await did_history.add_version(runtime, slug)
            detail = {"purpose": purpose, "state": state.value}
            await record(runtime, actor.name, "key-rotated", slug, about=key_id, detail=detail, rows=rows)
    except UniqueViolation:
        raise Refused("bad-request", "Somebody else rotated this key at the same moment.") from None
    return key_id


async def promote_due(runtime: Runtime, slug: str) -> None:
    """Make every key active whose time has come. Call it before signing, outside of transactions; safe in parallel."""
    now = runtime.now()
    due = (
        await IssuerKey.select(IssuerKey.id, IssuerKey.purpose)
        .where(IssuerKey.issuer == slug, IssuerKey.state == State.PENDING.value, IssuerKey.due_at <= now)
        .order_by(IssuerKey.due_at)
    )
    for row in due:
        try:
            await _promote(runtime, slug, row["id"], row["purpose"], now)
        except (UniqueViolation, _Overtaken):
            continue  # somebody else did it at the same moment


class _Overtaken(Exception):
    """Another process promoted the key first; the transaction is undone."""


async def _promote(runtime: Runtime, slug: str, key_id: str, purpose: str, now: datetime) -> None:
    async with tx():
        await hold(slug)
        rows = await _retire_active(slug, purpose, now)
        if not await move(key_id, State.ACTIVE, now):
            raise _Overtaken  # what was retired here may be this very key, made active by another: undo it
        rows += [(IssuerKey, key_id), *await did_history.add_version(runtime, slug)]
        await record(runtime, "service", "key-promoted", slug, about=key_id, detail={"purpose": purpose}, rows=rows)


async def retire(runtime: Runtime, actor: Actor, slug: str, key_id: str) -> None:
    """Give up a key that waits, or end the retiring of one at once: what is still reserved with it gets the active key.

    Raises Refused: ``not-found``; ``bad-request`` for a key in another state.
    """
    require_may(actor, slug)
    await _retire(runtime, actor.name, slug, key_id, [State.PENDING, State.RETIRING])


async def settle(runtime: Runtime) -> None:
    """Retire for good the keys that stopped signing long enough ago, whosever they are. Safe beside other processes."""
    rows = await IssuerKey.select(IssuerKey.id, IssuerKey.issuer).where(
        IssuerKey.state == State.RETIRING.value, IssuerKey.changed_at <= runtime.now() - RETIRING_FOR
    )
    for row in rows:
        with suppress(Refused):  # somebody else did it
            await _retire(runtime, "service", row["issuer"], row["id"], [State.RETIRING])


async def _retire(runtime: Runtime, by: str, slug: str, key_id: str, states: list[State]) -> None:
    async with tx():
        row = await IssuerKey.select(IssuerKey.state).where(IssuerKey.id == key_id, IssuerKey.issuer == slug).first()
        if row is None:
            raise Refused("not-found", f"{slug} has no key {key_id}.")
        if row["state"] not in states or not await move(key_id, State.RETIRED, runtime.now()):
            raise Refused(
                "bad-request", f"This key is {row['state']}. Rotate first, and retire what was active before."
            )
        await record(runtime, by, "key-retired", slug, about=key_id, rows=[(IssuerKey, key_id)])


def require_may(actor: Actor, slug: str) -> None:
    """Raise Refused ``not-found`` unless the actor decides about the keys of this issuer."""
    if not can(actor, Action.MANAGE_KEYS, slug):
        raise Refused("not-found", f"There is no issuer {slug!r}.")


async def require_keys_here(slug: str) -> None:
    """Raise Refused unless the keys of this issuer are made and used here, and can be changed."""
    issuer = await _issuer(slug)
    if issuer["custody"] == HELD:
        raise Refused("other-custody", f"{slug} holds its own keys, so they are not changed here.")
    require_changeable(slug, issuer["did"])
    if issuer["closed_at"]:
        raise Refused("issuer-closed", f"{slug} is closed.")


def require_changeable(slug: str, did: str) -> None:
    """Raise Refused for an issuer whose name is its key."""
    if did.startswith("did:key:"):
        raise Refused(
            "bad-request",
            f"The key of {slug} is its name (did:key), so it cannot be changed. Use https, where issuers are did:web.",
        )


async def hold_open(slug: str) -> None:
    """Inside tx(), first: keep the issuer and its keys as they are for others. Raises Refused where it has closed."""
    await hold(slug)
    if (await _issuer(slug))["closed_at"]:
        raise Refused("issuer-closed", f"{slug} is closed.")


async def _issuer(slug: str) -> dict[str, Any]:
    row = await Issuer.select(Issuer.did, Issuer.custody, Issuer.closed_at).where(Issuer.slug == slug).first()
    if row is None:
        raise Refused("not-found", f"There is no issuer {slug!r}.")
    return dict(row)


def key_row(
    slug: str, key_id: str, purpose: str, state: State, wrapped: bytes, now: datetime, due: datetime | None = None
) -> IssuerKey:
    """A row for a new key."""
    return IssuerKey(
        id=key_id,
        issuer=slug,
        purpose=purpose,
        state=state.value,
        wrapped=wrapped,
        created_at=now,
        due_at=due,
        changed_at=now,
    )


async def require_room(slug: str) -> None:
    """Raise Refused when the DID document is full but for emergencies."""
    count = await IssuerKey.count().where(IssuerKey.issuer == slug)
    if count >= MAX_METHODS - _SPARE:
        raise Refused("bad-request", f"The DID document holds {count} keys and takes no more.")


async def _require_none_waits(slug: str, purpose: str) -> None:
    waiting = (IssuerKey.purpose == purpose) & (IssuerKey.state == State.PENDING.value)
    if await IssuerKey.exists().where(IssuerKey.issuer == slug, waiting):
        raise Refused("bad-request", "A new key waits already. Retire it first, or wait until it is active.")


async def _retire_active(slug: str, purpose: str, now: datetime) -> Rows:
    """Stop the active key, if there is one; the row written, for the trail."""
    retired = (
        await IssuerKey.update({IssuerKey.state: State.RETIRING.value, IssuerKey.changed_at: now})
        .where(IssuerKey.issuer == slug, IssuerKey.purpose == purpose, IssuerKey.state == State.ACTIVE.value)
        .returning(IssuerKey.id)
    )
    return [(IssuerKey, row["id"]) for row in retired]

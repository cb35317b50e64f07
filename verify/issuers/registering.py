"""Make an organisation able to sign: its DID under our host, and its first key."""

from __future__ import annotations

import re

from piccolo.table import Table

from refolio.credential.keys import PublicKey, did_key, did_web
from verify.database import tx
from verify.http.access import OPERATOR, Actor, Role
from verify.http.refusals import Refused
from verify.issuers import did_history
from verify.issuers.key_states import CREDENTIALS, STATUS, State
from verify.issuers.members import join
from verify.issuers.naming import form_of, name_fault
from verify.issuers.rotating import key_row
from verify.issuers.tables import Issuer, IssuerKey, Membership
from verify.outside.key_custody import new_key
from verify.outside.key_service import asked
from verify.people.sessions import Session
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
RESERVED = frozenset({SERVICE, "new"})  # a scope of the audit trail, and an address of the console


async def register(
    runtime: Runtime,
    slug: str,
    name: str,
    *,
    url: str | None = None,
    description: str | None = None,
    vouched_by: str | None = None,
    actor: Actor = OPERATOR,
    admin: Session | None = None,
) -> bool:
    """Register an issuer with fresh active keys; return False and change nothing when the slug is taken.

    ``vouched_by`` is the name of the platform that brought the issuer, shown to readers; ``admin`` the sign-in of the
    person who becomes its admin. Raises Refused for a slug that is not 1 to 48 lower-case letters, digits and inner
    hyphens, or has another use, and for a name that is not plain text (``naming.name_fault``).
    """
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        raise Refused("bad-request", f"{slug!r} is not a short name. Use lower-case letters, digits and hyphens.")
    if fault := name_fault(name):
        raise Refused("bad-request", f"This name cannot be used. {fault.reason} {fault.fix}", [fault])
    issuer = Issuer(
        slug=slug,
        name=name,
        url=url,
        description=description,
        vouched_by=vouched_by,
        self_registered=actor.person is not None,
        name_form=form_of(name),
        created_at=runtime.now(),
    )
    return await add(runtime, issuer, actor.name, admin=admin)


async def add(runtime: Runtime, issuer: Issuer, actor: str, *, admin: Session | None = None) -> bool:
    """Give the row its DID and first keys and keep it; return False and change nothing when its slug is taken."""
    slug = issuer.slug
    keys = {CREDENTIALS: await asked(runtime, new_key, slug, CREDENTIALS)}
    issuer.did = _did(runtime, slug, keys[CREDENTIALS][0].public)
    if not issuer.did.startswith("did:key:"):
        keys[STATUS] = await asked(runtime, new_key, slug, STATUS)
    async with tx():
        if not await Issuer.insert(issuer).on_conflict(action="DO NOTHING").returning(Issuer.slug):
            return False
        rows: list[tuple[type[Table], object]] = [(Issuer, slug)]
        for purpose, (key, wrapped) in keys.items():
            await key_row(slug, key.public.multibase, purpose, State.ACTIVE, wrapped, issuer.created_at).save()
            rows.append((IssuerKey, key.public.multibase))
        rows += await did_history.add_version(runtime, slug)
        if admin:
            rows.append((Membership, await join(runtime, slug, admin, Role.ADMIN)))
        await record(runtime, actor, "issuer-registered", slug, about=slug, rows=rows)
    return True


def _did(runtime: Runtime, slug: str, key: PublicKey) -> str:
    """did:web under our host, or did:key where the host has no https.

    did:web is defined over https alone, so on ``http://localhost`` no verifier but ours could resolve it; a
    did:key carries its key with it, at the price that it cannot be rotated (docs/decisions/0005).
    """
    if runtime.settings.public_url.startswith("https://"):
        return did_web(runtime.settings.host, "issuers", slug)
    return did_key(key)

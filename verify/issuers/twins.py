"""Test mode: every issuer has a twin in whose name test keys issue, and nothing that a twin signs counts.

A twin is an issuer with a DID and keys of its own, made when it is first needed. Its short name holds a dot, which
nobody can register; on the wire it goes by the short name of its issuer, so that the same request works in both modes
(docs/decisions/0023).
"""

from __future__ import annotations

import hashlib

from refolio.credential.marking import marked
from refolio.credential.model import Intern
from verify.http.access import Actor, Mode
from verify.http.refusals import Refused
from verify.issuers.naming import LONGEST_NAME
from verify.issuers.registering import add
from verify.issuers.tables import Issuer
from verify.runtime import Runtime

PREFIX = "test."
LONGEST = 48
LIKE = f"{PREFIX}%"  # in SQL: the slugs of twins


def is_twin(slug: str) -> bool:
    """Is this the short name of a test issuer?"""
    return slug.startswith(PREFIX)


def twin_slug(slug: str) -> str:
    """The short name of an issuer's twin, made or not: ``test.`` before it; a long one is cut, and told by a hash."""
    whole = PREFIX + slug
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 9]}.{hashlib.sha256(slug.encode()).hexdigest()[:8]}"


async def meant_by(runtime: Runtime, actor: Actor, slug: str) -> str | None:
    """The twin that a test key means when it names an issuer that it may deliver for, made now where it lacks.

    None for a live key, and for an issuer that is not the actor's: then the name means what it says. Raises Refused
    ``issuer-closed`` where there is nobody to make a twin of any more.
    """
    twin = twin_slug(slug)
    if actor.mode is not Mode.TEST or twin not in actor.issuers:
        return None
    if not await Issuer.exists().where(Issuer.slug == twin):
        await _make(runtime, actor, slug, twin)
    return twin


def reached(actor: Actor, slug: str) -> str:
    """The short name of the issuer that ``actor`` reaches by this one: in test mode its twin's, made or not."""
    return twin_slug(slug) if actor.mode is Mode.TEST else slug


async def wire_name(slug: str) -> str:
    """The short name by which an issuer goes outside: of a twin, that of its issuer."""
    if not is_twin(slug):
        return slug
    row = await Issuer.select(Issuer.twin_of).where(Issuer.slug == slug).first()
    return row["twin_of"] if row else slug


def test_intern(twin: str) -> Intern:
    """Whose the credentials of a twin are: nobody's, so that no person's name, portfolio or account knows of them."""
    return Intern(name="Test intern", email=f"{hashlib.sha256(twin.encode()).hexdigest()[:32]}@test.invalid")


async def _make(runtime: Runtime, actor: Actor, slug: str, twin: str) -> None:
    row = await Issuer.select().where(Issuer.slug == slug, Issuer.closed_at.is_null()).first()
    if row is None:
        raise Refused("issuer-closed", f"The issuer {slug!r} is closed.")
    issuer = Issuer(
        slug=twin,
        twin_of=slug,
        name=marked(row["name"])[:LONGEST_NAME],
        url=row["url"],
        description=row["description"],
        self_registered=row["self_registered"],
        created_at=runtime.now(),
        name_form="",  # is never taken for anybody, nor anybody for it
    )
    await add(runtime, issuer, actor.name)

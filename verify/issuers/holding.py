"""Register an issuer that holds its own key: its public half, and the proof that it has the private one.

The private half never comes here. So nothing that happens to this service can sign for such an issuer; nor can the
service do it a favour: credentials and status lists wait for its signature (docs/decisions/0017).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from refolio.credential import base64url
from refolio.credential.keys import PublicKey, decode_multikey, did_key, did_web, did_web_url
from refolio.credential.possession import challenge_in, require_possession
from refolio.credential.verification import Unfetched
from refolio.errors import DocumentRefused, Fault, KeyRefused, ProofRefused
from verify.database import UniqueViolation, tx
from verify.http.access import OPERATOR, Action, Actor, Role, can
from verify.http.refusals import Refused
from verify.issuers import did_history, key_documents
from verify.issuers.key_states import CREDENTIALS, HELD, State, move
from verify.issuers.members import hold, join
from verify.issuers.naming import form_of, name_fault
from verify.issuers.registering import RESERVED, SLUG
from verify.issuers.rotating import key_row, require_room
from verify.issuers.tables import Issuer, IssuerKey, KeyChallenge, KeyDocument, Membership
from verify.outside.fetching import Fetcher
from verify.people.sessions import Session
from verify.runtime import Runtime
from verify.trail.recording import Rows, record

ANSWERED_WITHIN = timedelta(minutes=10)
CHALLENGE_BYTES = 32
KEPT_FOR = timedelta(days=1)  # after its end; nobody needs it any more


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the holder of the key has to sign: ``refolio key prove`` takes these members as JSON."""

    challenge: str
    domain: str
    issuer: str
    ends_at: datetime


async def challenge(
    runtime: Runtime,
    slug: str,
    key: str,
    *,
    did: str | None = None,
    person: str | None = None,
    name: str | None = None,
    url: str | None = None,
    within: timedelta = ANSWERED_WITHIN,
) -> Challenge:
    """Begin to register the public ``key`` (Multikey) of the issuer ``slug``.

    ``did`` is a did:web on the company's own domain; without it the DID is one under our host, or, where we have
    no https, the did:key of the key. ``person`` asks in the console, for an organisation of ``name`` and ``url`` where
    a new one is to be made. Raises Refused ``bad-request`` and ``key-refused`` (weak keys among others).
    """
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        raise Refused("bad-request", f"{slug!r} is not a short name. Use lower-case letters, digits and hyphens.")
    try:
        public = decode_multikey(key)
        issuer = _hosted(runtime, slug, public) if did is None else _own(runtime, did)
    except KeyRefused as error:
        raise _refused(error) from None
    known = await Issuer.select(Issuer.did, Issuer.custody).where(Issuer.slug == slug).first()
    if known and (known["custody"] != HELD or known["did"] != issuer):
        raise Refused("bad-request", f"The issuer {slug!r} is registered in another way.")
    now = runtime.now()
    await KeyChallenge.delete().where(KeyChallenge.ends_at < now - KEPT_FOR)
    row = KeyChallenge(
        id=base64url.encode(runtime.random_bytes(CHALLENGE_BYTES)),
        slug=slug,
        did=issuer,
        key=public.multibase,
        person=person,
        name=name,
        url=url,
        ends_at=now + within,
    )
    await row.save()
    return Challenge(row.id, runtime.settings.public_url, issuer, row.ends_at)


async def register_held(
    runtime: Runtime,
    fetcher: Fetcher,
    answer: bytes,
    name: str,
    *,
    url: str | None = None,
    description: str | None = None,
    vouched_by: str | None = None,
    actor: Actor = OPERATOR,
    admin: Session | None = None,
) -> str:
    """Register the issuer of an answered challenge with the key that answered it; return its short name.

    ``admin`` is the sign-in of the person who becomes its admin, and who asked for the challenge.

    Raises Refused ``key-refused`` for an answer that does not hold, was used or came too late, for a weak key and for
    one that the issuer's own domain does not list; ``bad-request`` when the short name or the key is taken.
    """
    if fault := name_fault(name):
        raise Refused("bad-request", f"This name cannot be used. {fault.reason} {fault.fix}", [fault])
    row, key, document = await _possessed(runtime, fetcher, answer, actor)
    now = runtime.now()
    issuer = Issuer(
        slug=row["slug"],
        did=row["did"],
        name=name,
        url=url,
        description=description,
        vouched_by=vouched_by,
        custody=HELD,
        self_registered=actor.person is not None,
        name_form=form_of(name),
        created_at=now,
    )
    try:
        async with tx():
            await _use(runtime, row["id"])
            await issuer.save()
            if document is not None:
                await KeyDocument(did=row["did"], document=document, fetched_at=now).save()
            rows: Rows = [(Issuer, issuer.slug), *await _keep(runtime, key, issuer.slug)]
            if admin:
                rows = [*rows, (Membership, await join(runtime, issuer.slug, admin, Role.ADMIN))]
            detail = {"custody": HELD, "key": key.multibase}
            await record(
                runtime, actor.name, "issuer-registered", issuer.slug, about=issuer.slug, detail=detail, rows=rows
            )
    except UniqueViolation:
        raise Refused("bad-request", "This short name, DID or key is registered already.") from None
    return str(issuer.slug)


async def change_held_key(runtime: Runtime, fetcher: Fetcher, answer: bytes, *, actor: Actor = OPERATOR) -> str:
    """Let the key of an answered challenge sign from now on for its issuer, whose DID is under our host.

    The one before is retired: it goes on verifying and signs nothing new. Issuers on domains of their own change their
    own DID document instead. Returns the short name; raises Refused as register_held() does.
    """
    row, key, document = await _possessed(runtime, fetcher, answer, actor)
    if not can(actor, Action.MANAGE_KEYS, row["slug"]):
        raise Refused("not-found", f"There is no issuer {row['slug']!r}.")
    if document is not None or row["did"].startswith("did:key:"):
        raise Refused("bad-request", f"The keys of {row['did']} are not published here, so they are not changed here.")
    if not await Issuer.exists().where(Issuer.slug == row["slug"], Issuer.custody == HELD):
        raise Refused("not-found", f"There is no issuer {row['slug']!r} that holds its own key.")
    try:
        async with tx():
            await hold(row["slug"])
            await _use(runtime, row["id"])
            await require_room(row["slug"])
            rows = await take(runtime, row["slug"], key)
            detail = {"key": key.multibase}
            await record(runtime, actor.name, "key-changed", row["slug"], about=row["slug"], detail=detail, rows=rows)
    except UniqueViolation:
        raise Refused("bad-request", "This key is registered already.") from None
    return str(row["slug"])


async def key_to_reserve_with(slug: str) -> str:
    """The key that a reservation is expected to be signed with; the one that did is seen when it is submitted.

    Raises Refused ``no-active-key`` where we publish the keys and there is none that signs.
    """
    keys = await IssuerKey.select().where(IssuerKey.issuer == slug).order_by(IssuerKey.created_at, ascending=False)
    active = next((key["id"] for key in keys if key["state"] == State.ACTIVE), None)
    elsewhere = await Issuer.select(Issuer.did).where(Issuer.slug == slug).first()
    if active is None and elsewhere and await KeyDocument.exists().where(KeyDocument.did == elsewhere["did"]):
        active = keys[0]["id"]
    if active is None:
        raise Refused("no-active-key", f"The issuer {slug!r} has to register its next key first.")
    return str(active)


async def take(runtime: Runtime, slug: str, key: PublicKey) -> Rows:
    """Inside tx(): make ``key`` the one active key of the issuer and retire the others; the rows written."""
    active = (IssuerKey.purpose == CREDENTIALS) & (IssuerKey.state == State.ACTIVE.value)
    rows: Rows = ()
    for before in await IssuerKey.select(IssuerKey.id).where(IssuerKey.issuer == slug, active):
        for state in (State.RETIRING, State.RETIRED):  # nothing that was reserved is bound to it
            await move(before["id"], state, runtime.now())
        rows = [*rows, (IssuerKey, before["id"])]
    return [*rows, *await _keep(runtime, key, slug)]


async def _keep(runtime: Runtime, key: PublicKey, slug: str) -> Rows:
    """The key, without its private half, and the DID document that lists it if that is published here."""
    await key_row(slug, key.multibase, CREDENTIALS, State.ACTIVE, b"", runtime.now()).save()
    return [(IssuerKey, key.multibase), *await did_history.add_version(runtime, slug)]


async def _possessed(
    runtime: Runtime, fetcher: Fetcher, answer: bytes, actor: Actor
) -> tuple[dict[str, str], PublicKey, bytes | None]:
    """The open challenge, the key that answered it, and the DID document of an issuer on a domain of its own."""
    document: bytes | None = None
    try:
        open_ = KeyChallenge.used_at.is_null() & (KeyChallenge.ends_at > runtime.now())
        row = await KeyChallenge.select().where(KeyChallenge.id == challenge_in(answer), open_).first()
        if row is None or row["person"] != actor.person:
            raise ProofRefused("possession", "It answers no challenge of ours, or one that was used or has ended.")
        did = row["did"]
        if did.startswith("did:web:") and did != _hosted(runtime, row["slug"], None):
            found = await key_documents.fetch(fetcher, did)
            if isinstance(found, Unfetched):
                raise KeyRefused("not-fetched", f"The key document of {did} could not be fetched: {found.says}")
            document = found
        domain = runtime.settings.public_url
        key = require_possession(answer, document, issuer=did, challenge=row["id"], domain=domain)
        if row["key"] not in (None, key.multibase):
            raise ProofRefused("possession", "It is answered with another key than the one that was named.")
        return row, key, document
    except (KeyRefused, ProofRefused, DocumentRefused) as error:
        raise _refused(error) from None


async def _use(runtime: Runtime, challenge_id: str) -> None:
    open_ = KeyChallenge.used_at.is_null() & (KeyChallenge.id == challenge_id)
    used = await KeyChallenge.update({KeyChallenge.used_at: runtime.now()}).where(open_).returning(KeyChallenge.id)
    if not used:
        raise Refused("key-refused", "This challenge was answered a moment ago.")


def _hosted(runtime: Runtime, slug: str, key: PublicKey | None) -> str:
    """The DID under our host; without https the did:key of ``key`` (docs/decisions/0005)."""
    if key is None or runtime.settings.public_url.startswith("https://"):
        return did_web(runtime.settings.host, "issuers", slug)
    return did_key(key)


def _own(runtime: Runtime, did: str) -> str:
    host = did_web_url(did).split("/")[2]
    if host.partition(":")[0] == runtime.settings.host.partition(":")[0]:
        raise KeyRefused("did-web", "A DID under this host is given by this service. Leave it out.")
    return did


def _refused(error: KeyRefused | ProofRefused | DocumentRefused) -> Refused:
    return Refused("key-refused", error.says, [Fault("key", error.says, "Ask for a new challenge and answer that.")])

"""A member brings a key that stays with her organisation: for a new organisation, or the next key of one.

She names the public half, gets a challenge, and comes back with the answer that ``refolio key prove`` makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from refolio.credential.controllers import did_document
from refolio.credential.keys import decode_multikey, did_web, did_web_url
from refolio.credential.possession import challenge_in
from refolio.errors import DocumentRefused, Fault, KeyRefused
from verify.http.access import Action, can
from verify.http.refusals import Refused
from verify.issuers import founding, holding
from verify.issuers.key_states import HELD
from verify.issuers.members import SignedIn
from verify.issuers.naming_domains import domain_of
from verify.issuers.publishing import is_hosted
from verify.issuers.tables import Issuer, IssuerKey, KeyChallenge
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime

FIELDS = ("name", "url", "slug", "key", "where", "domain")
HERE, OWN = "here", "own"  # where the key is published
WITHIN = timedelta(hours=1)  # time enough to publish a file
MOST_OPEN = 20
NOT_BEGUN = "Nothing was begun."


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge as its page shows it. ``question`` is the JSON that the holder of the key signs.

    ``document`` is what has to stand at ``address``, where the issuer publishes its keys itself; else both are None.
    """

    id: str
    slug: str
    key: str
    question: str
    ends_at: datetime
    document: str | None
    address: str | None


async def begin_new(runtime: Runtime, member: SignedIn, form: Mapping[str, str]) -> str:
    """Ask for a challenge for an organisation that is to be made; return its id.

    Raises Refused ``form-refused`` with a fault for each field in the way.
    """
    faults = await _key_faults(form.get("key", ""))
    did, domain_fault = await _own_did(runtime, form)
    name, url, slug = await founding.described(member, form, [*faults, *([domain_fault] if domain_fault else [])])
    if await Issuer.exists().where(Issuer.slug == slug):
        raise await founding.taken(slug)
    await _require_few_open(runtime, member)
    key = form["key"].strip()
    asked = await holding.challenge(
        runtime, slug, key, did=did, person=member.person, name=name, url=url, within=WITHIN
    )
    return asked.challenge


async def begin_next(runtime: Runtime, member: SignedIn, slug: str, key: str) -> str:
    """Ask for a challenge for the next key of an organisation; return its id. Raises Refused ``form-refused``."""
    if not can(member.actor, Action.MANAGE_KEYS, slug):
        raise Refused("not-found", "There is nothing at this address.")
    issuer = await Issuer.select(Issuer.did, Issuer.custody).where(Issuer.slug == slug).first()
    if issuer is None or issuer["custody"] != HELD or not is_hosted(runtime, issuer["did"]):
        raise Refused(
            "form-refused", NOT_BEGUN, [Fault("key", "The keys of this organisation are not brought here.", "")]
        )
    if faults := await _key_faults(key):
        raise Refused("form-refused", NOT_BEGUN, faults)
    await _require_few_open(runtime, member)
    return (await holding.challenge(runtime, slug, key.strip(), person=member.person, within=WITHIN)).challenge


async def asked(runtime: Runtime, member: SignedIn, challenge_id: str, slug: str | None = None) -> Asked:
    """A challenge that this person asked for; ``slug`` for the next key of an organisation.

    Raises Refused: ``not-found``; ``link-used`` for one that was answered or has ended.
    """
    row = await KeyChallenge.select().where(KeyChallenge.id == challenge_id).first()
    if row is None or row["person"] != member.person or (slug is None) is (row["name"] is None):
        raise Refused("not-found", "There is nothing at this address.")
    if slug is not None and row["slug"] != slug:
        raise Refused("not-found", "There is nothing at this address.")
    if row["used_at"] or row["ends_at"] <= runtime.now():
        raise Refused("link-used", "This question was answered, or is more than an hour old. Begin again.")
    did = row["did"]
    document = address = None
    if did.startswith("did:web:") and not is_hosted(runtime, did):
        written = msgspec.json.encode(did_document(did, [decode_multikey(row["key"])]))
        document, address = msgspec.json.format(written).decode(), did_web_url(did)
    question = {"challenge": row["id"], "domain": runtime.settings.public_url, "issuer": did}
    text = msgspec.json.format(msgspec.json.encode(question)).decode()
    return Asked(row["id"], row["slug"], row["key"], text, row["ends_at"], document, address)


async def make(runtime: Runtime, fetcher: Fetcher, member: SignedIn, challenge_id: str, answer: str) -> str:
    """Make the organisation whose key answered, with this person as its admin; return its short name.

    Raises Refused as asked() and holding.register_held() do.
    """
    await asked(runtime, member, challenge_id)
    row = await KeyChallenge.select(KeyChallenge.name, KeyChallenge.url).where(KeyChallenge.id == challenge_id).first()
    assert row, "seen a moment ago"
    await founding.count_one_more(runtime, member)
    return await holding.register_held(
        runtime,
        fetcher,
        _answer_to(challenge_id, answer),
        row["name"],
        url=row["url"],
        actor=member.actor,
        admin=member.session,
    )


async def change(
    runtime: Runtime, fetcher: Fetcher, member: SignedIn, slug: str, challenge_id: str, answer: str
) -> None:
    """Let the key that answered sign from now on. Raises Refused as asked() and holding.change_held_key() do."""
    await asked(runtime, member, challenge_id, slug)
    await holding.change_held_key(runtime, fetcher, _answer_to(challenge_id, answer), actor=member.actor)


def _answer_to(challenge_id: str, text: str) -> bytes:
    """What was pasted, if it answers this challenge and not another one."""
    try:
        answer = text.strip().encode()
        named = challenge_in(answer)
    except (DocumentRefused, UnicodeEncodeError):
        named = None
    if named != challenge_id:
        reason = "This is not the answer to the question above." if named else "This is not an answer."
        fix = "Paste all that refolio key prove printed, from the first { to the last }."
        raise Refused("form-refused", "Nothing was registered.", [Fault("answer", reason, fix)])
    return answer


async def _key_faults(text: str) -> list[Fault]:
    fix = "Paste the public key that refolio key new printed. It begins with z6Mk."
    try:
        key = decode_multikey(text.strip())
    except KeyRefused:
        reason = "This is no public key, or a weak one." if text.strip() else "The public key is missing."
        return [Fault("key", reason, fix)]
    if await IssuerKey.exists().where(IssuerKey.id == key.multibase):
        return [Fault("key", "This key is registered here already.", "Make a new one: refolio key new.")]
    return []


async def _own_did(runtime: Runtime, form: Mapping[str, str]) -> tuple[str | None, Fault | None]:
    """The DID on the organisation's own domain where that was chosen, and what is wrong with the domain."""
    if form.get("where") not in (HERE, OWN):
        return None, Fault("where", "Nothing is chosen.", "Choose one of the two.")
    if form["where"] == HERE:
        return None, None
    try:
        did = did_web(domain_of(form.get("domain", ""), runtime.settings.host))
    except Refused as refused:
        return None, refused.faults[0]
    if await Issuer.exists().where(Issuer.did == did):
        return None, Fault("domain", "An issuer with its keys on this domain is registered already.", "Ask its admin.")
    return did, None


async def _require_few_open(runtime: Runtime, member: SignedIn) -> None:
    waiting = (KeyChallenge.person == member.person) & (KeyChallenge.ends_at > runtime.now())
    if await KeyChallenge.count().where(waiting, KeyChallenge.used_at.is_null()) >= MOST_OPEN:
        raise Refused("too-many-requests", "You asked for many keys within the last hour.")

"""One thing of every kind that a path can name, of an issuer's own; and the names of things that do not exist."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx

from refolio.credential.reading import JSON
from tests.credentials.console import row, sheet, upload
from tests.credentials.holding import held_key, registered, send
from tests.forms import csrf
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, another, text_of
from verify.http.access import OPERATOR, Action, Actor
from verify.issuers import domains, holding, inviting, members, proposing
from verify.issuers.tables import KeyChallenge
from verify.people.recognising import person_with
from verify.platforms import admitting, granting, keying, webhooks
from verify.platforms.owning import Owner
from verify.platforms.tables import Event, Grant
from verify.references import answering, deciding
from verify.runtime import Network


@dataclass(frozen=True)
class Things:
    """What stands for ``{name}`` in paths, for the things of ``issuer``."""

    issuer: str
    names: dict[str, str]

    def fill(self, path: str) -> str:
        """The path with this issuer's things in it."""
        return re.sub(r"\{(\w+)\}", lambda match: self.names[match[1]], path)

    def blanked(self, answer: httpx.Response) -> tuple[int, list[tuple[str, str]], str]:
        """Status, headers and body, with the names taken out: what somebody could tell two answers apart by."""
        text = answer.text
        own = ("content-length", "request-id", "ratelimit", "ratelimit-policy")
        headers = [(name, value) for name, value in answer.headers.multi_items() if name not in own]
        text = text.replace(answer.headers["request-id"], "…")
        for value in sorted(self.names.values(), key=len, reverse=True):
            text = text.replace(value, "…")
            headers = [(name, said.replace(value, "…")) for name, said in headers]
        return answer.status_code, headers, text


ABSENT = Things(
    "",
    {
        "slug": "no-such-issuer",
        "credential_id": "00000000-0000-4000-8000-000000000000",
        "reservation_id": "00000000-0000-4000-8000-000000000000",
        "own_id": "00000000-0000-4000-8000-000000000000",
        "proof_id": "00000000-0000-4000-8000-000000000000",
        "list_id": "a" * 24,
        "achievement_id": "b" * 26,
        "handle": "nobody",
        "code": "0000-0000-0000-0001",
        "job_id": "00000000-0000-4000-8000-000000000001",
        "webhook_id": "whk_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "hook_id": "whk_bbbbbbbbbbbbbbbbbbbbbbbbbb",
        "event_id": "evt_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "kind": "not-found",
        "file_path": "favicon.svg",
        "person": "00000000-0000-4000-8000-000000000001",
        "invitation": "c" * 64,
        "proposal": "00000000-0000-4000-8000-000000000002",
        "withdrawal": "00000000-0000-4000-8000-000000000003",
        "theft": "00000000-0000-4000-8000-000000000004",
        "secret": "A" * 43,
        "passkey": "B" * 43,
        "api_key": "d" * 64,
        "platform": "no-such-platform",
        "plugin": "no-such-plugin",
        "question": "C" * 43,
        "next_question": "D" * 43,
        "grant": "00000000-0000-4000-8000-000000000005",
        "asked": "00000000-0000-4000-8000-000000000005",
        "reference_id": "00000000-0000-4000-8000-000000000006",
        "own_reference": "00000000-0000-4000-8000-000000000006",
        "link_secret": "E" * 22,
    },
)


async def things_of(world: World, issuer: str) -> Things:
    """Make one of each for ``issuer``."""
    key, platform = {"acme": (NORTHFIELD_KEY, "northfield"), "mallory-inc": (MALLORY_KEY, "mallory")}[issuer]
    issued = await world.issued(another(issuer=issuer), api_key=key)
    own = await world.issued(another(issuer=issuer), api_key=key)
    assert (await world.withdraw(own["uuid"], api_key=key)).status_code == 200
    proof_id = await domains.ask(world.runtime, OPERATOR, issuer, f"{issuer}.example")
    document = (await world.http.get(f"/credentials/{issued['uuid']}")).json()
    async with world.signed_in({"acme": "ann@acme.example", "mallory-inc": "mallory@mallory.example"}[issuer]) as http:
        broken = sheet(row(1, issuer=issuer, mode="from home"))
        job_id = (await upload(http, issuer, broken)).headers["location"].rpartition("/")[2]
    return Things(
        issuer,
        {
            **ABSENT.names,
            "slug": issuer,
            "plugin": f"sound-{issuer}",
            "job_id": job_id,
            "credential_id": issued["uuid"],
            "reservation_id": await _reserved(world, f"{issuer}-own", platform, key),
            "own_id": own["uuid"],
            "proof_id": proof_id,
            "list_id": document["credentialStatus"]["statusListCredential"].rpartition("/")[2],
            "achievement_id": document["credentialSubject"]["achievement"]["id"].rpartition("/")[2],
            "code": issued["code"],
            **await _of_platform(world, issuer, platform),
            "api_key": keying.fingerprint(await keying.new_api_key(world.runtime, await _own_platform(world, issuer))),
            "platform": platform,
            **await _of_maya(world, platform),
            **await _reference(world, platform, key, issued["uuid"]),
            **await _of_members(world, issuer, issued["uuid"]),
            "question": await _question(world, f"{issuer}-new", "maya@northfield.example", name="Maya’s own"),
        },
    )


async def _own_platform(world: World, issuer: str) -> str:
    return await admitting.platform_of(world.runtime, OPERATOR, issuer)


async def _reserved(world: World, slug: str, platform: str, api_key: str) -> str:
    """A reservation that waits for the signature of an issuer that holds its own key."""
    seed = hashlib.sha256(slug.encode()).digest()
    await registered(world.runtime, held_key(world.runtime, seed, slug), slug=slug, platform=platform)
    answer = await send(world, "POST", "/reservations", another(issuer=slug), api_key=api_key, key="own")
    return str(answer.json()["uuid"])


async def _question(world: World, slug: str, email: str, name: str | None = None) -> str:
    """What a person was asked to prove that she has a key."""
    key = held_key(world.runtime, hashlib.sha256(slug.encode()).digest(), slug)
    person = await person_with(email)
    asked = await holding.challenge(
        world.runtime, slug, key.signer.public.multibase, person=person, name=name, within=timedelta(hours=1)
    )
    return asked.challenge


async def _of_platform(world: World, issuer: str, platform: str) -> dict[str, str]:
    """An event of the platform and a webhook of it, and a webhook of the platform that the issuer itself has."""
    event = await Event.select(Event.id).where(Event.platform == platform).first()
    assert event, "something was issued"
    return {
        "event_id": event["id"],
        "webhook_id": await _hook(world, platform),
        "hook_id": await _hook(world, await _own_platform(world, issuer)),
    }


async def _hook(world: World, platform: str) -> str:
    """A webhook that is off, so that nothing is sent."""

    async def outside(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    runtime = replace(world.runtime, network=Network(outside))
    owner = Owner(platform, frozenset(), True, "operator")
    url = f"https://hooks.{platform}.example/"
    hook, _ = await webhooks.add(runtime, owner, "things", b"", {"url": url})
    await webhooks.change(runtime, owner, hook.id, {"enabled": False})
    return hook.id


async def _of_members(world: World, issuer: str, credential: str) -> dict[str, str]:
    """A member, an open invitation with the secret of its link, and a proposal of each kind."""
    async with world.signed_in({"acme": "ann@acme.example", "mallory-inc": "mallory@mallory.example"}[issuer]) as admin:
        page = f"/console/{issuer}/members"
        invited = await admin.post(page, data={**await csrf(admin, page), "email": "new@new.example", "role": "viewer"})
        member = await members.member_of(world.runtime, admin.cookies, Action.MANAGE_KEYS, issuer)
        body: dict[str, JSON] = {"key": "z6Mk", "since": "2026-11-20T09:30:00Z"}
        proposal = await proposing.propose(world.runtime, member, issuer, proposing.KEY_COMPROMISED, body)
        body = {"credentials": [credential], "kind": "other", "reason": "Wrong."}
        withdrawal = await proposing.propose(world.runtime, member, issuer, proposing.MASS_WITHDRAWAL, body)
    row = KeyChallenge(
        id=f"for-the-next-key-of-{issuer}",
        slug=issuer,
        did=f"did:web:refolio.example:issuers:{issuer}",
        key=held_key(world.runtime).signer.public.multibase,
        person=member.person,
        ends_at=world.clock() + timedelta(hours=1),
    )
    await row.save()
    (secret,) = re.findall(r"/join/([\w-]+)", invited.text)
    return {
        "person": member.person,
        "invitation": inviting.fingerprint(secret),
        "proposal": proposal,
        "withdrawal": withdrawal,
        "theft": proposal,
        "secret": secret,
        "next_question": row.id,
    }


async def _of_maya(world: World, platform: str) -> dict[str, str]:
    """What Maya was asked by the platform that issued for her, and has allowed."""
    row = await Grant.select(Grant.id, Grant.person).where(Grant.grantee == platform).first()
    assert row, "asked when the first credential was issued"
    await granting.answer(world.runtime, Actor(person=row["person"]), row["id"], "allow")
    return {"grant": row["id"], "asked": row["id"]}


async def _reference(world: World, platform: str, api_key: str, credential: str) -> dict[str, str]:
    """A signed reference about Maya's work, which she shows, and a link of the referee's."""
    lee = f"lee@{platform}.example"
    question = {"credential": credential, "name": "Lee", "email": lee, "role": "Guide"}
    asked = await send(world, "POST", "/references", question, api_key=api_key, key=f"reference-{platform}")
    assert asked.status_code == 201, asked.text
    (secret,) = re.findall(r"/referee/(\S+)", text_of((await world.mails(lee))[-1]))
    await answering.sign(
        world.runtime, secret, {"relation": "supervised", "text": "She did all of it well.", "agreed": "yes"}
    )
    await answering.want_no_mail(world.runtime, secret)
    reference = str(asked.json()["id"])
    maya = Actor(person=await person_with("maya@northfield.example"))
    await deciding.decide(world.runtime, maya, reference, "show")
    return {"reference_id": reference, "own_reference": reference, "link_secret": secret}

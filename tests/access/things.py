"""One thing of every kind that a path can name, of an issuer's own; and the names of things that do not exist."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import httpx

from refolio.credential.reading import JSON
from tests.credentials.console import upload
from tests.credentials.holding import held_key, registered, send
from tests.forms import csrf
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, another
from verify.http.access import OPERATOR, Action
from verify.issuers import domains, inviting, members, proposing
from verify.platforms.tables import Grant


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
        headers = [(name, value) for name, value in answer.headers.multi_items() if name != "content-length"]
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
        "kind": "not-found",
        "file_path": "favicon.svg",
        "person": "00000000-0000-4000-8000-000000000001",
        "invitation": "c" * 64,
        "proposal": "00000000-0000-4000-8000-000000000002",
        "withdrawal": "00000000-0000-4000-8000-000000000003",
        "theft": "00000000-0000-4000-8000-000000000004",
        "secret": "A" * 43,
        "passkey": "B" * 43,
        "grant": "00000000-0000-4000-8000-000000000005",
        "asked": "00000000-0000-4000-8000-000000000005",
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
        job_id = (await upload(http, issuer, b"record\n1\n")).headers["location"].rpartition("/")[2]
    return Things(
        issuer,
        {
            **ABSENT.names,
            "slug": issuer,
            "job_id": job_id,
            "credential_id": issued["uuid"],
            "reservation_id": await _reserved(world, f"{issuer}-own", platform, key),
            "own_id": own["uuid"],
            "proof_id": proof_id,
            "list_id": document["credentialStatus"]["statusListCredential"].rpartition("/")[2],
            "achievement_id": document["credentialSubject"]["achievement"]["id"].rpartition("/")[2],
            "code": issued["code"],
            **await _of_maya(platform),
            **await _of_members(world, issuer, issued["uuid"]),
        },
    )


async def _reserved(world: World, slug: str, platform: str, api_key: str) -> str:
    """A reservation that waits for the signature of an issuer that holds its own key."""
    seed = hashlib.sha256(slug.encode()).digest()
    await registered(world.runtime, held_key(world.runtime, seed, slug), slug=slug, platform=platform)
    answer = await send(world, "POST", "/reservations", another(issuer=slug), api_key=api_key, key="own")
    return str(answer.json()["uuid"])


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
    (secret,) = re.findall(r"/join/([\w-]+)", invited.text)
    return {
        "person": member.person,
        "invitation": inviting.fingerprint(secret),
        "proposal": proposal,
        "withdrawal": withdrawal,
        "theft": proposal,
        "secret": secret,
    }


async def _of_maya(platform: str) -> dict[str, str]:
    """What Maya is asked by the platform that issued for her."""
    row = await Grant.select(Grant.id).where(Grant.grantee == f"platform:{platform}").first()
    assert row, "asked when the first credential was issued"
    return {"grant": row["id"], "asked": row["id"]}

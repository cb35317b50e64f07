"""One thing of every kind that a path can name, of an issuer's own; and the names of things that do not exist."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, another


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
        "list_id": "a" * 24,
        "achievement_id": "b" * 26,
        "handle": "nobody",
        "code": "0000-0000-0000-0001",
        "kind": "not-found",
        "file_path": "favicon.svg",
    },
)


async def things_of(world: World, issuer: str) -> Things:
    """Make one of each for ``issuer``."""
    key = {"acme": NORTHFIELD_KEY, "mallory-inc": MALLORY_KEY}[issuer]
    issued = await world.issued(another(issuer=issuer), api_key=key)
    document = (await world.http.get(f"/credentials/{issued['uuid']}")).json()
    return Things(
        issuer,
        {
            **ABSENT.names,
            "slug": issuer,
            "credential_id": issued["uuid"],
            "list_id": document["credentialStatus"]["statusListCredential"].rpartition("/")[2],
            "achievement_id": document["credentialSubject"]["achievement"]["id"].rpartition("/")[2],
            "code": issued["code"],
        },
    )

"""Brightpath, an issuer that holds its own key: the key is here, in the process of the test, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec

import refolio
from refolio.credential import timestamps
from refolio.credential.issuing import HeldKey, secure
from refolio.credential.keys import PrivateKey, did_key, did_web
from refolio.credential.possession import prove
from tests.world import NORTHFIELD_KEY, Members, World, another
from verify.issuers import holding
from verify.outside.fetching import Fetcher
from verify.platforms import mandating
from verify.runtime import Runtime

SEED = bytes.fromhex("5eed0ca7a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071829300ca7")
SLUG = "brightpath"


def held_key(runtime: Runtime, seed: bytes = SEED, slug: str = SLUG) -> HeldKey:
    """The key under the DID that the service gives."""
    signer = PrivateKey.from_seed(seed)
    hosted = runtime.settings.public_url.startswith("https://")
    return HeldKey(did_web(runtime.settings.host, "issuers", slug) if hosted else did_key(signer.public), signer)


async def answered(runtime: Runtime, key: HeldKey, slug: str = SLUG, *, did: str | None = None) -> bytes:
    """The answer to a new challenge."""
    asked = await holding.challenge(runtime, slug, key.signer.public.multibase, did=did)
    return prove(key, challenge=asked.challenge, domain=asked.domain, created=timestamps.format(runtime.now()))


async def registered(
    runtime: Runtime,
    key: HeldKey | None = None,
    *,
    did: str | None = None,
    slug: str = SLUG,
    platform: str = "northfield",
) -> HeldKey:
    """Brightpath, registered, with Northfield's mandate."""
    key = key or held_key(runtime)
    fetcher = Fetcher(runtime.network, runtime.now)
    answer = await answered(runtime, key, slug, did=did)
    await holding.register_held(runtime, fetcher, answer, "Brightpath", url="https://brightpath.example")
    await mandating.mandate(runtime, platform, slug)
    return key


def client(world: World) -> refolio.AsyncClient:
    """Northfield's SDK client, with the clock of the test."""
    return refolio.AsyncClient(NORTHFIELD_KEY, http=world.http, now=world.clock)


def work(**changes: Any) -> refolio.Completion:
    """Work at Brightpath that nobody has sent before."""
    return refolio.completion_from(another(issuer=SLUG, **changes))


async def send(
    world: World, method: str, path: str, body: object = None, *, api_key: str = NORTHFIELD_KEY, key: str = ""
) -> httpx.Response:
    """A request of a platform; ``body`` as bytes is sent as it is."""
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json", "Idempotency-Key": key or "k"}
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return await world.http.request(method, f"/api/v1{path}", content=content, headers=headers)


async def reserved(world: World, members: Members | None = None, key: str = "k") -> Members:
    """A fresh reservation, as the service answers it, and its status list signed if it is due for the first time."""
    answer = await send(world, "POST", "/reservations", members or another(issuer=SLUG), key=key)
    assert answer.status_code == 201, answer.text
    found: Members = answer.json()
    if found["status_list"]:
        assert await client(world).status_lists.sign_due(SLUG, held_key(world.runtime)) == 1
    return found


def signed(world: World, unsigned: Members, key: HeldKey) -> bytes:
    """What the partner's software sends back."""
    return secure(unsigned, key.signer, method=key.verification_method, created=timestamps.format(world.clock()))


async def submit(world: World, uuid: str, document: bytes, **arguments: Any) -> httpx.Response:
    return await send(world, "POST", f"/reservations/{uuid}/submit", document, **arguments)


def changed(unsigned: Members, path: str, value: object) -> Members:
    """``unsigned`` with another value at a dotted path."""
    copy: Members = json.loads(json.dumps(unsigned))
    *parents, last = path.split(".")
    place: Any = copy
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[int(last) if isinstance(place, list) else last] = value
    return copy

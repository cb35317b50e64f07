"""POST /credentials/verify for other people's documents: fetched where they are published, and no further."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from refolio.credential import status_list
from refolio.credential.controllers import did_document
from refolio.credential.keys import PrivateKey
from refolio.credential.proof import eddsa_rdfc_2022
from tests.client.loopback import answer
from tests.outside.strangers import Strangers, strangers
from tests.verification.test_vcalm import COULD_NOT_CHECK, V2, verify
from tests.world import PUBLIC_URL, Clock, Members, World, a_runtime, maya, stage

STRANGER = PrivateKey.from_seed(bytes([9]) * 32)  # published here, worthless


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Strangers]:
    with strangers(tmp_path) as others:
        yield others


@pytest.fixture
async def connected(sqlite_url: str, outside: Strangers) -> AsyncIterator[World]:
    """The service with a way out to ``outside``."""
    runtime = replace(a_runtime(sqlite_url, now=Clock()), network=outside.network)
    async with stage(sqlite_url, runtime=runtime) as world:
        yield world


def strangers_badge(outside: Strangers, *, lists: int = 1, sign: bool = True) -> Members:
    """A credential of somebody with a web host of their own, who publishes key and status lists there."""
    did = f"did:web:issuer.example%3A{outside.server.port}"
    urls = [outside.url(f"/status/{n}") for n in range(lists)]
    unsigned: Members = {
        "@context": [V2],
        "id": "urn:uuid:5c1c9f1e-0000-4000-8000-000000000002",
        "type": ["VerifiableCredential"],
        "issuer": did,
        "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:maya"},
        "credentialStatus": [
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": "7",
                "statusListCredential": url,
            }
            for url in urls
        ],
    }
    pages: dict[str, Members] = {"/.well-known/did.json": did_document(did, [STRANGER.public])}
    for n, url in enumerate(urls):
        pages[f"/status/{n}"] = _signed(
            status_list.compose(
                list_id=url,
                issuer=did,
                valid_from="2026-11-23T00:00:00Z",
                valid_until="2026-12-01T00:00:00Z",
                bits=status_list.with_bits(status_list.MINIMUM_ENTRIES, ()),
            ),
            did,
        )
    outside.server.pages = {path: answer(200, msgspec.json.encode(page)) for path, page in pages.items()}
    return _signed(unsigned, did) if sign else {**unsigned, "proof": {**_signed(unsigned, did)["proof"], "nonce": "x"}}


def _signed(unsigned: Members, did: str) -> Members:
    method = f"{did}#{STRANGER.public.multibase}"
    proof = eddsa_rdfc_2022.sign(unsigned, STRANGER, verification_method=method, created="2026-11-01T00:00:00Z")
    return {**unsigned, "proof": proof}


async def test_a_strangers_credential_is_verified_by_what_the_stranger_publishes(
    connected: World, outside: Strangers
) -> None:
    given = await verify(connected, strangers_badge(outside))
    assert given.status_code == 200, given.text
    assert given.json()["report"]["says"] == "Unchanged and current. Its issuer is not known here."
    assert outside.asked == ["issuer.example"] * 2


async def test_sec_070_nothing_more_is_fetched_for_what_the_issuer_did_not_sign(
    connected: World, outside: Strangers
) -> None:
    assert (await verify(connected, strangers_badge(outside, sign=False))).status_code == 400
    assert outside.asked == ["issuer.example"]  # the key document, which is how we know


async def test_sec_102_a_credential_cannot_make_us_knock_at_many_doors(connected: World, outside: Strangers) -> None:
    given = await verify(connected, strangers_badge(outside, lists=8))
    assert (given.status_code, given.json()["report"]["verdict"]) == (400, "inconclusive")
    assert len(outside.asked) <= 3


async def test_sec_102_the_same_credential_again_costs_its_issuer_nothing(connected: World, outside: Strangers) -> None:
    document = strangers_badge(outside)
    for _ in range(5):
        assert (await verify(connected, document)).status_code == 200
    assert outside.server.connections == 2


async def test_sec_103_addresses_under_our_own_host_are_never_fetched(connected: World, outside: Strangers) -> None:
    document = strangers_badge(outside)
    for url in (
        f"{PUBLIC_URL}/healthz",
        f"{PUBLIC_URL}:443/status/abc",
        f"{PUBLIC_URL}./status/abc",
        "did:web:refolio.example",
    ):
        entry = {**document["credentialStatus"][0], "statusListCredential": url}
        changed = {name: value for name, value in document.items() if name != "proof"} | {"credentialStatus": [entry]}
        given = await verify(connected, _signed(changed, document["issuer"]))
        assert given.json()["report"]["verdict"] == "inconclusive"
    assert set(outside.asked) == {"issuer.example"}


async def test_the_network_is_down(connected: World, outside: Strangers) -> None:
    document = strangers_badge(outside)
    outside.server.pages = {}
    said = (await verify(connected, document)).json()
    assert said["report"]["verdict"] == "inconclusive"
    assert said["problemDetails"][0]["type"] == COULD_NOT_CHECK


async def test_somebody_elses_credential_about_our_issuer_is_not_ours(connected: World, outside: Strangers) -> None:
    made = await connected.issued(maya())
    document = json.loads(await connected.document(made["uuid"]))
    forged = _signed({name: value for name, value in document.items() if name != "proof"}, document["issuer"]["id"])
    assert (await verify(connected, forged)).json()["report"]["verdict"] == "failed"
    assert not outside.asked

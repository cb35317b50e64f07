"""Issuers: the key document that verifiers fetch, and who can become one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from refolio import Outcome
from tests.world import World, another, maya
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers.registering import register
from verify.issuers.rotating import rotate
from verify.issuers.tables import Issuer, IssuerKey

DID = "did:web:refolio.example:issuers:acme"


async def test_the_key_document_names_the_issuer_and_its_key(world: World) -> None:
    answer = await world.http.get("/issuers/acme/did.json")
    document = answer.json()
    method, for_lists = document["verificationMethod"]
    assert answer.headers["content-type"] == "application/did+json"
    assert document["id"] == DID
    assert method["type"] == "Multikey"
    assert method["id"] == f"{DID}#{method['publicKeyMultibase']}"
    assert method["controller"] == DID
    assert document["assertionMethod"] == [method["id"], for_lists["id"]]


async def test_no_private_key_is_published(world: World) -> None:
    wrapped = {bytes(row["wrapped"]).hex() for row in await IssuerKey.select(IssuerKey.wrapped)}
    body = (await world.http.get("/issuers/acme/did.json")).text
    assert not any(secret in body for secret in wrapped)
    assert "private" not in body.lower()
    assert "secret" not in body.lower()


@pytest.mark.parametrize("slug", ["nobody", "ACME", "acme%20", "acme%00", "%61cme%2f..", "northfield"])
async def test_who_is_no_issuer_has_no_key_document(slug: str, world: World) -> None:
    assert (await world.http.get(f"/issuers/{slug}/did.json")).status_code == 404


async def test_sec_221_what_a_retired_key_signed_stays_genuine(world: World) -> None:
    old = await world.issued(maya())
    for _ in range(3):
        world.clock.move(hours=1)
        newest = await rotate(world.runtime, OPERATOR, "acme", after=timedelta(0))
    new = await world.issued(another())
    methods = (await world.http.get("/issuers/acme/did.json")).json()["verificationMethod"]
    assert len(methods) == 5, "four for credentials, one for status lists"
    assert methods[0]["publicKeyMultibase"] == newest
    for issued in (old, new):
        document = await world.document(issued["uuid"])
        assert (await world.report(document)).verdict is Outcome.PASSED
    assert json.loads(await world.document(new["uuid"]))["proof"][0]["verificationMethod"] == f"{DID}#{newest}"
    await world.withdraw(old["uuid"])
    assert (await world.report(await world.document(old["uuid"]))).withdrawn


async def test_an_issuer_is_registered_once(world: World) -> None:
    before = await IssuerKey.select().where(IssuerKey.issuer == "acme")
    assert await register(world.runtime, "acme", "Mallory Incorporated", url="https://mallory.example") is False
    assert await IssuerKey.select().where(IssuerKey.issuer == "acme") == before
    assert (await Issuer.select(Issuer.name).where(Issuer.slug == "acme").first()) == {"name": "Acme Textiles"}


@pytest.mark.parametrize(
    "slug", ["", "-", "Acme", "acme-", "acme/evil", "acme:evil", "аcme", "a" * 49, "acme\n", "..", "a b"]
)
async def test_a_short_name_that_does_not_fit_into_a_did_is_refused(slug: str, sqlite_world: World) -> None:
    """SEC-099."""
    with pytest.raises(Refused, match="not a short name"):
        await register(sqlite_world.runtime, slug, "Evil")
    assert await Issuer.count() == 3


async def test_a_port_in_the_public_address_is_spelt_as_the_did_method_asks(sqlite_world: World) -> None:
    settings = replace(sqlite_world.runtime.settings, public_url="https://refolio.example:8443")
    await register(replace(sqlite_world.runtime, settings=settings), "ported", "Ported")
    assert await Issuer.exists().where(Issuer.did == "did:web:refolio.example%3A8443:issuers:ported")

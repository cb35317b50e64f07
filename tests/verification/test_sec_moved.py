"""A service that moved to another address: what was signed before goes on naming the old one (SEC-092)."""

from __future__ import annotations

import json

import refolio
from tests.world import stage


async def test_sec_092_the_old_address_of_a_list_answers_after_a_move(sqlite_url: str) -> None:
    """What was signed names the old host for ever, so the list there must keep its old id, its bits and its signer."""
    async with stage(sqlite_url, public_url="https://refolio.example") as before:
        issued = await before.issued()
        document = await before.document(issued["uuid"])
        address = json.loads(document)["credentialStatus"]["statusListCredential"]
    async with stage(sqlite_url, public_url="https://moved.example") as after:
        await after.withdraw(issued["uuid"], "Wrong dates.")
        keys = (await after.http.get("https://refolio.example/issuers/acme/did.json")).content
        listed = (await after.http.get(address)).content
        assert json.loads(listed)["id"] == address
        found = {address: listed, "https://refolio.example/issuers/acme/did.json": keys}
        assert refolio.examine(document, documents=found, now=after.clock()).withdrawn

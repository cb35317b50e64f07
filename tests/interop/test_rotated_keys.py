"""Five new keys and a new key-encryption key later, both outside verifiers still believe every credential."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from refolio import Outcome
from refolio.credential import timestamps
from tests.interop.test_outside_verifiers import OUTSIDERS, verdicts
from tests.world import World, another
from verify.credentials import status_publishing
from verify.http.access import OPERATOR
from verify.issuers.key_states import STATUS
from verify.issuers.rewrapping import rewrap
from verify.issuers.rotating import rotate
from verify.runtime import KeyEncryptionKey

DID = "did:web:refolio.example:issuers:acme"


async def test_sec_221_every_credential_passes_both_after_five_rotations(
    node: str, interop: Path, sqlite_world: World
) -> None:
    world, uuids = sqlite_world, []
    for _ in range(6):
        uuids.append((await world.issued(another()))["uuid"])
        world.clock.move(hours=1)
        if len(uuids) < 6:
            await rotate(world.runtime, OPERATOR, "acme", after=timedelta(0))
    await rotate(world.runtime, OPERATOR, "acme", STATUS, after=timedelta(0))
    runtime = replace(world.runtime, kek=KeyEncryptionKey(b"n" * 32), previous_keks=(world.runtime.kek,))
    assert (await rewrap(runtime, lambda done, total: None)).unreadable == ()

    documents: dict[str, Any] = {DID: (await world.http.get("/issuers/acme/did.json")).json()}
    credentials = {}
    for uuid in uuids:
        raw = await world.document(uuid)
        credentials[uuid] = json.loads(raw)
        url = credentials[uuid]["credentialStatus"]["statusListCredential"]
        listed = await status_publishing.current(runtime, url.rpartition("/")[2])
        assert listed
        documents[url] = json.loads(listed)
        assert (await world.report(raw)).verdict is Outcome.PASSED
    signers = {credential["proof"][0]["verificationMethod"] for credential in credentials.values()}
    assert len(signers) == 6
    found = verdicts(node, interop, credentials, documents, timestamps.format(world.clock()))
    passed = {uuid: {name: found[uuid][name]["pass"] for name in OUTSIDERS} for uuid in uuids}
    assert passed == dict.fromkeys(uuids, dict.fromkeys(OUTSIDERS, True)), found

"""SEC-188, SEC-190, SEC-035: what Mallory may hand in for a reservation, before server and SDK alike.

One corpus goes to both: over HTTP to the service, and to the function by which the SDK checks its own output.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from refolio.credential import timestamps
from refolio.credential.issuing import HeldKey, key_document, require_as_reserved, secure
from refolio.credential.keys import PrivateKey
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.errors import RefolioError
from tests.credentials.holding import SLUG, answered, changed, held_key, registered, reserved, signed, submit
from tests.world import Members, World, another
from verify.credentials.tables import Credential
from verify.issuers import holding
from verify.outside.fetching import Fetcher

STRANGER = PrivateKey.from_seed(bytes([66]) * 32)

Make = Callable[[World, Members, HeldKey], bytes]


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Dotted paths of all texts in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from leaves(inner, f"{path}.{name}" if path else str(name))
    if isinstance(value, str):
        yield path


def with_proofs(change: Callable[[list[Members]], Any]) -> Make:
    """The soundly signed document, with something done to its proofs."""

    def make(world: World, unsigned: Members, key: HeldKey) -> bytes:
        document = json.loads(signed(world, unsigned, key))
        proofs = change(document["proof"])
        return json.dumps(document if proofs is None else {**document, "proof": proofs}).encode()

    return make


def with_key(change: Callable[[HeldKey], HeldKey]) -> Make:
    return lambda world, unsigned, key: signed(world, unsigned, change(key))


def dated(**by: float) -> Make:
    def make(world: World, unsigned: Members, key: HeldKey) -> bytes:
        created = timestamps.format(world.clock() + timedelta(**by))
        return secure(unsigned, key.signer, method=key.verification_method, created=created)

    return make


def other_purpose(world: World, unsigned: Members, key: HeldKey) -> bytes:
    created, method = timestamps.format(world.clock()), key.verification_method
    proofs = [
        suite.sign(unsigned, key.signer, verification_method=method, created=created, purpose="authentication")
        for suite in (eddsa_rdfc_2022, eddsa_jcs_2022)
    ]
    return json.dumps({**unsigned, "proof": proofs}).encode()


def twice(world: World, unsigned: Members, key: HeldKey) -> bytes:
    """The name of the issuer twice, the second time another one."""
    return signed(world, unsigned, key).replace(b'"issuer":', b'"issuer":"did:web:mallory.example","issuer":', 1)


OTHER_LIST = "https://refolio.example/status/aaaaaaaaaaaaaaaaaaaaaaaaaa"
ATTACKS: dict[str, Make] = {
    "not signed": lambda world, unsigned, key: json.dumps(unsigned).encode(),
    "no proofs": with_proofs(lambda proofs: []),
    "another key": with_key(lambda key: HeldKey(key.issuer, STRANGER)),
    "another key under the name of the issuer's": with_key(
        lambda key: HeldKey(key.issuer, STRANGER, key.verification_method)
    ),
    "a did:key of its own": with_key(lambda key: HeldKey(f"did:key:{STRANGER.public.multibase}", STRANGER)),
    "only the first proof": with_proofs(lambda proofs: proofs[0]),
    "the first proof twice": with_proofs(lambda proofs: [proofs[0], proofs[0]]),
    "the proofs in another order": with_proofs(lambda proofs: proofs[::-1]),
    "a third proof": with_proofs(lambda proofs: [*proofs, proofs[0]]),
    "a proof that ends": with_proofs(lambda proofs: proofs[0].update(expires="2027-01-01T00:00:00Z")),
    "a key in the proof (SEC-035)": with_proofs(
        lambda proofs: proofs[0].update(publicKeyMultibase=STRANGER.public.multibase)
    ),
    "a method as an object (SEC-035)": with_proofs(
        lambda proofs: proofs[0].update(verificationMethod={"id": proofs[0]["verificationMethod"]})
    ),
    "a value of other bytes": with_proofs(lambda proofs: proofs[1].update(proofValue=proofs[0]["proofValue"])),
    "made to sign in": other_purpose,
    "dated before the reservation": dated(minutes=-5),
    "dated in the future": dated(minutes=5),
    "a name twice": twice,
    "a member more": lambda world, unsigned, key: signed(
        world, {**unsigned, "validUntil": "2030-01-01T00:00:00Z"}, key
    ),
    "an undefined member": lambda world, unsigned, key: signed(world, unsigned, key).replace(b"{", b'{"x":1,', 1),
    "another status index": lambda world, unsigned, key: signed(
        world, changed(unsigned, "credentialStatus.statusListIndex", "7"), key
    ),
    "another status list": lambda world, unsigned, key: signed(
        world, changed(unsigned, "credentialStatus.statusListCredential", OTHER_LIST), key
    ),
    "no status": lambda world, unsigned, key: signed(
        world, {name: value for name, value in unsigned.items() if name != "credentialStatus"}, key
    ),
    "another issuer": lambda world, unsigned, key: signed(
        world, changed(unsigned, "issuer.id", "did:web:refolio.example:issuers:acme"), key
    ),
    "no JSON": lambda world, unsigned, key: b"eyJhbGciOiJFZERTQSJ9.e30.AA",
}


async def test_sec_188_and_190_both_sides_refuse_the_same(world: World) -> None:
    key = await registered(world.runtime)
    reservation = await reserved(world)
    unsigned = reservation["unsigned"]
    agreed = {}
    for name, make in ATTACKS.items():
        document = make(world, unsigned, key)
        answer = await submit(world, reservation["uuid"], document)
        agreed[name] = (answer.status_code in (400, 422), is_refused(document, unsigned, key, world))
        assert answer.status_code != 201, name
    assert set(agreed.values()) == {(True, True)}, agreed
    assert (await Credential.select(Credential.state).first()) == {"state": "reserved"}
    good = signed(world, unsigned, key)
    assert not is_refused(good, unsigned, key, world)
    assert (await submit(world, reservation["uuid"], good)).status_code == 201


def is_refused(document: bytes, unsigned: Members, key: HeldKey, world: World) -> bool:
    """What the SDK says of a document before it sends it."""
    since = timestamps.parse(unsigned["validFrom"])
    try:
        require_as_reserved(document, unsigned, key_document(key), since=since, now=world.clock())
    except RefolioError:
        return True
    return False


async def test_sec_188_a_change_of_any_text_is_refused_although_it_is_soundly_signed(sqlite_world: World) -> None:
    world = sqlite_world
    key = await registered(world.runtime)
    reservation = await reserved(world, {**another(issuer=SLUG), "story": "I learned to ask."})
    unsigned, places = reservation["unsigned"], 0
    for path in leaves(unsigned):
        try:
            document = signed(world, changed(unsigned, path, "https://refolio.example/other"), key)
        except RefolioError:
            document = json.dumps(changed(unsigned, path, "https://refolio.example/other")).encode()
        answer = await submit(world, reservation["uuid"], document)
        assert (answer.status_code, answer.json()["code"]) == (422, "signature-refused"), path
        assert is_refused(document, unsigned, key, world), path
        places += 1
    assert places > 40


async def test_sec_188_the_document_of_one_reservation_is_no_use_for_another(world: World) -> None:
    key = await registered(world.runtime)
    one, other = [await reserved(world, key=f"key-{n}", members=another(issuer=SLUG)) for n in range(2)]
    document = signed(world, one["unsigned"], key)
    assert (await submit(world, one["uuid"], document)).status_code == 201
    replayed = await submit(world, other["uuid"], document)
    assert (replayed.status_code, replayed.json()["faults"][0]["field"]) == (422, "id")


async def test_sec_188_a_retired_key_signs_nothing_new(world: World) -> None:
    old = await registered(world.runtime)
    before = await reserved(world, key="before")
    assert (await submit(world, before["uuid"], signed(world, before["unsigned"], old))).status_code == 201
    new = held_key(world.runtime, bytes([8]) * 32)
    fetcher = Fetcher(world.runtime.network, world.runtime.now)
    assert await holding.change_held_key(world.runtime, fetcher, await answered(world.runtime, new)) == SLUG
    after = await reserved(world, members=another(issuer=SLUG), key="after")
    refused = await submit(world, after["uuid"], signed(world, after["unsigned"], old))
    assert (refused.status_code, refused.json()["code"]) == (422, "signature-refused")
    assert (await submit(world, after["uuid"], signed(world, after["unsigned"], new))).status_code == 201
    assert (await world.report(await world.document(before["uuid"]))).verdict.value == "passed"


@pytest.mark.parametrize("wrong", ["a signature of something else", "too short", "of another key"])
async def test_sec_190_a_faulty_signer_is_found_before_anything_is_sent(sqlite_world: World, wrong: str) -> None:
    world = sqlite_world
    key = await registered(world.runtime)
    unsigned = (await reserved(world))["unsigned"]

    class Faulty:
        public = key.signer.public

        def sign(self, message: bytes) -> bytes:
            made = {"too short": b"short", "of another key": STRANGER.sign(message)}
            return made.get(wrong) or key.signer.sign(b"something else")

    with pytest.raises(RefolioError, match="signer is faulty"):
        signed(world, unsigned, replace(key, signer=Faulty()))

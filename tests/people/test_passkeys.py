"""Passkeys against a device in software that lies in one point at a time (SEC-166); for browsers see tests/browser."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.people.authenticator import HONEST, USER_PRESENT, USER_VERIFIED, Authenticator, Lies
from tests.people.reading import csrf_of, is_signed_in, session_cookie, submit
from tests.world import PUBLIC_URL, World, text_of
from verify.people.tables import Passkey, PasskeyChallenge

SCRIPT = {"Accept": "application/json"}  # as the page's script asks
MAYA, ANN = "maya@northfield.example", "ann@acme.example"


async def register(http: httpx.AsyncClient, device: Authenticator, lies: Lies = HONEST) -> httpx.Response:
    csrf = csrf_of(await http.get("/account"))
    options = await http.post("/account/passkeys/options", json={"csrf": csrf}, headers=SCRIPT)
    if options.status_code != 200:
        return options
    body = {"csrf": csrf, "name": "Laptop", "response": device.create(options.json(), lies)}
    return await http.post("/account/passkeys", json=body, headers=SCRIPT)


async def options_to_sign_in(http: httpx.AsyncClient) -> dict[str, Any]:
    answer = await http.post("/sign-in/passkey/options", json={})
    assert answer.status_code == 200, answer.text
    members: dict[str, Any] = answer.json()
    return members


async def sign_in(http: httpx.AsyncClient, device: Authenticator, lies: Lies = HONEST) -> httpx.Response:
    response = device.get(await options_to_sign_in(http), lies)
    return await http.post("/sign-in/passkey", json={"response": response, "next": ""}, headers=SCRIPT)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(PUBLIC_URL)


async def test_a_passkey_is_added_and_signs_in_without_a_name(world: World, device: Authenticator) -> None:
    async with world.signed_in(ANN) as http:
        answer = await register(http, device)
        assert (answer.status_code, answer.json()) == (200, {"next": "/account"})
        assert "Laptop" in (await http.get("/account")).text
    assert "a passkey was added" in text_of((await world.mails(ANN))[-1])
    async with world.browser() as http:
        answer = await sign_in(http, device)
        assert (answer.status_code, answer.json()) == (200, {"next": "/console"})
        assert await is_signed_in(http)
        assert (await http.get("/console")).status_code == 200
        await submit(http, f"/account/passkeys/{(await Passkey.select())[0]['id']}/remove", {})
        assert await Passkey.count() == 0
    async with world.browser() as http:
        assert (await sign_in(http, device)).status_code == 403


async def test_the_browser_is_told_to_insist_on_the_person_and_to_name_nobody(
    world: World, device: Authenticator
) -> None:
    async with world.signed_in(MAYA) as http:
        csrf = csrf_of(await http.get("/account"))
        made = (await http.post("/account/passkeys/options", json={"csrf": csrf})).json()
        assert made["authenticatorSelection"]["userVerification"] == "required"
        assert made["authenticatorSelection"]["residentKey"] == "required"
        assert made["rp"]["id"] == "refolio.example"
        assert made["attestation"] == "none"
        await register(http, device)
        csrf = csrf_of(await http.get("/account"))
        made = (await http.post("/account/passkeys/options", json={"csrf": csrf})).json()
        assert [known["type"] for known in made["excludeCredentials"]] == ["public-key"]
        asked = await options_to_sign_in(http)
        assert (asked["userVerification"], asked["rpId"]) == ("required", "refolio.example")
        assert not asked.get("allowCredentials")


BOTH = {
    "another origin": Lies(origin="https://refolio.example.evil.example"),
    "plain http": Lies(origin="http://refolio.example"),
    "a port": Lies(origin="https://refolio.example:8443"),
    "a subdomain": Lies(origin="https://www.refolio.example"),
    "another relying party": Lies(relying_party="evil.example"),
    "the parent as relying party": Lies(relying_party="example"),
    "a challenge of its own": Lies(challenge="A" * 43),
    "an empty challenge": Lies(challenge="!"),
    "nobody was there": Lies(flags=0),
    "somebody was there, nobody knows who": Lies(flags=USER_PRESENT),
    "known, but not there": Lies(flags=USER_VERIFIED),
    "another kind of answer": Lies(kind="webauthn.other"),
    "another type": Lies(member=("type", "password")),
    "an id that is not its raw id": Lies(member=("rawId", "AAAA")),
    "no client data": Lies(member=("clientDataJSON", "")),
    "client data that is no text": Lies(member=("clientDataJSON", 5)),
    "a response that is a list": Lies(member=("response", [])),
}
AT_SIGN_IN = BOTH | {
    "registration instead": Lies(kind="webauthn.create"),
    "another key": Lies(other_key=True),
    "another person's handle": Lies(handle=b"\x00" * 16),
    "no handle": Lies(handle=b""),
    "an unknown credential": Lies(credential_id=b"device-two-------"),
    "a counter that goes back": Lies(count=3),
    "a counter that stands still": Lies(count=7),
    "no signature": Lies(member=("signature", "")),
    "short authenticator data": Lies(member=("authenticatorData", "AAAA")),
}
AT_REGISTRATION = BOTH | {
    "sign-in instead": Lies(kind="webauthn.get"),
    "an attestation that is no CBOR": Lies(member=("attestationObject", "AAAA")),
    "an endless id": Lies(credential_id=b"x" * 1024),
}


@pytest.mark.parametrize("lie", AT_REGISTRATION)
async def test_sec_166_no_passkey_is_kept_whose_answer_does_not_hold(
    sqlite_world: World, device: Authenticator, lie: str
) -> None:
    async with sqlite_world.signed_in(MAYA) as http:
        answer = await register(http, device, AT_REGISTRATION[lie])
        assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused"), answer.text
    assert await Passkey.count() == 0


@pytest.mark.parametrize("lie", AT_SIGN_IN)
async def test_sec_166_nobody_signs_in_by_an_answer_that_does_not_hold(
    sqlite_world: World, device: Authenticator, lie: str
) -> None:
    device.count = 6
    async with sqlite_world.signed_in(MAYA) as http:
        assert (await register(http, device)).status_code == 200
    async with sqlite_world.browser() as http:
        assert (await sign_in(http, device)).status_code == 200  # its counter stands at seven now
    async with sqlite_world.browser() as http:
        answer = await sign_in(http, device, AT_SIGN_IN[lie])
        assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused"), answer.text
        assert not session_cookie(sqlite_world, http)
        assert (await sign_in(http, device)).status_code == 200  # the owner is not locked out by that


async def test_sec_166_an_answer_counts_once_also_in_parallel(world: World, device: Authenticator) -> None:
    async with world.signed_in(MAYA) as http:
        await register(http, device)
    async with world.browser() as http:
        body = {"response": device.get(await options_to_sign_in(http)), "next": ""}
        answers = await asyncio.gather(*(http.post("/sign-in/passkey", json=body) for _ in range(20)))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 403: 19}
        assert (await http.post("/sign-in/passkey", json=body)).status_code == 403
    assert await PasskeyChallenge.count() == 0


async def test_sec_166_an_answer_of_another_browser_or_for_another_purpose_is_refused(
    world: World, device: Authenticator
) -> None:
    async with world.signed_in(MAYA) as http:
        await register(http, device)
    async with world.browser() as one, world.browser() as two:
        response = device.get(await options_to_sign_in(one))
        await options_to_sign_in(two)
        assert (await two.post("/sign-in/passkey", json={"response": response})).status_code == 403
    async with world.signed_in(MAYA) as http:
        asked = await options_to_sign_in(http)
        other = Authenticator(PUBLIC_URL, b"device-two-------")
        csrf = csrf_of(await http.get("/account"))
        made = (await http.post("/account/passkeys/options", json={"csrf": csrf})).json()
        answer = other.create({**made, "challenge": asked["challenge"]})
        assert (await http.post("/account/passkeys", json={"csrf": csrf, "response": answer})).status_code == 403


async def test_sec_166_a_challenge_ends_after_five_minutes(world: World, device: Authenticator) -> None:
    async with world.signed_in(MAYA) as http:
        await register(http, device)
    async with world.browser() as http:
        response = device.get(await options_to_sign_in(http))
        world.clock.move(minutes=5)
        assert (await http.post("/sign-in/passkey", json={"response": response})).status_code == 403


async def test_sec_166_nobody_registers_somebody_elses_passkey(world: World, device: Authenticator) -> None:
    """Neither takes it over nor spoils it: the answer for Maya's session is not Mallory's, the id is taken."""
    async with world.signed_in(MAYA) as maya, world.signed_in("mallory@mallory.example") as mallory:
        assert (await register(maya, device)).status_code == 200
        handle = device.handle
        imitation = Authenticator(PUBLIC_URL, device.credential_id)
        assert (await register(mallory, imitation)).status_code == 403
        csrf = csrf_of(await maya.get("/account"))
        made = (await maya.post("/account/passkeys/options", json={"csrf": csrf})).json()
        answer = Authenticator(PUBLIC_URL, b"device-two-------").create(made)
        csrf = csrf_of(await mallory.get("/account"))
        assert (await mallory.post("/account/passkeys", json={"csrf": csrf, "response": answer})).status_code == 403
        stranger = f"/account/passkeys/{(await Passkey.select())[0]['id']}/remove"
        assert (await submit(mallory, stranger, {})).status_code == 404
    device.handle = handle
    async with world.browser() as http:
        assert (await sign_in(http, device)).status_code == 200


async def test_a_passkey_takes_a_fresh_sign_in(world: World, device: Authenticator) -> None:
    async with world.signed_in(MAYA) as http:
        await register(http, device)
        world.clock.move(minutes=15)
        answer = await register(http, Authenticator(PUBLIC_URL, b"device-two-------"))
        assert answer.json()["code"] == "sign-in-again"
        answer = await submit(http, f"/account/passkeys/{(await Passkey.select())[0]['id']}/remove", {})
        assert "again=1" in answer.headers["location"]
        assert await Passkey.count() == 1


async def test_sec_165_a_passkey_that_comes_or_goes_is_told_and_ends_the_sign_ins_of_before(
    world: World, device: Authenticator
) -> None:
    async with world.signed_in(ANN) as http, world.signed_in(ANN) as other:
        assert (await register(http, device)).status_code == 200
        assert (await is_signed_in(http), await is_signed_in(other)) == (True, False)
    async with world.browser() as http, world.browser() as other:
        for one in (http, other):
            assert (await sign_in(one, device)).status_code == 200
        passkey = (await Passkey.select())[0]["id"]
        assert (await submit(http, f"/account/passkeys/{passkey}/remove", {})).status_code == 303
        assert (await is_signed_in(http), await is_signed_in(other)) == (True, False)
    assert "a passkey was removed" in text_of((await world.mails(ANN))[-1])


async def test_sec_162_passkeys_are_not_asked_for_without_end(sqlite_world: World) -> None:
    async with sqlite_world.browser() as http:
        answers = [await http.post("/sign-in/passkey/options", json={}) for _ in range(125)]
        assert Counter(answer.status_code for answer in answers) == {200: 120, 429: 5}

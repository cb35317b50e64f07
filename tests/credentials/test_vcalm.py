"""POST /credentials/issue and /credentials/status, GET /status-lists: VCALM's doors to the same rooms."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from refolio.credential.status_list import decode, is_set
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, PUBLIC_URL, Members, World, maya, plain

ACME = "did:web:refolio.example:issuers:acme"
ABSENT = "00000000-0000-4000-8000-000000000000"


async def sent(world: World, path: str, body: Any, *, api_key: str = NORTHFIELD_KEY, **headers: str) -> httpx.Response:
    usual = {"Authorization": f"Bearer {api_key}"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return await world.http.post(path, json=body, headers=usual)


async def unsigned(world: World, completion: Members | None = None) -> Members:
    """The credential of a completion as a partner would compose it: of our form, with an achievement id of its own.

    Taken from one that was issued and withdrawn for it, without what is the service's to give.
    """
    made = await world.issued(completion or maya())
    await world.withdraw(made["uuid"])
    document: Members = json.loads(await world.document(made["uuid"]))
    for name in ("id", "proof", "credentialStatus", "validFrom", "awardedDate"):
        del document[name]
    document["issuer"] = document["issuer"]["id"]
    subject = document["credentialSubject"]
    email = {"hashed": False, "identityHash": "Maya@Northfield.example", "identityType": "emailAddress"}
    subject["identifier"] = [{"type": "IdentityObject", **email}, subject["identifier"][1]]
    document["evidence"] = [
        {name: value for name, value in one.items() if name != "id" or "#" not in value}
        for one in document.get("evidence", ())
        if one["genre"] != "Delivery"
    ]
    spelled = json.dumps(document).replace(subject["achievement"]["id"], "https://acme.example/achievements/scan")
    own: Members = json.loads(spelled)
    return own


async def issue(world: World, credential: Members, **arguments: Any) -> httpx.Response:
    return await sent(world, "/credentials/issue", {"credential": credential}, **arguments)


@pytest.mark.parametrize("completion", [maya(), plain()], ids=["everything", "only what is required"])
async def test_a_credential_of_our_form_is_issued_and_says_what_was_sent(world: World, completion: Members) -> None:
    credential = await unsigned(world, completion)
    given = await issue(world, credential)
    assert given.status_code == 201, given.text
    made = given.json()["verifiableCredential"]
    assert given.headers["location"] == made["id"]
    assert (await world.document(made["id"].rpartition("/")[2])) in given.content  # the signed bytes as they are
    assert (await world.report(json.dumps(made).encode())).verdict == "passed"
    assert [proof["cryptosuite"] for proof in made["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    assert made["issuer"]["id"] == ACME
    assert made["credentialSubject"]["achievement"]["name"] == credential["credentialSubject"]["achievement"]["name"]
    assert made["credentialSubject"]["identifier"][0]["hashed"] is True
    assert "northfield.example" not in given.text.lower()  # SEC-119: the address itself is not signed


async def test_it_is_a_credential_like_any_other(world: World) -> None:
    made = (await issue(world, await unsigned(world))).json()["verifiableCredential"]
    uuid = made["id"].rpartition("/")[2]
    own = await world.http.get(f"/api/v1/credentials/{uuid}", headers={"Authorization": f"Bearer {NORTHFIELD_KEY}"})
    assert own.json()["state"] == "current"
    assert "Genuine and current" in await world.page(f"/v/{own.json()['code']}")
    assert (await world.withdraw(uuid)).status_code == 200


async def test_sent_again_it_is_never_issued_twice(world: World) -> None:
    credential = await unsigned(world)
    answers = await asyncio.gather(*(issue(world, credential) for _ in range(4)))
    assert {given.status_code for given in answers} == {201}
    assert len({given.content for given in answers}) == 1
    other = await issue(world, {**credential, "name": credential["name"]}, Idempotency_Key="k-1")
    assert other.json()["code"] == "duplicate-completion"


async def test_the_idempotency_key_counts_where_there_is_one(world: World) -> None:
    credential = await unsigned(world)
    first = await issue(world, credential, Idempotency_Key="k-1")
    assert (await issue(world, credential, Idempotency_Key="k-1")).content == first.content
    changed = {**credential, "credentialSubject": {**credential["credentialSubject"], "term": "Spring 2027"}}
    assert (await issue(world, changed, Idempotency_Key="k-1")).json()["code"] == "idempotency-key-reused"
    assert (await issue(world, credential, Idempotency_Key="no spaces")).json()["code"] == "idempotency-key-missing"


async def test_the_partners_own_id_of_it(world: World) -> None:
    body = {"credential": await unsigned(world), "options": {"credentialId": "NF-77"}}
    made = (await sent(world, "/credentials/issue", body)).json()["verifiableCredential"]
    uuid = made["id"].rpartition("/")[2]
    own = await world.http.get(f"/api/v1/credentials/{uuid}", headers={"Authorization": f"Bearer {NORTHFIELD_KEY}"})
    assert own.json()["record"] == "NF-77"


def put(value: Any, *path: str | int) -> Callable[[Members], None]:
    def change(credential: Members) -> None:
        target: Any = credential
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


REFUSED: dict[str, tuple[Callable[[Members], None], str]] = {
    "an id": (put("https://acme.example/1", "id"), "id"),
    "a proof": (put({"type": "DataIntegrityProof"}, "proof"), "proof"),
    "a status": (put({"type": "BitstringStatusListEntry"}, "credentialStatus"), "credentialStatus"),
    "a date": (put("2026-11-23T10:00:00Z", "validFrom"), "validFrom"),
    "another vocabulary": (put(["https://www.w3.org/ns/credentials/v2"], "@context"), "@context"),
    "another type": (put(["VerifiableCredential", "DiplomaCredential"], "type"), "type"),
    "an unknown issuer": (put("did:web:elsewhere.example", "issuer"), "issuer"),
    "no issuer": (put(None, "issuer"), "issuer"),
    "another issuer name": (put({"id": ACME, "name": "ACME Textiles"}, "issuer"), "issuer.name"),
    "an unknown member": (put("x", "nonsense"), "nonsense"),
    "a member that would be lost": (put("2030-01-01T00:00:00Z", "validUntil"), "validUntil"),
    "a claim on the subject": (put("did:example:maya", "credentialSubject", "id"), "credentialSubject.id"),
    "a licence number": (
        put("77", "credentialSubject", "licenseNumber"),
        "credentialSubject.licenseNumber",
    ),
    "another headline": (put("Led the company", "name"), "name"),
    "an image": (
        put({"id": "https://acme.example/x.png", "type": "Image"}, "credentialSubject", "achievement", "image"),
        "credentialSubject.achievement.image",
    ),
    "an endorsement": (put([{"type": "EndorsementCredential"}], "endorsement"), "endorsement"),
    "a hashed address": (
        put(True, "credentialSubject", "identifier", 0, "hashed"),
        "credentialSubject.identifier",
    ),
    "no address": (put([], "credentialSubject", "identifier"), "credentialSubject.identifier"),
    "dates that contradict": (put("2026-08-01T00:00:00Z", "credentialSubject", "activityEndDate"), "ended"),
    "a subject that is a text": (put("Maya", "credentialSubject"), "credentialSubject.identifier"),
    "several subjects": (put([{}, {}], "credentialSubject"), "credentialSubject.identifier"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_sec_046_what_would_be_lost_or_is_ours_to_give_is_refused_by_name(sqlite_world: World, case: str) -> None:
    credential = await unsigned(sqlite_world)
    change, field = REFUSED[case]
    change(credential)
    before = await sqlite_world.rows()
    given = await issue(sqlite_world, credential)
    assert (given.status_code, given.json()["code"]) == (400, "credential-refused"), given.text
    assert field in [fault["field"] for fault in given.json()["faults"]], given.text
    assert all(fault["reason"] and fault["fix"] for fault in given.json()["faults"])
    assert await sqlite_world.rows() == before


async def test_every_word_that_is_changed_is_signed_or_refused(sqlite_world: World) -> None:
    """Nothing that was sent is dropped in silence: each text is either in the signed credential or a refusal."""
    credential = await unsigned(sqlite_world)
    texts = list(_texts(credential))
    assert len(texts) > 80
    refused = 0
    for n, path in enumerate(texts):
        changed = copy.deepcopy(credential)
        put(f"Changed {n}", *path)(changed)
        given = await issue(sqlite_world, changed)
        if given.status_code == 201:
            assert f"Changed {n}" in given.text, path
            await sqlite_world.withdraw(given.json()["verifiableCredential"]["id"].rpartition("/")[2])
        else:
            refused += 1
            assert given.status_code == 400, (path, given.text)
    assert 0 < refused < len(texts)


def _texts(value: Any, *path: str | int) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, str) and path[-1:] != ("identityHash",):
        yield path
    for step, inner in items:
        yield from _texts(inner, *path, step)


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"verifiableCredential": {}}, {"credential": []}, {"credential": {}, "more": 1}),
        *({"credential": {}, "options": 1}, {"credential": {}, "options": {"mandatoryPointers": []}}),
        {"credential": {}, "options": {"credentialId": ""}},
    ],
    ids=json.dumps,
)
async def test_a_malformed_request(sqlite_world: World, body: Members) -> None:
    given = await sent(sqlite_world, "/credentials/issue", body)
    assert (given.status_code, given.headers["content-type"]) == (400, "application/problem+json")
    assert given.json()["faults"]


async def test_nobody_without_a_mandate_issues(world: World) -> None:
    credential = await unsigned(world)
    assert (await world.http.post("/credentials/issue", json={"credential": credential})).status_code == 401
    mallory = await issue(world, credential, api_key=MALLORY_KEY)
    assert (mallory.status_code, mallory.json()["code"]) == (403, "issuer-not-allowed")
    assert (await world.http.get("/credentials/issue")).status_code == 405


# --- status ------------------------------------------------------------------------------------------------------


async def status(world: World, credential: str, value: object = True, /, **changes: Any) -> httpx.Response:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    api_key = changes.pop("api_key", NORTHFIELD_KEY)
    body = {"credentialId": credential, "credentialStatus": entry, "status": value} | changes
    return await sent(world, "/credentials/status", body, api_key=api_key)


async def test_the_bit_is_set_for_everybody_to_see(world: World) -> None:
    made = await world.issued()
    entry = json.loads(await world.document(made["uuid"]))["credentialStatus"]
    named = {name: entry[name] for name in entry if name != "statusReference"}
    given = await status(world, made["id"], credentialStatus=named, reason="Wrong dates.")
    assert (given.status_code, given.json()["state"], given.json()["reason"]) == (200, "withdrawn", "Wrong dates.")
    listed = (await world.http.get(entry["statusListCredential"])).json()
    assert is_set(decode(listed["credentialSubject"]["encodedList"]), int(entry["statusListIndex"]))
    assert (await status(world, made["uuid"])).status_code == 200  # set already, whatever the reason was
    assert (await status(world, made["id"], reason="Another.")).json()["code"] == "already-withdrawn"


async def test_without_a_reason_the_reader_is_told_so(world: World) -> None:
    made = await world.issued()
    assert (await status(world, made["id"])).json()["reason"] == "The issuer gave no reason."


async def test_sec_090_a_withdrawal_is_never_taken_back(world: World) -> None:
    made = await world.issued()
    assert (await status(world, made["id"], False)).json()["state"] == "current"  # as it was
    await status(world, made["id"])
    given = await status(world, made["id"], False)
    assert (given.status_code, given.json()["code"]) == (409, "already-withdrawn")


async def test_nobody_else_sets_it(world: World) -> None:
    made = await world.issued()
    assert (await status(world, made["id"], api_key=MALLORY_KEY)).status_code == 404
    assert (await world.http.post("/credentials/status", json={})).status_code == 401
    for unknown in (f"{PUBLIC_URL}/credentials/{ABSENT}", ABSENT, "", "x" * 200, "https://elsewhere.example/1"):
        assert (await status(world, unknown)).status_code == 404
    wrong = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1"}
    assert (await status(world, made["id"], credentialStatus=wrong)).status_code == 404
    assert (await world.report(await world.document(made["uuid"]))).verdict == "passed"


@pytest.mark.parametrize(
    "changes",
    [
        *({"credentialId": 7}, {"credentialStatus": None}, {"credentialStatus": {"type": 1}}, {"status": "true"}),
        *({"more": 1}, {"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"}}),
        *({"credentialStatus": {"type": "StatusList2021Entry", "statusPurpose": "revocation"}}, {"status": 1}),
        {"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "x": "y"}},
    ],
    ids=json.dumps,
)
async def test_a_malformed_status_request(sqlite_world: World, changes: Members) -> None:
    given = await status(sqlite_world, ABSENT, **changes)
    assert (given.status_code, given.headers["content-type"]) == (400, "application/problem+json")


async def test_the_other_address_of_a_list_gives_the_same_bytes_and_names_the_first(world: World) -> None:
    made = await world.issued()
    url = json.loads(await world.document(made["uuid"]))["credentialStatus"]["statusListCredential"]
    canonical = await world.http.get(url)
    alias = await world.http.get(url.replace("/status/", "/status-lists/"))
    assert alias.content == canonical.content
    assert alias.json()["id"] == url
    assert alias.headers["link"] == f'<{url}>; rel="canonical"'
    for name in ("etag", "cache-control", "content-type", "access-control-allow-origin"):
        assert alias.headers[name] == canonical.headers[name]
    assert (await world.http.get("/status-lists/nothing")).status_code == 404

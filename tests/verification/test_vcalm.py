"""POST /credentials/verify and /presentations/verify: the verdict in the words of VCALM, and nothing but a verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.proof import data_integrity, eddsa_rdfc_2022
from refolio.credential.proof.content import Content, rdfc_hashes
from tests.world import PUBLIC_URL, Members, World, cast, stage

HOLDER = PrivateKey.from_seed(bytes([7]) * 32)  # published here, worthless
V2 = "https://www.w3.org/ns/credentials/v2"
COULD_NOT_CHECK = f"{PUBLIC_URL}/problems/could-not-check"


async def verify(world: World, document: Any, kind: str = "verifiableCredential", **options: Any) -> httpx.Response:
    path = "/credentials/verify" if kind == "verifiableCredential" else "/presentations/verify"
    body = {kind: document, **({"options": options} if options else {})}
    return await world.http.post(path, json=body)


async def issued(world: World) -> tuple[Members, Members]:
    made = await world.issued()
    return made, json.loads(await world.document(made["uuid"]))


async def test_a_credential_of_ours_holds(world: World) -> None:
    _, document = await issued(world)
    given = await verify(world, document)
    assert given.status_code == 200, given.text
    said = given.json()
    assert (said["verified"], said["problemDetails"]) == (True, [])
    assert said["report"]["verdict"] == "passed"
    assert [check["result"] for check in said["report"]["checks"]] == ["passed"] * 8
    assert said["report"]["says"] == "Genuine and current."
    assert "results" not in said
    assert "credential" not in said
    assert given.headers["cache-control"] == "no-store"


async def test_what_the_options_ask_for(world: World) -> None:
    _, document = await issued(world)
    said = (await verify(world, document, returnCredential=True, returnResults=True, checks=["proof"])).json()
    assert said["credential"] == document
    results = said["results"]
    assert results["validFrom"] == {"verified": True, "input": document["validFrom"]}
    assert results["credentialStatus"] == [{"verified": True, "input": document["credentialStatus"]}]
    assert results["proof"] == [{"verified": True, "input": proof} for proof in document["proof"]]
    assert "problemDetails" not in (await verify(world, document, returnProblemDetails=False)).json()


async def test_a_changed_credential_is_400_with_the_whole_result(world: World) -> None:
    _, document = await issued(world)
    document["name"] += "!"
    given = await verify(world, document, returnResults=True)
    assert (given.status_code, given.headers["content-type"]) == (400, "application/json")
    said = given.json()
    assert said["verified"] is False
    assert said["problemDetails"][0] | {"detail": ""} == {
        "type": "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
        "title": "Nothing was changed after signing",
        "detail": "",
        "code": "signature",
        "check": "signature",
    }
    assert {proof["verified"] for proof in said["results"]["proof"]} == {False}
    assert (await verify(world, document, alwaysOk=True)).status_code == 200
    assert (await verify(world, document, alwaysOk=True)).json()["verified"] is False


async def test_a_withdrawn_credential_is_not_verified_whatever_checks_are_named(world: World) -> None:
    made, document = await issued(world)
    await world.withdraw(made["uuid"], "Wrong dates.")
    for options in ({}, {"checks": ["proof"]}):
        given = await verify(world, document, **options)
        assert (given.status_code, given.json()["verified"]) == (400, False)
        problem = given.json()["problemDetails"][0]
        assert problem["code"] == "withdrawn"
        assert "Reason given: Wrong dates." in problem["detail"]


async def test_an_issuer_without_https_is_known_too(tmp_path: Path) -> None:
    database_url, public_url = f"sqlite:///{tmp_path / 'local.db'}", "http://localhost:8000"
    await cast(database_url, public_url)
    async with stage(database_url, public_url=public_url) as world:
        _, document = await issued(world)
        assert document["issuer"]["id"].startswith("did:key:")
        said = (await verify(world, document)).json()
    assert said["report"]["says"] == "Genuine and current."


async def test_could_not_check_is_neither_yes_nor_no(world: World) -> None:
    _, document = await issued(world)
    given = await verify(world, document | {"@context": [V2, "https://example.org/unknown/v1"]})
    said = given.json()
    assert (given.status_code, said["verified"], said["report"]["verdict"]) == (400, False, "inconclusive")
    assert said["problemDetails"][0]["type"] == COULD_NOT_CHECK
    assert said["problemDetails"][0]["related"].startswith("https://www.w3.org/")
    assert (await world.http.get("/problems/could-not-check")).status_code == 200


# --- presentations -----------------------------------------------------------------------------------------------


def presentation(*credentials: Members, **proof: str) -> Members:
    """Signed by its holder, for the challenge and domain in ``proof``."""
    did = did_key(HOLDER.public)
    unsigned: Members = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": list(credentials),
    }
    asked = {"challenge": "d436f0c8", "domain": "careers.example"} | proof
    return {**unsigned, "proof": _authentication(unsigned, did, asked)}


def _authentication(unsigned: Members, did: str, asked: dict[str, str]) -> Members:
    configuration = data_integrity.configure(
        eddsa_rdfc_2022.CRYPTOSUITE,
        verification_method=f"{did}#{HOLDER.public.multibase}",
        created="2026-11-23T09:00:00Z",
        purpose="authentication",
    )
    configuration |= asked
    return data_integrity.sign(configuration, rdfc_hashes(configuration, Content(unsigned)), HOLDER)


async def test_a_presentation_and_every_credential_in_it(world: World) -> None:
    _, document = await issued(world)
    asked = {"challenge": "d436f0c8", "domain": "careers.example"}
    given = await verify(
        world, presentation(document), "verifiablePresentation", returnResults=True, returnPresentation=True, **asked
    )
    assert given.status_code == 200, given.text
    said = given.json()
    assert said["report"]["kind"] == "presentation"
    assert said["results"]["presentation"]["challenge"] == {"verified": True, "input": "d436f0c8"}
    assert [one["verified"] for one in said["results"]["credentials"]] == [True]
    assert said["verifiablePresentation"] == presentation(document)


async def test_one_bad_credential_spoils_the_presentation(world: World) -> None:
    made, document = await issued(world)
    await world.withdraw(made["uuid"])
    given = await verify(world, presentation(document), "verifiablePresentation", returnResults=True)
    said = given.json()
    assert (given.status_code, said["verified"]) == (400, False)
    assert said["problemDetails"][0]["detail"].startswith("/verifiableCredential")
    assert [one["verified"] for one in said["results"]["credentials"]] == [False]


@pytest.mark.parametrize("asked", [{"challenge": "another"}, {"domain": "elsewhere.example"}])
async def test_sec_039_a_presentation_made_for_somebody_else(world: World, asked: dict[str, str]) -> None:
    _, document = await issued(world)
    given = await verify(world, presentation(document), "verifiablePresentation", **asked)
    assert given.status_code == 400
    kind = "INVALID_CHALLENGE_ERROR" if "challenge" in asked else "INVALID_DOMAIN_ERROR"
    assert given.json()["problemDetails"][0]["type"].endswith(kind)


async def test_a_credential_is_no_presentation_and_the_reverse(world: World) -> None:
    _, document = await issued(world)
    for kind, sent in (("verifiablePresentation", document), ("verifiableCredential", presentation(document))):
        given = await verify(world, sent, kind)
        assert (given.status_code, given.json()["verified"]) == (400, False)
        assert given.json()["problemDetails"][0]["code"] == "wrong-type"


# --- what a request may hold -------------------------------------------------------------------------------------

MALFORMED: list[dict[str, Any]] = [
    {},
    {"credential": {}},
    {"verifiableCredential": None},
    {"verifiableCredential": "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"},
    {"verifiableCredential": [{}]},
    {"verifiableCredential": {}, "extra": 1},
    {"verifiableCredential": {}, "options": []},
    {"verifiableCredential": {}, "options": {"returnResult": True}},
    {"verifiableCredential": {}, "options": {"returnResults": "yes"}},
    {"verifiableCredential": {}, "options": {"challenge": ""}},
    {"verifiableCredential": {}, "options": {"checks": ["everything"]}},
    {"verifiableCredential": {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": "eyJ.e30.c2ln"}},
    {"verifiableCredential": {"@context": ["x"], "type": "EnvelopedVerifiableCredential", "id": "data:x,y"}},
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: json.dumps(body)[:60])
async def test_a_malformed_request_is_a_problem_that_names_the_member(sqlite_world: World, body: Members) -> None:
    given = await sqlite_world.http.post("/credentials/verify", json=body)
    assert (given.status_code, given.headers["content-type"]) == (400, "application/problem+json")
    assert given.json()["faults"][0]["field"]
    assert given.json()["faults"][0]["fix"]


@pytest.mark.parametrize("path", ["/credentials/verify", "/presentations/verify"])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json; charset=utf-16", 415),
        (b"{", "application/json", 400),
        (b'{"verifiableCredential": {}, "verifiableCredential": {}}', "application/json", 400),
        (b'{"verifiableCredential": {"type": 1.5}}', "application/json", 400),
        (b'{"verifiableCredential": {"type": NaN}}', "application/json", 400),
        (b'{"verifiableCredential": {"type": "\\ud800"}}', "application/json", 400),
        (b'{"verifiableCredential": ' + b"[" * 100_000, "application/json", 400),
        (b'{"verifiableCredential": "' + b"x" * 600_000 + b'"}', "application/json", 413),
        (b"\xff\xfe{}", "application/json", 400),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_sec_001_010_strict_json_only(
    sqlite_world: World, path: str, body: bytes, content_type: str, status: int
) -> None:
    given = await sqlite_world.http.post(path, content=body, headers={"Content-Type": content_type})
    assert (given.status_code, given.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": "VerifiableCredential"},
        {"@context": [V2], "type": ["VerifiableCredential"], "issuer": None, "credentialSubject": []},
        {"@context": [{"a": "b"}], "type": ["VerifiableCredential"]},
        {"@context": [V2], "type": ["VerifiableCredential"], "issuer": "did:key:z6Mk", "proof": "no"},
        {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"},
        {
            "@context": [V2],
            "type": "EnvelopedVerifiableCredential",
            "id": "data:application/vc+jwt,eyJhbGciOiJub25lIn0.e30.",
        },
    ],
    ids=lambda value: json.dumps(value)[:60],
)
async def test_whatever_is_sent_gets_a_verdict(sqlite_world: World, document: Members) -> None:
    given = await verify(sqlite_world, document)
    assert (given.status_code, given.json()["verified"]) == (400, False)
    assert given.json()["problemDetails"][0]["type"].startswith("https://")


async def test_sec_051_an_enveloped_token_with_alg_none_is_refused(sqlite_world: World) -> None:
    token = "eyJhbGciOiJub25lIn0.eyJ0eXBlIjpbIlZlcmlmaWFibGVDcmVkZW50aWFsIl19."
    envelope = {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"}
    assert (await verify(sqlite_world, envelope)).json()["report"]["verdict"] == "failed"


async def test_verifying_leaves_nothing_behind(world: World) -> None:
    _, document = await issued(world)
    await verify(world, document)  # whoever asks first has the status list signed
    before = await world.rows()
    await verify(world, document)
    await verify(world, document | {"name": "changed"})
    assert await world.rows() == before

"""Our credentials before verifiers that others wrote: accepted as issued, refused when changed or withdrawn."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from litestar.testing import AsyncTestClient

from refolio import Client, completion_from
from tests.credentials.holding import SLUG, client, registered, work
from tests.live_demo import REPOSITORY, Demo
from tests.world import stage
from verify.app import create_app
from verify.issuers.registering import register
from verify.platforms import admitting, keying, mandating
from verify.runtime import Runtime
from verify.settings import Settings

OUTSIDERS = ("@digitalbazaar/vc", "@digitalcredentials/verifier-core")
Document = dict[str, Any]


def verdicts(
    node: str,
    interop: Path,
    credentials: Mapping[str, Document],
    documents: Mapping[str, Document],
    now: str | None = None,
) -> Document:
    """What each outsider says of each credential; ``now`` is a timestamp, by default that of the machine."""
    result = subprocess.run(
        [node, "outside.mjs"],
        cwd=interop,
        input=json.dumps({"credentials": credentials, "documents": documents, "now": now}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: Document = json.loads(result.stdout)
    return found


def published(url: str) -> Document:
    """A public document of the demo, by the address that verifiers use."""
    found: Document = httpx.get(url, trust_env=False).raise_for_status().json()
    return found


def status_list_of(credential: Document) -> dict[str, Document]:
    url = credential["credentialStatus"]["statusListCredential"]
    return {url: published(url)}


@pytest.fixture
def issued(demo: Demo, request: pytest.FixtureRequest) -> Document:
    """A fresh credential, issued by the SDK over HTTP, so that it may be withdrawn."""
    members = json.loads((REPOSITORY / "examples" / "completion.json").read_text())
    with Client(demo.api_key, demo.url) as client:
        answer = client.credentials.issue(
            completion_from(members), allow_duplicate=True, idempotency_key=request.node.name
        )
        document: Document = json.loads(client.credentials.document(answer))
    return document


def test_a_demo_credential_passes_both(node: str, interop: Path, demo: Demo) -> None:
    credential = json.loads(demo.document(demo.credential))
    found = verdicts(node, interop, {"ours": credential}, status_list_of(credential))["ours"]
    assert {name: result["pass"] for name, result in found.items()} == dict.fromkeys(OUTSIDERS, True), found
    assert found["@digitalbazaar/vc"]["proofs"] == 2  # the whole set: eddsa-rdfc-2022 and eddsa-jcs-2022


def test_one_changed_character_fails_both(node: str, interop: Path, demo: Demo) -> None:
    """SEC-028, as seen by others: whichever part is changed."""
    credential = json.loads(demo.document(demo.credential))
    changed = {
        "description": credential | {"description": credential["description"][:-1] + "!"},
        "hours": json.loads(json.dumps(credential).replace('"value": "', '"value": "1', 1)),
        "issuer name": credential | {"issuer": credential["issuer"] | {"name": "Acme Textile"}},
        "status index": credential | {"credentialStatus": credential["credentialStatus"] | {"statusListIndex": "7"}},
    }
    found = verdicts(node, interop, changed, status_list_of(credential))
    assert {(part, name) for part in changed for name in OUTSIDERS if found[part][name]["pass"]} == set(), found


def test_a_withdrawn_credential_fails_both(node: str, interop: Path, demo: Demo, issued: Document) -> None:
    before = verdicts(node, interop, {"ours": issued}, status_list_of(issued))["ours"]
    with Client(demo.api_key, demo.url) as client:
        client.credentials.withdraw(issued["id"], reason="Interoperability test.")
    after = verdicts(node, interop, {"ours": issued}, status_list_of(issued))["ours"]
    assert [before[name]["pass"] for name in OUTSIDERS] == [True, True], before
    assert [after[name]["pass"] for name in OUTSIDERS] == [False, False], after
    assert published(issued["id"]) == issued


async def test_did_web_on_https_passes_both(node: str, interop: Path, tmp_path: Path) -> None:
    """With an https public URL issuers are did:web; the key document is fetched as the method says."""
    origin = "https://refolio.example"
    settings = Settings(origin, tmp_path, f"sqlite:///{tmp_path / 'refolio.db'}", kek_file=tmp_path / "kek")
    runtime = Runtime.from_settings(settings, create_key=True)
    async with AsyncTestClient(create_app(runtime)) as http:
        await register(runtime, "acme-textiles", "Acme Textiles", url="https://acme-textiles.example")
        await admitting.admit(runtime, "northfield", "Northfield Careers Service")
        await mandating.mandate(runtime, "northfield", "acme-textiles")
        api_key = await keying.new_api_key(runtime, "northfield")
        answer = await http.post(
            "/api/v1/credentials",
            content=(REPOSITORY / "examples" / "completion.json").read_bytes(),
            headers={"Authorization": f"Bearer {api_key}", "Idempotency-Key": "1", "Content-Type": "application/json"},
        )
        credential = (await http.get(answer.json()["id"].removeprefix(origin))).json()
        list_url = credential["credentialStatus"]["statusListCredential"]
        documents = {
            list_url: (await http.get(list_url.removeprefix(origin))).json(),
            "did:web:refolio.example:issuers:acme-textiles": (await http.get("/issuers/acme-textiles/did.json")).json(),
        }
    assert credential["issuer"]["id"] in documents
    found = verdicts(node, interop, {"ours": credential}, documents)["ours"]
    assert [found[name]["pass"] for name in OUTSIDERS] == [True, True], found


def test_it_satisfies_the_published_schema(standards: Path, demo: Demo, issued: Document) -> None:
    """1EdTech's own JSON Schema for an AchievementCredential, VCDM 2.0 form."""
    schema = json.loads((standards / "schemas" / "ob-v3p0" / "ob_v3p0_achievementcredential_schema.json").read_text())
    validator = jsonschema.Draft201909Validator(schema)
    for credential in (issued, json.loads(demo.document(demo.credential))):
        assert [error.message for error in validator.iter_errors(credential)] == []


async def test_a_credential_that_its_issuer_signed_with_a_key_of_its_own_passes_both(
    node: str, interop: Path, sqlite_url: str
) -> None:
    """And fails both once it is withdrawn and the issuer has signed its list."""
    async with stage(sqlite_url) as world:
        key = await registered(world.runtime)
        issued = await client(world).credentials.issue_held(work(), key)
        credential = json.loads(await world.document(issued.uuid))
        list_url = credential["credentialStatus"]["statusListCredential"]

        async def judged() -> list[bool]:
            documents = {
                list_url: (await world.http.get(list_url)).json(),
                key.issuer: (await world.http.get(f"/issuers/{SLUG}/did.json")).json(),
            }
            moment = world.clock().isoformat().replace("+00:00", "Z")
            found = verdicts(node, interop, {"ours": credential}, documents, moment)["ours"]
            return [found[name]["pass"] for name in OUTSIDERS]

        assert await judged() == [True, True]
        await world.withdraw(issued.uuid)
        world.clock.move(seconds=2)
        assert await client(world).status_lists.sign_due(SLUG, key) == 1
        assert await judged() == [False, False]

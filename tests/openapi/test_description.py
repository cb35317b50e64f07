"""The description of the API is whole, sound OpenAPI 3.1, and says what the code says."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import msgspec
import pytest

import refolio.client.events
import refolio.client.issued
import refolio.client.issuers
import refolio.client.keys
import refolio.client.references
import refolio.client.webhooks
from refolio.credential.model import completion_from
from tests.web.reading import Reader
from tests.world import PUBLIC_URL, World
from verify.app import HANDLERS
from verify.http.access import FOR_ANYBODY
from verify.http.refusals import KINDS
from verify.openapi import platform_shapes, reference_shapes, shapes
from verify.openapi.api import describe, keys_of
from verify.openapi.composing import OF_KEYS
from verify.openapi.operations import OPERATIONS

VCALM = {
    ("POST", "/credentials/issue"),
    ("POST", "/credentials/status"),
    ("POST", "/credentials/verify"),
    ("POST", "/presentations/verify"),
    ("GET", "/status-lists/{list_id}"),
}


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(describe(HANDLERS, PUBLIC_URL))


def test_every_route_of_the_api_is_described_and_nothing_else() -> None:
    routes = {key for handler in HANDLERS for key in keys_of(handler)}
    assert {key for key in routes if key[1].startswith("/api/")} | VCALM == set(OPERATIONS), (
        "add a line to verify/openapi/operations.py"
    )


def test_each_operation_says_whether_it_needs_a_key(document: Any) -> None:
    for handler in HANDLERS:
        for method, path in keys_of(handler):
            if (method, path) in OPERATIONS:
                operation = document["paths"][path][method.lower()]
                assert bool(operation["security"]) is (handler.opt["action"] not in FOR_ANYBODY), path
                assert ("401" in operation["responses"]) is bool(operation["security"]), path


def test_whatever_takes_a_key_says_what_can_be_wrong_with_one(document: Any) -> None:
    """And which scope it takes, so that a partner can make a key that is good for no more than that."""
    for (method, path), operation in OPERATIONS.items():
        described = document["paths"][path][method.lower()]
        codes = {
            code
            for answer in described["responses"].values()
            for code in answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
        }
        if described["security"]:
            assert set(OF_KEYS) <= codes, path
            (scopes,) = (one["apiKey"] for one in described["security"])
            assert scopes or operation.gives is platform_shapes.ApiKey, path
            assert ("scope-missing" in codes) is bool(scopes), path
        else:
            assert not {"scope-missing", *OF_KEYS} & codes, path


def test_it_is_sound(document: Any) -> None:
    """OpenAPI 3.1.0: schemas are JSON Schema 2020-12, references lead somewhere, ids of operations are unique."""
    assert document["openapi"] == "3.1.0"
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document))):
        place = document
        for part in reference.split("/"):
            place = place[part]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))
            assert operation["summary"].endswith("."), path
            for status, answer in operation["responses"].items():
                assert "Request-Id" in answer["headers"], (path, status)


def test_its_examples_are_what_they_are_examples_of(document: Any) -> None:
    """And the first one can be sent as it stands."""
    components = {"components": document["components"]}
    checked = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (one for each in contents for one in each.get("content", {}).values()):
                if "example" in content:
                    jsonschema.Draft202012Validator({**content["schema"], **components}).validate(content["example"])
                    checked += 1
    assert checked >= 12
    completion_from(
        document["paths"]["/api/v1/credentials"]["post"]["requestBody"]["content"]["application/json"]["example"]
    )
    for name, example in document["components"]["examples"].items():
        assert (example["value"]["code"], example["value"]["status"]) == (name, KINDS[name].status)


@pytest.mark.parametrize(
    ("served", "read"),
    [
        (shapes.IssuedCredential, refolio.client.issued.IssuedCredential),
        (shapes.Issuer, refolio.client.issuers.Issuer),
        (reference_shapes.Reference, refolio.client.references.Reference),
        (platform_shapes.ApiKey, refolio.client.keys.ApiKey),
        (platform_shapes.Event, refolio.client.events.Event),
        (platform_shapes.Events, refolio.client.events.EventPage),
        (platform_shapes.Replayed, refolio.client.events.Replayed),
        (platform_shapes.WebhookWithSecret, refolio.client.webhooks.Webhook),
        (platform_shapes.Delivery, refolio.client.webhooks.Delivery),
        (platform_shapes.Attempt, refolio.client.webhooks.Attempt),
        (platform_shapes.TestSent, refolio.client.webhooks.Tested),
    ],
)
def test_the_sdk_reads_what_is_described(served: type[msgspec.Struct], read: type[msgspec.Struct]) -> None:
    assert sorted(served.__struct_fields__) == sorted(read.__struct_fields__)


async def test_it_is_served_with_its_own_address_and_its_page_is_for_people(sqlite_world: World) -> None:
    answer = await sqlite_world.http.get("/api/v1/openapi.json")
    assert answer.json()["servers"] == [{"url": PUBLIC_URL}]
    again = await sqlite_world.http.get("/api/v1/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    page = await sqlite_world.page("/docs/api")
    text = Reader(page).text
    for method, path in OPERATIONS:
        assert f"{method} {path}" in text
    assert "<script" not in page
    assert "<code></code>" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page), "nothing of third parties"
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors

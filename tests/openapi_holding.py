"""Holds every answer that a test gets from the API to the description of the API: status, media type, headers, body.

``World.http`` calls this for each of its answers, so each test of the API is a test of its description too.
"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any

import httpx
import jsonschema
from litestar import Litestar

Document = dict[str, Any]


def client_held_to_description(app: Litestar, base_url: str) -> httpx.AsyncClient:
    """An HTTP client of the application, each answer to which is held to the description."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # two spellings of ASGI's own types
    return httpx.AsyncClient(transport=transport, base_url=base_url, event_hooks={"response": [partial(hold, app)]})


async def hold(app: Litestar, answer: httpx.Response) -> None:
    """Fail unless the description has this answer. Answers at addresses that it does not have are passed over."""
    document = _document(app.state.description)
    request = answer.request
    operation = operation_at(document, request.method, request.url.path)
    if operation is None or (request.method == "GET" and "text/html" in request.headers.get("accept", "")):
        return
    place = f"{request.method} {request.url.path} → {answer.status_code}"
    described = operation["responses"].get(str(answer.status_code))
    await answer.aread()
    assert described, f"{place} is not in the description: {answer.text}"
    for name in described["headers"]:
        assert name in answer.headers or name in ("Retry-After",), f"{place} has no {name}"
    if "content" in described:
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in described["content"], f"{place} is {media_type}"
        _validator(app.state.description, json.dumps(described["content"][media_type]["schema"])).validate(
            answer.json()
        )
        if media_type == "application/problem+json":
            codes = described["content"][media_type]["examples"]
            assert answer.json()["code"] in codes, f"{place}: {answer.json()['code']} is not in the description"


def operation_at(document: Document, method: str, path: str) -> Document | None:
    """The operation of the description at this address."""
    for template, methods in document["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path) and method.lower() in methods:
            operation: Document = methods[method.lower()]
            return operation
    return None


@cache
def _document(description: bytes) -> Document:
    document: Document = json.loads(description)
    return document


@cache
def _validator(description: bytes, schema: str) -> jsonschema.Draft202012Validator:
    """Of the schema, with no member beyond those that are described."""
    components = json.loads(json.dumps(_document(description)["components"]))
    for shape in components["schemas"].values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    return jsonschema.Draft202012Validator(
        {**json.loads(schema), "components": components}, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

"""From the table of operations, what handlers say and the table of refusals to one OpenAPI 3.1 document."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_origin

import msgspec

from refolio.credential.model import Completion
from verify.http.access import Scope
from verify.http.refusals import KINDS
from verify.openapi import shapes
from verify.openapi.examples import answer_examples, request_examples
from verify.openapi.operations import JSON, OPERATIONS, PAGE, PATH, Operation, Query

PROBLEM = "application/problem+json"
# What is said of the API key itself, whatever is asked for with it (platforms/authenticating.py).
OF_KEYS = (
    "api-key-missing",
    "api-key-malformed",
    "api-key-unknown",
    "api-key-revoked",
    "api-key-expired",
    "address-not-allowed",
)
OF_BODIES = ("unreadable-body", "unsupported-media-type", "body-too-large")
SUCCESS = {
    200: "Done.",
    201: "Done; it is new, or the same as before for the same Idempotency-Key.",
    202: "It will be done in a moment.",
    204: "Done; there is nothing more to say.",
}
Document = dict[str, Any]

ABOUT = (
    "Signed completion credentials for micro-internships. Send `Authorization: Bearer rf_test_…` or `rf_live_…`. "
    "Bodies are one JSON object in UTF-8, at most 512 kB, without fractions outside quotes. A refusal is a problem "
    "document (RFC 9457) that names field, reason and fix; then nothing was stored."
)
HEADERS: Document = {
    "Request-Id": {"description": "Finds this request in the service's log.", "schema": {"type": "string"}},
    "RateLimit-Policy": {
        "description": 'The limit: `"key";q=1000;w=10` is 1,000 requests in 10 seconds.',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'What is left of it: `"key";r=998;t=7` is 998 for the next 7 seconds.',
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "Location": {"description": "The credential's URL.", "schema": {"type": "string", "format": "uri"}},
    "ETag": {"description": "Send it as If-None-Match to read again.", "schema": {"type": "string"}},
}


class Route(NamedTuple):
    """What a handler says of itself. ``scope`` is what its API key must be good for, if anything."""

    name: str
    doc: str
    needs_key: bool
    scope: Scope | None


def compose(routes: Mapping[tuple[str, str], Route], public_url: str) -> Document:
    """The whole document, from the routes by (method, path). Raises KeyError when an operation has no route."""
    named = _components()
    paths: Document = {}
    for (method, path), operation in OPERATIONS.items():
        described = _operation(path, operation, routes[method, path], public_url, named)
        paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Refolio", "version": "1", "description": ABOUT},
        "servers": [{"url": public_url}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in OPERATIONS.values())],
        "paths": paths,
        "components": {
            "schemas": named,
            "headers": HEADERS,
            "examples": _problem_examples(routes, public_url),
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "rf_test_… or rf_live_…"}
            },
        },
    }


def _operation(path: str, operation: Operation, route: Route, public_url: str, named: Document) -> Document:
    summary, _, more = inspect.cleandoc(route.doc).replace("``", "`").partition("\n")
    described: Document = {
        "tags": [operation.tag],
        "operationId": route.name,
        "summary": summary,
        "parameters": _parameters(path, operation),
        "responses": _answers(path, operation, route, public_url, named),
        "security": [{"apiKey": [route.scope] if route.scope else []}] if route.needs_key else [],
    }
    if more.strip():
        described["description"] = more.strip()
    if operation.takes is not None:
        content: Document = {"schema": _schema(operation.takes)}
        if (example := _known(operation.takes, request_examples())) is not None:
            content["example"] = example
        described["requestBody"] = {"required": not operation.body_is_optional, "content": {JSON: content}}
    return described


def _parameters(path: str, operation: Operation) -> list[Document]:
    parts = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters: list[Document] = [
        {"name": name, "in": "path", "required": True, "description": PATH[name][0], "schema": dict(PATH[name][1])}
        for name in parts
    ]
    asked: Sequence[Query] = (*operation.query, *(PAGE if operation.lists else ()))
    parameters += [
        {"name": one.name, "in": "query", "required": False, "description": one.says, "schema": dict(one.schema)}
        for one in asked
    ]
    if operation.idempotency:
        says = "The same key and body give the same answer, however often they are sent; another body is refused."
        schema = {"type": "string", "pattern": "^[!-~]{1,255}$"}
        required = operation.idempotency == "required"
        parameters.append(
            {"name": "Idempotency-Key", "in": "header", "required": required, "description": says, "schema": schema}
        )
    if operation.reads_again:
        says = "The ETag of what you have; 304 when nothing has changed."
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": says,
                "schema": {"type": "string"},
            }
        )
    return parameters


def _answers(path: str, operation: Operation, route: Route, public_url: str, named: Document) -> Document:
    answers: Document = {}
    always = _always(operation)
    headers = [*always, *(["Location"] if operation.gives is shapes.IssuedCredential and operation.takes else [])]
    headers += ["ETag"] if operation.reads_again or operation.lists else []
    content: Document = {"schema": _page(operation.lists, named) if operation.lists else _schema(operation.gives)}
    example = _known(operation.lists or operation.gives, answer_examples(public_url))
    if example is not None:
        content["example"] = {"items": [example], "next": None} if operation.lists else example
    for status in operation.statuses:
        answers[str(status)] = {"description": SUCCESS[status], "headers": _headers(headers)}
        if status != 204:
            answers[str(status)]["content"] = dict.fromkeys(operation.media_types, content)
    if operation.reads_again or operation.lists:
        answers["304"] = {"description": "It has not changed.", "headers": _headers([*always, "ETag"])}
    for status, kinds in _refusals(path, operation, route).items():
        answers[str(status)] = _refusal(kinds, always)
    for status, gives in operation.other.items():
        other: Document = {"description": "Done.", "headers": _headers(always), "content": {}}
        answers.setdefault(str(status), other)["content"][JSON] = {"schema": _schema(gives)}
    return dict(sorted(answers.items()))


def _refusals(path: str, operation: Operation, route: Route) -> dict[int, list[str]]:
    kinds = ["bad-request", "internal-error", "unavailable", *operation.refusals]
    kinds += ["rate-limited"] if operation.is_limited else []
    kinds += OF_KEYS if route.needs_key else []
    kinds += ["scope-missing"] if route.scope else []
    kinds += ["not-found"] if "{" in path else []
    kinds += OF_BODIES if operation.takes is not None else []
    by_status: dict[int, list[str]] = {}
    for kind in KINDS:  # in the order of the table
        if kind in kinds:
            by_status.setdefault(KINDS[kind].status, []).append(kind)
    return by_status


def _always(operation: Operation) -> list[str]:
    return ["Request-Id", *(["RateLimit-Policy", "RateLimit"] if operation.is_limited else [])]


def _refusal(kinds: Sequence[str], always: Sequence[str]) -> Document:
    status = KINDS[kinds[0]].status
    names = [*always, *(["Retry-After"] if status in (409, 429, 503) else [])]
    examples = {kind: {"$ref": f"#/components/examples/{kind}"} for kind in kinds}
    return {
        "description": " ".join(f"`{kind}`: {KINDS[kind].title}." for kind in kinds),
        "headers": _headers(names),
        "content": {PROBLEM: {"schema": _schema(shapes.Problem), "examples": examples}},
    }


def _problem_examples(routes: Mapping[tuple[str, str], Route], public_url: str) -> Document:
    used = {
        kind
        for (method, path), operation in OPERATIONS.items()
        for kinds in _refusals(path, operation, routes[method, path]).values()
        for kind in kinds
    }
    return {
        name: {
            "summary": kind.title,
            "value": {
                "type": f"{public_url}/problems/{name}",
                "title": kind.title,
                "status": kind.status,
                "detail": f"{kind.title}.",
                "instance": "/api/v1/credentials",
                "code": name,
                "fix": kind.meaning,
                "faults": [],
                "request_id": "req_7q4k2xbdzmtrawfh",
            },
        }
        for name, kind in KINDS.items()
        if name in used
    }


def _headers(names: Sequence[str]) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _page(item: type, named: Document) -> Document:
    name = f"{item.__name__}Page"
    named.setdefault(
        name,
        {
            "title": name,
            "type": "object",
            "description": "One page of a list; `next` is the cursor of the next page, null on the last.",
            "properties": {
                "items": {"type": "array", "items": _schema(item)},
                "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["items", "next"],
        },
    )
    return {"$ref": f"#/components/schemas/{name}"}


def _types() -> list[Any]:
    used = [one for op in OPERATIONS.values() for one in (op.takes, op.gives, op.lists, *op.other.values())]
    return [*dict.fromkeys(one for one in [Completion, shapes.Problem, *used] if _is_struct(one))]


def _is_struct(one: Any) -> bool:
    return isinstance(one, type) and get_origin(one) is None and issubclass(one, msgspec.Struct)


def _components() -> Document:
    named: Document = msgspec.json.schema_components(_types(), ref_template="#/components/schemas/{name}")[1]
    for schema in named.values():
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].replace("``", "`").split())
    return named


def _schema(one: Any) -> Document:
    if _is_struct(one):
        return {"$ref": f"#/components/schemas/{one.__name__}"}
    return msgspec.json.schema(one)


def _known(one: Any, examples: Mapping[Any, Any]) -> Any:
    return examples.get(one) if _is_struct(one) else None

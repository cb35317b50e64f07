"""The composed document, taken apart for the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a body, or a parameter. ``shape`` is the name of the type it holds, where it is one of the page."""

    name: str
    kind: str
    shape: str
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, its shape if it has one, and the codes of the refusals it stands for."""

    status: str
    says: str
    shape: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation. ``anchor`` is its id on the page, ``scope`` what the API key must be good for, if anything."""

    method: str
    path: str
    anchor: str
    says: str
    needs_key: bool
    scope: str
    parameters: tuple[Member, ...]
    takes: str
    body_is_optional: bool
    example: str
    answers: tuple[Answer, ...]
    answer_example: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations of one tag."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of the document: an object with members, or one of some words."""

    name: str
    says: str
    members: tuple[Member, ...]
    words: tuple[str, ...]


def chapters(document: Mapping[str, Any]) -> list[Chapter]:
    """The operations by tag, in the order of the document."""
    entries = [
        (operation["tags"][0], _entry(method.upper(), path, operation))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        Chapter(tag["name"], tuple(entry for name, entry in entries if name == tag["name"])) for tag in document["tags"]
    ]


def shapes_of(document: Mapping[str, Any]) -> list[Shape]:
    """Every type by name."""
    return [
        Shape(name, schema.get("description", ""), tuple(_members(schema)), tuple(map(str, schema.get("enum", ()))))
        for name, schema in sorted(document["components"]["schemas"].items())
    ]


def _entry(method: str, path: str, operation: Mapping[str, Any]) -> Entry:
    body: Schema = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
    answers = tuple(_answer(status, answer) for status, answer in operation["responses"].items())
    good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    told: Schema = next(iter(good[0].get("content", {}).values()), {})
    return Entry(
        method=method,
        path=path,
        anchor=operation["operationId"],
        says=" ".join(filter(None, [operation["summary"], operation.get("description", "")])),
        needs_key=bool(operation["security"]),
        scope=" ".join(scope for one in operation["security"] for scope in one["apiKey"]),
        parameters=tuple(
            Member(one["name"], *_kind(one["schema"]), one["required"], one["description"])
            for one in operation["parameters"]
        ),
        takes=_kind(body["schema"])[1] or "a document" if body else "",
        body_is_optional=not operation.get("requestBody", {}).get("required", True),
        example=_pretty(body.get("example")),
        answers=answers,
        answer_example=_pretty(told.get("example")),
    )


def _answer(status: str, answer: Mapping[str, Any]) -> Answer:
    content = answer.get("content", {})
    refusals = content.get("application/problem+json", {}).get("examples", {})
    told = next((one for media_type, one in content.items() if media_type != "application/problem+json"), None)
    return Answer(
        status, answer["description"] if not refusals else "", _kind(told["schema"])[1] if told else "", tuple(refusals)
    )


def _members(schema: Schema) -> Iterator[Member]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Member(name, *_kind(one), name in required, _said_of(one))


def _said_of(schema: Schema) -> str:
    """The description, which stands one deeper where the value may also be null."""
    return str(next((one["description"] for one in (schema, *schema.get("anyOf", ())) if "description" in one), ""))


def _kind(schema: Schema) -> tuple[str, str]:
    """What a value may be, in words, and the name of the type that the page tells more of."""
    if "$ref" in schema:
        return "", schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        words = [kind for kind, _ in kinds if kind]
        return " or ".join(words), next((shape for _, shape in kinds if shape), "")
    if "enum" in schema:
        return ", ".join(str(word) for word in schema["enum"]), ""
    if schema.get("type") == "array":
        kind, shape = _kind(schema.get("items", {}))
        return f"list of {kind}".strip(), shape
    return _bounded(schema), ""


_FORMATS = {"date": "date, 2026-08-24", "date-time": "moment, 2026-11-23T10:00:00Z", "uuid": "UUID", "uri": "URL"}
_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object", "null": "null"}


def _bounded(schema: Schema) -> str:
    kind = _FORMATS.get(schema.get("format", "")) or _TYPES.get(str(schema.get("type", "")), "anything")
    bounds = [
        f"up to {schema['maxLength']} characters" if "maxLength" in schema else "",
        f"{schema['minimum']} to {schema['maximum']}" if {"minimum", "maximum"} <= set(schema) else "",
    ]
    return ", ".join(filter(None, [kind, *bounds]))


def _pretty(example: object) -> str:
    if example is None:
        return ""
    text = msgspec.json.format(msgspec.json.encode(example), indent=2).decode()
    return _SHORT_LIST.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text)


_SHORT_LIST = re.compile(r"\[\s+(\"[^\[\]{}]*?\")\s+\]")

"""A composed credential, what 1EdTech's schema says of it, and what its ids stand for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator

from refolio.credential.document import compose
from tests.credential.completions import completion, issuance

Document = dict[str, Any]


def composed(**changes: Any) -> Document:
    return compose(completion(**changes), issuance())


@cache
def badge_schema(standards: Path) -> Draft201909Validator:
    """The 1EdTech schema of an OpenBadgeCredential."""
    path = standards / "schemas/ob-v3p0/ob_v3p0_achievementcredential_schema.json"
    return Draft201909Validator(json.loads(path.read_text("utf-8")))


def objects(value: Any) -> Iterator[Document]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from objects(item)


def assert_one_meaning_per_id(document: Document) -> None:
    """Objects under one id are one object in RDF; whatever they say there could be moved from one to the other."""
    said: dict[str, list[Document]] = defaultdict(list)
    for item in objects(document):
        if "id" in item:
            said[item["id"]].append(item)
    for id_, items in said.items():
        fullest = max(items, key=len)
        assert all(item.items() <= fullest.items() for item in items), id_


def achievement_id(document: Document) -> str:
    return str(document["credentialSubject"]["achievement"]["id"])

"""A full badge, every object in it, and what the walk says of a changed one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from refolio.credential.walk import walk
from refolio.errors import DocumentRefused
from tests.credential.badges import Document, achievement, badge, badges, endorsement, evidence, proof, result, subject


def full_badge() -> Document:
    """A badge with an object of every kind we issue."""
    return badge(
        evidence=[evidence(id="https://acme.example/report", genre="Feedback")],
        credentialStatus=badges()["status entry"]["credentialStatus"],
        endorsement=[endorsement()],
        credentialSubject=subject(
            identifier=[{"type": "IdentityObject", "hashed": False, "identityHash": "Maya", "identityType": "name"}],
            result=[result("40", resultDescription="https://portfolio.example/achievements/packaging#hours")],
            achievement=achievement(
                alignment=[{"type": ["Alignment"], "targetName": "survey", "targetUrl": "https://esco.example/1"}],
                creator={"id": "did:web:portfolio.example:issuers:acme", "type": ["Profile"], "name": "Acme"},
                tag=["remote"],
            ),
        ),
        proof=proof(),
    )


def objects(value: Any, path: str = "") -> Iterator[tuple[str, Document]]:
    """Every object in a document with its JSON Pointer."""
    if isinstance(value, dict):
        yield path, value
        for name, member in value.items():
            yield from objects(member, f"{path}/{name}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from objects(item, f"{path}/{position}")


PLACES = [path for path, _ in objects(full_badge())]


def changed(path: str, **members: Any) -> Document:
    """A full badge with members put into the object at ``path``."""
    document = copy.deepcopy(full_badge())
    dict(objects(document))[path].update(members)
    return document


def refusal(document: Any) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as refused:
        walk(document)
    assert refused.value.says
    assert str(refused.value).startswith(refused.value.path)
    return refused.value


def code(document: Any) -> str:
    return refusal(document).code

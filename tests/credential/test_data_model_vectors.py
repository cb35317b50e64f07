"""The inputs of the W3C's suite for VC Data Model 2.0: -ok is well-formed, -fail is refused by shape or dates.

As the suite does, the issuer and the dates that a file leaves to the implementation are filled in. Fourteen good ones
write a context of their own into the document; those are refused here, on purpose (SEC-017, SEC-019).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from refolio.credential.policy import KNOWN_CONTEXTS
from refolio.credential.proof.content import Content
from refolio.credential.reading import read
from refolio.credential.shape import require_credential, require_presentation
from refolio.credential.validity import check_validity
from refolio.errors import DocumentRefused

V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
CONTEXTS = {*KNOWN_CONTEXTS, (V2, EXAMPLES)}
ISSUER = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
DATES = {"PAST DATE": "2020-01-01T00:00:00Z", "FUTURE DATE": "2040-01-01T00:00:00Z"}


# The suite means these to fail with the proof: the first is about the proof itself.
OF_THE_PROOF = {"credential-proof-missing-type-fail"}
# Good ones (12 credentials and 2 presentations) with a context of their own, refused on purpose.
OWN_CONTEXT = {
    *(
        f"credential-{name}-ok"
        for name in (
            *("context-combo2", "evidence", "evidences", "proof", "refresh-type", "schema-type", "status-missing-id"),
            *("status", "termsofuse-id", "termsofuse", "termsofuses", "type-mapped-url"),
        )
    ),
    "presentation-context-combo2-ok",
    "presentation-optional-type-ok",
}


def filled(name: str, document: dict[str, Any]) -> dict[str, Any]:
    issuer = document.get("issuer")
    if "issuer" not in document and "no-issuer" not in name:
        document["issuer"] = ISSUER
    elif isinstance(issuer, dict) and "id" not in issuer and "fail" not in name:
        issuer["id"] = ISSUER
    for member in ("validFrom", "validUntil"):
        document[member] = DATES.get(document.get(member), document.get(member))
        if document[member] is None:
            del document[member]
    return document


def outcome(name: str, raw: bytes) -> str:
    """``ok``, or the code of the refusal."""
    try:
        document = {member: value for member, value in read(raw).items() if member != "proof"}
        if "presentation" in name:
            require_presentation(document, CONTEXTS, Content(document))
            return "ok"
        require_credential(filled(name, document), CONTEXTS)
        now = datetime(2026, 11, 23, tzinfo=UTC)
        dates = check_validity(document, [], None, now, timedelta(0)).code
        return dates if dates == "dates-contradict" else "ok"
    except DocumentRefused as refused:
        return refused.code


def test_every_input_of_the_suite(
    standards: Path, capsys: pytest.CaptureFixture[str], counted: Callable[[str, int], None]
) -> None:
    counts: Counter[str] = Counter()
    for file in sorted((standards / "vectors/vc-data-model-2.0").rglob("*.json")):
        name = file.stem
        found, kind = outcome(name, file.read_bytes()), name.rpartition("-")[2]
        if name in OWN_CONTEXT:
            assert found == "malformed-context", name
            counts["ok with a context of its own: refused"] += 1
        elif kind == "ok":
            assert found == "ok", name
            counts["ok: accepted"] += 1
        elif kind in ("fail", "inject") and name not in OF_THE_PROOF:
            assert found != "ok", name
            counts["fail: refused"] += 1
        else:
            counts["about proofs: elsewhere"] += 1
    with capsys.disabled():
        print(f"\nvc-data-model-2.0: {dict(counts)}")  # noqa: T201
    assert sum(counts.values()) == 120
    counted("vc-data-model-2.0, accepted", counts["ok: accepted"])
    counted("vc-data-model-2.0, refused as they should", counts["fail: refused"])
    counted("vc-data-model-2.0, refused on purpose (a context of its own)", len(OWN_CONTEXT))
    assert counts["about proofs: elsewhere"] == 4  # three presentations of self-asserted credentials: SEC-075


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"id": "https://acme.example/report.pdf", "digestMultibase": "uEiB"}, "ok"),
        ([{"id": "https://acme.example/1", "digestSRI": "sha256-x"}, {"id": "urn:x", "digestMultibase": "uE"}], "ok"),
        ({"id": "https://acme.example/report.pdf"}, "no-digest"),
        ({"digestMultibase": "uEiB"}, "not-a-url"),
        ("https://acme.example/report.pdf", "not-a-url"),
        ([{"id": "urn:x", "digestMultibase": "uE"}, {"id": "urn:x", "digestMultibase": "uF"}], "no-digest"),
        ({"id": "urn:x", "digestMultibase": ["uE"]}, "no-digest"),
    ],
)
def test_related_resources_are_named_by_their_digest(resources: Any, expected: str) -> None:
    document = {"@context": [V2], "type": ["VerifiableCredential"], "credentialSubject": {"id": ISSUER}}
    assert outcome("made here", json.dumps(document | {"relatedResource": resources}).encode()) == expected

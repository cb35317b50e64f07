"""Examples in the description: what a partner sends first, and what she gets."""

from __future__ import annotations

from collections.abc import Mapping

from refolio import sample
from refolio.credential.model import Completion
from verify.openapi import platform_examples, reference_shapes, shapes

UUID = "0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41"
COMPLETION = {**sample.COMPLETION, "record": "NF-2026-014"}
_WITHDRAWAL = {"reason": "The dates were wrong.", "kind": "wrong-facts"}


def request_examples() -> Mapping[object, object]:
    """An example for some types of bodies."""
    return {
        Completion: COMPLETION,
        shapes.Withdrawal: _WITHDRAWAL,
        shapes.Replacement: {"completion": COMPLETION, "as": "successor", **_WITHDRAWAL},
        shapes.StatusRequest: {
            "credentialId": f"https://refolio.example/credentials/{UUID}",
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
            "status": True,
        },
        reference_shapes.ReferenceQuestion: reference_shapes.REQUEST,
        **platform_examples.REQUESTS,
    }


def answer_examples(public_url: str) -> Mapping[object, object]:
    """An example for some types of answers."""
    verify = f"{public_url}/v/7Q4K-9XBD-2MTR-6WFH"
    credential = f"{public_url}/credentials/{UUID}"
    issued = {
        "id": credential,
        "uuid": UUID,
        "record": "NF-2026-014",
        "issuer": "acme-textiles",
        "state": "current",
        "issued_at": "2026-11-23T10:00:00Z",
        "code": "7Q4K-9XBD-2MTR-6WFH",
        "edition": 1,
        "corrected_at": None,
        "withdrawn_at": None,
        "kind": None,
        "reason": None,
        "replaces": None,
        "replaced_by": None,
        "links": {"credential": credential, "verify": verify, "qr": f"{verify}/qr.svg", "portfolio": None},
    }
    issuer = {
        "slug": "acme-textiles",
        "did": "did:web:refolio.example:issuers:acme-textiles",
        "name": "Acme Textiles",
        "url": "https://acme.example",
        "description": None,
        "holds_own_key": False,
        "state": "open",
        "registered_at": "2026-11-01T09:00:00Z",
        "links": {
            "page": f"{public_url}/issuers/acme-textiles",
            "keys": f"{public_url}/issuers/acme-textiles/did.json",
        },
    }
    return {
        shapes.IssuedCredential: issued,
        shapes.Issuer: issuer,
        reference_shapes.Reference: reference_shapes.answer(credential),
        **platform_examples.answers(issued),
    }

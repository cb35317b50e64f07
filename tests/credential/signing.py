"""A small badge of Acme's, signed with either cryptosuite, for the tests of proofs."""

from __future__ import annotations

from typing import Any

import pytest

from refolio.credential.keys import PrivateKey, PublicKey
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.errors import DocumentRefused, ProofRefused

ACME = PrivateKey.from_seed(bytes([1]) * 32)  # published here, worthless
METHOD = f"did:web:portfolio.example:issuers:acme#{ACME.public.multibase}"
CREATED = "2026-09-18T00:00:00Z"
BOTH = pytest.mark.parametrize("suite", [eddsa_rdfc_2022, eddsa_jcs_2022], ids=["rdfc", "jcs"])


def badge() -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://portfolio.example/credentials/0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Micro-internship: Market scan",
        "issuer": {"id": "did:web:portfolio.example:issuers:acme", "type": ["Profile"], "name": "Acme Textiles"},
        "validFrom": "2026-09-18T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": "Maya", "identityType": "name"},
            ],
            "achievement": {
                "id": "https://portfolio.example/achievements/1",
                "type": ["Achievement"],
                "name": "Market scan",
                "description": "Forty hours of it.",
                "criteria": {"narrative": "Deliver the scan."},
            },
        },
    }


def signed(suite: Any, document: dict[str, Any] | None = None, key: PrivateKey = ACME) -> dict[str, Any]:
    content = document or badge()
    proof = suite.sign(content, key, verification_method=METHOD, created=CREATED)
    return {**content, "proof": proof}


def refusal(suite: Any, document: dict[str, Any], proof: Any = None, key: PublicKey = ACME.public) -> str:
    with pytest.raises((ProofRefused, DocumentRefused)) as caught:
        suite.verify(document, document["proof"] if proof is None else proof, key)
    assert caught.value.says
    return caught.value.code

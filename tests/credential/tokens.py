"""Tokens as others make them, good and forged, for the tests of VC-JWT. Every key here is published and worthless."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from joserfc.jwk import OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact

from refolio.credential import base64url
from refolio.credential.jwk import EcPrivateKey, JwkKey, public_key_from_jwk
from refolio.credential.proof import jwt
from refolio.errors import DocumentRefused, ProofRefused

Document = dict[str, Any]

ISSUER = "did:web:portfolio.example:issuers:acme"
KID = f"{ISSUER}#jwt"
HEADER = {"alg": "ES256", "kid": KID}
ACME = EcPrivateKey.from_secret(bytes([1]) * 32)
MALLORY = EcPrivateKey.from_secret(bytes([2]) * 32)

# RFC 8037 appendix A.1
ED25519 = OKPKey.import_key(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
)


@cache
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


def public(key: OKPKey | RSAKey) -> JwkKey:
    return public_key_from_jwk(dict(key.as_dict(private=False)))


def badge(**members: Any) -> Document:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://portfolio.example/credentials/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "Acme Textiles"},
        "validFrom": "2026-09-18T00:00:00Z",
        "validUntil": "2031-09-18T00:00:00Z",
        "credentialSubject": {
            "id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://portfolio.example/achievements/1",
                "type": ["Achievement"],
                "name": "Étude de marché 😀",
                "description": "Forty hours of it.",
                "criteria": {"narrative": "Deliver the scan."},
            },
        },
        **members,
    }


def joined(header: bytes, payload: bytes, signature: bytes) -> bytes:
    return b".".join(base64url.encode(part).encode() for part in (header, payload, signature))


def signed(header: Document | bytes, payload: Document | bytes, key: EcPrivateKey = ACME) -> bytes:
    """A token whose signature is good, whatever its header and payload say."""
    raw = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signing_input = joined(*raw, b"").removesuffix(b".")
    return signing_input + b"." + base64url.encode(key.sign(signing_input)).encode()


def by_joserfc(header: Document, payload: Document, key: Any) -> bytes:
    """A token that joserfc makes."""
    registry = JWSRegistry(algorithms=[header["alg"]])
    return serialize_compact(header, json.dumps(payload), key, registry=registry).encode()


def good(token: bytes, key: JwkKey = ACME.public) -> jwt.SignedJwt:
    """The token, read and verified."""
    parsed = jwt.parse(token)
    jwt.verify(parsed, key)
    return parsed


def refusal(token: bytes, key: JwkKey = ACME.public) -> str:
    """The code with which a token is refused, in reading or in verifying."""
    with pytest.raises((ProofRefused, DocumentRefused)) as caught:
        good(token, key)
    assert caught.value.says
    return caught.value.code

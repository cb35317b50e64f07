"""What is measured: distinct credentials of one issuer, unsigned and in each secured form, made before the clock runs.

The credentials are what the service composes from the README's completion, each with another title and id, less the
status entry: the peers are given no status list either. The issuer is a did:key, so nobody has to look anything up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from refolio.credential import base64url
from refolio.credential.document import Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.jwk import EcPrivateKey
from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.method_keys import did_key as did_key_of_jwk
from refolio.credential.model import Completion, completion_from
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022, jwt

REPOSITORY = Path(__file__).parents[2]
ISSUED = datetime(2026, 11, 23, 9, tzinfo=UTC)
CREATED = "2026-11-23T09:00:00Z"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

SEED = bytes(range(32))
KEY = PrivateKey.from_seed(SEED)
DID = did_key(KEY.public)
METHOD = f"{DID}#{KEY.public.multibase}"
EC_KEY = EcPrivateKey.from_secret(SEED)
EC_DID = did_key_of_jwk(EC_KEY.public)
EC_METHOD = f"{EC_DID}#{EC_KEY.public.multikey}"

Document = dict[str, Any]


def example() -> Completion:
    """The completion of the README's tour."""
    return completion_from(json.loads((REPOSITORY / "examples" / "completion.json").read_text()))


def composed(completion: Completion, n: int, did: str = DID) -> Document:
    """The unsigned credential number ``n`` of a completion: another id, another title."""
    origin = "https://refolio.example"
    project = msgspec.structs.replace(completion.project, title=f"{completion.project.title} {n}")
    issuance = Issuance(
        credential_url=f"{origin}/credentials/{n}",
        origin=origin,
        issuer=IssuerProfile(did, "Acme"),
        valid_from=ISSUED,
        salt="c2FsdA" * 4,
        status=StatusEntry(f"{origin}/status", n, f"{origin}/why"),
    )
    document = compose(msgspec.structs.replace(completion, project=project), issuance)
    del document["credentialStatus"]
    return document


def signed(document: Document, *suites: Any, key: PrivateKey = KEY, method: str = METHOD) -> bytes:
    """The bytes of ``document`` with one proof of each suite."""
    proofs = [suite.sign(document, key, verification_method=method, created=CREATED) for suite in suites]
    return msgspec.json.encode({**document, "proof": proofs if len(proofs) > 1 else proofs[0]})


def token(document: Document) -> bytes:
    """The VC-JWT of ``document`` with EdDSA, claims as Open Badges 3.0 §8.2.4 asks."""
    header = {"alg": "EdDSA", "kid": METHOD, "typ": "JWT"}
    parts = [base64url.encode(msgspec.json.encode(part)) for part in (header, {**document, **claims(document)})]
    signing_input = ".".join(parts).encode()
    return signing_input + b"." + base64url.encode(KEY.sign(signing_input)).encode()


def claims(document: Document) -> dict[str, Any]:
    """The registered claims that repeat members of the credential, whose subject has no id of its own."""
    return {"iss": document["issuer"]["id"], "jti": document["id"], "nbf": int(ISSUED.timestamp())}


@dataclass(frozen=True)
class Documents:
    """``count`` distinct credentials, and each of their secured forms, in the same order."""

    count: int

    @cached_property
    def completion(self) -> Completion:
        return example()

    @cached_property
    def unsigned(self) -> list[Document]:
        return [composed(self.completion, n) for n in range(self.count)]

    @cached_property
    def unsigned_ec(self) -> list[Document]:
        return [composed(self.completion, n, EC_DID) for n in range(self.count)]

    @cached_property
    def rdfc(self) -> list[bytes]:
        return [signed(document, eddsa_rdfc_2022) for document in self.unsigned]

    @cached_property
    def jcs(self) -> list[bytes]:
        return [signed(document, eddsa_jcs_2022) for document in self.unsigned]

    @cached_property
    def both(self) -> list[bytes]:
        return [signed(document, eddsa_rdfc_2022, eddsa_jcs_2022) for document in self.unsigned]

    @cached_property
    def eddsa(self) -> list[bytes]:
        return [token(document) for document in self.unsigned]

    @cached_property
    def es256(self) -> list[bytes]:
        return [jwt.sign(document, EC_KEY, kid=EC_METHOD) for document in self.unsigned_ec]

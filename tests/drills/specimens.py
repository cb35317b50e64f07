"""The badges of the corpus in every form in which they can be secured, and the verifier they are put before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from refolio.credential.jwk import EcPrivateKey
from refolio.credential.policy import DEFAULT
from refolio.credential.proof import ed25519_signature_2020, jwt
from refolio.credential.report import Outcome
from refolio.credential.verification import Found, examine
from tests.credential.acme import ACME, CREATED, JCS, MALLORY, NOW, RDFC, SAM, Signer, as_bytes
from tests.credential.completions import LIST_URL
from tests.drills.corpus import corpus

Document = dict[str, Any]

VC_JWT = "VC-JWT"
OLDER = ed25519_signature_2020.PROOF_TYPE
BOTH = f"{RDFC} + {JCS}"
SUITES: Mapping[str, tuple[str, ...]] = {RDFC: (RDFC,), JCS: (JCS,), BOTH: (RDFC, JCS)}
FORMS = (*SUITES, OLDER, VC_JWT)

EC_KEYS: Mapping[str, EcPrivateKey] = {
    signer.did: EcPrivateKey.from_secret(bytes([number]) * 32) for number, signer in enumerate((ACME, MALLORY), 41)
}


@dataclass(frozen=True)
class Specimen:
    """A good credential: ``raw`` as it is given out; ``document`` what is in it (of a token: the payload)."""

    name: str
    form: str
    raw: bytes
    document: Document
    signer: Signer

    @property
    def is_token(self) -> bool:
        return self.form == VC_JWT


def key_id(did: str) -> str:
    return f"{did}#jwt"


def token(document: Document, signer: Signer) -> bytes:
    return jwt.sign(document, EC_KEYS[signer.did], kid=key_id(signer.did))


@cache
def specimens() -> tuple[Specimen, ...]:
    """Every badge in every form; the one by a key of its own has no token, because its key is no P-256 key."""
    made = []
    for name, unsigned in corpus().items():
        signer = SAM if name == "by a key of its own" else ACME
        for form in FORMS:
            if form != VC_JWT:
                document = _proven(unsigned, form, signer)
                made.append(Specimen(name, form, as_bytes(document), document, signer))
            elif signer.did in EC_KEYS:
                raw = token(unsigned, signer)
                made.append(Specimen(name, form, raw, payload_of(raw), signer))
    return tuple(made)


def _proven(unsigned: Document, form: str, signer: Signer) -> Document:
    """The document with its proof, or with an array of them where there are two."""
    if form == OLDER:
        unsigned = {**unsigned, "@context": [*unsigned["@context"], ed25519_signature_2020.CONTEXT]}
        proof = ed25519_signature_2020.sign(unsigned, signer.key, verification_method=signer.method, created=CREATED)
        return {**unsigned, "proof": proof}
    document: Document = signer.sign(unsigned, SUITES[form])
    if len(SUITES[form]) == 1:
        document["proof"] = document["proof"][0]
    return document


def payload_of(raw: bytes) -> Document:
    """The payload of a token of ours, without asking the code under test."""
    import base64

    text = raw.split(b".")[1]
    found: Document = json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
    return found


@cache
def world() -> dict[str, Found]:
    """What can be fetched: the DID documents of Acme and of Mallory, and Acme's status list with no bit set."""
    documents: dict[str, Found] = {LIST_URL: as_bytes(ACME.status_list())}
    for signer in (ACME, MALLORY):
        document = signer.did_document
        id_ = key_id(signer.did)
        jwk = EC_KEYS[signer.did].public.jwk
        document["verificationMethod"].append(
            {"id": id_, "type": "JsonWebKey", "controller": signer.did, "publicKeyJwk": jwk}
        )
        document["assertionMethod"].append(id_)
        documents[signer.did] = as_bytes(document)
    return documents


def verdict(raw: bytes) -> tuple[bool, str]:
    """Whether a credential is accepted under the default policy, and the code that says why or why not."""
    report = examine(raw, world(), DEFAULT, NOW)
    decisive = report.decisive
    return report.verdict is Outcome.PASSED, f"{decisive.number} {decisive.code}"

"""A genuine badge with its proof, key or issuer bent, for the attacks on proofs and keys."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import pytest

from refolio.credential.canonical import jcs, rdfc
from refolio.credential.proof import data_integrity
from tests.credential.acme import (
    ACME,
    CREATED,
    JCS,
    RDFC,
    Document,
    signed,
)
from tests.credential.completions import ACME_DID

BOTH = pytest.mark.parametrize("suite", [RDFC, JCS])


def with_proof(suite: str, **members: Any) -> Document:
    """A genuine badge in whose proof members were replaced after signing; None takes one out."""
    document = signed(suites=[suite])
    proof = {**document["proof"][0], **members}
    return {**document, "proof": {name: value for name, value in proof.items() if value is not None}}


def about(document: Document, did: str) -> Document:
    """The badge without status, in the name of another issuer."""
    changed = copy.deepcopy(document)
    changed["issuer"]["id"] = did
    changed.pop("credentialStatus", None)
    changed.pop("proof", None)
    return changed


def hashes(document: Document, configuration: Document) -> bytes:
    """What a proof with this configuration signs: the hash of itself, then that of the document."""
    if configuration["cryptosuite"] == JCS:
        canonical = (jcs(configuration), jcs(document))
    else:
        canonical = (rdfc({"@context": document["@context"], **configuration}), rdfc(document))
    return b"".join(hashlib.sha256(form).digest() for form in canonical)


def configuration(document: Document, suite: str, method: str, created: str = CREATED) -> Document:
    made = data_integrity.configure(suite, verification_method=method, created=created, purpose="assertionMethod")
    return {**made, "@context": document["@context"]} if suite == JCS else made


def keys_with(multikey: Any) -> Document:
    """Acme's key document with another key under the name of Acme's."""
    keys = copy.deepcopy(ACME.did_document)
    keys["verificationMethod"][0]["publicKeyMultibase"] = multikey
    return {ACME_DID: keys}


def dated(suite: str, **members: Any) -> Document:
    """A badge whose proof was signed over these dates."""
    document = {name: value for name, value in signed().items() if name != "proof"}
    made = {**configuration(document, suite, ACME.method), **members}
    made = {name: value for name, value in made.items() if value is not None}
    return {**document, "proof": data_integrity.sign(made, hashes(document, made), ACME.key)}


def misspelled(text: str) -> dict[str, str]:
    """Other spellings of one multibase value."""
    return {
        "no prefix": text[1:],
        "prefix twice": f"z{text}",
        "capital prefix": f"Z{text[1:]}",
        "prefix of base64url": f"u{text[1:]}",
        "prefix of hexadecimal": "f" + text[1:].encode().hex(),
        "leading 1": f"z1{text[1:]}",
        "many leading 1": f"z{'1' * 40}{text[1:]}",
        "digit more": f"{text}1",
        "digit fewer": text[:-1],
        "zero": f"{text[:-1]}0",
        "capital O": f"{text[:-1]}O",
        "capital I": f"{text[:-1]}I",
        "small l": f"{text[:-1]}l",
        "Cyrillic": f"{text[:-1]}\u0430",
        "full width": f"{text[:-1]}\uff41",
        "space before": f" {text}",
        "space after": f"{text} ",
        "line feed": f"{text}\n",
        "space inside": f"{text[:9]} {text[9:]}",
        "zero width": f"{text[:9]}\u200b{text[9:]}",
        "nothing": "",
        "prefix alone": "z",
    }

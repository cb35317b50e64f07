"""Prove that one holds a key, before it is registered: a signed answer to a challenge, for one issuer at one service.

The answer is an empty presentation whose holder is the issuer, with an eddsa-jcs-2022 proof made for authentication.
``challenge`` and ``domain`` (the origin of the service) stand in the proof, so it is worth nothing anywhere else and
can never be taken for a credential. Source: VC Data Integrity 1.0 §2.1 (challenge, domain).
"""

from __future__ import annotations

import msgspec

from refolio.credential.controllers import find_method
from refolio.credential.issuing import HeldKey
from refolio.credential.keys import PublicKey, decode_multikey, did_key
from refolio.credential.proof import data_integrity, eddsa_jcs_2022, proofs_of
from refolio.credential.proof.content import Content, jcs_hashes
from refolio.credential.reading import JSON, read
from refolio.errors import ProofRefused

_CONTEXT = "https://www.w3.org/ns/credentials/v2"


def prove(key: HeldKey, *, challenge: str, domain: str, created: str) -> bytes:
    """Answer ``challenge`` of the service at ``domain``. Raises ProofRefused ``signing-fault``, ``timestamp``."""
    answer = _answer(key.issuer)
    configuration: dict[str, JSON] = {
        **data_integrity.configure(
            eddsa_jcs_2022.CRYPTOSUITE,
            verification_method=key.verification_method,
            created=created,
            purpose="authentication",
        ),
        "challenge": challenge,
        "domain": domain,
        "@context": answer["@context"],
    }
    proof = data_integrity.sign(configuration, jcs_hashes(configuration, Content(answer)), key.signer)
    return msgspec.json.encode({**answer, "proof": proof})


def challenge_in(answer: bytes) -> str:
    """The challenge that an answer names, "" when it names none; nothing is checked. Raises as read() does."""
    proof = read(answer).get("proof")
    challenge = proof.get("challenge") if isinstance(proof, dict) else None
    return challenge if isinstance(challenge, str) else ""


def require_possession(answer: bytes, keys: bytes | None, *, issuer: str, challenge: str, domain: str) -> PublicKey:
    """Return the key with which ``issuer`` answered ``challenge`` at ``domain``.

    ``keys`` is the issuer's published DID document; None where it is not published yet, because the service will
    publish it: then the key is the one that the proof names. Raises ProofRefused ``possession``, ``signature`` and as
    the suite does; KeyRefused for a weak key and for one that the document does not list for issuing.
    """
    document = read(answer)
    (proof, *more) = proofs_of(document)
    if more or {name: value for name, value in document.items() if name != "proof"} != _answer(issuer):
        raise ProofRefused("possession", f"It is not an answer in the name of {issuer}.")
    if (proof.get("challenge"), proof.get("domain")) != (challenge, domain):
        raise ProofRefused("possession", "It answers another challenge, or another service.")
    method = proof.get("verificationMethod")
    if proof.get("proofPurpose") != "authentication" or not isinstance(method, str):
        raise ProofRefused("possession", "The proof must be made for authentication and name its key.")
    if method.partition("#")[0] != issuer:
        raise ProofRefused("possession", f"The proof names a key of somebody else than {issuer}.")
    if keys is not None:
        key = find_method(read(keys), method).key
    else:
        key = decode_multikey(method.partition("#")[2])
        if issuer.startswith("did:key:") and issuer != did_key(key):
            raise ProofRefused("possession", f"The proof names a key of somebody else than {issuer}.")
    eddsa_jcs_2022.verify(document, proof, key)
    return key


def _answer(issuer: str) -> dict[str, JSON]:
    return {"@context": [_CONTEXT], "type": ["VerifiablePresentation"], "holder": issuer}

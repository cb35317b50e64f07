"""Cryptosuite eddsa-jcs-2022: Ed25519 over the JSON text in canonical spelling (vc-di-eddsa 1.0 §3.3, RFC 8785)."""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential.canonical import jcs
from refolio.credential.keys import PublicKey, Signer
from refolio.credential.proof import data_integrity
from refolio.credential.proof.content import Content, jcs_hashes
from refolio.credential.reading import JSON
from refolio.errors import ProofRefused

CRYPTOSUITE = "eddsa-jcs-2022"

_CONTEXT = frozenset({"@context"})


def sign(
    document: Mapping[str, JSON],
    key: Signer,
    *,
    verification_method: str,
    created: str,
    purpose: str = "assertionMethod",
) -> dict[str, JSON]:
    """Return the proof of ``key`` over ``document``, with the document's ``@context`` copied into it.

    ``created`` is a dateTimeStamp, ``verification_method`` the absolute DID URL of the key. The same input gives the
    same proof. Raises ProofRefused ``already-signed``, ``timestamp``, ``signing-fault``; DocumentRefused as jcs() does.
    """
    content = data_integrity.unsigned(document)
    configuration = data_integrity.configure(
        CRYPTOSUITE, verification_method=verification_method, created=created, purpose=purpose
    )
    if "@context" in content.members:
        configuration["@context"] = content.members["@context"]
    return data_integrity.sign(configuration, jcs_hashes(configuration, content), key)


def verify(
    document: Mapping[str, JSON], proof: Mapping[str, JSON], key: PublicKey, *, content: Content | None = None
) -> None:
    """Return if ``proof`` holds for ``document`` and ``key``; a ``proof`` member of the document is not covered.

    The specification lets contexts be appended to a signed document. Here the document's ``@context`` must equal the
    one in the proof (SEC-017). Purpose, controller and time are the caller's to judge.

    Raises ProofRefused ``unsupported-proof``, ``proof-malformed``, ``unknown-member``, ``timestamp``, ``proof-chain``,
    ``context``, ``proof-value``, ``signature``; DocumentRefused as jcs() does.
    """
    data_integrity.require_shape(proof, CRYPTOSUITE, also=_CONTEXT)
    content = data_integrity.covered(document, proof, content)
    here, signed = content.members, proof
    if ("@context" in signed) != ("@context" in here) or not _same(signed.get("@context"), here.get("@context")):
        raise ProofRefused("context", "The document's @context is not the one that was signed.")
    hashes = jcs_hashes(data_integrity.without_value(proof), content)
    data_integrity.require_signature(proof, hashes, key)


def _same(signed: JSON, here: JSON) -> bool:
    """Whether both are spelled alike; equal lists of texts are, and 1, 1.0 and true are only equal in Python."""
    is_list_of_texts = isinstance(signed, list) and all(type(url) is str for url in signed)
    return signed == here and (is_list_of_texts or jcs(signed) == jcs(here))

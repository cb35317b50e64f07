"""Proof type Ed25519Signature2020, the older spelling of eddsa-rdfc-2022: verified for badges that still carry it.

Same hashes and same signature; the type is the suite, so there is no ``cryptosuite``, and the document's contexts must
define the type. We issue it nowhere but in the suite profile. Source: vc-di-eddsa 1.0, test vectors B.3; the older
"Ed25519 Signature 2020" report of the W3C CCG.
"""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential.keys import PublicKey, Signer
from refolio.credential.proof import data_integrity
from refolio.credential.proof.content import Content, rdfc_hashes
from refolio.credential.reading import JSON

PROOF_TYPE = CRYPTOSUITE = "Ed25519Signature2020"
CONTEXT = "https://w3id.org/security/suites/ed25519-2020/v1"


def sign(
    document: Mapping[str, JSON],
    key: Signer,
    *,
    verification_method: str,
    created: str,
    purpose: str = "assertionMethod",
) -> dict[str, JSON]:
    """Return the proof of ``key`` over ``document``, whose contexts must include CONTEXT.

    Otherwise as eddsa_rdfc_2022.sign().
    """
    content = data_integrity.unsigned(document)
    configuration = data_integrity.configure(
        None, verification_method=verification_method, created=created, purpose=purpose, type_=PROOF_TYPE
    )
    return data_integrity.sign(configuration, rdfc_hashes(configuration, content), key)


def verify(
    document: Mapping[str, JSON], proof: Mapping[str, JSON], key: PublicKey, *, content: Content | None = None
) -> None:
    """Return if ``proof`` holds for ``document`` and ``key``; raises as eddsa_rdfc_2022.verify() does."""
    data_integrity.require_shape(proof, None, type_=PROOF_TYPE)
    content = data_integrity.covered(document, proof, content)
    hashes = rdfc_hashes(data_integrity.without_value(proof), content)
    data_integrity.require_signature(proof, hashes, key)

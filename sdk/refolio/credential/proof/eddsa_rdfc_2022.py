"""Cryptosuite eddsa-rdfc-2022: Ed25519 over the RDF dataset in canonical form (vc-di-eddsa 1.0 §3.2, RDFC-1.0)."""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential.keys import PublicKey, Signer
from refolio.credential.proof import data_integrity
from refolio.credential.proof.content import Content, rdfc_hashes
from refolio.credential.reading import JSON

CRYPTOSUITE = "eddsa-rdfc-2022"


def sign(
    document: Mapping[str, JSON],
    key: Signer,
    *,
    verification_method: str,
    created: str,
    purpose: str = "assertionMethod",
) -> dict[str, JSON]:
    """Return the proof of ``key`` over ``document``.

    ``created`` is a dateTimeStamp, ``verification_method`` the absolute DID URL of the key. The same input gives the
    same proof. Raises ProofRefused ``already-signed``, ``timestamp``, ``signing-fault`` or, for a value that cannot
    stand in a proof, the code rdfc() gives; DocumentRefused as rdfc() does.
    """
    content = data_integrity.unsigned(document)
    configuration = data_integrity.configure(
        CRYPTOSUITE, verification_method=verification_method, created=created, purpose=purpose
    )
    return data_integrity.sign(configuration, rdfc_hashes(configuration, content), key)


def verify(
    document: Mapping[str, JSON], proof: Mapping[str, JSON], key: PublicKey, *, content: Content | None = None
) -> None:
    """Return if ``proof`` holds for ``document`` and ``key``; a ``proof`` member of the document is not covered.

    Purpose, controller and time are the caller's to judge.

    Raises ProofRefused ``unsupported-proof``, ``proof-malformed``, ``unknown-member``, ``timestamp``, ``proof-chain``,
    ``proof-value``, ``signature`` or, for a value that cannot stand in a proof, the code rdfc() gives; DocumentRefused
    as rdfc() does.
    """
    data_integrity.require_shape(proof, CRYPTOSUITE)
    content = data_integrity.covered(document, proof, content)
    hashes = rdfc_hashes(data_integrity.without_value(proof), content)
    data_integrity.require_signature(proof, hashes, key)

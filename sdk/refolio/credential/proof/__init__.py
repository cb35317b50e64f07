"""Data Integrity proofs: reading them off a document, and the cryptosuites we make and check."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from refolio.credential.keys import PublicKey, Signer
from refolio.credential.proof import ed25519_signature_2020, eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.credential.proof.content import Content
from refolio.credential.proof.data_integrity import PROOF_TYPE
from refolio.credential.reading import JSON
from refolio.errors import ProofRefused


class Suite(Protocol):
    """A cryptosuite: what each module of this package offers."""

    CRYPTOSUITE: str

    def sign(
        self,
        document: Mapping[str, JSON],
        key: Signer,
        *,
        verification_method: str,
        created: str,
        purpose: str = "assertionMethod",
    ) -> dict[str, JSON]:
        """Return the proof object for ``document``, which has none yet."""

    def verify(
        self,
        document: Mapping[str, JSON],
        proof: Mapping[str, JSON],
        key: PublicKey,
        *,
        content: Content | None = None,
    ) -> None:
        """Raise ProofRefused or DocumentRefused unless ``proof`` holds for ``document`` and ``key``.

        ``content`` is the document without its proofs, given by a caller who checks several of them.
        """


_MODULES: tuple[Suite, ...] = (eddsa_rdfc_2022, eddsa_jcs_2022)

SUITES: Mapping[str, Suite] = MappingProxyType({suite.CRYPTOSUITE: suite for suite in _MODULES})


def suite_of(proof: Mapping[str, JSON]) -> Suite | None:
    """Return the suite that checks ``proof``, None when there is none here."""
    type_, name = proof.get("type"), proof.get("cryptosuite")
    if type_ == PROOF_TYPE:
        return SUITES.get(name) if isinstance(name, str) else None
    return ed25519_signature_2020 if type_ == ed25519_signature_2020.PROOF_TYPE else None


def proofs_of(document: Mapping[str, JSON]) -> list[Mapping[str, JSON]]:
    """Return the proofs of ``document`` in order, at least one. Nothing inside them is looked at yet.

    Raises ProofRefused ``proof-missing`` when there is none, also when ``proof`` is null or [] — an empty set holds
    trivially, which is not what a reader expects — and ``proof-malformed`` when it is neither an object nor an array
    of objects.
    """
    found = document.get("proof")
    if found is None or found == []:
        raise ProofRefused("proof-missing", "The document carries no proof; nobody vouches for its content.")
    proofs: list[Mapping[str, JSON]] = []
    for proof in found if isinstance(found, list) else [found]:
        if not isinstance(proof, (dict, Mapping)) or not proof:
            raise ProofRefused("proof-malformed", "A proof must be an object, or an array of objects.")
        proofs.append(proof)
    return proofs

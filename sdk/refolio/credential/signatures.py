"""The signatures of a document in one form, whether a Data Integrity proof inside it or the JWT around it.

Checks 2 to 4 look at all of them: one that is bad spoils the set (SEC-030), and the issuer's own must be among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import msgspec

from refolio.credential import method_keys
from refolio.credential.controllers import Method
from refolio.credential.jwk import JwkKey, public_key_from_jwk
from refolio.credential.keys import PublicKey
from refolio.credential.opening import Opened
from refolio.credential.proof import Suite, jwt, proofs_of, suite_of
from refolio.credential.proof.content import Content
from refolio.credential.proof.jwt import SignedJwt
from refolio.credential.reading import JSON
from refolio.credential.shape import strings
from refolio.errors import KeyRefused

SigningKey: TypeAlias = PublicKey | JwkKey


class Signature(Protocol):
    """One signature of a document. Nothing in it is believed before verify() returned."""

    @property
    def suite(self) -> str:
        """Its kind, for people: a cryptosuite, or JWT with its algorithm."""

    @property
    def is_supported(self) -> bool:
        """Whether it can be checked here at all."""

    @property
    def purpose(self) -> JSON:
        """What it says that it was made for."""

    @property
    def created(self) -> JSON:
        """When it says that it was made."""

    def answers(self, name: str, asked: str) -> bool:
        """Whether it carries exactly the ``challenge`` or ``domain`` that the verifier asked for."""

    def method_id(self, issuer: str) -> str | None:
        """The absolute id of its verification method; None where it names no method but brings its key along."""

    def key(self, method: Method | None) -> SigningKey:
        """The key of its method, or the one that was brought along. Raises KeyRefused unless it is sound."""

    def verify(self, key: SigningKey) -> None:
        """Raise ProofRefused or DocumentRefused unless the signature holds under the key that key() gave."""


class EmbeddedProof(msgspec.Struct, frozen=True):
    """A proof of VC Data Integrity 1.0."""

    document: Mapping[str, JSON]
    proof: Mapping[str, JSON]
    content: Content

    @property
    def _suite(self) -> Suite | None:
        return suite_of(self.proof)

    @property
    def suite(self) -> str:
        return str(self.proof.get("cryptosuite", self.proof.get("type")))

    @property
    def is_supported(self) -> bool:
        return self._suite is not None

    @property
    def purpose(self) -> JSON:
        return self.proof.get("proofPurpose")

    @property
    def created(self) -> JSON:
        return self.proof.get("created")

    def answers(self, name: str, asked: str) -> bool:
        return strings(self.proof.get(name)) == (asked,)

    def method_id(self, issuer: str) -> str | None:
        id_ = self.proof.get("verificationMethod")
        if not isinstance(id_, str):
            raise KeyRefused("no-key-named", "The signature does not name its key.")
        return id_

    def key(self, method: Method | None) -> PublicKey:
        assert method is not None  # method_id() names one or raises
        return method.key

    def verify(self, key: SigningKey) -> None:
        suite = self._suite
        assert isinstance(key, PublicKey)
        assert suite is not None
        suite.verify(self.document, self.proof, key, content=self.content)


class JwtSignature(msgspec.Struct, frozen=True):
    """A VC-JWT or VP-JWT. It is made to issue or to present, whichever its type says, and by nothing else."""

    signed: SignedJwt
    purpose: str

    @property
    def suite(self) -> str:
        return f"JWT ({self.signed.header['alg']})"

    @property
    def is_supported(self) -> bool:
        return True

    @property
    def created(self) -> JSON:
        return None

    def answers(self, name: str, asked: str) -> bool:
        return name == "domain" and strings(self.signed.claims.get("aud")) == (asked,)

    def method_id(self, issuer: str) -> str | None:
        kid = self.signed.key_id
        if kid is None and "jwk" not in self.signed.header:
            raise KeyRefused("no-key-named", "The token does not name its key.")
        return issuer + kid if kid and kid[0] == "#" else kid

    def verify(self, key: SigningKey) -> None:
        assert isinstance(key, JwkKey)
        jwt.verify(self.signed, key)

    def key(self, method: Method | None) -> JwkKey:
        if method is not None:
            return method_keys.key_of(method.members)
        jwk = self.signed.header["jwk"]
        assert isinstance(jwk, dict)  # jws.parse() made sure
        return public_key_from_jwk(jwk)


def signatures_of(opened: Opened, content: Content) -> list[Signature]:
    """Return all signatures of a document, at least one. Raises ProofRefused as proofs_of() does."""
    purpose = "authentication" if opened.is_presentation else "assertionMethod"
    around: list[Signature] = [JwtSignature(opened.jwt, purpose)] if opened.jwt else []
    if around and "proof" not in opened.document:
        return around
    return around + [EmbeddedProof(opened.document, proof, content) for proof in proofs_of(opened.document)]

"""What the proofs of a document are made over: the document without them, walked and hashed at most once.

A proof set signs one content in several forms, and the strict gate walks the very statements that RDFC-1.0 then names;
so one :class:`Content` goes from check to check.
Sources: VC Data Integrity 1.0 §4.2–4.5; vc-di-eddsa 1.0 §3.2.4, §3.3.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from refolio.credential import lane
from refolio.credential.canonical import canonicalise, jcs, jcs_defined, rdfc
from refolio.credential.reading import JSON
from refolio.credential.walk import Defined, Graph, require_defined, walk
from refolio.errors import DocumentRefused, ProofRefused

_OVER_STATEMENTS = frozenset({"eddsa-rdfc-2022", "Ed25519Signature2020"})


class Content:
    """The members of a document except ``proof``, and their SHA-256 in both canonical forms, made when asked for.

    ``text`` is the JSON that the document was read from, if it was read. ``is_common`` tells whether it is a badge of
    the commonest form, which nothing but the lane needs to look at, and which has no credential inside.
    """

    __slots__ = ("_defined", "_graph", "_jcs", "_over_statements", "_rdfc", "is_common", "members")

    def __init__(self, document: Mapping[str, JSON], text: bytes = b"") -> None:
        self.members: dict[str, JSON] = dict(document)
        self.members.pop("proof", None)
        self._over_statements = _has_proof_over_statements(document)
        self.is_common: bool = bool(text) and lane.fits(self.members, text)
        self._defined: Defined | None = None
        self._graph: Graph | None = None
        self._jcs: bytes | None = None
        self._rdfc: bytes | None = None

    def with_earlier(self, proofs: list[JSON]) -> Content:
        """This content and the proofs that a later one in a chain was made over too."""
        content = Content({})
        content.members = {**self.members, "proof": proofs}
        return content

    def require_defined(self) -> None:
        """Raise DocumentRefused unless every word is defined by the contexts (the strict gate of walk()).

        The statements are written down on the way when a proof of the document will need them.
        """
        if self._defined is not None:
            return
        if self._over_statements:
            self._graph = walk(self.members)
            self._defined = Defined(self.members)
        elif self.is_common:
            self._defined = Defined(self.members)
        else:
            self._defined = require_defined(self.members)

    def rdfc_digest(self) -> bytes:
        """Return SHA-256 of the RDFC-1.0 canonical N-Quads. Raises DocumentRefused as rdfc() does."""
        if self._rdfc is None:
            graph = walk(self.members) if self._graph is None else self._graph
            self._rdfc = hashlib.sha256(canonicalise(graph)).digest()
        return self._rdfc

    def jcs_digest(self) -> bytes:
        """Return SHA-256 of the JCS form. Raises DocumentRefused as jcs() does."""
        if self._jcs is None:
            form = jcs(self.members) if self._defined is None else jcs_defined(self._defined)
            self._jcs = hashlib.sha256(form).digest()
        return self._jcs


def rdfc_hashes(configuration: Mapping[str, JSON], content: Content) -> bytes:
    """Return the 64 bytes that an RDF suite signs: the hash of the proof configuration, then that of the content.

    The configuration is read under the document's own contexts. Raises DocumentRefused as rdfc() does, and ProofRefused
    with the same codes for what is wrong in the configuration.
    """
    of_content = content.rdfc_digest()  # first: what is wrong with the document is worth more to the reader
    try:
        canonical = rdfc({"@context": content.members["@context"], **configuration})
    except DocumentRefused as fault:
        raise ProofRefused(fault.code, f"In the proof, {fault.path}: {fault.says}") from None
    return hashlib.sha256(canonical).digest() + of_content


def jcs_hashes(configuration: Mapping[str, JSON], content: Content) -> bytes:
    """Return the 64 bytes that a JCS suite signs: the hash of the proof configuration, then that of the content."""
    return hashlib.sha256(jcs(dict(configuration))).digest() + content.jcs_digest()


def _has_proof_over_statements(document: Mapping[str, JSON]) -> bool:
    proofs = document.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        suite = proof.get("cryptosuite", proof.get("type")) if isinstance(proof, dict) else None
        if isinstance(suite, str) and suite in _OVER_STATEMENTS:
            return True
    return False

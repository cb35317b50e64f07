"""What the proofs of a document are made over: the document without them, canonicalised and hashed at most once.

A proof set signs one content in several forms, and the strict gate walks the very statements that RDFC-1.0 then names;
so one :class:`Content` goes from check to check.
Sources: VC Data Integrity 1.0 §4.2–4.5; vc-di-eddsa 1.0 §3.2.4, §3.3.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from refolio.credential.canonical import canonicalise, jcs, rdfc
from refolio.credential.reading import JSON
from refolio.credential.walk import Graph, walk
from refolio.errors import DocumentRefused, ProofRefused


class Content:
    """The members of a document except ``proof``, and their SHA-256 in both canonical forms, made when asked for."""

    __slots__ = ("_graph", "_jcs", "_rdfc", "members")

    def __init__(self, document: Mapping[str, JSON]) -> None:
        self.members = {name: value for name, value in document.items() if name != "proof"}
        self._graph: Graph | None = None
        self._jcs: bytes | None = None
        self._rdfc: bytes | None = None

    def require_defined(self) -> None:
        """Raise DocumentRefused unless every word is defined by the contexts (the strict gate of walk())."""
        if self._graph is None:
            self._graph = walk(self.members)

    def rdfc_digest(self) -> bytes:
        """Return SHA-256 of the RDFC-1.0 canonical N-Quads. Raises DocumentRefused as rdfc() does."""
        if self._rdfc is None:
            self.require_defined()
            assert self._graph is not None
            self._rdfc = hashlib.sha256(canonicalise(self._graph)).digest()
        return self._rdfc

    def jcs_digest(self) -> bytes:
        """Return SHA-256 of the JCS form. Raises DocumentRefused as jcs() does."""
        if self._jcs is None:
            self._jcs = hashlib.sha256(jcs(self.members)).digest()
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

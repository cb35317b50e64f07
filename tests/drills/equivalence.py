"""Is an accepted mutant the same credential in another spelling? Decided by programs that are not ours, or not at all.

- the same JSON value: equal in every format (RFC 8259 §4: the order of members and white space mean nothing);
- eddsa-jcs-2022: ``rfc8785`` gives the same bytes for the document and for the proof;
- eddsa-rdfc-2022, Ed25519Signature2020: PyLD and pyoxigraph both give the same canonical N-Quads for the document and
  for the proof configuration, and the mutant says nothing that the original does not, since both drop undefined words;
- VC-JWT: the signing input is the same, and ``cryptography`` finds the signature good.

``proof`` is a set (Data Integrity 1.0 §2.1): one object or an array of one say the same, and one good proof fewer or
twice is the same content under the same key. So is one more by somebody else that is sound, which anybody may add: it
is verified here, over the canonical forms of the programs above.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.credential.acme import JCS, MALLORY, RDFC
from tests.credential.oracles import pyld_rdfc, pyoxigraph_rdfc
from tests.drills.places import Document
from tests.drills.specimens import EC_KEYS, Specimen
from tests.drills.tokens import decode, parts

Rdfc = Callable[[Document], bytes]


# Two words of the context of Open Badges 3.0 for one class.
_ALIASES = {"AchievementCredential": "OpenBadgeCredential"}
TWICE = ", in which a value stands twice"


class NotProved(Exception):
    """The mutant is not shown to be the same credential; the text says what differs."""


class Judge:
    """Proves equivalence with the contexts in the folder ``standards``."""

    def __init__(self, standards: Path) -> None:
        self._oracles: tuple[tuple[str, Rdfc], ...] = (
            ("PyLD", cached(pyld_rdfc(standards))),
            ("pyoxigraph", cached(pyoxigraph_rdfc(standards))),
        )

    def prove(self, original: Specimen, mutant: bytes) -> str:
        """Return by what the mutant is the same credential. Raises NotProved."""
        if original.is_token:
            return _same_token(original, mutant)
        document = strict(mutant)
        if spelled(document) == spelled(original.document):
            return "the same JSON value"
        return self._same_document(original.document, document)

    def _same_document(self, original: Document, mutant: Document) -> str:
        good = [_Proof.of(original, proof) for proof in _proofs(original)]
        reasons, others = set(), 0
        for proof in _proofs(mutant):
            fellow = next((one for one in good if self._same_proof(original, mutant, one.members, proof)), None)
            if fellow is None:
                self._require_sound(mutant, proof)
                others += 1
                continue
            if fellow.suite == RDFC:
                self._require_same_statements("the document", unsecured(original), unsecured(mutant))
                reasons.add("the same canonical N-Quads" + (TWICE if _excess(original, mutant) else ""))
            elif rfc8785.dumps(unsecured(mutant)) != rfc8785.dumps(unsecured(original)):
                raise NotProved("rfc8785 gives other bytes for the document")
            else:
                reasons.add("the same JCS bytes")
        if not reasons:
            raise NotProved("it carries no proof of the original's")
        return " and ".join(sorted(reasons)) + (", with another's sound proof beside it" if others else "")

    def _require_sound(self, document: Document, proof: Any) -> None:
        """A proof that the original does not carry must be Mallory's own, over the same content."""
        if not isinstance(proof, dict) or proof.get("verificationMethod") != MALLORY.method:
            raise NotProved("it carries a proof that is neither the original's nor Mallory's")
        configuration = {name: value for name, value in proof.items() if name != "proofValue"}
        if proof.get("cryptosuite") == RDFC:
            canonical = self._oracles[0][1]
            hashed = [canonical({"@context": document["@context"], **configuration}), canonical(unsecured(document))]
        else:
            hashed = [rfc8785.dumps(configuration), rfc8785.dumps(unsecured(document))]
        message = b"".join(sha256(data).digest() for data in hashed)
        try:
            key = Ed25519PublicKey.from_public_bytes(MALLORY.key.public.raw)
            key.verify(_base58(str(proof["proofValue"])), message)
        except (KeyError, ValueError, OverflowError, InvalidSignature):
            raise NotProved("it carries a proof of Mallory's that is not sound") from None

    def _same_proof(self, original: Document, mutant: Document, one: Document, other: Any) -> bool:
        if not isinstance(other, dict) or other.get("proofValue") != one["proofValue"]:
            return False
        if spelled(other) == spelled(one):
            return True
        if one.get("cryptosuite") == JCS:
            return False
        try:
            self._require_same_statements("proof", _configuration(original, one), _configuration(mutant, other))
        except NotProved:
            return False
        return True

    def _require_same_statements(self, what: str, original: Document, mutant: Document) -> None:
        for name, rdfc in self._oracles:
            if rdfc(mutant) != rdfc(original):
                raise NotProved(f"{name} gives other N-Quads for {what}")
        if more := _excess(original, _each_once(mutant)):
            raise NotProved(f"it says more than the original, in {what}: {next(iter(more))}")


class _Proof(NamedTuple):
    suite: str  # JCS, or RDFC for both that sign statements
    members: Document

    @classmethod
    def of(cls, document: Document, proof: Document) -> _Proof:
        return cls(JCS if proof.get("cryptosuite") == JCS else RDFC, proof)


def _base58(text: str) -> bytes:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for character in text.removeprefix("z"):
        number = number * 58 + alphabet.index(character)
    return number.to_bytes(64)


def strict(raw: bytes) -> Document:
    """The JSON object in ``raw``, by the standard library, but never one with a name twice. Raises NotProved."""

    def members(pairs: list[tuple[str, Any]]) -> Document:
        if len(dict(pairs)) < len(pairs):
            raise NotProved("a name stands twice in one object")
        return dict(pairs)

    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=members)
    except ValueError as fault:
        raise NotProved(f"Python's own parser refuses it: {fault}") from None
    if not isinstance(document, dict):
        raise NotProved("it is not an object")
    return document


def spelled(value: Any) -> str:
    """One text for one JSON value; 1, 1.0 and true stay three."""
    return json.dumps(value, sort_keys=True)


def unsecured(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "proof"}


def cached(rdfc: Rdfc) -> Rdfc:
    by_text = cache(lambda text: rdfc(json.loads(text)))

    def answer(document: Document) -> bytes:
        try:
            return by_text(spelled(document))
        except Exception as fault:  # whatever the oracle does not like, it does not vouch for
            raise NotProved(f"an oracle refuses it: {type(fault).__name__}: {str(fault)[:200]}") from None

    return answer


def _proofs(document: Document) -> list[Any]:
    proof = document.get("proof")
    return proof if isinstance(proof, list) else [proof]


def _configuration(document: Document, proof: Document) -> Document:
    members = {name: value for name, value in proof.items() if name != "proofValue"}
    return {"@context": document["@context"], **members}


def _said(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text, number and boolean with the name of its member; another spelling of one value is the same."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "@value" or (key == "id" and isinstance(member, str)):  # an object, or the id in its place
                yield from _said(member, name)
            elif key == "@language" and isinstance(member, str):
                yield key, member.lower()  # language tags are the same in either case (RDF 1.1 Concepts §3.3)
            elif key != "@context" and not (key == "@type" and "@value" in value):
                yield from _said(member, key)
    elif isinstance(value, list):
        for item in value:
            yield from _said(item, name)
    else:
        yield name, _ALIASES.get(value, value) if isinstance(value, str) else json.dumps(value)


def _excess(original: Document, mutant: Document) -> Counter[tuple[str, str]]:
    return Counter(_said(unsecured(mutant))) - Counter(_said(unsecured(original)))


def _each_once(value: Any) -> Any:
    """Every item of a list once, as a dataset has it; a plain value object is its value."""
    if isinstance(value, dict):
        return {name: _each_once(member) for name, member in value.items()}
    if not isinstance(value, list):
        return value
    once: dict[str, Any] = {}
    for item in value:
        bare = item["@value"] if isinstance(item, dict) and list(item) == ["@value"] else item
        once.setdefault(spelled(_ALIASES.get(bare, bare) if isinstance(bare, str) else bare), _each_once(item))
    return list(once.values())


def _same_token(original: Specimen, mutant: bytes) -> str:
    try:
        mine, theirs = parts(original.raw), parts(mutant.strip(b" \t\r\n"))
        if mine[:2] != theirs[:2]:
            raise NotProved("another signing input")
        signature = decode(theirs[2])
        key = EC_KEYS[original.signer.did].public.jose.get_op_key("verify")
        der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        key.verify(der, b".".join(theirs[:2]), ECDSA(SHA256()))
    except (ValueError, InvalidSignature) as fault:
        raise NotProved(f"not a token with a good signature: {fault!r}") from None
    return "the same signing input" if mine == theirs else "the same signing input, the other half of ECDSA"

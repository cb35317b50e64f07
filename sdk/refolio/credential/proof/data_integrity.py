"""What the EdDSA suites share: the shape of a proof, what it covers, and the signature over two hashes.

The shape is an allow-list. A member that is not on it might be dropped by one verifier and obeyed by another (a key, a
``jws``), so its proof is refused. Sources: VC Data Integrity 1.0 §2.1, §4.2–4.5; vc-di-eddsa 1.0 §3.2, §3.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential import multibase, timestamps
from refolio.credential.keys import PublicKey, Signer
from refolio.credential.proof.content import Content
from refolio.credential.reading import JSON
from refolio.errors import DocumentRefused, KeyRefused, ProofRefused

PROOF_TYPE = "DataIntegrityProof"

_REQUIRED = ("type", "verificationMethod", "proofPurpose", "proofValue")
_STRINGS = frozenset({*_REQUIRED, "created", "expires", "challenge", "nonce", "id"})
_STRINGS_OR_ARRAYS = frozenset({"domain", "previousProof"})


def configure(
    cryptosuite: str | None, *, verification_method: str, created: str, purpose: str, type_: str = PROOF_TYPE
) -> dict[str, JSON]:
    """Return a new proof without its value. Raises ProofRefused ``timestamp`` unless ``created`` is a dateTimeStamp."""
    _require_timestamp("created", created)
    suite: dict[str, JSON] = {} if cryptosuite is None else {"cryptosuite": cryptosuite}
    return {
        "type": type_,
        **suite,
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
    }


def unsigned(document: Mapping[str, JSON]) -> Content:
    """Return ``document`` for signing. Raises ProofRefused ``already-signed`` if it has a ``proof`` (SEC-046)."""
    if "proof" in document:
        raise ProofRefused("already-signed", "The document already has a proof; sign the document without it.")
    return Content(document)


def sign(configuration: Mapping[str, JSON], hashes: bytes, key: Signer) -> dict[str, JSON]:
    """Return the finished proof. The new signature is checked at once, so that a computing fault is never published."""
    signature = key.sign(hashes)
    if not key.public.verify(signature, hashes):
        raise ProofRefused("signing-fault", "The signature just made does not verify; the signer is faulty.")
    return {**configuration, "proofValue": multibase.encode(signature)}


def require_shape(
    proof: Mapping[str, JSON],
    cryptosuite: str | None,
    *,
    type_: str = PROOF_TYPE,
    also: frozenset[str] = frozenset(),
) -> None:
    """Refuse a proof with anything missing, unknown or of the wrong type. ``also`` names further members, unchecked.

    ``cryptosuite`` is None for proof types that are a suite in themselves. Raises ProofRefused ``unsupported-proof``
    (another type or cryptosuite), ``proof-malformed``, ``unknown-member``, ``timestamp``.
    """
    if proof.get("type") != type_ or proof.get("cryptosuite") != cryptosuite:
        wanted = type_ if cryptosuite is None else f"{type_} of the cryptosuite {cryptosuite}"
        raise ProofRefused("unsupported-proof", f"The proof is not a {wanted}.")
    for name in _REQUIRED:
        if name not in proof:
            raise ProofRefused("proof-malformed", f"The proof has no {name}.")
    for name, value in proof.items():
        if name in _STRINGS:
            if not isinstance(value, str):
                raise ProofRefused("proof-malformed", f"In the proof, {name} must be a string.")
        elif name in _STRINGS_OR_ARRAYS:
            _strings(name, value)
        elif name not in also and (name != "cryptosuite" or cryptosuite is None):
            raise ProofRefused("unknown-member", f"The proof has a member that does not belong there: {name[:60]!a}.")
    for name in ("created", "expires"):
        if name in proof:
            _require_timestamp(name, str(proof[name]))


def without_value(proof: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the proof configuration: the proof as it was before it was signed."""
    configuration = dict(proof)
    configuration.pop("proofValue", None)
    return configuration


def covered(document: Mapping[str, JSON], proof: Mapping[str, JSON], content: Content | None = None) -> Content:
    """Return what ``proof`` was made over: the document without proofs, or with the earlier ones that it builds on.

    ``content`` is the former, if the caller has it already. Raises ProofRefused ``proof-chain`` when a
    ``previousProof`` is missing, ambiguous or the proof itself. Only one step back is taken, so a circle ends nowhere.
    Source: VC Data Integrity 1.0 §4.5, steps 5.1 to 5.3.
    """
    content = content or Content(document)
    if "previousProof" not in proof:
        return content
    proofs = document.get("proof")
    candidates = proofs if isinstance(proofs, list) else [proofs]
    earlier: list[JSON] = []
    for id_ in _strings("previousProof", proof["previousProof"]):
        matching = [one for one in candidates if isinstance(one, dict) and one.get("id") == id_]
        if len(matching) != 1 or id_ == proof.get("id"):
            raise ProofRefused("proof-chain", "The proof builds on an earlier proof that is not there, or not once.")
        earlier += matching
    return content.with_earlier(earlier)


def require_signature(proof: Mapping[str, JSON], hashes: bytes, key: PublicKey) -> None:
    """Return if proofValue spells 64 bytes that are the signature of ``key`` over ``hashes``.

    Raises ProofRefused ``proof-value`` or ``signature``.
    """
    try:
        signature = multibase.decode(str(proof["proofValue"]), length=64)
    except KeyRefused as fault:
        raise ProofRefused("proof-value", f"The proofValue is not an Ed25519 signature: {fault.says}") from None
    if not key.verify(signature, hashes):
        raise ProofRefused(
            "signature", "The signature does not fit: something was changed after signing, or another key signed."
        )


def _strings(name: str, value: JSON) -> list[str]:
    """The strings of a member that is one string or an array of different ones."""
    values = value if isinstance(value, list) else [value]
    strings = [item for item in values if isinstance(item, str)]
    if not values or len(set(strings)) < len(values):
        raise ProofRefused(
            "proof-malformed", f"In the proof, {name} must be a string or an array of different strings."
        )
    return strings


def _require_timestamp(name: str, value: str) -> None:
    try:
        timestamps.parse(value)
    except DocumentRefused as fault:
        raise ProofRefused("timestamp", f"In the proof, {name}: {fault.says}") from None

"""What others call our checks: the probes of the 1EdTech validator, and the W3C's problem types.

A verdict can so be held against theirs line by line. Where a code has no name of its own there, that of its check is
meant. Sources: digital-credentials-public-validator 1.11.0; VC Data Model 2.0 §7.1; VC Data Integrity 1.0 §4.7;
Bitstring Status List 1.0 §3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_DI = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"

_PROBES = (
    "CredentialParseProbe",
    "JsonLDValidationProbe",
    "EmbeddedProofProbe",
    "EmbeddedProofProbe",
    "EmbeddedProofProbe",
    "ExpirationProbe",
    "RevocationListProbe",
    "IssuerProbe",
)
_PROBE_OF_CODE: Mapping[str, str] = MappingProxyType(
    {
        "unknown-context": "ContextPropertyProbe",
        "malformed-context": "ContextPropertyProbe",
        "context-order": "ContextPropertyProbe",
        "wrong-type": "TypePropertyProbe",
        "schema": "JsonSchemasProbe",
        "no-subject": "CredentialSubjectProbe",
        "no-subject-identity": "CredentialSubjectProbe",
        "not-yet-valid": "IssuanceProbe",
        "signed-in-the-future": "IssuanceProbe",
        "algorithm": "ExternalProofProbe",
        "another-key": "ExternalProofProbe",
        "header-member": "ExternalProofProbe",
        "jwk": "ExternalProofProbe",
        "media-type": "ExternalProofProbe",
        "unsigned": "ExternalProofProbe",
        "STATUS_LIST_LENGTH_ERROR": "BitstringStatusListProbe",
        "STATUS_VERIFICATION_ERROR": "BitstringStatusListProbe",
        "RANGE_ERROR": "BitstringStatusListProbe",
    }
)

_PROBLEMS = (
    f"{_VCDM}PARSING_ERROR",
    f"{_VCDM}MALFORMED_VALUE_ERROR",
    f"{_VCDM}CRYPTOGRAPHIC_SECURITY_ERROR",
    f"{_VCDM}CRYPTOGRAPHIC_SECURITY_ERROR",
    f"{_VCDM}CRYPTOGRAPHIC_SECURITY_ERROR",
    f"{_VCDM}RANGE_ERROR",
    f"{_STATUS}STATUS_VERIFICATION_ERROR",
    f"{_VCDM}CRYPTOGRAPHIC_SECURITY_ERROR",
)
_PROBLEM_OF_CODE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("undefined-term", "undefined-type", "keyword", "relative-iri", "null-member", "empty-node", "said-twice"),
            f"{_DI}DATA_LOSS_DETECTION_ERROR",
        ),
        "signature": f"{_DI}PROOF_VERIFICATION_ERROR",
        "proof-value": f"{_DI}PROOF_VERIFICATION_ERROR",
        "wrong-purpose": f"{_DI}PROOF_VERIFICATION_ERROR",
        "proof-chain": f"{_DI}PROOF_VERIFICATION_ERROR",
        "proof-malformed": f"{_DI}PROOF_VERIFICATION_ERROR",
        "context": f"{_DI}PROOF_TRANSFORMATION_ERROR",
        "wrong-domain": f"{_DI}INVALID_DOMAIN_ERROR",
        "wrong-challenge": f"{_DI}INVALID_CHALLENGE_ERROR",
        "test-issuer": f"{_VCDM}RANGE_ERROR",
        "timestamp": f"{_VCDM}MALFORMED_VALUE_ERROR",
        **{
            code: f"{_STATUS}{code}"
            for code in ("STATUS_RETRIEVAL_ERROR", "STATUS_VERIFICATION_ERROR", "STATUS_LIST_LENGTH_ERROR")
        },
        "MALFORMED_VALUE_ERROR": f"{_VCDM}MALFORMED_VALUE_ERROR",
        "RANGE_ERROR": f"{_VCDM}RANGE_ERROR",
    }
)


def probe_of(number: int, code: str, *, is_external: bool = False) -> str:
    """The 1EdTech probe that makes check ``number``, or asks just what ``code`` answers; ``is_external`` of a JWT."""
    probe = _PROBE_OF_CODE.get(code, _PROBES[number])
    return "ExternalProofProbe" if is_external and probe == "EmbeddedProofProbe" else probe


def problem_of(number: int, code: str) -> str:
    """The W3C problem type of a check that did not pass, by its ``code`` or else by its ``number``."""
    return _PROBLEM_OF_CODE.get(code, _PROBLEMS[number])

"""Where a verifier of others and ours disagree about a fixture, and under which headings docs/interop.md says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Difference(NamedTuple):
    """``because``: headings of docs/interop.md; ``ours`` and ``theirs``: what was said of each of ``files``."""

    because: Sequence[str]
    verifier: str
    ours: str
    theirs: str
    files: Sequence[str]


DIFFERENCES: list[Difference] = [
    Difference(
        ["schema"],
        "@digitalbazaar/vc",
        "failed 1 schema",
        "passed",
        [
            "dcc/v2/dataIntegrityProof/didKey/legacyRegistry-noStatus-_noExpiry-credSubjName.json",
            "dcc/v2/dataIntegrityProof/didKey/legacyRegistry-noStatus-noExpiry-credName.json",
            "dcc/v2/dataIntegrityProof/didKey/legacyRegistry-noStatus-noExpiry-credSubjName.json",
        ],
    ),
    Difference(
        ["no-subject-identity"],
        "@digitalbazaar/vc",
        "inconclusive 1 no-subject-identity",
        "passed",
        [
            "dcc/v1/bothSignatureTypes/didKey/fourRegistry-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didKey/legacy-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didKey/oidf-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didWeb/legacy-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didWeb/oidf-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/fourRegistry-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/legacy-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/noRegistry-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/oidf-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didWeb/legacy-noStatus-noExpiry.json",
            "dcc/v1/ed25519/didKey/fourRegistry-noStatus-noExpiry.json",
            "dcc/v1/ed25519/didKey/legacy-noStatus-noExpiry-stringIssuerId.json",
            "dcc/v1/ed25519/didKey/legacyRegistry-noStatus-noExpiry-issuerImageId.json",
            "dcc/v1/ed25519/didKey/noRegistry-noStatus-noExpiry.json",
            "dcc/v2/bothSignatureTypes/didweb/oidf-noStatus-notExpired.json",
            "dcc/v2/dataIntegrityProof/didKey/oidf-noStatus-notExpired-complexIssuer.json",
            "dcc/v2/dataIntegrityProof/didweb/oidf-noStatus-notExpired.json",
            "dcc/v2/ed25519/didWeb/oidf-noStatus-notExpired.json",
        ],
    ),
    Difference(
        ["no-subject-identity", "another-issuers-list"],
        "@digitalbazaar/vc",
        "inconclusive 1 no-subject-identity, 6 STATUS_VERIFICATION_ERROR",
        "failed: Issuers of the status list credential and verifiable…",
        [
            "dcc/v1/bothSignatureTypes/didKey/mixedRegistry-validStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didWeb/legacy-validStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/mixedRegistry-validStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didWeb/legacy-validStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didWeb/oidf-validStatus-noExpiry.json",
            "dcc/v1/ed25519/didWeb/legacy-validStatus-noExpiry.json",
        ],
    ),
    Difference(
        ["unknown-context"],
        "@digitalbazaar/vc",
        "inconclusive 1 unknown-context",
        "failed: No matching proofs found in the given document.",
        ["1edtech/clr20/simple-noproof.json"],
    ),
    Difference(
        ["list-tells-nothing"],
        "@digitalbazaar/vc",
        "inconclusive 6 STATUS_RETRIEVAL_ERROR",
        'failed: "BitstringStatusListCredential" not verified; reason: The…',
        ["dcc/v2/ed25519/didKey/legacy-expiredStatus-noExpiry.json"],
    ),
    Difference(
        ["list-tells-nothing"],
        "@digitalbazaar/vc",
        "inconclusive 6 STATUS_VERIFICATION_ERROR",
        'failed: "BitstringStatusListCredential" not verified; reason: The…',
        ["dcc/v2/ed25519/didKey/legacy-notYetValidStatus-noExpiry.json"],
    ),
    Difference(
        ["list-tells-nothing"],
        "@digitalbazaar/vc",
        "inconclusive 6 STATUS_VERIFICATION_ERROR",
        "failed: Status list credential type must include…",
        ["dcc/v2/ed25519/didKey/legacy-missingTypeStatus-noExpiry.json"],
    ),
    Difference(
        ["1edtech-revocation-list"],
        "@digitalbazaar/vc + keys named in proofs",
        "inconclusive 6 status-unsupported",
        'failed: "credentialStatus.type" must be "BitstringStatusListEntry".',
        ["1edtech/ob30/complete.json"],
    ),
    Difference(
        ["no-subject-identity"],
        "@digitalcredentials/verifier-core",
        "inconclusive 1 no-subject-identity",
        "passed",
        [
            "dcc/v1/bothSignatureTypes/didKey/fourRegistry-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didKey/legacy-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didKey/oidf-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didWeb/legacy-noStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didWeb/oidf-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/fourRegistry-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/legacy-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/noRegistry-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/oidf-noStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didWeb/legacy-noStatus-noExpiry.json",
            "dcc/v1/ed25519/didKey/fourRegistry-noStatus-noExpiry.json",
            "dcc/v1/ed25519/didKey/legacy-noStatus-noExpiry-stringIssuerId.json",
            "dcc/v1/ed25519/didKey/legacyRegistry-noStatus-noExpiry-issuerImageId.json",
            "dcc/v1/ed25519/didKey/noRegistry-noStatus-noExpiry.json",
            "dcc/v2/bothSignatureTypes/didweb/oidf-noStatus-notExpired.json",
            "dcc/v2/dataIntegrityProof/didKey/oidf-noStatus-notExpired-complexIssuer.json",
            "dcc/v2/dataIntegrityProof/didweb/oidf-noStatus-notExpired.json",
            "dcc/v2/ed25519/didWeb/oidf-noStatus-notExpired.json",
        ],
    ),
    Difference(
        ["no-subject-identity", "another-issuers-list"],
        "@digitalcredentials/verifier-core",
        "inconclusive 1 no-subject-identity, 6 STATUS_VERIFICATION_ERROR",
        "passed",
        [
            "dcc/v1/bothSignatureTypes/didKey/mixedRegistry-validStatus-noExpiry.json",
            "dcc/v1/bothSignatureTypes/didWeb/legacy-validStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didKey/mixedRegistry-validStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didWeb/legacy-validStatus-noExpiry.json",
            "dcc/v1/dataIntegrityProof/didWeb/oidf-validStatus-noExpiry.json",
            "dcc/v1/ed25519/didWeb/legacy-validStatus-noExpiry.json",
        ],
    ),
    Difference(
        ["lack-called-invalid"],
        "@digitalcredentials/verifier-core",
        "inconclusive 1 unknown-context",
        "failed: invalid_signature: The signature is not valid.",
        ["1edtech/clr20/simple_old_safesigned.json"],
    ),
    Difference(
        ["unknown-context"],
        "@digitalcredentials/verifier-core",
        "inconclusive 1 unknown-context",
        "failed: no_proof: This is not a Verifiable Credential - it does not…",
        ["1edtech/clr20/simple-noproof.json"],
    ),
    Difference(
        ["lack-called-invalid"],
        "@digitalcredentials/verifier-core",
        "inconclusive 2 unsupported-proof",
        "failed: invalid_signature: The signature is not valid.",
        ["1edtech/ob30/sd/derivedcredential.json"],
    ),
    Difference(
        ["lack-called-invalid"],
        "@digitalcredentials/verifier-core",
        "inconclusive 3 key-not-confirmed",
        "failed: invalid_signature: The signature is not valid.",
        [
            "1edtech/clr20/simple.json",
            "1edtech/clr20/simple_v1.json",
            "1edtech/ob30/endorsement-valid.json",
            "1edtech/ob30/simple-context-alias.json",
            "1edtech/ob30/simple-did-web-method.json",
            "1edtech/ob30/simple-json.svg",
            "1edtech/ob30/simple.1ob",
            "1edtech/ob30/simple.json",
            "1edtech/ob30/simple_v1.json",
        ],
    ),
    Difference(
        ["lack-called-invalid"],
        "@digitalcredentials/verifier-core",
        "inconclusive 3 key-not-confirmed, 6 status-unsupported",
        "failed: invalid_signature: The signature is not valid.",
        ["1edtech/ob30/complete.json"],
    ),
    Difference(
        ["lack-called-invalid"],
        "@digitalcredentials/verifier-core + keys named in proofs",
        "inconclusive 1 unknown-context",
        "failed: invalid_signature: The signature is not valid.",
        ["1edtech/clr20/simple_old_safesigned.json"],
    ),
    Difference(
        ["1edtech-revocation-list"],
        "@digitalcredentials/verifier-core + keys named in proofs",
        "inconclusive 6 status-unsupported",
        "passed",
        ["1edtech/ob30/complete.json"],
    ),
    Difference(
        ["lack-called-invalid"],
        "@digitalcredentials/verifier-core + keys named in proofs",
        "passed",
        "failed: invalid_signature: The signature is not valid.",
        ["1edtech/clr20/simple_v1.json"],
    ),
]

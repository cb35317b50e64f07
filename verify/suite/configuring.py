"""The ``localConfig.cjs`` that tells a suite of the W3C or the CCG where our endpoints are and what they do."""

from __future__ import annotations

import json

from verify.suite.issuers import Suite

# The tags by which the suites choose; vc2.0: data model, the cryptosuites: vc-di-eddsa, vc-api: the two of the CCG.
TAGS = {
    "rdfc": ["vc2.0", "vc-api", "eddsa-rdfc-2022"],
    "jcs": ["eddsa-jcs-2022"],
    "ed2020": ["Ed25519Signature2020"],
    "status": ["BitstringStatusList", "Revocation"],
    "jwt": ["EnvelopingProof"],
}


def local_config(suite: Suite, origin: str) -> str:
    """The text of the file, for the suite that answers at ``origin``."""
    did = suite.issuers["rdfc"].did
    both = {"vc": ["1.1", "2.0"]}
    issuers = [
        {
            "id": issuer.did,
            "endpoint": f"{origin}/suite/{mechanism}/credentials/issue",
            "tags": TAGS[mechanism],
            "supports": both,
            "options": {},
        }
        for mechanism, issuer in suite.issuers.items()
    ]
    verifier_tags = sorted({tag for tags in TAGS.values() for tag in tags})
    verifier = {"id": did, "endpoint": f"{origin}/suite/credentials/verify", "tags": verifier_tags, "supports": both}
    presented = {"id": did, "endpoint": f"{origin}/suite/presentations/verify", "tags": verifier_tags}
    implementation = {
        "name": "Refolio",
        "implementation": "Refolio",
        "issuers": issuers,
        "verifiers": [verifier],
        "vpVerifiers": [presented],
    }
    return f"module.exports = {json.dumps({'settings': {}, 'implementations': [implementation]}, indent=2)};\n"

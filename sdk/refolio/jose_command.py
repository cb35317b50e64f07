"""``refolio jose issue|verify``: one credential or presentation, from file to file, for the W3C's vc-jose-cose suite.

The output is always written: ``{"result": "success" | "failure", "data": …}``, where data is the token that was issued,
the document that was verified, or the reason. The key is a file with a verification method, its secret half included
for issuing. The clock is not looked at, nothing is fetched, and the credentials inside a presentation are not verified:
this tells whether form and signature hold, and nothing about trust. Source: w3c/vc-jose-cose-test-suite, README.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from refolio.credential.contexts import context_of
from refolio.credential.jwk import EcPrivateKey, public_key_from_jwk
from refolio.credential.policy import KNOWN_CONTEXTS
from refolio.credential.proof import jwt
from refolio.credential.proof.content import Content
from refolio.credential.reading import JSON, read
from refolio.credential.shape import ENVELOPED, listed, require_credential, require_presentation, strings
from refolio.errors import DocumentRefused, KeyRefused, ProofRefused, RefolioError

CREDENTIAL, PRESENTATION = "credential_jose", "presentation_jose"
# The context of the suite's examples defines every word there is, which is why nothing else in this package accepts it.
CONTEXTS = (
    *KNOWN_CONTEXTS,
    ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"),
)
# VC Data Model 2.0 §4.13: a data URL; the credential is after the comma. URLs are read without their line breaks.
_ENVELOPE = re.compile(r"data:application/(?:vc\+jwt|vc\+sd-jwt|vc\+cose(?:;base64)?),[A-Za-z0-9+/=_.~-]+")

Document = dict[str, JSON]


def run(options: argparse.Namespace) -> int:
    """Issue or verify, write the result, and return 0 for success or 1 for failure. Raises OSError for bad files."""
    raw, key = options.input.read_bytes(), options.key.read_bytes()
    try:
        method = read(key)
        data = (_issue if options.function == "issue" else _verify)(raw, method, options.feature)
    except RefolioError as error:
        _write(options.output, "failure", str(error))
        return 1
    _write(options.output, "success", data)
    return 0


def _write(output: Path, result: str, data: str) -> None:
    output.write_text(json.dumps({"result": result, "data": data}, indent=2) + "\n", "utf-8")


def _issue(raw: bytes, method: Document, feature: str) -> str:
    document = read(raw)
    _require_sound(document, feature)
    key, kid = EcPrivateKey.from_jwk(_object(method, "secretKeyJwk")), str(method.get("id"))
    if feature == PRESENTATION:
        return jwt.sign_presentation(document, key, kid=kid).decode()
    return jwt.sign(document, key, kid=kid, edition="w3c").decode()


def _verify(raw: bytes, method: Document, feature: str) -> str:
    text = raw.removesuffix(b"\n")  # the end of a text file is not part of the token
    token = jwt.parse_presentation(text) if feature == PRESENTATION else jwt.parse(text)
    published = _object(method, "publicKeyJwk")
    key = public_key_from_jwk(published)
    if token.key_id not in (None, method.get("id"), published.get("kid"), key.thumbprint):
        raise ProofRefused("key-id", "The token names another key.")
    jwt.verify(token, key)
    _require_sound(token.credential, feature)
    signer = token.credential.get("holder" if feature == PRESENTATION else "issuer")
    if (signer.get("id") if isinstance(signer, dict) else signer) != method.get("controller"):
        raise ProofRefused("stranger", "The key belongs to somebody else than the one who issues or presents.")
    return json.dumps(token.credential, ensure_ascii=False)


def _object(method: Document, name: str) -> Document:
    value = method.get(name)
    if not isinstance(value, dict):
        raise KeyRefused("malformed-method", f"The key file has no {name}.")
    return value


def _require_sound(document: Document, feature: str) -> None:
    if feature == PRESENTATION:
        _require_presentation(document)
    else:
        require_credential(document, CONTEXTS)
    _require_known_members(document)


def _require_known_members(document: Document) -> None:
    """Refuse members of the document itself that no context defines by name; a catch-all @vocab does not count."""
    terms = context_of(document).for_types(list(strings(document.get("type")))).terms
    for name in document:
        if name != "@context" and name not in terms:
            raise DocumentRefused("undefined-term", f"/{name}", "This member is not defined by any specification.")


def _require_presentation(document: Document) -> None:
    """As shape.require_presentation(), and every credential in an envelope, whose URL is read without line breaks."""
    enveloped: list[JSON] = []
    for entry in listed(document.get("verifiableCredential")):
        id_ = entry.get("id") if isinstance(entry, dict) else None
        url = id_.replace("\n", "") if isinstance(id_, str) else ""
        if not isinstance(entry, dict) or ENVELOPED not in strings(entry.get("type")) or not _ENVELOPE.fullmatch(url):
            says = "A presentation must hold secured credentials, each as a data: URL in an envelope."
            raise DocumentRefused("not-enveloped", "/verifiableCredential", says)
        enveloped.append({**entry, "id": url})
    if enveloped:
        document = {**document, "verifiableCredential": enveloped}
    require_presentation(document, CONTEXTS, Content(document))

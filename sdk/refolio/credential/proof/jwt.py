"""VC-JWT: a credential or presentation as the payload of a compact JWS, with the claims that repeat its members.

Two editions are issued. Both carry the credential as it is; they differ in the header and in the claims beside it:

    ob    typ JWT      iss, jti, nbf, sub, exp repeat issuer, id, validFrom, subject id, validUntil   (Open Badges 3.0)
    w3c   typ vc+jwt   iss repeats the issuer; nbf and exp, if any, are limits of the signature       (VC-JOSE-COSE)

A third one is only read: VC Data Model 1.1 §6.3.1, with the credential in the claim ``vc``. A claim that contradicts
its member is refused, because two readers would see two credentials (SEC-056). So is any payload that is not a
credential, and any token that declares itself something else (SEC-057).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from refolio.credential import timestamps
from refolio.credential.jcs import jcs
from refolio.credential.jwk import EcPrivateKey, JwkKey
from refolio.credential.proof import jws
from refolio.credential.reading import JSON, read
from refolio.credential.shape import is_of_type, strings
from refolio.errors import DocumentRefused, ProofRefused

Edition = Literal["ob", "w3c"]

# Claims that speak of the token (RFC 7519 §4.1, RFC 7800 cnf). Everything else in a payload is the credential. ``aud``
# is let pass: the 1EdTech's own samples put the recipient there, and nobody is harmed who reads what another may read.
CLAIMS = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf")
_VCDM_1 = "https://www.w3.org/2018/credentials/v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = range(-62_135_596_800, 253_402_300_800)  # the years 1 to 9999, which a datetime can name


class _Kind(NamedTuple):
    """What a credential and a presentation are called in a token, and who stands behind it."""

    media: str
    type: str
    signer: str


_CREDENTIAL = _Kind("vc", "VerifiableCredential", "issuer")
_PRESENTATION = _Kind("vp", "VerifiablePresentation", "holder")


class SignedJwt(msgspec.Struct, frozen=True):
    """A token that is sound in itself; nobody has checked its signature yet, nor the time.

    ``credential`` is the credential (of parse_presentation(): the presentation) without the claims of the token, which
    are ``claims``. An embedded ``proof`` is still in it. ``header`` is never a source of keys. ``payload`` is the JSON
    text that both were read from.
    """

    header: Mapping[str, JSON]
    credential: dict[str, JSON]
    claims: dict[str, JSON]
    signing_input: bytes
    signature: bytes
    payload: bytes

    @property
    def key_id(self) -> str | None:
        """The ``kid``, as it stands there: a DID URL, a fragment, or any other text."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def not_before(self) -> datetime | None:
        """The moment that ``nbf`` names: before it the token does not count, whatever the credential says."""
        return _moment(self.claims.get("nbf"))

    @property
    def expires(self) -> datetime | None:
        """The moment that ``exp`` names: from then on the token does not count, whatever the credential says."""
        return _moment(self.claims.get("exp"))


def parse(token: bytes) -> SignedJwt:
    """Read a VC-JWT; no key is needed. Whether the credential itself is well-formed is for shape.require_credential().

    Raises ProofRefused: what jws.parse() raises, ``media-type`` (``typ`` other than JWT and vc+jwt, ``cty`` other than
    vc; both may be absent). Raises DocumentRefused: what reading.read() refuses in the payload, ``wrong-type`` (it is
    no credential), ``claim`` (one of the wrong type), ``claims-conflict`` (a claim contradicts its member; ``vc`` or
    ``vp`` in a credential of VC Data Model 2.0, or beside one of 1.1), ``timestamp`` (of a repeated member).
    """
    return _parse(token, _CREDENTIAL)


def parse_presentation(token: bytes) -> SignedJwt:
    """Read a VP-JWT as parse() reads a VC-JWT: ``typ`` vp+jwt, ``cty`` vp, ``iss`` repeats the holder.

    The credentials in the presentation are not looked at.
    """
    return _parse(token, _PRESENTATION)


def parse_either(token: bytes) -> SignedJwt:
    """Read a VC-JWT or a VP-JWT, whichever the payload says that it is."""
    return _parse(token, None)


def verify(token: SignedJwt, key: JwkKey) -> None:
    """Return if ``token`` is signed by ``key`` with the algorithm of the key.

    Whose key it is, purpose and time are the caller's to judge. Raises ProofRefused ``algorithm``, ``another-key``,
    ``signature``.
    """
    jws.verify(token, key)


def sign(credential: Mapping[str, JSON], key: EcPrivateKey, *, kid: str, edition: Edition = "ob") -> bytes:
    """Return the VC-JWT of ``key`` over ``credential``: compact, ASCII. The same input gives the same token.

    ``kid`` is the DID URL of the key and must be one of the issuer. In the edition ``ob``, ``sub`` and ``exp`` are left
    out where the subject has no id and the credential no end. What this returns, parse() and verify() accept.

    Raises ProofRefused ``already-signed``, ``key-id``, ``signing-fault``; DocumentRefused as parse() and jcs() do.
    """
    return _sign(credential, key, kid, edition, _CREDENTIAL)


def sign_presentation(presentation: Mapping[str, JSON], key: EcPrivateKey, *, kid: str) -> bytes:
    """Return the VP-JWT of ``key`` over ``presentation``, ``typ`` vp+jwt, as sign() does for a credential."""
    return _sign(presentation, key, kid, "w3c", _PRESENTATION)


def _sign(document: Mapping[str, JSON], key: EcPrivateKey, kid: str, edition: Edition, kind: _Kind) -> bytes:
    if "proof" in document:
        raise ProofRefused("already-signed", "The document already has a proof; sign the document without it.")
    if any(name in document for name in CLAIMS):
        raise DocumentRefused("claims-conflict", "", "The document has members that are claims of a token.")
    signer = _id_of(document.get(kind.signer))
    if signer is None or not kid.startswith(f"{signer}#"):
        raise ProofRefused("key-id", f"The key {kid[:200]} is not one of the {kind.signer}.")
    claims: dict[str, JSON] = {"iss": signer}
    header: dict[str, JSON] = {"kid": kid, "typ": "JWT"}
    if edition == "ob":
        repeated = {name: _repeated(document, name) for name in ("jti", "sub", "nbf", "exp")}
        claims |= {name: value for name, value in repeated.items() if value is not None}
    else:
        header |= {"typ": f"{kind.media}+jwt", "cty": kind.media}
    token = jws.sign(header, jcs({**document, **claims}), key)
    made = _parse(token, kind)
    try:
        verify(made, key.public)
    except ProofRefused:  # a computing fault; a faulty signature can give the key away, so it is never published
        raise ProofRefused("signing-fault", "The token just made does not verify; the signer is faulty.") from None
    return token


def _repeated(credential: Mapping[str, JSON], name: str) -> JSON:
    """The value with which the claim jti, sub, nbf or exp repeats its member; None where there is no member."""
    if name == "jti":
        return credential.get("id")
    if name == "sub":
        return _id_of(credential.get("credentialSubject"))
    # The dates of Data Model 1.1 first: it knew validFrom besides, and nbf was not meant for it (§6.3.1).
    if name == "nbf":
        return _seconds(credential.get("issuanceDate", credential.get("validFrom")))
    return _seconds(credential.get("expirationDate", credential.get("validUntil")))


def _parse(token: bytes, kind: _Kind | None) -> SignedJwt:
    compact = jws.parse(token)
    payload = read(compact.payload)
    if kind is None:
        is_presentation = "vp" in payload or is_of_type(payload, _PRESENTATION.type)
        kind = _PRESENTATION if is_presentation else _CREDENTIAL
    declared = _require_media(compact.header, kind)
    claims = {name: payload.pop(name) for name in CLAIMS if name in payload}
    credential = _document(payload, kind)
    if not is_of_type(credential, kind.type) or "@context" not in credential:
        raise DocumentRefused("wrong-type", "/type", f"The token does not hold a {kind.type}.")
    _require_claims(claims)
    _require_agreement(credential, claims, kind, times=declared == "jwt")
    return SignedJwt(compact.header, credential, claims, compact.signing_input, compact.signature, compact.payload)


def _require_media(header: Mapping[str, JSON], kind: _Kind) -> str:
    """Return ``typ`` without its prefix, in lower case: ``jwt``, also when absent, or ``vc+jwt`` (RFC 7515 §4.1.9)."""
    type_ = _media(header, "typ", "jwt")
    content = _media(header, "cty", kind.media)
    if type_ not in ("jwt", f"{kind.media}+jwt") or content != kind.media:
        raise ProofRefused("media-type", f"The token declares itself as something else than a {kind.type}.")
    return type_


def _media(header: Mapping[str, JSON], name: str, default: str) -> str:
    return str(header[name]).lower().removeprefix("application/") if name in header else default


def _document(document: dict[str, JSON], kind: _Kind) -> dict[str, JSON]:
    """The credential or presentation in a payload from which the claims were taken."""
    if "vc" not in document and "vp" not in document:
        return document
    inner = document.get(kind.media)
    context = inner.get("@context") if isinstance(inner, dict) else None
    # In edition 1.1 the payload is nothing but claims; anything beside them would be signed and read by nobody.
    if not isinstance(inner, dict) or list(document) != [kind.media] or strings(context)[:1] != (_VCDM_1,):
        says = "The claims vc and vp do not belong into the token of a credential of VC Data Model 2.0."
        raise DocumentRefused("claims-conflict", f"/{'vc' if 'vc' in document else 'vp'}", says, "Leave the claim out.")
    return inner


def _require_claims(claims: Mapping[str, JSON]) -> None:
    for name, value in claims.items():
        if name in ("iss", "sub", "jti"):
            good = isinstance(value, str)
        elif name in ("exp", "nbf"):
            good = type(value) is int and value in _SECONDS
        elif name == "iat":  # nothing is decided by it, and the W3C's own vectors write it as a dateTimeStamp
            good = isinstance(value, str) or (type(value) is int and value in _SECONDS)
        elif name == "aud":
            good = bool(strings(value))
        else:
            good = isinstance(value, dict)
        if not good:
            raise DocumentRefused("claim", f"/{name}", f"The claim {name} has a value of the wrong type.")


def _require_agreement(document: Mapping[str, JSON], claims: Mapping[str, JSON], kind: _Kind, *, times: bool) -> None:
    """Refuse claims that say other than their members; ``times`` when nbf and exp are to repeat members too."""
    if "iss" in claims and claims["iss"] != _id_of(document.get(kind.signer)):
        raise _conflict("iss")
    for name in ("jti", "sub"):
        if name in claims and claims[name] != _repeated(document, name):
            raise _conflict(name)
    for name in ("nbf", "exp"):
        if times and name in claims and _repeated(document, name) not in (None, claims[name]):
            raise _conflict(name)


def _conflict(name: str) -> DocumentRefused:
    says = f"The claim {name} of the token contradicts what it repeats, so two readers may see two documents."
    return DocumentRefused("claims-conflict", f"/{name}", says, "Give both the same value.")


def _id_of(value: JSON) -> str | None:
    """The id of an object, or the id that stands for it."""
    id_ = value.get("id") if isinstance(value, dict) else value
    return id_ if isinstance(id_, str) else None


def _seconds(value: JSON) -> int | None:
    """The NumericDate of a dateTimeStamp, its fraction dropped; None where there is none. May raise DocumentRefused."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise DocumentRefused("timestamp", "", "A date of the credential is not text.")
    return (timestamps.parse(value) - _EPOCH) // timedelta(seconds=1)


def _moment(value: JSON) -> datetime | None:
    return _EPOCH + timedelta(seconds=value) if type(value) is int else None

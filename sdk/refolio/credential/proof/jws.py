"""Compact JSON Web Signatures, read strictly before any library sees them: three parts, few header members, one key.

What a token says about itself is never obeyed. The key is found by the caller and brings its algorithm along; header
members that would change the meaning of the rest (``crit``, ``b64``, ``zip``) or name other keys (``jku``, ``x5u``,
``x5c``) are refused. Sources: RFC 7515; RFC 7519 §7.2; RFC 8725; SEC-050 to 055 and 058.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec
from joserfc.jws import CompactSignature, JWSRegistry, validate_compact

from refolio.credential import base64url
from refolio.credential.jcs import jcs
from refolio.credential.jwk import CURVES, EcPrivateKey, JwkKey, public_key_from_jwk
from refolio.credential.reading import JSON, MAX_BYTES, read
from refolio.errors import DocumentRefused, KeyRefused, ProofRefused

MAX_HEADER = 4096  # bytes, decoded: an RSA key of 8192 bits takes 1,500 of them
MAX_SIGNATURE = 1024  # bytes, decoded: RSA of 8192 bits
MAX_TOKEN = sum(-(-size * 4 // 3) for size in (MAX_HEADER, MAX_BYTES, MAX_SIGNATURE)) + 2

ALGORITHMS = frozenset({"EdDSA", "Ed25519", "RS256", *(curve.algorithm for curve in CURVES.values())})
_ALLOWING_ONLY = {name: JWSRegistry(algorithms=[name]) for name in ALGORITHMS}
# jwk because the JWT proof format of Open Badges 3.0 allows it in place of kid. It is compared, never used.
_DOES_NOT_FIT = "The signature does not fit: something was changed after signing, or another key signed."
HEADER_MEMBERS = frozenset({"alg", "kid", "typ", "cty", "jwk"})


class Signed(Protocol):
    """What it takes to check the signature of a token."""

    @property
    def header(self) -> Mapping[str, JSON]: ...
    @property
    def signing_input(self) -> bytes: ...
    @property
    def signature(self) -> bytes: ...


class Compact(msgspec.Struct, frozen=True):
    """A compact JWS whose form is sound and whose signature nobody has checked yet."""

    header: Mapping[str, JSON]
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse(token: bytes) -> Compact:
    """Read ``header.payload.signature``, each in strict base64url; white space is not skipped.

    The header has ``alg`` and of ``kid``, ``typ``, ``cty`` (strings) and ``jwk`` (a public key) any.

    Raises ProofRefused ``too-large``, ``not-compact`` (JSON serialisation, JWE, any other number of parts),
    ``base64url``, ``unsigned`` (an empty signature), ``algorithm`` (none, HMAC and whatever else is not in ALGORITHMS),
    ``header-member`` (one that is not in HEADER_MEMBERS or is of the wrong type), ``jwk``, or for a header that is not
    strict JSON the code of reading.read().
    """
    if len(token) > MAX_TOKEN:
        raise ProofRefused("too-large", f"The token has {len(token):,} bytes; at most {MAX_TOKEN:,} are read.")
    signing_input, _, signature_part = token.rpartition(b".")
    header_part, dot, payload_part = signing_input.partition(b".")
    if not dot or b"." in payload_part:
        says = "The token is not a compact JWS, which has three parts with dots between them."
        raise ProofRefused("not-compact", says)
    header, payload = _decode("header", header_part), _decode("payload", payload_part)
    signature = _decode("signature", signature_part)
    if not signature:
        raise ProofRefused("unsigned", "The token has no signature.")
    if len(header) > MAX_HEADER or len(signature) > MAX_SIGNATURE:
        raise ProofRefused("too-large", "The header or the signature of the token is too large.")
    return Compact(_header(header), payload, signing_input, signature)


def verify(token: Signed, key: JwkKey) -> None:
    """Return if ``token`` is signed by ``key`` with the one algorithm that belongs to the key.

    Whether the key is the one that ``kid`` names, and whose it is, is the caller's to judge. Raises ProofRefused
    ``algorithm`` (the token names another one), ``another-key`` (its ``jwk`` is another key), ``signature``.
    """
    if token.header["alg"] not in key.names:
        raise ProofRefused("algorithm", f"The token names another algorithm than its key is for ({key.algorithm}).")
    jwk = token.header.get("jwk")
    if isinstance(jwk, dict) and public_key_from_jwk(jwk) != key:
        raise ProofRefused("another-key", "The token carries another key than the one that its signer publishes.")
    if key.ed25519 is not None:
        if not key.ed25519.verify(token.signature, token.signing_input):
            raise ProofRefused("signature", _DOES_NOT_FIT)
        return
    # joserfc checks the bytes of the token under the algorithm of the key; it never reads the token's header.
    header, payload = token.signing_input.split(b".")
    signed = CompactSignature({"alg": key.algorithm}, payload=b"")
    signature = base64url.encode(token.signature).encode()
    signed.segments = {"header": header, "payload": payload, "signature": signature}
    if not validate_compact(signed, key.jose, registry=_ALLOWING_ONLY[key.algorithm]):
        raise ProofRefused("signature", _DOES_NOT_FIT)


def sign(header: Mapping[str, JSON], payload: bytes, key: EcPrivateKey) -> bytes:
    """Return the token of ``key`` over ``payload``; ``alg`` is put into the header. The same input, the same token.

    Nothing is checked here: jwt.sign() reads and verifies what it publishes. Raises DocumentRefused as jcs() does.
    """
    protected = jcs({**header, "alg": key.public.algorithm})
    signing_input = f"{base64url.encode(protected)}.{base64url.encode(payload)}".encode()
    return signing_input + b"." + base64url.encode(key.sign(signing_input)).encode()


def _decode(name: str, part: bytes) -> bytes:
    try:
        return base64url.decode(part)
    except ValueError:
        says = f"The {name} of the token is not base64url in its one spelling, without padding."
        raise ProofRefused("base64url", says) from None


def _header(raw: bytes) -> dict[str, JSON]:
    try:
        header = read(raw)
    except DocumentRefused as fault:
        raise ProofRefused(fault.code, f"In the header of the token: {fault.says}") from None
    for name, value in header.items():
        if name not in HEADER_MEMBERS:
            raise ProofRefused("header-member", f"The token has a header member that is not accepted: {name[:60]!a}.")
        if not isinstance(value, dict if name == "jwk" else str):
            raise ProofRefused("header-member", f"In the header of the token, {name} is of the wrong type.")
    if header.get("alg") not in ALGORITHMS:
        raise ProofRefused("algorithm", f"The token must be signed with one of {', '.join(sorted(ALGORITHMS))}.")
    jwk = header.get("jwk")
    if isinstance(jwk, dict):
        try:
            public_key_from_jwk(jwk)
        except KeyRefused as fault:
            raise ProofRefused("jwk", f"The key in the header of the token is refused: {fault.says}") from None
    return header

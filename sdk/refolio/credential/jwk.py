"""Public keys as JSON Web Keys, for credentials that are signed as JWTs, and the elliptic-curve keys that sign them.

A key knows the one algorithm that it is used with; no token has a say in it (RFC 8725 §3.1). Like PublicKey, a JwkKey
is checked when it is made, wherever it came from: points lie on their curve, no Ed25519 key is weak, no RSA key short.
Sources: RFC 7517; RFC 7518 §6; RFC 7638 (thumbprint); RFC 8037 (Ed25519); RFC 9864 (its names).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, NoReturn

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, Key, RSAKey

from refolio.credential import base64url, multibase
from refolio.credential.jcs import jcs
from refolio.credential.keys import PublicKey
from refolio.credential.reading import JSON
from refolio.errors import KeyRefused

# RSA: NIST SP 800-131A asks for 2048 bits; above 8192 a verification takes long and protects nothing more.
RSA_BITS = range(2048, 8193)
_RSA_EXPONENTS = range(65537, 2**32)  # FIPS 186-5 §A.1.1 from below; from above the work that a stranger may ask for
_SECRETS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Curve(NamedTuple):
    """What belongs to one curve. ``size`` is the bytes of a coordinate, ``code`` the multicodec as a varint."""

    name: str
    curve: ec.EllipticCurve
    size: int
    algorithm: str
    hash: hashes.HashAlgorithm
    code: bytes


CURVES: Mapping[str, Curve] = MappingProxyType(
    {
        curve.name: curve
        for curve in (
            Curve("P-256", ec.SECP256R1(), 32, "ES256", hashes.SHA256(), b"\x80\x24"),
            Curve("P-384", ec.SECP384R1(), 48, "ES384", hashes.SHA384(), b"\x81\x24"),
            Curve("P-521", ec.SECP521R1(), 66, "ES512", hashes.SHA512(), b"\x82\x24"),
        )
    }
)


class JwkKey(msgspec.Struct, frozen=True):
    """A public key that is safe to verify JWTs with; made by the functions below.

    ``algorithm`` is the only one it is used with: ``ES256``, ``ES384``, ``ES512``, ``Ed25519`` or ``RS256``.
    ``thumbprint`` names the key (RFC 7638, SHA-256, base64url). ``multikey`` is the key as
    ``publicKeyMultibase``, None for RSA. ``ed25519`` is the key as the proofs use it, ``jose`` any other as
    joserfc does.
    """

    algorithm: str
    _members: tuple[tuple[str, str], ...] = ()  # those of ed25519 are written when somebody asks
    ed25519: PublicKey | None = None
    _multikey: str | None = None

    @property
    def thumbprint(self) -> str:
        """The name that the key gives itself."""
        return base64url.encode(hashlib.sha256(jcs(self.jwk)).digest())

    @property
    def multikey(self) -> str | None:
        return self._multikey if self.ed25519 is None else self.ed25519.multibase

    @property
    def jose(self) -> Key:
        """The key, unless it is one of Ed25519, as joserfc takes it."""
        members = dict(self._members)
        return RSAKey.import_key({**members}) if members["kty"] == "RSA" else ECKey.import_key({**members})

    @property
    def names(self) -> tuple[str, ...]:
        """What a token may call the algorithm. ``EdDSA`` is the older name of Ed25519 with such a key (RFC 9864)."""
        return ("EdDSA", "Ed25519") if self.algorithm == "Ed25519" else (self.algorithm,)

    @property
    def jwk(self) -> dict[str, JSON]:
        """The key as a JWK: its required members and nothing else."""
        if self.ed25519 is not None:
            return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(self.ed25519.raw)}
        return dict(self._members)

    def __repr__(self) -> str:
        return f"JwkKey({self.algorithm}, {self.thumbprint})"


def public_key_from_jwk(jwk: Mapping[str, JSON]) -> JwkKey:
    """Read a public JWK: Ed25519, P-256, P-384, P-521 or RSA; members without a meaning for signatures are ignored.

    Raises KeyRefused: ``secret-published`` (a private member), ``key-use`` (``use``, ``key_ops`` or ``alg`` rule out
    that the key verifies signatures with its algorithm), ``key-type`` (another kind of key), ``malformed-key`` (a
    missing member, loose base64url, a point that is not on the curve, an even modulus, a leading zero), ``key-length``
    (RSA below 2048 or above 8192 bits, a coordinate of another length), and what keys.PublicKey raises for Ed25519.
    """
    if not _SECRETS.isdisjoint(jwk):
        raise KeyRefused("secret-published", "The JWK holds the private half of the key; it may no longer be trusted.")
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if kind == "OKP" and curve == "Ed25519":
        key = from_ed25519(PublicKey(_value(jwk, "x")))
    elif kind == "EC" and isinstance(curve, str) and curve in CURVES:
        size = CURVES[curve].size
        key = from_point(CURVES[curve], b"\x04" + _value(jwk, "x", size) + _value(jwk, "y", size))
    elif kind == "RSA":
        key = _rsa(_value(jwk, "n"), _value(jwk, "e"))
    else:
        raise KeyRefused("key-type", "The JWK is not an Ed25519, P-256, P-384, P-521 or RSA key.")
    _require_use(jwk, key)
    return key


def from_ed25519(key: PublicKey) -> JwkKey:
    """Return an Ed25519 key for checking JWTs."""
    return JwkKey("Ed25519", ed25519=key)


def from_point(curve: Curve, point: bytes) -> JwkKey:
    """Return the key at a point of ``curve``, compressed (02, 03) or not (04), as SEC 1 §2.3.3 spells it.

    Raises KeyRefused ``malformed-key`` for what is not a point of the curve, coordinates beyond its prime included.
    """
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, point)
    except ValueError:
        raise KeyRefused("malformed-key", f"The key is not a point of the curve {curve.name}.") from None
    numbers = key.public_numbers()
    x, y = (base64url.encode(number.to_bytes(curve.size)) for number in (numbers.x, numbers.y))
    members = (("crv", curve.name), ("kty", "EC"), ("x", x), ("y", y))
    compressed = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return JwkKey(curve.algorithm, members, None, multibase.encode(curve.code + compressed))


def _rsa(modulus: bytes, exponent: bytes) -> JwkKey:
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    if n.bit_length() not in RSA_BITS:
        raise KeyRefused("key-length", f"An RSA key must have 2048 to 8192 bits; this one has {n.bit_length()}.")
    if modulus[0] == 0 or exponent[:1] == b"\0" or n % 2 == 0 or e % 2 == 0 or e not in _RSA_EXPONENTS:
        raise KeyRefused("malformed-key", "The modulus or the exponent of the RSA key is not one of a sound key.")
    return JwkKey("RS256", (("e", base64url.encode(exponent)), ("kty", "RSA"), ("n", base64url.encode(modulus))))


def _value(jwk: Mapping[str, JSON], name: str, size: int | None = None) -> bytes:
    text = jwk.get(name)
    # Length first: an RSA modulus of 8192 bits has 1,366 digits, and nothing is longer.
    if not isinstance(text, str) or not 0 < len(text) <= 1400:
        raise KeyRefused("malformed-key", f"The JWK has no {name}, or one that is not text of a sensible length.")
    try:
        data = base64url.decode(text)
    except ValueError:
        raise KeyRefused("malformed-key", f"In the JWK, {name} is not base64url without padding.") from None
    if size is not None and len(data) != size:
        raise KeyRefused("key-length", f"In the JWK, {name} must have {size} bytes; it has {len(data)}.")
    return data


def _require_use(jwk: Mapping[str, JSON], key: JwkKey) -> None:
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise KeyRefused("key-use", "The JWK says that it is not for verifying signatures.")
    if jwk.get("alg", key.algorithm) not in key.names:
        raise KeyRefused("key-use", f"The JWK is meant for another algorithm than {key.algorithm}.")


class EcPrivateKey:
    """A key that signs JWTs: P-256 for what we issue. Its secret cannot be read back, printed, copied or pickled."""

    __slots__ = ("_curve", "_openssl", "public")

    public: JwkKey
    _curve: Curve
    _openssl: ec.EllipticCurvePrivateKey

    def __init__(self) -> None:
        raise TypeError("Use EcPrivateKey.from_secret or EcPrivateKey.from_jwk.")

    @classmethod
    def from_secret(cls, secret: bytes, curve: str = "P-256") -> EcPrivateKey:
        """Make the key from its secret number, big-endian, as long as a coordinate (32 bytes for P-256).

        Raises KeyRefused ``key-type``, ``key-length``, and ``malformed-key`` for 0 and numbers beyond the group order.
        """
        if curve not in CURVES:
            raise KeyRefused("key-type", "The curve is not P-256, P-384 or P-521.")
        found = CURVES[curve]
        if len(secret) != found.size:
            raise KeyRefused("key-length", f"The secret of a {curve} key has {found.size} bytes.")
        key = cls.__new__(cls)
        key._curve = found
        try:
            key._openssl = ec.derive_private_key(int.from_bytes(secret), found.curve)
        except ValueError:
            raise KeyRefused("malformed-key", f"The secret is not one of a {curve} key.") from None
        point = key._openssl.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        key.public = from_point(found, point)
        return key

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, JSON]) -> EcPrivateKey:
        """Read a private JWK whose public and private halves fit. Raises KeyRefused, whose message never shows it.

        Codes: those of from_secret() and public_key_from_jwk(), and ``malformed-key`` where the halves do not fit.
        """
        curve = jwk.get("crv")
        if jwk.get("kty") != "EC" or not isinstance(curve, str) or curve not in CURVES:
            raise KeyRefused("key-type", "The JWK is not an elliptic-curve key on P-256, P-384 or P-521.")
        public = public_key_from_jwk({n: v for n, v in jwk.items() if n not in ("d", "key_ops")})
        key = cls.from_secret(_value(jwk, "d", CURVES[curve].size), curve)
        if key.public != public:
            raise KeyRefused("malformed-key", "The private half of the JWK belongs to another public key.")
        return key

    def sign(self, message: bytes) -> bytes:
        """Return r and s of the signature over ``message``, each as long as a coordinate (RFC 7518 §3.4).

        The same every time: the nonce comes from key and message (RFC 6979), never from a die.
        """
        with_nonce_of_message = ec.ECDSA(self._curve.hash, deterministic_signing=True)
        r, s = decode_dss_signature(self._openssl.sign(message, with_nonce_of_message))
        return r.to_bytes(self._curve.size) + s.to_bytes(self._curve.size)

    def __repr__(self) -> str:
        return f"EcPrivateKey(of {self.public.thumbprint})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A private key is neither copied nor pickled.")

"""Whether an Ed25519 signature holds (RFC 8032 §5.1.7): the one place where that is decided.

The arithmetic is libsodium's (PyNaCl), which takes half the time of OpenSSL's. Of the two equations that the RFC allows
it is the one without cofactor, as in OpenSSL and in browsers (WebCrypto). libsodium releases after 1.0.20 check the
other one; where PyNaCl was built with such a release, OpenSSL decides, so that no verdict depends on the installation
(SEC-042).
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

P: Final = 2**255 - 19
# The y coordinates of the eight points of small order, 0 and 1 also in their non-canonical spellings p and p+1.
_SMALL_ORDER_Y = (
    0,
    1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    P - 1,
    P,
    P + 1,
)
# With either sign bit these are the 14 encodings that OpenSSL accepts (SEC-041). A test derives them from the curve.
SMALL_ORDER: Final = frozenset((y | sign << 255).to_bytes(32, "little") for y in _SMALL_ORDER_Y for sign in (0, 1))


def holds(signature: bytes, message: bytes, key: bytes) -> bool:
    """Whether ``signature`` (R and S, 64 bytes) over ``message`` was made with the private half of ``key`` (32 bytes).

    S must be below the group order, so that no second signature can be derived from a first one; R must be in its
    canonical encoding and not of small order, which no signer makes. ``key`` is in its canonical encoding and not of
    small order either; keys.PublicKey sees to that. Never raises.
    """
    return len(signature) == 64 and signature[:32] not in SMALL_ORDER and _equation_holds(signature, message, key)


def by_libsodium(signature: bytes, message: bytes, key: bytes) -> bool:
    """Whether libsodium finds the signature good, whatever equation it checks."""
    try:
        crypto_sign_open(signature + message, key)
    except BadSignatureError:
        return False
    return True


def by_openssl(signature: bytes, message: bytes, key: bytes) -> bool:
    """Whether OpenSSL finds the signature good."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# Signature, message and key for which the equation holds only when multiplied by the cofactor: the key has a part of
# order 8. A test derives it from the curve.
WITH_COFACTOR_ONLY: Final = (
    bytes.fromhex(
        "6b12d4d055bd943206034b402ebe601bf715a3bbe772cdac6ab65b94d9a07bf6"
        "e06a0320a0929db640f5a2569cd519028cd8ee5ad4719f941dd6d26ddd948609"
    ),
    b"cofactor",
    bytes.fromhex("6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719"),
)

_equation_holds: Final = by_openssl if by_libsodium(*WITH_COFACTOR_ONLY) else by_libsodium

"""Keys for JWTs as JWKs, and the keys that sign them. Every weak, odd or misused one is refused."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import base64url
from refolio.credential.jwk import EcPrivateKey, public_key_from_jwk
from refolio.credential.method_keys import decode_multikey
from refolio.errors import KeyRefused
from tests.credential.edwards25519 import SMALL_ORDER
from tests.credential.tokens import ACME, ED25519, public, rsa_key

Document = dict[str, Any]

EC = ACME.public.jwk
OKP = public(ED25519).jwk
# RFC 6979 appendix A.2.5
RFC6979 = EcPrivateKey.from_secret(bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"))


def rsa(**members: Any) -> Document:
    return {**public(rsa_key()).jwk, **members}


def number(value: int) -> str:
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8 or 1))


def code(jwk: Document) -> str:
    with pytest.raises(KeyRefused) as caught:
        public_key_from_jwk(jwk)
    assert caught.value.says
    return caught.value.code


@pytest.mark.parametrize("jwk", [EC, OKP], ids=["EC", "OKP"])
def test_a_key_is_read_and_written_as_its_required_members(jwk: Document) -> None:
    more = {**jwk, "kid": "1", "use": "sig", "key_ops": ["verify"], "x5u": "https://mallory.example", "ext": True}
    assert public_key_from_jwk(more).jwk == jwk
    assert public_key_from_jwk(more) == public_key_from_jwk(jwk)


def test_the_thumbprints_of_the_rfcs() -> None:
    """RFC 8037 A.3 and RFC 7638 §3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
        "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
        "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
        "nqDKgw"
    )
    key = public_key_from_jwk({"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"})
    assert key.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert public(ED25519).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_signatures_take_their_nonce_from_the_message() -> None:
    """RFC 6979 A.2.5, with SHA-256, message “sample”."""
    assert RFC6979.sign(b"sample").hex() == (
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {**EC, "kty": "oct", "x": "AA"},
        {**EC, "crv": "secp256k1"},
        {**EC, "crv": "P-192"},
        {**EC, "crv": ["P-256"]},
        {**OKP, "crv": "Ed448"},
        {**OKP, "crv": "X25519"},
        {**EC, "kty": "ec"},
    ],
    ids=str,
)
def test_other_kinds_of_key(jwk: Document) -> None:
    assert code(jwk) == "key-type"


@pytest.mark.parametrize("name", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_private_members(name: str) -> None:
    assert code({**EC, name: "AA"}) == "secret-published"


@pytest.mark.parametrize(
    "use",
    [{"use": "enc"}, {"use": None}, {"key_ops": ["sign"]}, {"key_ops": "verify"}, {"alg": "ES384"}, {"alg": None}],
)
def test_keys_that_say_that_they_are_for_something_else(use: Document) -> None:
    assert code({**EC, **use}) == "key-use"
    assert code({**rsa(), "alg": "PS256"}) == "key-use"
    public_key_from_jwk({**OKP, "alg": "EdDSA"})


@pytest.mark.parametrize("encoding", SMALL_ORDER)
def test_sec_041_weak_ed25519_keys(encoding: bytes) -> None:
    assert code({**OKP, "x": base64url.encode(encoding)}) in ("weak-key", "non-canonical-key")


_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_SMALL_X = 5  # is on the curve, and 5 + p still has 32 bytes
_SMALL_Y = pow(
    (_SMALL_X**3 - 3 * _SMALL_X + 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B), (_P + 1) // 4, _P
)


def test_points_that_are_not_on_the_curve() -> None:
    x, y = int.from_bytes(base64url.decode(EC["x"])), int.from_bytes(base64url.decode(EC["y"]))
    assert code({**EC, "y": base64url.encode((y ^ 1).to_bytes(32))}) == "malformed-key"
    assert code({**EC, "x": base64url.encode(bytes(32)), "y": base64url.encode(bytes(32))}) == "malformed-key"
    assert code({**EC, "x": EC["y"], "y": EC["x"]}) == "malformed-key"
    public_key_from_jwk({**EC, "y": base64url.encode((_P - y).to_bytes(32))})
    assert x < _P


def test_coordinates_beyond_the_prime() -> None:
    """OpenSSL reduces them when it is given numbers, so that one key would have two spellings."""
    small = {"kty": "EC", "crv": "P-256", "x": base64url.encode(_SMALL_X.to_bytes(32))}
    small["y"] = base64url.encode(_SMALL_Y.to_bytes(32))
    public_key_from_jwk(small)
    assert code({**small, "x": base64url.encode((_SMALL_X + _P).to_bytes(32))}) == "malformed-key"


@pytest.mark.parametrize("value", ["", None, 5, "====", "a b", "x" * 2000, "A"])
def test_coordinates_that_are_no_base64url(value: object) -> None:
    assert code({**EC, "x": value}) == "malformed-key"
    assert code({**OKP, "x": value}) == "malformed-key"


def test_lengths() -> None:
    short = base64url.encode(base64url.decode(EC["x"])[1:])
    assert code({**EC, "x": short}) == "key-length"
    assert code({**EC, "x": base64url.encode(b"\0" + base64url.decode(EC["x"]))}) == "key-length"
    assert code({**OKP, "x": short}) == "key-length"
    assert code(rsa(n=number(2**1023 + 1))) == "key-length"
    assert code(rsa(n=number(2**8192 + 1))) == "key-length"


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 65536, 2**32 + 1, 2**2000 + 1])
def test_rsa_exponents_that_no_sound_key_has(exponent: int) -> None:
    assert code(rsa(e=number(exponent))) == "malformed-key"


def test_rsa_moduli_that_no_sound_key_has() -> None:
    assert code(rsa(n=number(2**2048 - 2))) == "malformed-key"
    assert code(rsa(n=base64url.encode(b"\0" + base64url.decode(rsa()["n"])))) == "malformed-key"


# --- private keys -----------------------------------------------------------------------------------------------------


def test_the_secret_stays_inside() -> None:
    secret = base64url.encode(bytes([1]) * 32)
    assert secret not in repr(ACME)
    assert "01" * 32 not in repr(ACME)
    assert not hasattr(ACME, "__dict__")
    for operation in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            operation(ACME)  # type: ignore[operator]
    with pytest.raises(TypeError):
        EcPrivateKey()


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(32), b"\xff" * 32, bytes(33)])
def test_secrets_that_are_none(secret: bytes) -> None:
    with pytest.raises(KeyRefused) as caught:
        EcPrivateKey.from_secret(secret)
    assert caught.value.code in ("key-length", "malformed-key")


def test_the_two_halves_must_fit() -> None:
    private = {**EC, "d": base64url.encode(bytes([1]) * 32), "key_ops": ["sign"]}
    assert EcPrivateKey.from_jwk(private).public == ACME.public
    with pytest.raises(KeyRefused, match="another public key") as caught:
        EcPrivateKey.from_jwk({**private, "d": base64url.encode(bytes([2]) * 32)})
    assert base64url.encode(bytes([2]) * 32) not in str(caught.value)
    for jwk in ({}, {**private, "crv": "Ed25519"}, {**private, "d": 1}):
        with pytest.raises(KeyRefused):
            EcPrivateKey.from_jwk(jwk)


_VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=50), st.lists(st.text(max_size=5), max_size=2))
_NAMES = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "key_ops", "alg"])


@given(st.sampled_from([EC, OKP, {"kty": "RSA"}]), st.dictionaries(_NAMES, _VALUES), st.text(max_size=60))
def test_nothing_but_our_refusals_for_any_key(jwk: Document, members: Document, text: str) -> None:
    for attempt in (lambda: public_key_from_jwk({**jwk, **members}), lambda: decode_multikey("z" + text)):
        with suppress(KeyRefused):
            attempt()

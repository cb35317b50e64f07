"""Two libraries and the curve itself decide about the same signatures: where do they agree, and whom do we follow?

libsodium refuses more than OpenSSL: keys and R of small order, and keys in non-canonical encoding. We refuse those
too, whichever library decides the rest. Nothing that libsodium accepts is refused by OpenSSL.
"""

from __future__ import annotations

import hashlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import ed25519
from refolio.credential.keys import PrivateKey, PublicKey
from refolio.errors import KeyRefused
from tests.credential.edwards25519 import BASE, NEUTRAL, SMALL_ORDER, TORSION, L, add, encode, times

SCALAR, NONCE = 12345678901234567890, 98765432109876543210
LIBRARIES = (ed25519.by_libsodium, ed25519.by_openssl)
ACME = PrivateKey.from_seed(bytes(range(32)))


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """The k of RFC 8032 §5.1.7."""
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def accepts(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        return PublicKey(key).verify(signature, message)
    except KeyRefused:
        return False


def test_it_is_libsodium_that_decides_here() -> None:
    """If this fails, PyNaCl has a libsodium that checks the equation with cofactor: right still, at half the rate."""
    assert ed25519._equation_holds is ed25519.by_libsodium


def test_sec_042_what_tells_such_a_libsodium_apart_holds_with_the_cofactor_only() -> None:
    key = encode(add(times(SCALAR, BASE), TORSION))
    r, message = encode(times(NONCE, BASE)), b"cofactor"
    k = challenge(r, key, message)
    assert (r + ((NONCE + k * SCALAR) % L).to_bytes(32, "little"), message, key) == ed25519.WITH_COFACTOR_ONLY
    assert times(k, TORSION) != NEUTRAL  # by this the two sides of the equation differ
    assert times(8 * k, TORSION) == NEUTRAL
    assert not any(library(*ed25519.WITH_COFACTOR_ONLY) for library in LIBRARIES)


@pytest.mark.parametrize("nonce", [NONCE, 0])
@pytest.mark.parametrize("scalar", [SCALAR, 0])
def test_sec_042_keys_and_r_with_a_part_of_small_order(scalar: int, nonce: int) -> None:
    """Every such part of both, and none; with scalar or nonce 0 there is nothing else, so that anybody could sign."""
    seen = set()
    for i, j in itertools.product(range(8), repeat=2):
        key = encode(add(times(scalar, BASE), times(i, TORSION)))
        r = encode(add(times(nonce, BASE), times(j, TORSION)))
        for message in (b"0", b"1", b"2"):
            k = challenge(r, key, message)
            signature = r + ((nonce + k * scalar) % L).to_bytes(32, "little")
            holds = (j + k * i) % 8 == 0  # without cofactor
            of_small_order = not scalar or not nonce
            assert ed25519.by_openssl(signature, message, key) == holds
            assert ed25519.by_libsodium(signature, message, key) == (holds and not of_small_order)
            assert accepts(key, signature, message) == (holds and not of_small_order)
            seen.add(holds)
    assert seen == {True, False}


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_sec_041_libsodium_takes_nothing_for_a_signature_of_such_a_key(raw: bytes) -> None:
    for r, message in itertools.product((encode(NEUTRAL), raw), (str(n).encode() for n in range(20))):
        assert not ed25519.by_libsodium(r + bytes(32), message, raw)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_what_is_signed_with_one_library_is_good_for_both(seed: bytes, message: bytes) -> None:
    key = PrivateKey.from_seed(seed)
    signature = key.sign(message)
    assert all(library(signature, message, key.public.raw) for library in LIBRARIES)
    assert key.public.verify(signature, message)


@given(st.data())
def test_sec_040_the_libraries_agree_on_whatever_was_changed(data: st.DataObject) -> None:
    """Any bits of signature, message and key flipped; S + kL and L − S; parts of one signature put into another."""
    message = data.draw(st.binary(min_size=1, max_size=80))
    other = PrivateKey.from_seed(data.draw(st.binary(min_size=32, max_size=32)))
    good, stranger = ACME.sign(message), other.sign(message)
    s = int.from_bytes(good[32:], "little")
    multiples = [s + k * L for k in range(1, 16) if s + k * L < 2**256]
    signature = data.draw(
        st.sampled_from([good, stranger, good[:32] + stranger[32:], stranger[:32] + good[32:], good[32:] + good[:32]])
        | st.sampled_from([*multiples, L - s, 0, L, L - 1]).map(lambda n: good[:32] + n.to_bytes(32, "little"))
        | st.sampled_from(SMALL_ORDER).map(lambda r: r + good[32:])
        | st.binary(min_size=64, max_size=64)
    )
    key = data.draw(st.sampled_from([ACME.public.raw, other.public.raw]) | st.binary(min_size=32, max_size=32))
    parts = [bytearray(signature), bytearray(message), bytearray(key)]
    for part, bit in data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**16)), max_size=3)):
        parts[part][bit // 8 % len(parts[part])] ^= 1 << bit % 8
    signature, message, key = (bytes(part) for part in parts)
    try:
        public = PublicKey(key)
    except KeyRefused:
        assert not ed25519.by_libsodium(signature, message, key)
        return
    verdicts = {library(signature, message, key) for library in LIBRARIES} | {public.verify(signature, message)}
    assert len(verdicts) == 1


def test_long_messages_and_many_threads() -> None:
    """libsodium works without the interpreter's lock, on copies of its own."""
    messages = [bytes([n]) * (n * 2048) for n in range(256)]
    signatures = [ACME.sign(message) for message in messages]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ACME.public.verify, signatures, messages))
        assert not any(pool.map(ACME.public.verify, signatures, messages[1:] + messages[:1]))

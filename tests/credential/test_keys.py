"""Keys and did:key: every weak or odd spelling is refused. The numbers are those of the catalogue."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import time
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import multibase
from refolio.credential.keys import (
    PrivateKey,
    PublicKey,
    decode_multikey,
    did_key,
    read_did_key,
    secret_multikey,
)
from refolio.errors import KeyRefused
from tests.credential.edwards25519 import (
    BASE,
    NEUTRAL,
    SMALL_ORDER,
    SMALL_ORDER_POINTS,
    TORSION,
    L,
    P,
    add,
    encode,
    spell,
    times,
    x_of,
)

SEED = bytes(range(32))  # published here, worthless
ACME = PrivateKey.from_seed(SEED)


def code_of(text: str) -> str:
    with pytest.raises(KeyRefused) as caught:
        decode_multikey(text)
    return caught.value.code


# --- weak keys --------------------------------------------------------------------------------------------------------


def test_the_curve_that_the_bad_keys_come_from_is_the_one_of_openssl() -> None:
    scalar = int.from_bytes(hashlib.sha512(SEED).digest()[:32], "little") & ~7 & ~(1 << 255) | 1 << 254
    assert encode(times(scalar, BASE)) == ACME.public.raw
    assert times(L, BASE) == NEUTRAL


def test_sec_041_there_are_fourteen_encodings_of_small_order() -> None:
    assert len(SMALL_ORDER_POINTS) == 8
    assert len(SMALL_ORDER) == 14


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_sec_041_openssl_alone_would_take_a_forgery_for_such_a_key(raw: bytes) -> None:
    """R = the neutral point, S = 0: nobody's secret is in it. If this ever fails, OpenSSL has become stricter."""
    lenient = Ed25519PublicKey.from_public_bytes(raw)
    accepted = 0
    for counter in range(100):
        try:
            lenient.verify(encode(NEUTRAL) + bytes(32), str(counter).encode())
        except InvalidSignature:
            continue
        accepted += 1
    assert accepted


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_sec_041_keys_of_small_order(raw: bytes) -> None:
    for make in (
        lambda: PublicKey(raw),
        lambda: decode_multikey(multibase.encode(b"\xed\x01" + raw)),
        lambda: read_did_key("did:key:" + multibase.encode(b"\xed\x01" + raw)),
    ):
        with pytest.raises(KeyRefused) as caught:
            make()
        assert caught.value.code == "weak-key"


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*range(P + 2, 2**255), 2**255 - 1])
def test_sec_041_keys_in_non_canonical_encoding(y: int, sign: int) -> None:
    with pytest.raises(KeyRefused) as caught:
        PublicKey(spell(y, sign))
    assert caught.value.code == "non-canonical-key"


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    y = next(y for y in range(2, 100) if x_of(y) is None)
    assert not PublicKey(spell(y, 0)).verify(ACME.sign(b"m"), b"m")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_keys_have_32_bytes(length: int) -> None:
    for make in (PublicKey, PrivateKey.from_seed, secret_multikey):
        with pytest.raises(KeyRefused) as caught:
            make(bytes([9]) * length)
        assert caught.value.code == "key-length"


def test_sec_042_a_mixed_order_key_is_checked_without_the_cofactor() -> None:
    """As in WebCrypto (tried with Chromium 156): what holds only when multiplied by eight does not hold."""
    scalar, nonce = 12345678901234567890, 98765432109876543210
    mixed = encode(add(times(scalar, BASE), TORSION))
    key = PublicKey(mixed)
    seen = set()
    for counter in range(40):
        message = str(counter).encode()
        r = encode(times(nonce, BASE))
        k = int.from_bytes(hashlib.sha512(r + mixed + message).digest(), "little") % L
        signature = r + ((nonce + k * scalar) % L).to_bytes(32, "little")
        assert key.verify(signature, message) == (k % 8 == 0)
        seen.add(k % 8 == 0)
    assert seen == {True, False}


# --- signatures --------------------------------------------------------------------------------------------------


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    signature = ACME.sign(b"message")
    assert len(signature) == 64
    assert ACME.public.verify(signature, b"message")
    assert not ACME.public.verify(signature, b"Message")
    assert not PrivateKey.from_seed(bytes(32)).public.verify(signature, b"message")
    assert ACME.sign(b"message") == signature


def test_sec_040_malleable_signatures() -> None:
    signature = ACME.sign(b"message")
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    multiples = [r + (s + k * L).to_bytes(32, "little") for k in range(1, 16) if s + k * L < 2**256]
    assert len(multiples) >= 14
    negated = r + (L - s).to_bytes(32, "little")
    other_sign = bytes([*r[:31], r[31] ^ 0x80]) + signature[32:]
    for forged in [*multiples, negated, other_sign]:
        assert not ACME.public.verify(forged, b"message")


def test_sec_040_every_flipped_bit_and_every_other_length() -> None:
    signature = ACME.sign(b"message")
    for bit in range(512):
        flipped = bytearray(signature)
        flipped[bit >> 3] ^= 1 << (bit & 7)
        assert not ACME.public.verify(bytes(flipped), b"message")
    for other in (b"", signature[:63], signature + b"\0", b"\0" + signature, signature * 2, bytes(64)):
        assert not ACME.public.verify(other, b"message")


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_sec_040_small_order_points_in_place_of_r(raw: bytes) -> None:
    assert not ACME.public.verify(raw + bytes(32), b"message")


def test_a_private_key_does_not_give_itself_away() -> None:
    secret = SEED.hex()
    for shown in (repr(ACME), str(ACME), f"{ACME!r}", repr(vars(type(ACME)))):
        assert secret not in shown
        assert secret_multikey(SEED) not in shown
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(ACME)
    with pytest.raises(TypeError):
        PrivateKey()
    with pytest.raises(KeyRefused) as caught:
        PrivateKey.from_secret_multikey(secret_multikey(SEED)[:-1] + "0")
    assert secret_multikey(SEED)[:20] not in str(caught.value)


def test_public_keys_are_equal_by_value() -> None:
    again = decode_multikey(ACME.public.multibase)
    assert again == ACME.public
    assert len({again, ACME.public}) == 1
    assert again != PrivateKey.from_seed(bytes(32)).public
    assert ACME.public.multibase in repr(again)


# --- multibase and Multikey --------------------------------------------------------------------------------------


@given(st.binary(max_size=70))
def test_multibase_round_trip(data: bytes) -> None:
    text = multibase.encode(data)
    assert multibase.decode(text, length=len(data)) == data
    for other in {0, len(data) - 1, len(data) + 1, len(data) + 40} - {len(data), -1}:
        with pytest.raises(KeyRefused):
            multibase.decode(text, length=other)


@given(st.text("z1" + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=20), st.integers(0, 12))
def test_sec_043_each_value_has_one_spelling(text: str, length: int) -> None:
    try:
        data = multibase.decode(text, length=length)
    except KeyRefused:
        return
    assert multibase.encode(data) == text


def test_known_multibase_values() -> None:
    assert multibase.encode(b"") == "z"
    assert multibase.encode(b"\0\0") == "z11"
    assert multibase.encode(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    assert multibase.encode(bytes.fromhex("0000287fb4cd")) == "z11233QC4"


def test_sec_043_other_spellings_of_a_key() -> None:
    good = ACME.public.multibase
    assert len(good) == 48
    digits = good[1:]
    raw = b"\xed\x01" + ACME.public.raw
    for bad in (
        "",
        "z",
        digits,
        "z" + good,
        "zz" + digits,
        "Z" + digits,
        "f" + raw.hex(),
        "m" + "7QE" * 10,
        "u" + "7QE" * 10,
        "z1" + digits,
        "z" + digits + "1",
        good[:-1],
        good + "\n",
        " " + good,
        good + " ",
        good[:20] + " " + good[20:],
        good[:20] + "\u200b" + good[20:],
        good[:-1] + "0",
        good[:-1] + "O",
        good[:-1] + "I",
        good[:-1] + "l",
        good[:-1] + "é",
        good[:-1] + "\uff41",
        good[:-1] + "\u0430",  # Cyrillic a
    ):
        assert code_of(bad) in {"multibase", "key-type"}, bad


@pytest.mark.parametrize("digit", ["z", "1", "A"])
def test_sec_044_endless_digits_are_refused_at_once(digit: str) -> None:
    started = time.process_time()
    for prefix in ("z6Mk", "z", "z1"):
        code_of(prefix + digit * 200_000)
        with pytest.raises(KeyRefused):
            PrivateKey.from_secret_multikey(prefix + digit * 200_000)
        with pytest.raises(KeyRefused):
            multibase.decode(prefix + digit * 200_000, length=64)
    assert time.process_time() - started < 0.01


ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def digit_by_digit(text: str) -> int:
    number = 0
    for character in text.removeprefix("z"):
        number = number * 58 + ALPHABET.index(character)
    return number


@given(st.binary(max_size=93))
def test_base58_is_what_reading_digit_by_digit_gives(data: bytes) -> None:
    for padded in (data, b"\0\0" + data[:91]):
        text = multibase.encode(padded)
        assert digit_by_digit(text) == int.from_bytes(padded)
        assert multibase.decode(text, length=len(padded)) == padded


@given(st.text(ALPHABET, min_size=40, max_size=90) | st.text(ALPHABET + "0OIl_ \u0131é", max_size=90))
def test_every_other_spelling_of_a_signature_is_refused(text: str) -> None:
    try:
        data = multibase.decode("z" + text, length=64)
    except KeyRefused:
        return
    assert multibase.encode(data) == "z" + text


@pytest.mark.parametrize(
    "data",
    [
        b"\xed\x01" + bytes([9]) * 31,
        b"\xed\x01" + bytes([9]) * 33,
        b"\xed\x81\x00" + bytes([9]) * 32,  # 0xed as a longer varint
        b"\xed\x00" + bytes([9]) * 32,
        b"\xec\x01" + bytes([9]) * 32,  # X25519
        b"\x80\x26" + bytes([9]) * 32,  # an Ed25519 secret
        b"\x80\x24\x02" + bytes([9]) * 32,  # P-256
        b"\xe7\x01\x02" + bytes([9]) * 32,  # secp256k1
        b"\x01\xed" + bytes([9]) * 32,
        bytes([9]) * 32,
        b"",
    ],
    ids=bytes.hex,
)
def test_sec_045_other_kinds_and_lengths_of_keys(data: bytes) -> None:
    assert code_of(multibase.encode(data)) in {"multibase", "key-type"}


def test_the_key_pair_of_the_vectors(standards: Path) -> None:
    pairs = [json.loads((standards / "vectors/vc-di-eddsa/keyPair.json").read_text())]
    pairs += json.loads((standards / "vectors/vc-di-eddsa/proof-set-chain/multiKeyPairs.json").read_text()).values()
    for pair in pairs:
        key = PrivateKey.from_secret_multikey(pair["privateKeyMultibase"])
        assert key.public.multibase == pair["publicKeyMultibase"]


def test_a_secret_multikey_is_read_back_and_never_taken_for_a_public_one() -> None:
    text = secret_multikey(SEED)
    assert text.startswith("z3u2")
    assert PrivateKey.from_secret_multikey(text).public == ACME.public
    assert code_of(text) == "key-type"
    with pytest.raises(KeyRefused) as caught:
        PrivateKey.from_secret_multikey(ACME.public.multibase)
    assert caught.value.code == "key-type"


# --- did:key -----------------------------------------------------------------------------------------------------


def test_did_keys_of_the_vectors(standards: Path) -> None:
    seen = set()
    for vector in json.loads((standards / "vectors/did-key/vectors.json").read_text()):
        if vector["key_type"] == "Ed25519":
            key = read_did_key(vector["did"])
            assert key.raw.hex() == vector["public_key_hex"]
            assert did_key(key) == vector["did"]
        else:  # SEC-045
            with pytest.raises(KeyRefused):
                read_did_key(vector["did"])
        seen.add(vector["key_type"])
    assert {"Ed25519", "P-256"} <= seen


@pytest.mark.parametrize(
    "did", ["", "did:key:", "did:Key:{}", "DID:key:{}", "did:key:{}#x", "did:web:{}", "{}", "did:key:1.1:{}"]
)
def test_other_spellings_of_a_did_key(did: str) -> None:
    with pytest.raises(KeyRefused):
        read_did_key(did.format(ACME.public.multibase))

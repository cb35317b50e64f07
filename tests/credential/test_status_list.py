"""Status lists: left-most bit first, one exact spelling, and no bomb. The numbers are those of the catalogue."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import status_list
from refolio.credential.status_list import MINIMUM_ENTRIES, compose, decode, encode, is_set, parse_index, with_bits
from refolio.errors import DocumentRefused, StatusListRefused

EMPTY = bytes(MINIMUM_ENTRIES // 8)
GOOD = gzip.compress(EMPTY, mtime=0)


def spell(packed: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def code_of(encoded: str) -> str:
    with pytest.raises(StatusListRefused) as caught:
        decode(encoded)
    return caught.value.code


def vectors(standards: Path, kind: str) -> list[dict[str, object]]:
    return json.loads((standards / "vectors/bitstring-status-list/encoded-lists.json").read_text())[kind]  # type: ignore[no-any-return]


def test_sec_077_lists_of_the_vectors_are_read_and_made(standards: Path, counted: Callable[[str, int], None]) -> None:
    for vector in vectors(standards, "computed"):
        bits = decode(str(vector["encodedList"]))
        assert hashlib.sha256(bits).hexdigest() == vector["bitstring_sha256"]
        assert bits == with_bits(int(vector["length"]), vector["set_bits"])  # type: ignore[call-overload]
        assert decode(encode(bits)) == bits
        for index in vector["set_bits"]:  # type: ignore[attr-defined]
            assert is_set(bits, index)
    counted("bitstring-status-list", len(vectors(standards, "computed")))


def test_sec_077_lists_published_by_others_are_read(standards: Path, counted: Callable[[str, int], None]) -> None:
    for vector in vectors(standards, "published"):
        if int(vector["length"]) < MINIMUM_ENTRIES:  # type: ignore[call-overload]
            assert code_of(str(vector["encodedList"])) == "STATUS_LIST_LENGTH_ERROR"  # SEC-082
        else:
            assert hashlib.sha256(decode(str(vector["encodedList"]))).hexdigest() == vector["bitstring_sha256"]
    counted("bitstring-status-list", len(vectors(standards, "published")))


def test_sec_077_bit_order() -> None:
    bits = with_bits(MINIMUM_ENTRIES, [0, 9, MINIMUM_ENTRIES - 1])
    assert (bits[0], bits[1], bits[-1]) == (0b1000_0000, 0b0100_0000, 0b0000_0001)
    assert [index for index in range(MINIMUM_ENTRIES) if is_set(bits, index)] == [0, 9, MINIMUM_ENTRIES - 1]


@pytest.mark.parametrize("index", [-1, MINIMUM_ENTRIES, 10**10])
def test_sec_077_index_outside_the_list(index: int) -> None:
    for use in (lambda: is_set(EMPTY, index), lambda: with_bits(MINIMUM_ENTRIES, [index])):
        with pytest.raises(StatusListRefused) as caught:
            use()
        assert caught.value.code == "RANGE_ERROR"


@pytest.mark.parametrize("text", ["0", "7", "94567", "131071", "9999999999"])
def test_indexes_are_strings_of_digits(text: str) -> None:
    assert parse_index(text) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "-1",
        "+1",
        "07",
        "00",
        "7.0",
        "7e1",
        "٧",
        "７",
        "1_000",
        " 7",
        "7\n",
        "",
        "0x7",
        "9" * 400,
        7,
        7.0,
        True,
        None,
        ["7"],
        {},
    ],
    ids=lambda text: ascii(text)[:12],
)
def test_sec_078_other_spellings_of_an_index(text: object) -> None:
    with pytest.raises(StatusListRefused) as caught:
        parse_index(text)  # type: ignore[arg-type]
    assert caught.value.code == "MALFORMED_VALUE_ERROR"


def test_sec_081_a_bomb_is_left_packed() -> None:
    deflate = zlib.compressobj(9, wbits=-15)
    mebibyte = deflate.compress(bytes(1024 * 1024)) + deflate.flush(zlib.Z_FULL_FLUSH)
    bomb = spell(GOOD[:10] + 256 * mebibyte + b"\x03\x00" + bytes(8))
    assert len(bomb) < 400_000
    tracemalloc.start()
    started = time.process_time()
    assert code_of(bomb) == "MALFORMED_VALUE_ERROR"
    seconds, memory = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 0.5
    assert memory < 8 * 1024 * 1024


def test_sec_081_the_largest_list_is_read_and_one_byte_more_is_not() -> None:
    assert len(decode(spell(gzip.compress(bytes(status_list.MAX_BYTES))))) == status_list.MAX_BYTES
    assert code_of(spell(gzip.compress(bytes(status_list.MAX_BYTES + 1)))) == "MALFORMED_VALUE_ERROR"


@pytest.mark.parametrize(
    "packed",
    [
        zlib.compress(EMPTY),
        zlib.compressobj(wbits=-15).compress(EMPTY) + b"\x03\x00",
        EMPTY,
        GOOD + GOOD,
        GOOD + b"\0",
        GOOD[:-1],
        GOOD[:-8],
        GOOD[: len(GOOD) // 2],
        GOOD[:10],
        GOOD[:-8] + bytes(8),  # checksum
        GOOD[:-4] + b"\0\0\0\1",  # length
        b"",
    ],
    ids=["zlib", "raw", "unpacked", "two", "tail", "cut-1", "cut-8", "half", "header", "crc", "size", "empty"],
)
def test_sec_081_anything_but_one_whole_gzip_member(packed: bytes) -> None:
    assert code_of(spell(packed)) == "MALFORMED_VALUE_ERROR"


def test_sec_081_loose_base64url() -> None:
    lists = (encode(with_bits(MINIMUM_ENTRIES, range(n))) for n in range(1, 50))
    good = next(encoded for encoded in lists if len(encoded) % 4 != 1)  # so that its last character has spare bits
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = good[:-1] + alphabet[alphabet.index(good[-1]) + 1]
    for bad in (
        good[1:],
        "z" + good[1:],
        "U" + good[1:],
        "uu" + good[1:],
        good + "=",
        good + "==",
        good + "A",
        good + "\n",
        " " + good,
        good[:20] + "\n" + good[20:],
        good[:20] + "!" + good[20:],
        good[:20] + "é" + good[20:],
        good[:20] + "+/" + good[22:],
        spare,
        "",
        "u",
    ):
        assert code_of(bad) == "MALFORMED_VALUE_ERROR", bad[:30]


@pytest.mark.parametrize("length", [0, 8, 100_000, MINIMUM_ENTRIES - 8])
def test_sec_082_short_lists(length: int) -> None:
    assert code_of(spell(gzip.compress(bytes(length // 8)))) == "STATUS_LIST_LENGTH_ERROR"
    for use in (lambda: with_bits(length, []), lambda: encode(bytes(length // 8))):
        with pytest.raises(StatusListRefused) as caught:
            use()
        assert caught.value.code == "STATUS_LIST_LENGTH_ERROR"


@pytest.mark.parametrize("length", [MINIMUM_ENTRIES + 1, -8, 10**12])
def test_lists_that_cannot_be_published_are_not_made(length: int) -> None:
    with pytest.raises(StatusListRefused):
        with_bits(length, [])
    with pytest.raises(StatusListRefused):
        encode(bytes(status_list.MAX_BYTES + 1))


def test_the_same_bits_give_the_same_text_and_other_tools_can_read_it() -> None:
    bits = with_bits(MINIMUM_ENTRIES, range(0, MINIMUM_ENTRIES, 997))
    encoded = encode(bits)
    assert encoded == encode(bytes(bits))
    packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
    assert packed[4:8] == bytes(4), "no time of making"
    assert gzip.decompress(packed) == bits


@given(st.sets(st.integers(0, 2 * MINIMUM_ENTRIES - 1), max_size=30), st.sampled_from([1, 2]))
def test_what_is_published_is_what_is_read(indexes: set[int], times: int) -> None:
    wanted = {index % (times * MINIMUM_ENTRIES) for index in indexes}
    bits = decode(encode(with_bits(times * MINIMUM_ENTRIES, wanted)))
    assert all(is_set(bits, index) for index in wanted)
    assert sum(byte.bit_count() for byte in bits) == len(wanted)


LIST = {
    "list_id": "https://portfolio.example/status/revocation/1",
    "issuer": "did:web:portfolio.example:issuers:acme",
    "valid_from": "2026-09-18T00:00:00Z",
    "valid_until": "2026-10-02T00:00:00Z",
}


def test_a_composed_list_is_the_one_of_the_samples(standards: Path) -> None:
    sample = json.loads((standards / "samples/status-list.eddsa-rdfc-2022.json").read_text())
    composed = compose(
        list_id=sample["id"],
        issuer=sample["issuer"] if isinstance(sample["issuer"], str) else sample["issuer"]["id"],
        valid_from=sample["validFrom"],
        valid_until=sample["validUntil"],
        bits=EMPTY,
    )
    assert composed["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    for name in ("@context", "id", "type", "validFrom", "validUntil"):
        assert composed[name] == sample[name]
    subject, sampled = composed["credentialSubject"], sample["credentialSubject"]
    assert isinstance(subject, dict)
    assert {**subject, "encodedList": ""} == {**sampled, "encodedList": ""}
    assert decode(str(subject["encodedList"])) == decode(sampled["encodedList"])


def test_a_list_needs_a_time_in_which_it_is_valid() -> None:
    with pytest.raises(StatusListRefused) as caught:
        compose(**{**LIST, "valid_until": LIST["valid_from"]}, bits=EMPTY)
    assert caught.value.code == "RANGE_ERROR"
    with pytest.raises(DocumentRefused):
        compose(**{**LIST, "valid_from": "2026-09-18"}, bits=EMPTY)

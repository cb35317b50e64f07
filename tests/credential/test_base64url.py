"""Base64url in its one spelling (SEC-055), held against the standard library's."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import base64url

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def by_the_standard_library(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(st.binary(max_size=200))
def test_every_value_is_spelled_and_read_back(data: bytes) -> None:
    assert base64url.encode(data) == by_the_standard_library(data)
    assert base64url.decode(base64url.encode(data)) == base64url.decode(base64url.encode(data).encode()) == data


@given(st.text(DIGITS, max_size=9) | st.text(DIGITS + "=+/\\\"' \n\u00e9\0", max_size=9))
def test_sec_055_whatever_is_read_is_the_one_spelling_of_its_value(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert by_the_standard_library(data) == text


@pytest.mark.parametrize("head", ["", "AAAA", "QUJD"])
def test_sec_055_every_end_of_one_two_or_three_digits(head: str) -> None:
    ends = [*DIGITS, *(a + b for a in DIGITS for b in DIGITS), *("A" + a + b for a in DIGITS for b in DIGITS)]
    read = []
    for end in ends:
        try:
            read.append(base64url.decode(head + end))
        except ValueError:
            continue
    # 256 values of one byte, and of the two bytes those 1,024 that begin with six zero bits
    assert len(set(read)) == len(read) == 256 + 1024
    assert all(by_the_standard_library(data).startswith(head) for data in read)

"""RFC 8785: one spelling for every JSON value, on the fast road and on the slow one."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential.canonical import jcs
from refolio.errors import DocumentRefused


@pytest.mark.parametrize("name", ["Doc", "Proof"])
def test_w3c_documents_have_their_published_jcs_forms(
    standards: Path, name: str, counted: Callable[[str, int], None]
) -> None:
    folder = standards / "vectors/vc-di-eddsa"
    document = "unsigned.json" if name == "Doc" else "eddsa-jcs-2022/proofConfigJCS.json"
    form = folder / f"eddsa-jcs-2022/{'canonDoc' if name == 'Doc' else 'proofCanon'}JCS.txt"
    assert jcs(json.loads((folder / document).read_text("utf-8"))) == form.read_bytes()
    counted("vc-di-eddsa, canonical forms", 1)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_rfc8785_vectors(standards: Path, name: str, counted: Callable[[str, int], None]) -> None:
    folder = standards / "vectors/rfc8785"
    value = json.loads((folder / f"input/{name}.json").read_text("utf-8"))
    form = jcs(value)
    assert form == (folder / f"output/{name}.json").read_bytes()
    assert form == bytes.fromhex((folder / f"outhex/{name}.txt").read_text("ascii"))
    counted("rfc8785", 1)


def test_rfc8785_numbers(standards: Path, counted: Callable[[str, int], None]) -> None:
    rows = json.loads((standards / "vectors/rfc8785/appendix-b-numbers.json").read_text("utf-8"))
    for row in rows:
        (number,) = struct.unpack(">d", bytes.fromhex(row["ieee754"]))
        if row["json"] is None:
            with pytest.raises(DocumentRefused):
                jcs(number)
        else:
            assert jcs(number) == row["json"].encode(), row
    counted("rfc8785, numbers", len(rows))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_the_fast_road_of_jcs_equals_the_slow_one(value: Any) -> None:
    assert jcs(value) == rfc8785.dumps(value)


def test_jcs_sorts_names_by_utf_16_code_units() -> None:
    assert jcs({"\ufb33": 1, "\U0001f600": 2, "a": 3}) == '{"a":3,"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 2**53}, "big-integer"),
        ({"a": [-(2**53)]}, "big-integer"),
        (float("nan"), "float"),
        ([float("-inf")], "float"),
        ("\ud800", "lone-surrogate"),
        ({"\udc00": 1}, "lone-surrogate"),
        ({"é": "\ud800"}, "lone-surrogate"),
        ({"a": b"x"}, "not-json"),
        ({7: "x"}, "not-json"),
        ({"a": {1, 2}}, "not-json"),
    ],
)
def test_sec_003_what_jcs_cannot_spell_is_refused(value: Any, expected: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        jcs(value)
    assert refused.value.code == expected


def test_sec_004_jcs_does_not_exhaust_the_stack() -> None:
    value: Any = "x"
    for _ in range(5_000):
        value = [value]
    with pytest.raises(DocumentRefused) as refused:
        jcs(value)
    assert refused.value.code == "too-deep"

"""Every road of the reader accepts the same texts, with the same value, and refuses the same, with the same words.

The roads behind the door are called by their own names here, because from outside they must look like one.
"""

from __future__ import annotations

import json
import random  # noqa: TID251 - seeded: every run sees the same texts
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential import reading
from refolio.credential.reading import MAX_INTEGER, read
from refolio.errors import DocumentRefused
from tests.credential.badges import badges

Verdict = tuple[Any, ...]


def by_the_long_road(raw: bytes) -> Any:
    value = reading._read_by_hooks(raw, reading._looks_deep(raw))
    if type(value) is not dict:
        raise DocumentRefused("not-an-object", "", "")
    return value


def verdict(road: Callable[[bytes], Any], raw: bytes) -> Verdict:
    try:
        value = road(raw)
    except DocumentRefused as refused:
        return refused.code, refused.path
    # repr tells 1 from True and 1.0, and the order of the members; no two texts have the same one
    return "read", repr(value)


def assert_both_roads_agree(raw: bytes) -> Verdict:
    said = verdict(read, raw)
    assert said == verdict(by_the_long_road, raw), raw
    return said


def takes_the_fast_road(raw: bytes) -> bool:
    return reading._respelled(raw) is not None


SPELLINGS: dict[str, Callable[[Any], bytes]] = {
    "JSON.stringify": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
    "msgspec": msgspec.json.encode,
    "Python": lambda value: json.dumps(value, ensure_ascii=False).encode(),
    "indented": lambda value: json.dumps(value, ensure_ascii=False, indent=2).encode(),
    "tabs and CRLF": lambda value: json.dumps(value, ensure_ascii=False, indent="\t").replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_is_usually_written_takes_the_fast_road(spelling: str) -> None:
    for name, document in badges().items():
        raw = SPELLINGS[spelling](document)
        assert takes_the_fast_road(raw), name
        assert read(raw) == document == by_the_long_road(raw)


def test_escapes_of_ascii_alone_take_the_long_road_to_the_same_value() -> None:
    for document in badges().values():
        raw = json.dumps(document).encode()
        assert read(raw) == document
        assert_both_roads_agree(raw)


@pytest.mark.parametrize(
    "raw",
    [
        '{"a":1,"a":1}',
        '{"a":1,"a" :1}',
        '{"a ":1,"a":1,"a ":1}',  # alike but for a space
        '{"a":1," a":1}',
        '{"":0,"":0}',
        '{"a":{"b":1,"b":1}}',
        '{"\\u0061":1,"a":1}',
        '{"a":1,"b":":","a":1}',
        '{"a":-0}',
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":100E-2}',
        f'{{"a":{MAX_INTEGER}}}',
        f'{{"a":{-MAX_INTEGER}}}',
        f'{{"a":{MAX_INTEGER + 1}}}',
        f'{{"a":{-MAX_INTEGER - 1}}}',
        f'{{"a":{2**63}}}',
        f'{{"a":{2**64}}}',
        f'{{"a":{10**30}}}',
        '{"a":"9007199254740993"}',
        '{"a":"x\x7f"}',
        '{"a":"\\u007f"}',
        '{"a":"\\t"}',
        '{"a":"\\\\t"}',
        '{"a":"\\u0000"}',
        '{"a":"\\ud83d\\ude00"}',
        '{"a":"\\ud83d"}',
        '{"a":"\\ud83dx"}',
        '{"a":"\\ud83d\\u0041"}',
        '{"a":"\\/"}',
        '{"a":"\ufffe"}',
        "\ufeff{}",
        "[]",
        "null",
        '"a"',
        "{}{}",
        '{"a":1}\x00',
    ],
)
def test_sec_001_to_sec_008_on_both_roads(raw: str) -> None:
    assert_both_roads_agree(raw.encode())
    assert_both_roads_agree(f" {raw}\n".encode())


PIECES = [
    *('"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "0", "-", ".5", "e1", "1" * 16, "\x7f", "\x00"),
    *('"a":1,', '"a" :1,', '"id":"x",', "\\u0061", "\\n", "\\t", "\\ud83d", "\\\\", "é", "😀", "\ufeff", "null", "{}"),
    *("[" * 33, "]" * 33, "NaN", "-0"),
]


def test_texts_with_one_thing_wrong_are_judged_alike_on_both_roads() -> None:
    chance = random.Random(20260918)
    sources = [spell(document) for document in badges().values() for spell in SPELLINGS.values()]
    seen: dict[str, int] = {}
    for _ in range(6_000):
        raw = chance.choice(sources)
        at = chance.randrange(len(raw) + 1)
        cut = chance.choice([0, 0, 1, chance.randrange(40)])
        raw = raw[:at] + chance.choice(PIECES).encode() + raw[at + cut :]
        said = assert_both_roads_agree(raw)
        seen[said[0]] = seen.get(said[0], 0) + 1
    assert {"read", "not-json", "control-character", "lone-surrogate", "duplicate-name"} <= seen.keys(), seen


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=4), st.sampled_from(sorted(SPELLINGS)))
def test_whatever_python_can_say_is_judged_alike_on_both_roads(value: dict[str, Any], spelling: str) -> None:
    try:
        raw = SPELLINGS[spelling](value)
    except UnicodeEncodeError:  # half a character; the standard library writes it as it is
        return
    assert_both_roads_agree(raw)


@given(st.text('{}[]",:\\u0d8e-1.t \n\x7f', max_size=40), st.text('{}[]",:\\u0d8e-1.t \n', max_size=10))
def test_hostile_texts_are_judged_alike_on_both_roads(inside: str, name: str) -> None:
    assert_both_roads_agree(f'{{"{name}":1,"{name}x":[{inside}]}}'.encode())
    assert_both_roads_agree(inside.encode())

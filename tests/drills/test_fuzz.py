"""A few hundred inputs of `make fuzz` for every parser; and proof that a parser that breaks is found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from refolio.errors import KeyRefused
from tests.drills.fuzz_parsers import PARSERS, Parser, Past
from tests.drills.fuzzing import Findings, Notice, finished, fuzz


@pytest.mark.parametrize("name", PARSERS)
def test_three_hundred_broken_inputs(name: str) -> None:
    found = fuzz(PARSERS[name], 1, Notice(), minutes=1, most=300)
    assert found.failures == []
    assert found.executions >= 300 or found.seconds >= 60
    assert found.drawn > 0
    assert found.past > found.executions // 10
    assert found.accepted > 0
    assert found.codes


def parser(parse: Callable[[bytes, Past], object]) -> Parser:
    return Parser(
        "broken", "it begins with a", lambda: [b"ab", b"ac"], lambda rng, raw: raw + b"x", parse, st.binary(max_size=2)
    )


def found_in(parse: Callable[[bytes, Past], object]) -> Findings:
    ((_, found),) = finished(0.02, 1, [parser(parse)])
    return found


def _only_ab(raw: bytes, past: Past) -> None:
    if not raw.startswith(b"a"):
        raise KeyRefused("code", "says.")
    past()


def test_a_parser_that_holds_is_left_alone() -> None:
    found = found_in(_only_ab)
    assert (found.failures, found.codes.keys()) == ([], {"code"})
    assert found.accepted == found.past > 2


def test_another_exception_is_found_and_its_input_kept() -> None:
    def parse(raw: bytes, past: Past) -> None:
        _only_ab(raw, past)
        if raw.endswith(b"x"):
            raise IndexError(raw)

    (failure,) = found_in(parse).failures
    assert "IndexError at test_fuzz.py" in failure
    path = failure.split(": ", 1)[1].split("\n")[0]
    with open(path, "rb") as file:  # noqa: PTH123
        assert file.read() in (b"abx", b"acx")
    os.unlink(path)  # noqa: PTH108


def test_a_slow_input_is_found() -> None:
    def parse(raw: bytes, past: Past) -> None:
        _only_ab(raw, past)
        if raw == b"ac":
            began = time.process_time()
            while time.process_time() - began < 1.01:
                pass

    (failure,) = found_in(parse).failures
    assert failure.startswith("too slow")


def test_too_much_memory_is_found() -> None:
    held = []

    def parse(raw: bytes, past: Past) -> None:
        _only_ab(raw, past)
        if not held:
            held.append(bytearray(b"x") * (300 << 20))

    (failure,) = found_in(parse).failures
    assert failure.startswith("too much memory")


def test_a_process_that_dies_leaves_its_input_behind() -> None:
    def parse(raw: bytes, past: Past) -> None:
        if raw == b"ac":
            os._exit(3)

    (failure,) = found_in(parse).failures
    assert failure.startswith("the process ended with 3")
    assert failure.endswith("beginning b'ac'")

"""A hundred mutants of `make drill-differential`, and the table that explains what we refuse and others accept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.differential import Differences, compare, documents, explanations, text
from tests.drills.mutants import Kind, Mutant
from tests.drills.processors import Answer, SafeMode, ours, pyld


@pytest.fixture(scope="module")
def safe_mode(standards: Path, interop: Path) -> Iterator[SafeMode]:
    processor = SafeMode(standards)
    yield processor
    processor.close()


def test_a_hundred_mutants(safe_mode: SafeMode, standards: Path) -> None:
    found = Differences()
    for number in range(120):
        compare(text(2, number), safe_mode, pyld(standards), found)
    assert found.failures == []
    assert found.unexplained == []
    assert found.total == 120
    assert found.same > 20
    assert found.both_refuse > 20


def test_safe_mode_refuses_what_it_should(safe_mode: SafeMode) -> None:
    good = documents()[4].raw
    assert safe_mode(good) == ours(good)
    assert safe_mode(good.replace(b'"description"', b'"descriptiom"')).refused == "invalid property"
    assert safe_mode(b"{").refused
    assert safe_mode(good).quads  # it goes on after a refusal


@pytest.mark.parametrize("answer", [Answer(None, "no"), Answer("<urn:a> <urn:b> <urn:c> .\n")])
def test_a_difference_is_a_failure(answer: Answer) -> None:
    original = documents()[0]
    found = Differences()
    compare(Mutant(0, Kind("x", lambda *_: None), original, original.raw), lambda _: answer, ours, found)
    assert len(found.failures) == 1


def test_every_explanation_is_a_sentence() -> None:
    assert len(explanations()) > 15
    assert all(why.endswith(".") for why in explanations().values())

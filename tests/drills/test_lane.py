"""A few thousand mutants of `make drill-lane`; and proof that the drill finds a lane that is too wide."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from refolio.credential import document, frameworks, lane
from refolio.credential.document import compose
from refolio.credential.proof.content import Content
from refolio.credential.reading import read
from tests.credential.acme import ACME
from tests.credential.completions import completion, issuance
from tests.drills.lane_drill import judged, whole


def test_three_thousand_mutants() -> None:
    found = judged(1, 0, 3_000)
    assert found.failures == []
    assert found.passed > 300
    assert found.gate > found.passed


def test_a_badge_of_refolio_and_one_with_everything_take_the_lane() -> None:
    for badge in (compose(completion(), issuance()), whole()):
        signed = ACME.sign(badge)
        for text in (msgspec.json.encode(signed), msgspec.json.format(msgspec.json.encode(signed), indent=2)):
            content = Content(read(text), text)
            assert content.is_common
            content.require_defined()
            assert content.jcs_digest() == Content(badge).jcs_digest()


def test_our_own_words_take_the_lane() -> None:
    sources = [Path(module.__file__).read_text() for module in (document, frameworks)]
    assert set(re.findall(r'"(ext:\w+)"', "".join(sources))) == set(" ".join(lane._OWN_WORDS.values()).split())


def test_what_was_not_read_from_a_text_does_not_take_it() -> None:
    assert not Content(whole()).is_common


@pytest.mark.parametrize("name", ["_are_iris", "_are_different", "_may_hold_noncharacters"])
def test_the_drill_finds_a_lane_that_is_too_wide(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each part of the lane that no struct says is left out once."""
    monkeypatch.setattr(lane, name, lambda _: name.startswith("_are"))
    assert judged(3, 0, 3_000).failures

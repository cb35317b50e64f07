"""Where the work was done, who says so, who delivered it: told on every page, also when they are one or two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refolio.credential.facts import Role
from tests.web import cast
from tests.web.cast import FACTS
from tests.web.reading import render


@pytest.mark.parametrize(
    ("host", "platform", "said"),
    [
        ("Acme Textiles", None, "Where it was done, who says so, who delivered it Acme Textiles"),
        ("Brightwater Mills", None, "Where the work was done: Brightwater Mills Who says so, and who delivered it"),
        ("Acme Textiles", "Northfield", "Where the work was done, and who says so Acme Textiles"),
    ],
)
def test_the_three_roles_are_told_also_when_one_organisation_has_several(
    host: str, platform: str | None, said: str
) -> None:
    facts = replace(FACTS, host=Role(host), platform=Role(platform) if platform else None)
    text = render("verdict.html", cast.verdict(facts=facts)).text
    assert said in text
    assert ("Delivered by" in text) is (platform is not None)
    entry = render("portfolio.html", cast.portfolio(cast.entry(facts))).text
    assert ("signed and delivered by Acme Textiles" in entry) is (platform is None)

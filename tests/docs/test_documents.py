"""Docs that name things of the code are held to the code."""

from __future__ import annotations

import re
from pathlib import Path

from refolio.credential.model import (
    AcademicCredit,
    Alignment,
    Compensation,
    Completion,
    Deliverable,
    Engagement,
    Feedback,
    Framework,
    Hours,
    HoursBasis,
    Intern,
    Level,
    Mode,
    Observed,
    Organisation,
    Project,
    Skill,
)
from refolio.credential.report import CHECK_NAMES
from verify.app import HANDLERS
from verify.http.refusals import KINDS
from verify.settings import VARIABLES

DOCS = Path(__file__).parents[2] / "docs"


def test_every_kind_of_refusal_is_documented_with_its_status() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", (DOCS / "errors.md").read_text(), re.M)
    assert {code: int(status) for code, status in rows} == {code: kind.status for code, kind in KINDS.items()}


def test_every_setting_is_documented() -> None:
    named = set(re.findall(r"^\| `(REFOLIO_[A-Z_]+)`", (DOCS / "operating.md").read_text(), re.M))
    assert named == set(VARIABLES)


def test_the_eight_checks_stand_in_their_order() -> None:
    rows = re.findall(r"^\| (\d) \| ([a-z]+) \|", (DOCS / "issuance-cycle.md").read_text(), re.M)
    assert rows == [(str(number), name) for number, name in enumerate(CHECK_NAMES)]


def test_links_between_documents_lead_somewhere() -> None:
    root = DOCS.parent
    for page in [root / "README.md", root / "sdk" / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(root)} → {target}"


def test_decisions_are_numbered_without_gaps_and_say_what_they_cost() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert re.findall(r"^## (\w+)", page.read_text(), re.M) == ["Context", "Options", "Outcome", "Cost"], page.name


def test_every_member_and_every_word_of_a_completion_is_in_the_api_reference() -> None:
    api = (DOCS / "api.md").read_text()
    table = api.partition("## A completion")[2].partition("## Public")[0]
    named = set(re.findall(r"`([a-z_*A-Z -]+)`", table))
    for struct in (
        Completion,
        Intern,
        Project,
        Hours,
        Skill,
        Alignment,
        Feedback,
        Deliverable,
        AcademicCredit,
        Organisation,
    ):
        assert set(struct.__struct_fields__) <= named, struct
    for words in (Mode, Engagement, Compensation, HoursBasis, Observed, Level, Framework):
        assert set(words) <= named, words


def test_every_address_of_the_service_is_in_the_api_reference() -> None:
    api = (DOCS / "api.md").read_text()
    named = {re.sub(r"\{\w+\}", "{}", path) for path in re.findall(r"`(?:[A-Z]+ )?(/[^`?]*)`", api)}
    paths = {re.sub(r"\{\w+(:\w+)?\}", "{}", path) for handler in HANDLERS for path in handler.paths}
    assert {path for path in paths if not path.startswith("/V")} - {"/", "/v"} <= named

"""Facts in words: what a reader sees for dates, hours, codes, long texts, links, and the picture of work over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from refolio.credential import model
from refolio.credential.facts import Facts, SkillFact
from tests.web.cast import FACTS
from verify.web import filters


@pytest.mark.parametrize(
    ("started", "ended", "words"),
    [
        (date(2026, 8, 24), date(2026, 9, 11), "24 Aug – 11 Sep 2026"),
        (date(2026, 8, 3), date(2026, 8, 14), "3–14 Aug 2026"),
        (date(2025, 12, 15), date(2026, 1, 9), "15 Dec 2025 – 9 Jan 2026"),
        (date(2025, 8, 3), date(2026, 8, 3), "3 Aug 2025 – 3 Aug 2026"),
        (date(2026, 8, 3), date(2026, 8, 3), "3 Aug 2026"),
        (date(2026, 8, 3), None, "from 3 Aug 2026"),
        (None, date(2026, 8, 3), "until 3 Aug 2026"),
        (None, None, ""),
    ],
)
def test_a_span_says_each_part_of_a_date_only_once(started: date | None, ended: date | None, words: str) -> None:
    assert filters.span(started, ended) == words


def test_a_moment_is_told_in_utc_whatever_zone_it_came_in() -> None:
    assert filters.moment(datetime(2026, 11, 23, 14, 5, tzinfo=UTC)) == "23 Nov 2026, 14:05 UTC"
    in_auckland = datetime(2026, 11, 24, 3, 5, tzinfo=timezone(timedelta(hours=13)))
    assert filters.moment(in_auckland) == "23 Nov 2026, 14:05 UTC"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        filters.moment(datetime(2026, 11, 23, 14, 5))  # noqa: DTZ001 - the fault under test


def test_counts_and_hours_agree_with_their_nouns() -> None:
    assert [filters.plural(n, "credential") for n in (0, 1, 1200)] == [
        "0 credentials",
        "1 credential",
        "1,200 credentials",
    ]
    assert filters.plural(2, "company", "companies") == "2 companies"
    assert [filters.hours(text) for text in ("1", "0.5", "37.5", "60")] == [
        "1 hour",
        "0.5 hours",
        "37.5 hours",
        "60 hours",
    ]


def test_every_signed_code_has_words_without_hyphens() -> None:
    kinds = (model.Mode, model.Engagement, model.Compensation, model.HoursBasis, model.Level)
    for code in (code for kind in kinds for code in kind):
        words = filters.in_words(code.value)
        assert words
        assert "certificate" not in words
        assert code == "project" or "-" not in words


def test_a_simulation_is_never_worded_like_work() -> None:
    assert "not work" in filters.in_words("simulation")


def test_one_line_keeps_short_texts_and_marks_every_cut() -> None:
    assert filters.one_line("  Careful\n and quick. ") == "Careful and quick."
    long = "She kept every promise. " + "Then she explained it to all of us. " * 9
    cut = filters.one_line(long, 60)
    assert cut == "She kept every promise. …"


def test_one_line_cuts_between_words_or_inside_a_word_that_never_ends() -> None:
    assert filters.one_line("one two three four five six", 15) == "one two …"
    assert filters.one_line("x" * 500, 20) == "x" * 18 + " …"


def test_capital_leaves_names_alone() -> None:
    assert filters.capital("stipend from Acme") == "Stipend from Acme"
    assert filters.capital("") == ""


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http://files.example/a",
        "//files.example/a",
        "/a",
        "https:",
        "https:///a",
        "https://user@evil.example/",
        "https://good.example\\@evil.example/",
        "https://good.example/\n",
        " https://good.example/",
        "https://good.example/\"onmouseover='alert(1)'",
        "https://gооd.example/",  # two Cyrillic letters
        "https://[::1",
        "",
        None,
    ],
)
def test_sec_124_only_plain_https_becomes_a_link(url: str | None) -> None:
    assert filters.safe_link(url) is None


def test_a_plain_https_address_stays_as_it_is() -> None:
    assert filters.safe_link("https://files.example:8443/a?b=c#d") == "https://files.example:8443/a?b=c#d"


def test_host_shows_where_a_link_really_leads() -> None:
    assert filters.host("http://localhost:8000/p/maya") == "localhost:8000"
    assert filters.host("https://acme.example@evil.example/") == "evil.example"
    assert filters.host("not a link") == ""
    assert filters.host("https://[::1") == ""


def test_top_skills_puts_seen_before_self_reported_and_keeps_the_signed_order() -> None:
    skills = [SkillFact("a", False), SkillFact("b", True), SkillFact("c", True), SkillFact("d", False)]
    assert [skill.name for skill in filters.top_skills(skills, 3)] == ["b", "c", "a"]


def worked(started: date, days: int, hours: str | None = "10") -> Facts:
    return replace(FACTS, started=started, ended=started + timedelta(days - 1), hours=hours)


def test_the_picture_has_a_bar_per_dated_credential_inside_its_frame() -> None:
    credentials = [
        worked(date(2024, 4, 8), 1, "18"),
        worked(date(2026, 8, 24), 19, "60"),
        worked(date(2025, 5, 5), 12, None),
    ]
    picture = filters.timeline([*credentials, replace(FACTS, started=None)])
    assert picture is not None
    assert [bar.says.split(": ")[1] for bar in picture.bars] == [
        "8 Apr 2024, 18 hours",
        "5–16 May 2025",
        "24 Aug – 11 Sep 2026, 60 hours",
    ]
    for bar in picture.bars:
        assert 0 <= bar.x <= 100 - bar.width
        assert bar.width >= 1
        assert bar.y + bar.height == pytest.approx(100)
    assert max(picture.bars, key=lambda bar: bar.height).says.endswith("60 hours")
    assert "3 credentials" in picture.says
    assert "8 Apr 2024 – 11 Sep 2026" in picture.says


@pytest.mark.parametrize("years", [0, 1, 3, 9, 40])
def test_the_axis_has_few_labels_at_any_length(years: int) -> None:
    picture = filters.timeline([worked(date(2026 - years, 3, 2), 5), worked(date(2026, 5, 4), 5)])
    assert picture is not None
    assert 1 <= len(picture.ticks) <= 4
    assert len({tick.label for tick in picture.ticks}) == len(picture.ticks)
    assert all(0 <= tick.x <= 80 for tick in picture.ticks)


def test_one_credential_makes_no_picture() -> None:
    assert filters.timeline([FACTS]) is None
    assert filters.timeline([]) is None


@pytest.mark.parametrize("hours", ["", "nan", "inf", "-5", "many", "9" * 400])
def test_hours_that_are_no_number_still_draw_inside_the_frame(hours: str) -> None:
    picture = filters.timeline([worked(date(2026, 1, 5), 5, hours), worked(date(2026, 3, 2), 5, "8")])
    assert picture is not None
    assert all(0 < bar.height <= 100 for bar in picture.bars)

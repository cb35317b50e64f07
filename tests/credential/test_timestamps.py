"""dateTimeStamp, strictly (SEC-063, SEC-038 by syntax)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from refolio.credential import timestamps
from refolio.errors import DocumentRefused


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-18T00:00:00Z", datetime(2026, 9, 18, tzinfo=UTC)),
        ("2026-09-18T02:30:00+02:30", datetime(2026, 9, 18, tzinfo=UTC)),
        ("2026-09-17T10:00:00-14:00", datetime(2026, 9, 18, tzinfo=UTC)),
        ("2026-09-18T00:00:00-00:00", datetime(2026, 9, 18, tzinfo=UTC)),
        ("2025-01-09T15:20:02.183Z", datetime(2025, 1, 9, 15, 20, 2, 183_000, tzinfo=UTC)),
        ("2025-01-09T15:20:02.1234567Z", datetime(2025, 1, 9, 15, 20, 2, 123_456, tzinfo=UTC)),
        ("2024-02-29T23:59:59.5Z", datetime(2024, 2, 29, 23, 59, 59, 500_000, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_moments_are_read_and_compared_in_utc(text: str, moment: datetime) -> None:
    parsed = timestamps.parse(text)
    assert parsed == moment
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-09-18",
        "2026-09-18T00:00:00",  # no zone
        "2026-09-18T00:00Z",
        "2026-09-18 00:00:00Z",
        "2026-09-18t00:00:00z",
        "2026-09-18T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-09-18T00:60:00Z",
        "2026-06-30T23:59:60Z",  # leap second
        "2026-09-18T00:00:00+25:00",
        "2026-09-18T00:00:00+14:01",
        "2026-09-18T00:00:00+02",
        "2026-09-18T00:00:00+0200",
        "2026-09-18T00:00:00+02:60",
        "2026-09-18T00:00:00.Z",
        "2026-09-18T00:00:00,5Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "99999-01-01T00:00:00Z",
        "-2026-09-18T00:00:00Z",
        "٢٠٢٦-٠٩-١٨T٠٠:٠٠:٠٠Z",
        "２０２６-09-18T00:00:00Z",
        "2026-W38-5T00:00:00Z",
        "2026-261T00:00:00Z",
        "20260918T000000Z",
        " 2026-09-18T00:00:00Z",
        "2026-09-18T00:00:00Z\n",
        "2026-09-18T00:00:00Z[Europe/Vienna]",
        "2026-09-18T00:00:00.0000000000000000000Z",
        "now",
        "9" * 100_000,
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_sec_063_everything_else_is_refused(text: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        timestamps.parse(text)
    assert caught.value.code == "timestamp"
    assert len(str(caught.value)) < 200


def test_what_we_sign_is_in_utc_with_whole_seconds() -> None:
    vienna = timezone(timedelta(hours=2))
    assert timestamps.format(datetime(2026, 9, 18, 1, 2, 3, 999_999, tzinfo=vienna)) == "2026-09-17T23:02:03Z"
    assert timestamps.format(datetime(987, 1, 2, tzinfo=UTC)) == "0987-01-02T00:00:00Z"


def test_a_time_without_a_zone_is_not_signed() -> None:
    with pytest.raises(DocumentRefused):
        timestamps.format(datetime(2026, 9, 18))  # noqa: DTZ001


@given(st.datetimes(), st.integers(-840, 840))
def test_what_is_written_is_read_back(local: datetime, minutes: int) -> None:
    assume(2 <= local.year <= 9998)  # so that the moment exists in UTC, too
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert timestamps.parse(timestamps.format(moment)) == moment.replace(microsecond=0)


PARTS = st.tuples(*(st.integers(0, most) for most in (9999, 13, 32, 25, 61, 61)))


@given(PARTS)
def test_the_usual_form_is_judged_like_every_other(parts: tuple[int, ...]) -> None:
    """The usual form is read by another road than the one with a fraction; both name the same moments."""
    usual = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*parts)

    def moment(text: str) -> datetime | None:
        try:
            return timestamps.parse(text)
        except DocumentRefused:
            return None

    assert moment(usual) == moment(usual.replace("Z", ".0Z")) == moment(usual.replace("Z", "+00:00"))

"""How facts are put into words on pages: pure functions, registered as Jinja filters in ``templating.py``.

They return plain text (Jinja escapes it afterwards), read no clock and know no locale: a page must say the
same thing on every machine, so the English month names stand here instead of coming from the system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from refolio.credential.facts import Facts, SkillFact

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# RFC 3986, section 2. Letters beyond ASCII are left out on purpose: in a host name they can look like other letters.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")

# The signed values are short codes; these are the words a reader sees for them (refolio.credential.model).
_WORDS = {
    "project": "micro-internship project",
    "placement": "work placement",
    "shadowing": "job shadowing",
    "simulation": "simulation – not work for an employer",
    "volunteering": "volunteering",
    "on-site": "on site",
    "hybrid": "partly on site",
    "contracted": "as contracted",
    "hourly-pay": "paid by the hour",
    "expenses-only": "expenses paid",
    "credential-only": "unpaid",
    "exceeds": "exceeds what was expected",
    "inconclusive": "could not check",
    "not-reached": "not reached",
}


def day(value: date) -> str:
    """Write a date as ``24 Aug 2026``. A datetime is read as its own calendar day."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """Write an instant as ``23 Nov 2026, 14:05 UTC``. Raises ValueError when it has no time zone."""
    if value.tzinfo is None:
        raise ValueError("An instant without a time zone cannot be shown as UTC. Pass an aware datetime.")
    utc = value.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def span_start(started: date, ended: date) -> str:
    """Write the first day of a span as briefly as its last day allows: ``24``, ``24 Aug`` or ``24 Aug 2025``."""
    if started.year != ended.year:
        return day(started)
    if started.month != ended.month:
        return f"{started.day} {MONTHS[started.month - 1]}"
    return str(started.day)


def span(started: date | None, ended: date | None) -> str:
    """Write two days as ``24 Aug – 11 Sep 2026``, ``3–14 Aug 2026``, ``from …``, ``until …``; no days give ``""``."""
    if started is None:
        return f"until {day(ended)}" if ended else ""
    if ended is None:
        return f"from {day(started)}"
    if started == ended:
        return day(ended)
    dash = "–" if (started.year, started.month) == (ended.year, ended.month) else " – "
    return f"{span_start(started, ended)}{dash}{day(ended)}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: ``1 credential``, ``3 credentials``; ``many`` for irregular nouns."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def hours(total: str) -> str:
    """Write decimal text of hours with its noun: ``60 hours``, ``37.5 hours``, ``1 hour``."""
    return f"{total} hour" if total == "1" else f"{total} hours"


def in_words(code: str) -> str:
    """Write a signed code for readers (``on-site`` → ``on site``); unknown codes lose only their hyphens."""
    return _WORDS.get(code, code.replace("-", " "))


def capital(text: str) -> str:
    """Raise the first letter and leave the rest, unlike Jinja's ``capitalize``, which lowers names."""
    return text[:1].upper() + text[1:]


def one_line(text: str, limit: int = 120) -> str:
    """Shorten a text to at most ``limit`` characters, on one line, at the end of a sentence if there is one.

    Anything left out is marked by ``…``, so that a quotation never looks complete when it is not.
    """
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    room = flat[: limit - 2]
    sentence_end = max(room.rfind(mark) for mark in (". ", "! ", "? ", "؟ ", "。"))
    if sentence_end >= limit // 3:
        return f"{room[: sentence_end + 1]} …"
    words = room.rsplit(" ", 1)[0] if " " in room else room
    return f"{words.rstrip(' ,;:–-')} …"


def host(url: str) -> str:
    """The host (and port) of a URL, for showing where a link leads; ``""`` when there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def safe_link(url: str | None) -> str | None:
    """The URL when it is plain https with a host and nothing hidden in it, otherwise None (SEC-124)."""
    if url is None or not _URL_CHARACTERS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else None


def top_skills(skills: Sequence[SkillFact], count: int) -> tuple[SkillFact, ...]:
    """At most ``count`` skills: those a supervisor saw first, each kind in the signed order."""
    return tuple(sorted(skills, key=lambda skill: not skill.seen)[:count])


@dataclass(frozen=True, slots=True)
class Bar:
    """One credential in the picture: all four numbers are per cent of the picture, from its top left corner."""

    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the time axis at ``x`` per cent."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Work over time: bars as wide as the work was long and as high as it had hours; ``says`` tells it in words."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    says: str


def timeline(credentials: Iterable[Facts]) -> Timeline | None:
    """Lay dated credentials out on a time axis of whole months; None for fewer than two, which make no picture."""
    dated = sorted(((f.started, f.ended, f) for f in credentials if f.started and f.ended), key=lambda item: item[:2])
    if len(dated) < 2:
        return None
    first = dated[0][0].replace(day=1)
    last = _month_after(max(ended for _, ended, _ in dated))
    days = (last - first).days
    most = max(_number(facts.hours) for _, _, facts in dated) or 1.0

    bars = []
    for started, ended, facts in dated:
        height = round(max(14.0, 100 * _number(facts.hours) / most), 2)
        # Two days of work in two years must stay visible, and the bar inside the picture.
        width = round(max(1.2, 100 * ((ended - started).days + 1) / days), 2)
        x = round(min(100 - width, 100 * (started - first).days / days), 2)
        worked = f", {hours(facts.hours)}" if facts.hours else ""
        bars.append(Bar(x, round(100 - height, 2), width, height, f"{facts.title}: {span(started, ended)}{worked}"))

    whole = span(dated[0][0], max(ended for _, ended, _ in dated))
    says = f"Picture: {plural(len(bars), 'credential')} over time, {whole}. The higher a bar, the more hours."
    return Timeline(tuple(bars), _ticks(first, last), says)


def _number(decimal_text: str | None) -> float:
    """The hours as a number, for drawing only; anything unreadable or absurd draws as nothing."""
    try:
        number = float(decimal_text or 0)
    except ValueError:
        return 0.0
    return number if 0 <= number < 100_000 else 0.0


def _month_after(value: date) -> date:
    """The first day of the next month."""
    return (value.replace(day=28) + timedelta(days=4)).replace(day=1)


def _ticks(first: date, last: date) -> tuple[Tick, ...]:
    """At most four labels, at month or year starts, none so far right that it would be cut off on a phone."""
    starts = [first]
    while starts[-1] < last:
        starts.append(_month_after(starts[-1]))
    for step in (1, 2, 3, 6, 12, 24, 60, 120):
        chosen = [start for start in starts[:-1] if (start.year * 12 + start.month - 1) % step == 0] or [first]
        if len(chosen) <= 4:
            break
    days = (last - first).days
    placed = ((round(100 * (start - first).days / days, 2), start) for start in chosen)
    return tuple(
        Tick(x, str(start.year) if step >= 12 and start.month == 1 else f"{MONTHS[start.month - 1]} {start.year}")
        for x, start in placed
        if x <= 80
    )

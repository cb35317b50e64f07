"""What one cell may say: dates, hours, choices and lists. Nothing ambiguous is guessed; it is refused with a fix."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from refolio.credential.frameworks import FRAMEWORKS
from refolio.credential.model import Framework


class CellRefused(Exception):
    """A cell cannot be read; ``reason`` and ``fix`` are sentences for the person who keeps the spreadsheet."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH_OF = {
    **{name.lower(): number for number, name in enumerate(_MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)},
    "sept": 9,
}
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WORDS = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})[ -]([0-9]{4})")
_NUMBERS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_DAY_COUNT = re.compile(r"[0-9]{5}(\.[0-9]+)?")


# What spreadsheet programs begin a formula with (SEC-129), also behind what they leave out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LEFT_OUT = " '\"\u00a0"


def inert(cell: str) -> str:
    """The text so that no spreadsheet program calculates it: an apostrophe goes before what may start a formula."""
    return f"'{cell}" if cell.lstrip(_LEFT_OUT).startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def as_typed(cell: str) -> str:
    """The text without the apostrophe by which :func:`inert`, or a spreadsheet program, marks it as text."""
    return cell[1:] if cell.startswith("'") and inert(cell[1:]) == cell else cell


def refuse_spreadsheet_leftovers(text: str) -> None:
    """Refuse formulas and error values: they are what the program shows, not what the office knows (SEC-150)."""
    if text.startswith("=") or re.match(r"[@+-][A-Za-z.]+\(", text):
        raise CellRefused("This is a formula.", "Export the values of the sheet, not its formulas.")
    if re.fullmatch(r"#(REF|NAME|VALUE|DIV/0|N/A|NULL|NUM|SPILL|CALC|GETTING_DATA)[!?]?", text):
        raise CellRefused("This is an error of the spreadsheet.", "Correct the cell and export the sheet again.")
    if "\ufffd" in text:
        raise CellRefused(
            "A letter was lost when the file was saved (�).", "Type the text again and save as CSV UTF-8."
        )


def plain(text: str) -> object:
    """The text itself."""
    return text


def read_date(text: str) -> object:
    """``2026-08-24`` or ``24 Aug 2026`` (also with hyphens or the whole month name) as an ISO date."""
    if iso := _ISO.fullmatch(text):
        return _existing(int(iso[1]), int(iso[2]), int(iso[3]))
    if (words := _WORDS.fullmatch(text)) and (month := _MONTH_OF.get(words[2].lower())):
        return _existing(int(words[3]), month, int(words[1]))
    raise CellRefused(_why_no_date(text), _how_to_write_date(text))


def _existing(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise CellRefused("There is no such day in the calendar.", "Correct the date.") from None


def _why_no_date(text: str) -> str:
    if numbers := _NUMBERS.fullmatch(text):
        first, second = int(numbers[1]), int(numbers[2])
        if first != second and max(first, second) <= 12:
            return "It is not clear which number is the day and which the month."
        return "Dates written with numbers only are read differently from country to country."
    if _DAY_COUNT.fullmatch(text):
        return "This is a spreadsheet's count of days, not a date."
    return "This is not a date we can read."


def _how_to_write_date(text: str) -> str:
    if numbers := _NUMBERS.fullmatch(text):
        first, second, year = (int(number) for number in numbers.groups())
        readings = dict.fromkeys(
            (year, month, day)
            for day, month in ((first, second), (second, first))
            if 1 <= month <= 12 and 1 <= day <= 31
        )
        if readings:
            return "Write " + ", or ".join(
                f"{year:04}-{month:02}-{day:02} for {day} {_MONTHS[month - 1]} {year}" for year, month, day in readings
            ) + "."  # fmt: skip
    return "Write it as year-month-day, for example 2026-08-24."


def read_hours(text: str) -> object:
    """``42`` or ``37.5``; a whole number comes out as an int, everything else as its text."""
    if re.fullmatch(r"-?[0-9]{1,4}", text):
        return int(text)
    if re.fullmatch(r"-?[0-9]{1,4}\.[0-9]{1,2}", text):
        return text
    if comma := re.fullmatch(r"([0-9]{1,4}),([0-9]{1,2})", text):
        raise CellRefused("The number is written with a comma.", f"Write {comma[1]}.{comma[2]} instead.")
    if unit := re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,2})?) ?[A-Za-z]{1,8}\.?", text):
        raise CellRefused("There is more than the number in this cell.", f"Write only {unit[1]}.")
    raise CellRefused("This is not a number of hours.", "Write 42 or 37.5: digits only, no unit.")


def read_choice(choices: type[StrEnum]) -> Callable[[str], object]:
    """Make a reader for one of a few words; capitals do not matter, and a space is as good as a hyphen."""

    def read(text: str) -> object:
        word = re.sub(r"[\s_-]+", "-", text).casefold()
        if word in list(choices):
            return word
        raise CellRefused("This is not one of the words known here.", f"Use one of: {', '.join(choices)}.")

    return read


def read_list(text: str) -> object:
    """Entries separated by semicolons or line breaks."""
    return [entry for part in re.split(r"[;\n]", text) if (entry := part.strip())]


def read_pairs(text: str) -> object:
    """``name = value`` entries, separated by semicolons or line breaks, in order."""
    pairs: dict[str, str] = {}
    for entry in re.split(r"[;\n]", text):
        name, equals, value = (part.strip() for part in entry.partition("="))
        if not entry.strip():
            continue
        if not (name and equals and value):
            raise CellRefused(f"“{entry.strip()}” has no name and value.", "Write it as: name = value; name = value.")
        if name in pairs:
            raise CellRefused(f"“{name}” stands here twice.", "Give it once.")
        pairs[name] = value
    return pairs


def read_deliverables(text: str) -> object:
    """``Title`` or ``Title = https://…`` entries, separated by semicolons or line breaks."""
    entries = [part.partition("=") for part in re.split(r"[;\n]", text) if part.strip()]
    return [
        {"title": title.strip(), "url": url.strip()} if url.strip() else {"title": title.strip()}
        for title, _, url in entries
    ]


def alignment(url: str) -> dict[str, object]:
    """The alignment behind a link: its framework is told from the form of the link."""
    for framework, form in FRAMEWORKS.items():
        if form.url.fullmatch(url):
            return {"framework": framework.value, "url": url}
    examples = " or ".join(FRAMEWORKS[framework].example for framework in (Framework.ESCO, Framework.ONET))
    raise CellRefused(f"{url} leads to no skill framework known here.", f"Use a link like {examples}, or leave it out.")

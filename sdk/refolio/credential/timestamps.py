"""Points in time as credentials spell them: XML Schema dateTimeStamp, strictly.

Python's own reader takes week dates, a missing zone and more; here one lexical form counts, and the calendar decides
whether the day exists. Source: XSD 1.1 part 2 §3.4.28; VCDM 2.0 §4.9.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from refolio.errors import DocumentRefused

_STAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.(?P<fraction>[0-9]{1,18}))?"
    r"(?:Z|(?P<sign>[+-])(?P<hours>0[0-9]|1[0-4]):(?P<minutes>[0-5][0-9]))"
)
# As nearly everybody writes them, we too. For what has this form, Python's reader does nothing of its own.
_USUAL = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")


def parse(text: str) -> datetime:
    """Return the moment that ``YYYY-MM-DDThh:mm:ss(.f+)?(Z|±hh:mm)`` names, as an aware datetime in UTC.

    Digits beyond microseconds are dropped. Raises DocumentRefused ``timestamp``, with ``path`` "", for everything else:
    no zone, an offset beyond ±14:00, a leap second, 24:00, 30 February, the year 0, digits outside ASCII.
    """
    if _USUAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise _refusal(text, "does not exist in the calendar") from None
    match = _STAMP.fullmatch(text)
    if match is None:
        raise _refusal(text, "is not a point in time with its offset from UTC")
    offset = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    if offset > timedelta(hours=14):
        raise _refusal(text, "has an offset beyond 14 hours")
    try:
        year, month, day, hour, minute, second = map(int, match.groups()[:6])
        microsecond = int((match["fraction"] or "0")[:6].ljust(6, "0"))
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
        return moment + offset if match["sign"] == "-" else moment - offset
    except (ValueError, OverflowError):
        raise _refusal(text, "does not exist in the calendar") from None


def format(moment: datetime) -> str:
    """Spell an aware datetime as we sign it: UTC, ``Z``, whole seconds (a fraction is dropped).

    Raises DocumentRefused ``timestamp`` for a datetime without a zone, whose moment nobody knows.
    """
    if moment.utcoffset() is None:
        raise DocumentRefused("timestamp", "", "The time has no zone.", "Give it one, such as UTC.")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _refusal(text: str, why: str) -> DocumentRefused:
    shown = ascii(text[:40])
    return DocumentRefused("timestamp", "", f"{shown} {why}.", "Write it like 2026-09-18T00:00:00Z.")

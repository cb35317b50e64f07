"""The members of one record, read strictly; everything that is wrong is collected, so that it is told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from refolio.csv_import import cells
from refolio.csv_import.cells import CellRefused
from refolio.plugin import Fault, Frozen
from refolio_placement_records.layouts import Layout

ORDERS = {
    "day/month/year": re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"),
    "month/day/year": re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"),
    "year-month-day": re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
}
LONGEST = 5000


class Fields:
    """The fields of a record by the names of a completion. A field that cannot be read is None, and a fault."""

    def __init__(self, record: Mapping[str, Frozen], layout: Layout) -> None:
        self._record, self._layout = record, layout
        self.faults: list[Fault] = []

    def refuse(self, field: str, reason: str, fix: str) -> None:
        """Note a fault, by the name that the member has in the record."""
        self.faults.append(Fault(self._layout.places[field], reason, fix))

    def value(self, field: str) -> Frozen:
        """Whatever stands there; None when nothing does."""
        value: Frozen = self._record
        places = self._layout.places[field]
        for name in places.split(".") if self._layout.name == "webhook" else [places]:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def text(self, field: str) -> str | None:
        """The text of a field; None when it is empty, which is a fault unless it is optional."""
        value = self.value(field)
        if value is None or value == "":
            if field not in self._layout.optional:
                self.refuse(field, "This is empty.", "Fill it in.")
            return None
        if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > LONGEST:
            self.refuse(field, "This is not a text of a sensible length.", "Send the text.")
            return None
        try:
            cells.refuse_spreadsheet_leftovers(str(value).strip())
        except CellRefused as error:
            self.refuse(field, error.reason, error.fix)
            return None
        return str(value).strip()

    def day(self, field: str, order: str) -> str | None:
        """A date written in this order, as ISO text."""
        if (text := self.text(field)) is None:
            return None
        found = ORDERS[order].fullmatch(text)
        if found is None:
            self.refuse(field, f"This is not a date written as {order}.", f"Write it as {order}.")
            return None
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()
        except ValueError:
            self.refuse(field, "There is no such day in the calendar.", f"Correct it; dates are read as {order} here.")
            return None

    def number(self, field: str) -> Decimal | None:
        """A number of hours or weeks."""
        if (text := self.text(field)) is None:
            return None
        try:
            return Decimal(str(cells.read_hours(text)))
        except CellRefused as error:
            self.refuse(field, error.reason, error.fix)
            return None

    def choice(self, field: str, choices: Mapping[str, str]) -> str | None:
        """One of a few words, as the completion says it; capitals and hyphens do not matter."""
        if (text := self.text(field)) is None:
            return None
        word = re.sub(r"[\W_]+", " ", text).strip().casefold()
        if word not in choices:
            self.refuse(field, "This is not one of the words known here.", f"Use one of: {', '.join(choices)}.")
        return choices.get(word)

    def entries(self, field: str) -> list[str]:
        """Several texts: a list, or one text with semicolons or line breaks between them."""
        value = self.value(field)
        if isinstance(value, Sequence) and not isinstance(value, str):
            if value and all(isinstance(one, str) and one.strip() and len(one) <= LONGEST for one in value):
                return [str(one).strip() for one in value]
            self.refuse(field, "This is not a list of texts.", "Send at least one, each of a sensible length.")
            return []
        text = self.text(field)
        return [part.strip() for part in re.split(r"[;\n]", text or "") if part.strip()]

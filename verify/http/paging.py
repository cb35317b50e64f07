"""Lists for machines, page by page: ``?after=CURSOR&limit=1..100`` → ``{"items": […], "next": CURSOR | null}``.

A cursor names the last item seen, so a list that grows meanwhile neither repeats nor skips any. It holds nothing
secret and gives no right: it is opaque, so that it can change, and bound to the filters that it was made for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from litestar import Request

from refolio.credential import timestamps
from refolio.errors import DocumentRefused, Fault
from verify.http.cursors import Text, cursor, outside, place_in
from verify.http.refusals import Refused

USUAL, MOST = 50, 100
LONGEST = 300  # characters of a filter

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for: its filters, how many items, and after which ``place`` (None: from its beginning)."""

    filters: Mapping[str, str]
    limit: int
    place: Sequence[str] | None
    path: str

    def page(self, items: Sequence[Item], place_of: Callable[[Item], Sequence[str]]) -> dict[str, object]:
        """The answer for ``items``, of which one more than ``limit`` was looked for; ``place_of`` gives strings."""
        shown = items[: self.limit]
        more = len(items) > self.limit
        return {"items": shown, "next": cursor(_bound(self.path, self.filters), place_of(shown[-1])) if more else None}

    def moment(self) -> tuple[datetime, str] | None:
        """``place`` in a list by time, as a moment and an id; None for the beginning. Raises Refused (400)."""
        if self.place is None:
            return None
        try:
            at, last = self.place
            return timestamps.parse(at), last
        except (ValueError, DocumentRefused):
            raise outside() from None


def read_query(request: Request[Any, Any, Any], *filters: str) -> Asked:
    """Read the query of a list that has these filters. Raises Refused (400) that names each fault.

    A name that is no filter is refused: a misspelt one would otherwise show the whole list.
    """
    given = dict(request.query_params.items())
    faults = [
        Fault(name[:60], "This list has no such filter.", f"Use {', '.join([*filters, 'after', 'limit'])}.")
        for name in given
        if name not in (*filters, "after", "limit")
    ]
    faults += [
        Fault(name, "This text cannot be searched for.", f"Send 1 to {LONGEST} printable characters.")
        for name in filters
        if name in given and not (given[name].isprintable() and 0 < len(given[name]) <= LONGEST)
    ]
    chosen = {name: given[name] for name in filters if name in given}
    path, place = request.scope["path"], None
    if "after" in given:
        try:
            place = place_in(given["after"], _bound(path, chosen), list[Text])
        except Refused as error:
            faults += error.faults
    limit = given.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= MOST):
        faults.append(Fault("limit", "This is not a number of items.", f"Send a number from 1 to {MOST}."))
    if faults:
        raise refused(faults)
    return Asked(chosen, int(limit), place, path)


def refused(faults: Sequence[Fault]) -> Refused:
    """The refusal of a query, which names every fault."""
    return Refused("bad-request", " ".join(str(fault) for fault in faults), faults)


def _bound(path: str, filters: Mapping[str, str]) -> list[object]:
    return [path, sorted(filters.items())]

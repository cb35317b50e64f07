"""Lists for machines, page by page: ``?after=CURSOR&limit=1..100`` → ``{"items": […], "next": CURSOR | null}``.

A cursor names the last item seen, so a list that grows meanwhile neither repeats nor skips any. It holds nothing
secret and gives no right: it is opaque, so that it can change, and bound to the filters that it was made for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from litestar import Request

from refolio.errors import Fault
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
        return {"items": shown, "next": _cursor(self.path, self.filters, place_of(shown[-1])) if more else None}


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
        place = _place(path, chosen, given["after"])
        if place is None:
            why = "This is no cursor of this list with these filters."
            faults.append(Fault("after", why, "Send the next of the page before, unchanged, or leave it out."))
    limit = given.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= MOST):
        faults.append(Fault("limit", "This is not a number of items.", f"Send a number from 1 to {MOST}."))
    if faults:
        raise refused(faults)
    return Asked(chosen, int(limit), place, path)


def refused(faults: Sequence[Fault]) -> Refused:
    """The refusal of a query, which names every fault."""
    return Refused("bad-request", " ".join(str(fault) for fault in faults), faults)


def _bound(path: str, filters: Mapping[str, str]) -> bytes:
    return hashlib.sha256(msgspec.json.encode([path, sorted(filters.items())])).digest()[:9]


def _cursor(path: str, filters: Mapping[str, str], place: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(_bound(path, filters) + msgspec.json.encode(place)).decode().rstrip("=")


def _place(path: str, filters: Mapping[str, str], cursor: str) -> list[str] | None:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(raw[9:], type=list[str])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    return place if raw[:9] == _bound(path, filters) and all(part.isprintable() for part in place) else None

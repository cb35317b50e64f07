"""The credentials that somebody names line by line: by verification code, link, id, or the record it came from."""

from __future__ import annotations

import re

from refolio.errors import CompletionRefused, Fault
from verify.credentials.codes import parse_code
from verify.credentials.finding import UUID
from verify.credentials.listing import Listed, listed
from verify.credentials.tables import Credential

MOST_LINES = 1_000
MOST_FAULTS = 20
_LINK = re.compile(r"https?://[^/\s]+/(?:[vV]|credentials)/([^/\s?#]+)")


async def chosen(slug: str, text: str) -> list[str]:
    """The ids of the issuer's credentials that the lines of ``text`` name, in their order, each once.

    Raises CompletionRefused with a fault for each line that names none of them; another issuer's are none.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not 0 < len(lines) <= MOST_LINES:
        raise CompletionRefused([_fault(f"Here are {len(lines):,} lines.", f"Write 1 to {MOST_LINES:,} lines.")])
    known = await _known(slug, [_name(line) for _, line in lines])
    ids: dict[str, None] = {}
    faults = []
    for number, line in lines:
        found = known.get(_name(line), set())
        if len(found) == 1:
            ids |= dict.fromkeys(found)
        else:
            what = "several credentials have" if found else "no credential of yours has"
            fix = "Write its verification code." if found else "Copy it again from the list."
            faults.append(_fault(f"Line {number}: {what} “{line[:60]}”.", fix))
    if faults:
        raise CompletionRefused(faults[:MOST_FAULTS])
    return list(ids)


async def described(slug: str, ids: list[str]) -> list[Listed]:
    """Those of the ids that are the issuer's, as the list of credentials shows them."""
    rows = await Credential.select().where(
        Credential.issuer == slug, Credential.id.is_in(ids), Credential.state != "reserved"
    )
    return sorted((listed(row) for row in rows), key=lambda one: ids.index(one.id))


def _name(line: str) -> str:
    """What the line names: the id or code in a link, a code as it is stored, or the line itself."""
    name = link[1] if (link := _LINK.fullmatch(line)) else line
    return name if UUID.fullmatch(name) else parse_code(name) or name


async def _known(slug: str, names: list[str]) -> dict[str, set[str]]:
    """Name → the ids of the issuer's credentials that have it as id, code or record."""
    known: dict[str, set[str]] = {}
    for column in (Credential.id, Credential.code, Credential.record):
        rows = await Credential.select(Credential.id, column.as_alias("name")).where(
            Credential.issuer == slug, Credential.state != "reserved", column.is_in(names)
        )
        for row in rows:
            known.setdefault(row["name"], set()).add(row["id"])
    return known


def _fault(reason: str, fix: str) -> Fault:
    return Fault("credentials", reason, fix)

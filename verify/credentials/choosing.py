"""The credentials that somebody names line by line: by verification code, link, id, or the record it came from."""

from __future__ import annotations

import re

from refolio.errors import CompletionRefused, Fault
from verify.credentials import finding
from verify.credentials.codes import parse_code
from verify.credentials.listing import Listed, listed
from verify.credentials.tables import UNSIGNED, Credential

MOST_LINES = 1_000
MOST_FAULTS = 20
_LINK = re.compile(r"https?://[^/\s]+/credentials/([^/\s?#]+)")


async def chosen(slug: str, text: str) -> list[str]:
    """The ids of the issuer's credentials that the lines of ``text`` name, in their order, each once.

    Raises CompletionRefused with a fault for each line that names none of them; another issuer's are none.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not 0 < len(lines) <= MOST_LINES:
        raise CompletionRefused([_fault(f"Here are {len(lines):,} lines.", f"Write 1 to {MOST_LINES:,} lines.")])
    known = await _known(slug, sorted({name for _, line in lines for name in _names(line)}))
    ids: dict[str, None] = {}
    faults = []
    for number, line in lines:
        found = set[str]().union(*(known.get(name, ()) for name in _names(line)))
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
        Credential.issuer == slug, Credential.id.is_in(ids), Credential.state.not_in(UNSIGNED)
    )
    return sorted((listed(row) for row in rows), key=lambda one: ids.index(one.id))


def _names(line: str) -> set[str]:
    """What the line may mean: the id in a link, a code as it is stored, a record as it is written."""
    if link := _LINK.fullmatch(line):
        return {link[1]}
    return {line, parse_code(line) or line}


async def _known(slug: str, names: list[str]) -> dict[str, set[str]]:
    """Name → the ids of the issuer's credentials that have it as id, code (also of an earlier edition) or record."""
    known: dict[str, set[str]] = {}
    for column in (Credential.id, Credential.code, Credential.record):
        rows = await Credential.select(Credential.id, column.as_alias("name")).where(
            Credential.issuer == slug, Credential.state.not_in(UNSIGNED), column.is_in(names)
        )
        for row in rows:
            known.setdefault(row["name"], set()).add(row["id"])
    earlier = await finding.by_earlier_codes(names)
    rows = await Credential.select(Credential.id).where(
        Credential.issuer == slug, Credential.id.is_in([*earlier.values(), ""])
    )
    own = {row["id"] for row in rows}
    for code, one in earlier.items():
        if one in own:
            known.setdefault(code, set()).add(one)
    return known


def _fault(reason: str, fix: str) -> Fault:
    return Fault("credentials", reason, fix)

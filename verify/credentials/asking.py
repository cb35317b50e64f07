"""What a request to replace may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from refolio.credential.model import completion_from
from refolio.credential.reading import JSON
from refolio.errors import CompletionRefused, Fault
from verify.credentials.replacing import Replacement

EDITION, SUCCESSOR = "edition", "successor"
_WHY = ("reason", "kind")


@dataclass(frozen=True, slots=True)
class Asked:
    """A replacement, and how: as a newer edition, or as a successor with the reason of the withdrawal (``why``)."""

    replacement: Replacement
    is_successor: bool
    why: Mapping[str, object]


def replacement_from(key: str, body: bytes, members: Mapping[str, JSON]) -> Asked:
    """Read ``{"completion": …, "as": "edition" | "successor", "reason": …, "kind": …}``.

    Raises CompletionRefused that names every fault.
    """
    how = members.get("as", EDITION)
    if how not in (EDITION, SUCCESSOR):
        raise _refused("as", "This is not a way to replace.", f"Send {EDITION} or {SUCCESSOR}.")
    known = {"completion", "as", *(_WHY if how == SUCCESSOR else ())}
    if unknown := sorted(set(members) - known):
        why = "Only a successor has one." if unknown[0] in _WHY else "There is no member of this name."
        raise _refused(unknown[0], why, f"Send {', '.join(sorted(known))}.")
    completion = members.get("completion")
    if not isinstance(completion, dict):
        raise _refused("completion", "It must be the whole completion as it should be.", "Send it as for issuing.")
    replacement = Replacement(key, body, completion_from(completion))
    return Asked(replacement, how == SUCCESSOR, {name: members[name] for name in _WHY if name in members})


def _refused(field: str, reason: str, fix: str) -> CompletionRefused:
    return CompletionRefused([Fault(field, reason, fix)])

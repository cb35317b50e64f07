"""Why a credential is withdrawn: a kind from a closed list, and a sentence in the issuer's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from refolio.credential.rules import text_fault
from refolio.errors import CompletionRefused, Fault

LONGEST_REASON = 500
OTHER = "other"
# Not for callers: what a withdrawal is called whose record was lost with the database (restoring.py).
LOST = "record-lost"

# Code (stable) → words for the reader; none for what the sentence alone has to say.
KINDS: Mapping[str, str] = {
    "wrong-facts": "Something in it was wrong",
    "issued-by-mistake": "It was issued by mistake",
    "wrong-person": "It was issued to the wrong person",
    "misconduct": "Rules of the programme were broken",
    "duplicate": "There is another credential for the same work",
    "requested-by-intern": "The intern asked for it",
    OTHER: "",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind and a sentence, both public and final."""

    kind: str
    text: str


def reason_from(members: Mapping[str, object]) -> Reason:
    """Read ``{"reason": …, "kind": …}``; the kind may be left out. Raises CompletionRefused that names each fault."""
    if unknown := sorted(set(members) - {"reason", "kind"}):
        raise _refused(unknown[0], "There is no member of this name.", "Send a reason and a kind.")
    text, kind = members.get("reason"), members.get("kind", OTHER)
    if not isinstance(text, str) or not text.strip():
        raise _refused("reason", "A reason is required and missing.", "Say in a sentence why it is withdrawn.")
    if len(text) > LONGEST_REASON:
        raise _refused("reason", "The reason is too long.", f"Keep it to {LONGEST_REASON} characters.")
    if fault := text_fault("reason", text):
        raise CompletionRefused([fault])
    if not isinstance(kind, str) or kind not in KINDS:
        raise _refused("kind", "This is not one of the kinds of reasons.", f"Send one of {', '.join(KINDS)}.")
    return Reason(kind, text.strip())


def words_for(kind: str | None) -> str:
    """What a reader is told of the kind, without a full stop; empty where only the sentence speaks."""
    return KINDS.get(kind or OTHER, "")


def _refused(field: str, reason: str, fix: str) -> CompletionRefused:
    return CompletionRefused([Fault(field, reason, fix)])

"""The references of the fake service: asked for, listed, cancelled; a test says what the referee does."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from refolio.credential import timestamps
from refolio.credential.reading import JSON
from refolio.errors import Fault

FIELDS = ("credential", "name", "email", "role")
GOOD_FOR = timedelta(days=30)
# What a test may make of a reference: by the referee, then by the intern, then by the referee again.
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "declined": ("asked",),
    "written": ("asked", "shown"),
    "shown": ("written",),
    "withdrawn": ("written", "shown"),
}


class FakeReferences:
    """In memory. ``url`` is the service's, ``now`` its clock."""

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self._url, self._now = url, now
        self._kept: dict[str, dict[str, Any]] = {}
        self._mailboxes: dict[tuple[str, str], str] = {}
        self._keys: dict[str, tuple[bytes, str]] = {}

    def faults(self, members: Mapping[str, JSON]) -> tuple[Fault, ...]:
        """What is wrong with a question."""
        says = "It is required and must be text."
        return tuple(
            Fault(name, says, f"Send {', '.join(FIELDS)}.")
            for name in FIELDS
            if not isinstance(members.get(name), str) or not str(members[name]).strip()
        )

    def is_of_another(self, key: str, body: bytes) -> bool:
        """Was the idempotency key used with another body?"""
        return key in self._keys and self._keys[key][0] != body

    def ask(self, key: str, body: bytes, members: Mapping[str, JSON]) -> dict[str, Any]:
        """Ask once for each key, and once for each credential and mailbox."""
        if key not in self._keys:
            who = (str(members["credential"]), str(members["email"]).strip().lower())
            known = self._mailboxes.get(who)
            if known is None or self._kept[known]["state"] in ("cancelled", "expired"):
                known = self._mailboxes[who] = self._new(key, members)
            self._keys[key] = (body, known)
        return self._kept[self._keys[key][1]]

    def _new(self, key: str, members: Mapping[str, JSON]) -> str:
        reference = str(uuid.UUID(bytes=hashlib.sha256(f"reference {key}".encode()).digest()[:16], version=4))
        at = self._now().replace(microsecond=0)
        self._kept[reference] = {
            "id": reference,
            "credential": f"{self._url}/credentials/{members['credential']}",
            "name": members["name"],
            "role": members["role"],
            "domain": str(members["email"]).rpartition("@")[2].lower(),
            "state": "asked",
            "asked_at": timestamps.format(at),
            "expires_at": timestamps.format(at + GOOD_FOR),
            "answered_at": None,
            "withdrawn_at": None,
            "url": None,
        }
        return reference

    def find(self, reference: str) -> dict[str, Any] | None:
        """One of them."""
        return self._kept.get(reference)

    def all(self, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Those that the filters of the list leave, the first asked for first."""
        return [
            one
            for one in self._kept.values()
            if filters.get("state") in (None, one["state"])
            and one["credential"].endswith(filters.get("credential", ""))
        ]

    def cancel(self, reference: str) -> bool:
        """Take a question back; False when it was answered."""
        one = self._kept[reference]
        if one["state"] == "asked":
            one["state"] = "cancelled"
        return one["state"] in ("cancelled", "expired")

    def answer(self, reference: str, state: str) -> None:
        """Let the referee or the intern do what leads to ``state``. Raises ValueError where it does not."""
        one = self._kept[reference]
        if one["state"] not in OUTCOMES.get(state, ()):
            raise ValueError(f"A reference that is {one['state']} does not become {state}.")
        at = timestamps.format(self._now().replace(microsecond=0))
        one |= {"state": state, "url": f"{self._url}/references/{reference}" if state == "shown" else None}
        one["answered_at"] = one["answered_at"] or at
        if state == "withdrawn":
            one["withdrawn_at"] = at

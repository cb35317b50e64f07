"""What signing in asks about roles, which live in a layer above: two questions, answered by the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Staffing:
    """``holds_role(person)``: has she one anywhere? ``admins_beside(person)``: who else decides where she has one?"""

    holds_role: Callable[[str], Awaitable[bool]]
    admins_beside: Callable[[str], Awaitable[Sequence[str]]]

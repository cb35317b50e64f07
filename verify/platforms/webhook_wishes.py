"""What somebody wants of a webhook, read from the members of a request or the fields of a form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from refolio.credential.rules import text_fault
from refolio.errors import Fault
from verify.http.refusals import Refused
from verify.platforms.announcing import TYPES
from verify.platforms.webhook_addresses import LONGEST

LONGEST_DESCRIPTION = 200
NEW = ("url", "types", "issuers", "description")
CHANGES = (*NEW, "enabled")


@dataclass(frozen=True, slots=True)
class Wishes:
    """``given`` are the members that were there: of a change, the others stay as they are."""

    given: frozenset[str]
    url: str = ""
    types: tuple[str, ...] | None = None
    issuers: tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool = True


def wishes_from(members: Mapping[str, object], known: Collection[str], issuers: Collection[str]) -> Wishes:
    """Read them strictly; ``issuers`` are those that may be named. Raises Refused with a fault for each bad member."""
    faults = [Fault(name, "There is no such member.", "Leave it out.") for name in sorted(members) if name not in known]
    url, description, enabled = (members.get(name) for name in ("url", "description", "enabled"))
    if ("url" in members or "enabled" not in known) and (not isinstance(url, str) or not 0 < len(url) <= LONGEST):
        faults.append(Fault("url", "An address is needed.", f"Send text of up to {LONGEST} characters."))
    if description is not None:
        if not isinstance(description, str) or len(description) > LONGEST_DESCRIPTION:
            fix = f"Send one line of up to {LONGEST_DESCRIPTION} characters."
            faults.append(Fault("description", "It is no short text.", fix))
        elif fault := text_fault("description", description):
            faults.append(fault)
    if "enabled" in members and not isinstance(enabled, bool):
        faults.append(Fault("enabled", "It must be true or false.", "Send true to switch it on."))
    types = _choice("types", members.get("types"), TYPES, faults)
    named = _choice("issuers", members.get("issuers"), issuers, faults)
    if faults:
        raise Refused("webhook-refused", "The webhook cannot be as it was sent.", faults)
    return Wishes(
        frozenset(members),
        url=str(url or ""),
        types=types,
        issuers=named,
        description=str(description) if description else None,
        enabled=enabled is not False,
    )


def _choice(name: str, value: object, among: Collection[str], faults: list[Fault]) -> tuple[str, ...] | None:
    """Some of the known words, in their order; None for no narrowing."""
    if value is None:
        return None
    fix = f"Send an array with one or more of {', '.join(sorted(among))}, or leave it out for all."
    if not isinstance(value, list) or not value:
        faults.append(Fault(name, "It must be an array that is not empty.", fix))
        return None
    if unknown := [one for one in value if not isinstance(one, str) or one not in among]:
        faults.append(Fault(name, f"{str(unknown[0])[:60]!r} is none of them.", fix))
        return None
    return tuple(sorted({str(one) for one in value}))
